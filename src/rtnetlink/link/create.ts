import { show } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { EINVAL } from '../../netlink/errno.js'
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
import { checkDev } from '../input.js'
import { MAX_NSID } from '../nsid/request.js'
import { adviseCreation, adviseEncap } from './advice.js'
import { ANOTHER, orUnderAnother, renamed } from './another-name.js'
import { applyExtras, createAndRead, needsExtras, orUndo } from './finish.js'
import { withFreeName, withName } from './free-name.js'
import { adviseKind } from './kind-advice.js'
import { findKind, type KindName, type OptionsOf } from './kinds/index.js'
import { checkKindOptions, hasLinkData, type Kind, kindData } from './kinds/kind.js'
import type { Link } from './link.js'
import { namedKind } from './named-kind.js'
import { checkEnds, createPair } from './pair.js'
import { type Dev, getLinkRequest, newLinkRequest, resolveDev } from './request.js'
import {
  checkLinkSettings,
  creationAttributes,
  creationHeader,
  LINK_SETTINGS,
  type LinkEnd,
  type LinkSettings,
} from './settings.js'
import { resolveData, withTarget } from './target.js'

/** What can be said of a new link of any kind. */
export interface CommonOptions extends LinkSettings, CallOptions {
  /** The interface underneath, for kinds that have one (vlan, macvlan, a tunnel …). */
  link?: Dev | undefined
  /** The hardware device underneath, by its name in /sys, for kinds that are made on one (wwan: 'wwan0'). Linux 5.14. */
  parentDev?: string | undefined
  /**
   * The namespace underneath, where `link` is found and through which a tunnel's packets travel; without it the one in which the
   * interface lives. Before Linux 6.15, where the new name is taken there, the interface is made under another one and gets its name once it
   * is where it lives.
   */
  linkNetns?: NetnsLike | undefined
  /**
   * The same namespace by the id that it has where the interface lives (`linkNetnsid` of a link, see getNsid); not with `linkNetns`.
   * Interfaces among the options of the kind are ifindexes then.
   */
  linkNetnsid?: number | undefined
}

/** A kind of the registry: its own options stand beside the common ones. */
export type KindOptions = {
  [K in KindName]: CommonOptions & { kind: K; rawKind?: undefined } & OptionsOf<K>
}[KindName]

// Not called `kind`: every string would be one to the type checker, misspelt ones too.
/** Any other kind: its IFLA_INFO_DATA as bytes, null for none. */
export interface RawKindOptions extends CommonOptions {
  rawKind: string
  data: Uint8Array | null
}

/** What createLink takes. */
export type CreateLinkOptions = KindOptions | RawKindOptions

/** Options of createBridge: the bridge's own, without a kind. Times are seconds. */
export type CreateBridgeOptions = LinkSettings & CallOptions & OptionsOf<'bridge'>

/** What is said of the interface underneath. */
const BELOW = ['link', 'parentDev', 'linkNetns', 'linkNetnsid'] as const
const COMMON = [...LINK_SETTINGS, ...BELOW, ...CALL_OPTIONS]

/**
 * Makes an interface of any kind, with its addresses and routes, and reads it back. A failure leaves nothing behind.
 *
 * The options of a kind of the registry stand beside the common ones and have the kernel's names (IFLA_VXLAN_LEARNING is `learning`); times
 * are seconds. The options of any other kind are its IFLA_INFO_DATA as bytes: `{ rawKind: 'ppp', data: bytes }`. Kinds that are pairs
 * take the other end as `peer`, with a namespace of its own. A `kind` that is one of several (a variable of type 'gre' | 'gretap') stands
 * beside options that all of them have. Options that a kernel is too old for it passes over: what is read back lacks them.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where the name is taken,
 * EOPNOTSUPP where the kernel lacks the kind, EINVAL where it would have another MTU than was asked for, EADDRINUSE as setLink;
 * SystemError ENOBUFS where the answer was lost, so that the link may have been made.
 * @see ip-link(8), rtnetlink(7), linux/if_link.h
 * @example await createLink({ name: 'dummy0', kind: 'dummy', up: true, addresses: ['10.0.0.1/24'], netns: red })
 */
export function* createLink(options: CreateLinkOptions): Operation<Link> {
  const { kind, known, data } = checkCreation('createLink', options)
  const peer = known?.peer === undefined ? undefined : (options as { peer?: LinkEnd }).peer
  if (known !== undefined && peer !== undefined) {
    for (const name of BELOW)
      if (options[name] !== undefined)
        throw new TypeError(
          `${name}: a pair stands on no other interface; its other end says where it is (peer.netns)`,
        )
    const near = { ...pickSettings(options), netns: undefined }
    checkEnds('createLink', near, peer, ['', 'peer.'])
    const fields = ['name', 'peer.name'] as const
    const own = data as Record<string, unknown>
    const pair = { kind: known, near, far: peer, data: own, fields, ask: getLinkRequest }
    const [link] = yield* createPair(pair, options.netns)
    return link
  }
  const plan = { kind, known, data, options }
  if (options.linkNetns === undefined)
    return yield* withChannel(options.netns, (channel) => make(plan, channel, channel, null))
  // Both are held before anything is waited for: the caller may close their handles meanwhile.
  return yield* withNetns(options.linkNetns, (below) =>
    withTarget(options.netns, (netns, home) =>
      withChannel(below, (creator) => make(plan, creator, home, netns)),
    ),
  )
}

/**
 * Makes a bridge: `createBridge({ name: 'v-net-0', up: true, addresses: ['192.168.15.5/24'] })`.
 *
 * Its options are the common ones and those of the kind: `stp`, `forwardDelay`, `helloTime`, `maxAge` and `ageingTime` in seconds,
 * `priority`, `vlanFiltering`, `nfCallIptables` …
 *
 * @throws as createLink
 * @see ip-link(8), linux/if_link.h (IFLA_BR_*)
 * @example await createBridge({ name: 'v-net-0', up: true, stp: true, forwardDelay: 4 })
 */
export function* createBridge(options: CreateBridgeOptions): Operation<Link> {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`createBridge: ${show(options)} is not an options object`)
  checkKeys('createBridge', options, [...LINK_SETTINGS, ...CALL_OPTIONS, ...findKind('bridge')!.options])
  return yield* createLink({ ...options, kind: 'bridge' })
}

interface Plan {
  readonly kind: string
  readonly known: Kind | undefined
  readonly data: object | undefined
  readonly options: CommonOptions
}

/** Checks all options; nothing has been sent so far. */
export function checkCreation(call: string, options: CreateLinkOptions): Omit<Plan, 'options'> {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${call}: ${show(options)} is not an options object`)
  const { name: kind, known, data, options: allowed } = namedKind(call, options)
  if (known?.notMade !== undefined) throw new TypeError(`kind: ${known.notMade}`)
  checkKeys(call, options, [...COMMON, ...allowed, ...(known?.peer === undefined ? [] : ['peer'])])
  checkLinkSettings(options)
  if (options.link !== undefined) checkDev(options.link, 'link')
  if (options.parentDev !== undefined) checkParentDev(options.parentDev)
  if (options.linkNetns !== undefined) checkNetns(options.linkNetns, 'linkNetns')
  if (options.linkNetnsid !== undefined) checkLinkNetnsid(options, known)
  if (known === undefined) return { kind, known, data: data ?? undefined }
  // The kind says which of them are its own, by name.
  const given = options as unknown as Readonly<Record<string, unknown>>
  checkKindOptions(known, given)
  const attributes = kindData(call, known, given, known.initial?.(given))
  const paired = known.peer !== undefined && given['peer'] !== undefined
  return { kind, known, data: Object.keys(attributes).length > 0 || paired ? attributes : undefined }
}

function checkLinkNetnsid(
  { linkNetns, linkNetnsid, ...options }: CommonOptions,
  known: Kind | undefined,
): void {
  checkInteger(linkNetnsid, 'linkNetnsid', 0, MAX_NSID, 'the id of a namespace')
  if (linkNetns !== undefined) throw new TypeError('linkNetnsid: not with linkNetns, which is the same')
  for (const dev of known?.devs ?? []) {
    const given = (options as Readonly<Record<string, unknown>>)[dev]
    if (typeof given === 'string')
      throw new TypeError(`${dev}: ${show(given)} is no ifindex, which linkNetnsid asks for`)
  }
}

function checkParentDev(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`parentDev: ${show(name)} is not the name of a device`)
  if (name === '' || /[/\0]/.test(name))
    throw new RangeError(`parentDev: ${JSON.stringify(name)} is not the name of a device in /sys`)
}

function pickSettings(options: CommonOptions): LinkSettings {
  const settings = Object.entries(options).filter(([key]) => LINK_SETTINGS.includes(key))
  // The name, which they must have, is one of them.
  return Object.fromEntries(settings) as unknown as LinkSettings
}

/** `creator` is where the request goes and names are looked up, `home` where the link will live; `netns` is that of `home` if they differ. */
function* make(plan: Plan, creator: Channel, home: Channel, netns: OpenNetns | null): Operation<Link> {
  const { kind, known, options } = plan
  const link =
    options.link === undefined
      ? undefined
      : yield* resolveDev(creator, options.link, 'link', options.linkNetnsid)
  const master = options.master === undefined ? undefined : yield* resolveDev(home, options.master, 'master')
  const inData = link !== undefined && hasLinkData(known)
  const data = yield* resolveData(creator, known, inData ? { ...plan.data, link } : plan.data)
  const createAs = (name: string, asked = options) => {
    const settings = withName(asked, name)
    const request = newLinkRequest(`${kind} '${name}'`, NLM_F_CREATE | NLM_F_EXCL, {
      header: creationHeader(settings),
      attributes: {
        netNsFd: netns?.fd,
        master: asked.master === undefined ? undefined : master,
        link: inData ? undefined : link,
        linkNetnsid: options.linkNetnsid,
        parentDevName: options.parentDev,
        ...creationAttributes(settings),
        linkinfo: { kind, data },
      },
    })
    const creating = refined(request, {
      holds: netns === null ? [] : [netns],
      advise: (code, extack) =>
        adviseBelow(code, options) ??
        adviseEncap(code, extack, kind, options) ??
        adviseKind(code, extack, known, options) ??
        adviseCreation(code, extack, kind, [settings], home, creator),
    })
    return createAndRead(creator, creating, home, name, getLinkRequest)
  }
  const free = { field: 'name', channels: creator === home ? [home] : [home, creator] }
  const createFrom = (name: string) =>
    orUnderAnother(name, createAs(name), creator, home, () => {
      // A link that is up gets another name since Linux 6.2 alone, and some masters bring up what they take.
      const down = Object.assign({}, options, { up: undefined, master: undefined })
      const creating = withFreeName(ANOTHER, free, (another) => createAs(another, down))
      return renamed(home, creating, options, name, master)
    })
  const created = yield* withFreeName(options.name, free, creator === home ? createAs : createFrom)
  return yield* orUndo(home, created, finish(home, created, options))
}

/** Of which of the two namespaces it lacks the right the kernel does not say. */
function adviseBelow(code: string, { linkNetnsid }: CommonOptions): string | undefined {
  return code === 'EPERM' && linkNetnsid !== undefined
    ? `needs CAP_NET_ADMIN in the user namespaces that own this network namespace and that of id ${linkNetnsid}`
    : undefined
}

/** Some drivers make a link smaller than it was asked for, without a word (vxlan_config_apply()); of a change they say EINVAL. */
function* finish(home: Channel, made: Link, options: CommonOptions): Operation<Link> {
  const { mtu } = options
  if (mtu !== undefined && made.mtu !== mtu) {
    const advice = `mtu: it became ${made.mtu} instead of ${mtu}, which the interface underneath or the master does not allow`
    throw new NetlinkError({
      operation: 'RTM_NEWLINK',
      errno: EINVAL,
      subject: `${made.kind} '${made.name}'`,
      advice,
    })
  }
  if (!needsExtras(options)) return made
  const settings = withName(options, made.name)
  return yield* applyExtras(home, { settings, ifindex: made.ifindex, raise: false }, getLinkRequest)
}
