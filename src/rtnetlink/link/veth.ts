import type { CallOptions } from '../../netlink/call.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { ENODEV } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import {
  type Channel,
  exchange,
  NETNS,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  withChannel,
  withNetns,
} from '../../netlink/operation.js'
import { CALL_OPTIONS, checkKeys } from '../input.js'
import { adviseCreation } from './create.js'
import type { Link } from './link.js'
import { getLinkRequest, newLinkRequest, resolveDev } from './request.js'
import {
  applyExtras,
  checkLinkSettings,
  creationAttributes,
  LINK_SETTINGS,
  type LinkSettings,
  needsExtras,
  orUndo,
  upHeader,
} from './settings.js'

/** One end of a veth pair. */
export interface VethEnd extends LinkSettings {
  /** Where this end lives; without it, where the call acts. */
  netns?: NetnsLike | undefined
}

const END_KEYS = [...LINK_SETTINGS, 'netns']

/**
 * Makes a pair of joined Ethernet interfaces, each end in its namespace from the start (nothing is moved), with its port, state, addresses
 * and routes, and returns both as they were read back: near end first. Two sendmsg for a whole container. A failure leaves
 * nothing behind.
 *
 * @throws RangeError or TypeError naming the end and the option (`far.mtu`); NetlinkError EEXIST where a name is taken.
 * @see veth(4), linux/veth.h
 * @example await createVethPair({ name: 'veth-red-br', master: 'v-net-0', up: true }, { name: 'eth0', netns: red, up: true })
 */
export function* createVethPair(
  near: VethEnd,
  far: VethEnd,
  options: CallOptions = {},
): Operation<[Link, Link]> {
  checkKeys('createVethPair near', near, END_KEYS)
  checkKeys('createVethPair far', far, END_KEYS)
  checkKeys('createVethPair', options, CALL_OPTIONS)
  checkLinkSettings(near, 'near.')
  checkLinkSettings(far, 'far.')
  // The request goes to the namespace of one end and carries a descriptor of the other's. The end that lives where the call acts
  // has no descriptor to give, so that it is the one that is asked.
  if (far.netns === undefined && near.netns !== undefined) {
    const [second, first] = yield* joined(far, near, options.netns)
    return [first, second]
  }
  return yield* joined(near, far, options.netns)
}

function* joined(outer: VethEnd, inner: VethEnd, here: NetnsLike | undefined): Operation<[Link, Link]> {
  return yield* withChannel(outer.netns ?? here, function* (channel) {
    if (inner.netns === undefined) return yield* make(channel, channel, outer, inner, null)
    return yield* withNetns(inner.netns, (netns) =>
      withChannel({ [NETNS]: netns }, (innerChannel) => make(channel, innerChannel, outer, inner, netns)),
    )
  })
}

function* make(
  channel: Channel,
  innerChannel: Channel,
  outer: VethEnd,
  inner: VethEnd,
  netns: OpenNetns | null,
): Operation<[Link, Link]> {
  const link = yield* create(channel, innerChannel, outer, inner, netns)
  return yield* orUndo(channel, link, finish(channel, innerChannel, outer, inner, link))
}

function* create(
  channel: Channel,
  innerChannel: Channel,
  outer: VethEnd,
  inner: VethEnd,
  netns: OpenNetns | null,
): Operation<Link> {
  const master = outer.master === undefined ? undefined : yield* resolveDev(channel, outer.master, 'master')
  const peer = { ...creationAttributes(inner), netNsFd: netns?.fd }
  const request = newLinkRequest(`veth '${outer.name}' and '${inner.name}'`, NLM_F_CREATE | NLM_F_EXCL, {
    header: upHeader(outer.up),
    attributes: { ...creationAttributes(outer), master, linkinfo: { kind: 'veth', data: { peer } } },
  })
  const [made, read] = yield* exchange(channel, [
    {
      ...request,
      holds: netns === null ? [] : [netns],
      advise: (code) =>
        code === 'EEXIST'
          ? adviseTaken(channel, innerChannel, outer, inner)
          : adviseCreation(code, 'veth', outer.name),
    },
    getLinkRequest(outer.name),
  ])
  if (made!.error !== null) throw made!.error
  if (read!.error !== null) throw read!.error
  return read!.values[0] as Link
}

/** The kernel does not say which of the two names is taken: we look, and mark it as our own finding. */
function adviseTaken(channel: Channel, innerChannel: Channel, outer: VethEnd, inner: VethEnd): string {
  const taken: string[] = []
  for (const [end, where] of [[outer, channel] as const, [inner, innerChannel] as const]) {
    if (where.ifindex(end.name) > 0) taken.push(`'${end.name}' ${where.where}`.trimEnd())
  }
  if (outer.name === inner.name && channel === innerChannel)
    return 'both ends have the same name (found by looking)'
  return taken.length === 0
    ? 'one of the names was taken for a moment (found by looking: neither is now)'
    : `found by looking: ${taken.join(' and ')} ${taken.length === 1 ? 'is' : 'are'} there already`
}

function* finish(
  channel: Channel,
  innerChannel: Channel,
  outer: VethEnd,
  inner: VethEnd,
  link: Link,
): Operation<[Link, Link]> {
  if (link.link === null)
    throw new NetlinkError({ operation: 'RTM_GETLINK', errno: ENODEV, subject: `peer of '${outer.name}'` })
  const far = yield* applyExtras(innerChannel, { settings: inner, ifindex: link.link, raise: true })
  const near = needsExtras(outer)
    ? yield* applyExtras(channel, { settings: outer, ifindex: link.ifindex, raise: false })
    : link
  return [near, far]
}
