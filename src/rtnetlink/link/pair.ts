/** Pairs of links (veth, vxcan, netkit), each end in its namespace from the start. */

import { checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { ENODEV } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import { checkNetns } from '../../netlink/netns-like.js'
import {
  type Channel,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  withChannel,
  withNetns,
} from '../../netlink/operation.js'
import { refined } from '../../netlink/request.js'
import { adviseCreation, adviseTaken } from './advice.js'
import { applyExtras, createAndRead, needsExtras, orUndo } from './finish.js'
import { withFreeName, withName } from './free-name.js'
import type { LinkIdentity } from './identity.js'
import type { Kind } from './kinds/kind.js'
import type { Peer } from './kinds/peer.js'
import { type AskLink, newLinkRequest, resolveDev } from './request.js'
import {
  checkLinkSettings,
  creationAttributes,
  creationHeader,
  LINK_SETTINGS,
  type LinkEnd,
} from './settings.js'

/** A pair that is to be made: `data` is what the kind takes besides the peer. */
export interface Pair<T extends LinkIdentity> {
  readonly kind: Kind
  readonly near: LinkEnd
  readonly far: LinkEnd
  readonly data: Readonly<Record<string, unknown>>
  /** What their names are among the options: 'near.name', 'far.name'. */
  readonly fields: readonly [near: string, far: string]
  /** What is read back of each. */
  readonly ask: AskLink<T>
}

const END_KEYS = [...LINK_SETTINGS, 'netns']

/** Checks both ends; errors name one by its prefix ('far.mtu'). */
export function checkEnds(
  call: string,
  near: LinkEnd,
  far: LinkEnd,
  [nearPrefix, farPrefix]: readonly [string, string] = ['near.', 'far.'],
): void {
  checkEnd(call, near, nearPrefix)
  checkEnd(call, far, farPrefix)
  // Asked for one end alone it can be ignored in silence (veth_newlink()).
  if ((near.ifindex === undefined) !== (far.ifindex === undefined))
    throw new TypeError(
      `${far.ifindex === undefined ? farPrefix : nearPrefix}ifindex: both ends get one, or neither`,
    )
}

function checkEnd(call: string, end: LinkEnd, prefix: string): void {
  checkKeys(`${call} ${prefix.slice(0, -1)}`.trimEnd(), end, END_KEYS)
  checkLinkSettings(end, prefix)
  if (end.netns !== undefined) checkNetns(end.netns, `${prefix}netns`)
}

/** Makes a pair whose options have been checked: near end first. */
export function* createPair<T extends LinkIdentity>(
  pair: Pair<T>,
  here: NetnsLike | undefined,
): Operation<[T, T]> {
  const { near, far, fields } = pair
  // The request goes to the namespace of one end and carries a descriptor of the other's. The end that lives where the call acts
  // has no descriptor to give, so that it is the one that is asked.
  const swapped = far.netns === undefined && near.netns !== undefined
  if (!swapped) return yield* joined(pair, here)
  const made = yield* joined({ ...pair, near: far, far: near, fields: [fields[1], fields[0]] }, here)
  return [made[1], made[0]]
}

function* joined<T extends LinkIdentity>(pair: Pair<T>, here: NetnsLike | undefined): Operation<[T, T]> {
  const { near, far } = pair
  const outer = near.netns === undefined ? here : near.netns
  if (far.netns === undefined)
    return yield* withChannel(outer, (channel) => make(pair, channel, channel, null))
  // Held before anything is waited for: the caller may close the handle meanwhile.
  return yield* withNetns(far.netns, (netns) =>
    withChannel(outer, (channel) =>
      withChannel(netns, (farChannel) => make(pair, channel, farChannel, netns)),
    ),
  )
}

function* make<T extends LinkIdentity>(
  pair: Pair<T>,
  channel: Channel,
  farChannel: Channel,
  netns: OpenNetns | null,
): Operation<[T, T]> {
  const { near, far, fields } = pair
  const isHere = channel === farChannel
  let named = pair
  const nearFree = { field: fields[0], channels: [channel], other: { name: far.name, isHere } }
  const link = yield* withFreeName(near.name, nearFree, (nearName) => {
    const farFree = { field: fields[1], channels: [farChannel], other: { name: nearName, isHere } }
    return withFreeName(far.name, farFree, (farName) => {
      named = { ...pair, near: withName(near, nearName), far: withName(far, farName) }
      return create(named, channel, farChannel, netns)
    })
  })
  return yield* orUndo(channel, link, finish(named, channel, farChannel, link))
}

/** One request makes both ends and another reads the near one, whose IFLA_LINK is the far one: they leave together. */
function* create<T extends LinkIdentity>(
  { kind, near, far, data, ask }: Pair<T>,
  channel: Channel,
  farChannel: Channel,
  netns: OpenNetns | null,
): Operation<T> {
  const master = near.master === undefined ? undefined : yield* resolveDev(channel, near.master, 'master')
  const peer: Peer = { ifindex: far.ifindex, attributes: { netNsFd: netns?.fd, ...creationAttributes(far) } }
  const linkinfo = { kind: kind.name, data: { ...data, [kind.peer!]: peer } }
  const subject = `${kind.name} '${near.name}' and '${far.name}'`
  const request = newLinkRequest(subject, NLM_F_CREATE | NLM_F_EXCL, {
    header: creationHeader(near),
    attributes: { master, ...creationAttributes(near), linkinfo },
  })
  const creating = refined(request, {
    holds: netns === null ? [] : [netns],
    advise: (code, extack) =>
      code === 'EEXIST' || code === 'EBUSY'
        ? adviseTaken(
            [
              { ...near, channel },
              { ...far, channel: farChannel },
            ],
            'found by looking: neither name is taken now; two ends in one namespace need two names',
          )
        : adviseCreation(code, extack, kind.name, [near, far], channel, channel),
  })
  return yield* createAndRead(channel, creating, channel, near.name, ask)
}

function* finish<T extends LinkIdentity>(
  { near, far, ask }: Pair<T>,
  channel: Channel,
  farChannel: Channel,
  link: T,
): Operation<[T, T]> {
  if (link.link === null)
    throw new NetlinkError({ operation: 'RTM_GETLINK', errno: ENODEV, subject: `peer of '${near.name}'` })
  const farLink = yield* applyExtras(farChannel, { settings: far, ifindex: link.link, raise: true }, ask)
  const nearLink = needsExtras(near)
    ? yield* applyExtras(channel, { settings: near, ifindex: link.ifindex, raise: false }, ask)
    : link
  return [nearLink, farLink]
}
