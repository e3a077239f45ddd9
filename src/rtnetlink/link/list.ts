import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Channel, items, type Operation, requestOne, withChannel } from '../../netlink/operation.js'
import { type Request, refined } from '../../netlink/request.js'
import { checkDev, checkKind } from '../input.js'
import type { Link } from './link.js'
import { withLinkNetns } from './link-netns.js'
import {
  adviseMissing,
  adviseTarget,
  checkInclude,
  checkTarget,
  type Dev,
  extMask,
  getLinkRequest,
  INCLUDE_KEYS,
  type IncludeOptions,
  readerOf,
  resolveDev,
  type TargetOptions,
} from './request.js'
import { getLinkMessage } from './table.js'

/** Which parts of a link, and where. */
export interface GetLinkOptions extends CallOptions, IncludeOptions, TargetOptions {}

/** Which links, which parts of them, and where. */
export interface ListLinksOptions extends CallOptions, IncludeOptions, TargetOptions {
  /** Only this kind: 'veth'. */
  kind?: string | undefined
  /** Only ports of masters of this kind: 'bridge', 'bond', 'vrf'. */
  portKind?: string | undefined
  /** Only ports of this bridge, bond or VRF; null: only interfaces that are nobody's port. */
  master?: Dev | null | undefined
  /** Only interfaces that are administratively up (or down: false). */
  up?: boolean | undefined
  /** Only interfaces of this group. */
  group?: number | undefined
}

/** The options of listLinks. */
const LIST_LINK_KEYS: readonly string[] = [
  ...['kind', 'portKind', 'master', 'up', 'group', 'target'],
  ...INCLUDE_KEYS,
  ...CALL_OPTIONS,
]

/**
 * One interface, by name, alternative name or ifindex: one request, no dump.
 *
 * @throws RangeError or TypeError for what is no name and no ifindex; NetlinkError ENODEV where there is no such interface
 * @see rtnetlink(7)
 * @example const { mtu } = await getLink('eth0', { netns: red })
 */
export function* getLink(dev: Dev, options: GetLinkOptions = {}): Operation<Link> {
  checkKeys('getLink', options, ['target', ...INCLUDE_KEYS, ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  checkInclude(options)
  checkTarget(options)
  return yield* withChannel(options.netns, (channel) => {
    const asked = refined(getLinkRequest(dev, options), { advise: adviseMissing(channel, options.target) })
    const link = requestOne(channel, asked)
    return namesNetns(options) ? withNetnsName(channel, link) : link
  })
}

function namesNetns({ include }: IncludeOptions): boolean {
  return include?.includes('linkNetns') ?? false
}

function* withNetnsName(channel: Channel, asked: Operation<Link>): Operation<Link> {
  return (yield* withLinkNetns(channel, [yield* asked]))[0]!
}

/**
 * The interfaces of a namespace. The kernel filters by kind and master, so that a bridge's ports cost no full dump.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `master` is no interface; DumpInterruptedError where
 * interfaces came or went during each of several attempts
 * @see rtnetlink(7), ip-link(8)
 * @example const ports = await listLinks({ master: 'v-net-0' })
 */
export function* listLinks(options: ListLinksOptions = {}): Operation<Link[]> {
  checkKeys('listLinks', options, LIST_LINK_KEYS)
  const { kind, portKind, up, group } = options
  if (options.master != null) checkDev(options.master, 'master')
  if (up !== undefined) checkBoolean(up, 'up')
  if (group !== undefined) checkInteger(group, 'group', 0, 0xffffffff)
  if (kind !== undefined) checkKind(kind, 'kind')
  if (portKind !== undefined) checkKind(portKind, 'portKind')
  checkInclude(options)
  checkTarget(options)
  return yield* withChannel(options.netns, (channel) => list(channel, options))
}

function* list(channel: Channel, options: ListLinksOptions): Operation<Link[]> {
  const { master: named, target } = options
  const master = named == null ? undefined : yield* resolveDev(channel, named, 'master', target)
  const links = yield* items(channel, listLinksRequest(options, master))
  return namesNetns(options) ? yield* withLinkNetns(channel, links) : links
}

/**
 * RTM_GETLINK of all links. A kind whose module is not loaded is no filter to the kernel, and it has none for the other options: they are
 * looked at here.
 */
export function listLinksRequest(options: ListLinksOptions, master: number | undefined): Request<Link> {
  const { kind, portKind, up, group, target } = options
  const read = readerOf(options)
  return {
    message: getLinkMessage,
    body: {
      header: {},
      attributes: {
        master,
        linkinfo: kind === undefined ? undefined : { kind },
        extMask: extMask(options),
        targetNetnsid: target,
      },
    },
    flags: 0,
    answer: 'dump',
    advise: target === undefined ? undefined : adviseTarget(target),
    read(bytes, start, end) {
      const link = read(bytes, start, end)
      if (kind !== undefined && link.kind !== kind) return undefined
      if (portKind !== undefined && link.portKind !== portKind) return undefined
      if (up !== undefined && link.up !== up) return undefined
      if (group !== undefined && link.group !== group) return undefined
      if (options.master === null && link.master !== null) return undefined
      return link
    },
  }
}
