/** RTM_GETROUTE of one destination: which route would a packet take? */

import { Attributes, type Infer, type OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import type { Extack } from '../../netlink/extack.js'
import type { Channel, Operation } from '../../netlink/operation.js'
import type { Advice, Request } from '../../netlink/request.js'
import { devNames, type NameOf } from '../devnames.js'
import { AF_INET, familyOf } from '../family.js'
import { checkDev, checkIp, checkOneOf } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import type { RouteFlag } from './input.js'
import { type Route, readRoute } from './route.js'
import { getRouteMessage, type IpProtocol, ipProtocols, routeAttributes, rtmsg } from './table.js'

/** What else is known of the packet. */
export interface GetRouteOptions extends CallOptions {
  /** Its source address. With `iif` it may be a foreign one. */
  from?: string | undefined
  /** The interface that it comes in by. */
  iif?: Dev | undefined
  /** The interface that it has to leave by; that of a VRF: its table is looked in. */
  oif?: Dev | undefined
  /** Its firewall mark. */
  mark?: number | undefined
  /** The user whose packet it is. */
  uid?: number | undefined
  tos?: number | undefined
  ipProtocol?: OneOf<IpProtocol> | undefined
  sport?: number | undefined
  dport?: number | undefined
  /** IPv6, 20 bits. Linux 6.14: EINVAL before. */
  flowlabel?: number | undefined
  /** Answers with the entry of the routing table. */
  fibmatch?: boolean | undefined
  /**
   * Looks a second time, with the source address that the first answer prefers: what a connected socket gets, where rules look at the
   * source. Not looked at with `from`, or where the first answer prefers none.
   */
  connected?: boolean | undefined
  /** IPv4: asks to be told of changes of the route ('cache-notify' in the answer). The kernel takes it and tells nothing. */
  notify?: boolean | undefined
}

const LOOKUP_KEYS: readonly (keyof GetRouteOptions)[] = [
  'from',
  'iif',
  'oif',
  'mark',
  'uid',
  'tos',
  'ipProtocol',
  'sport',
  'dport',
  'flowlabel',
  'fibmatch',
  'connected',
  'notify',
  ...CALL_OPTIONS,
]

/** Throws RangeError or TypeError. */
export function checkLookup(to: string, options: GetRouteOptions): void {
  checkIp(to, 'to')
  checkKeys('getRoute', options, LOOKUP_KEYS)
  if (options.from !== undefined) checkIp(options.from, 'from', familyOf(to))
  if (options.iif !== undefined) checkDev(options.iif, 'iif')
  if (options.oif !== undefined) checkDev(options.oif, 'oif')
  if (options.mark !== undefined) checkInteger(options.mark, 'mark', 0, 0xffffffff)
  if (options.uid !== undefined) checkInteger(options.uid, 'uid', 0, 0xffffffff)
  if (options.tos !== undefined) checkInteger(options.tos, 'tos', 0, 255)
  if (options.ipProtocol !== undefined) checkOneOf(ipProtocols, options.ipProtocol, 'ipProtocol')
  if (options.sport !== undefined) checkInteger(options.sport, 'sport', 1, 0xffff)
  if (options.dport !== undefined) checkInteger(options.dport, 'dport', 1, 0xffff)
  if (options.flowlabel !== undefined) checkInteger(options.flowlabel, 'flowlabel', 0, 0xfffff)
  for (const option of ['fibmatch', 'connected', 'notify'] as const)
    if (options[option] !== undefined) checkBoolean(options[option], option)
  if (options.notify && familyOf(to) !== AF_INET)
    throw new TypeError('notify: the kernel knows it of IPv4 alone')
}

/** The kernel's answer to getRoute: the route that a packet would take, and what it was asked with. */
export interface RouteLookup extends Route {
  /** The ifindex of the interface that the packet comes in by. */
  readonly iif: number | null
  readonly mark: number | null
  readonly uid: number | null
}

let reused: Attributes | undefined

/** Reads the answer to an RTM_GETROUTE that was no dump. */
export function readLookup(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): RouteLookup {
  reused ??= new Attributes(routeAttributes)
  const found = reused.load(bytes, start + rtmsg.size, end)
  const { iif, mark, uid } = routeAttributes.field
  const asked = { iif: found.get(iif), mark: found.get(mark), uid: found.get(uid) }
  return Object.assign(readRoute(bytes, start, end, nameOf), asked)
}

/** RTM_GETROUTE for checked options; names are resolved on the channel. */
export function* lookupRequest(
  channel: Channel,
  to: string,
  options: GetRouteOptions,
): Operation<Request<RouteLookup>> {
  const { from, iif, oif, mark, uid, ipProtocol, sport, dport, flowlabel } = options
  const family = familyOf(to)
  const bits = family === AF_INET ? 32 : 128
  const attributes: Infer<typeof routeAttributes> = { dst: to }
  // In the order of iproute2.
  if (from !== undefined) attributes.src = from
  if (iif !== undefined) attributes.iif = yield* resolveDev(channel, iif, 'iif')
  if (oif !== undefined) attributes.oif = yield* resolveDev(channel, oif, 'oif')
  if (mark !== undefined) attributes.mark = mark
  if (uid !== undefined) attributes.uid = uid
  if (ipProtocol !== undefined) attributes.ipProto = ipProtocols.toNumber(ipProtocol)
  if (sport !== undefined) attributes.sport = sport
  if (dport !== undefined) attributes.dport = dport
  if (flowlabel !== undefined) attributes.flowlabel = flowlabel
  const flags: RouteFlag[] = []
  const nameOf = devNames(channel)
  // Without it an IPv4 answer says main whatever table the route came from; IPv6 always tells.
  if (family === AF_INET) flags.push('lookup-table')
  if (options.fibmatch) flags.push('fib-match')
  if (options.notify) flags.push('notify')
  return {
    message: getRouteMessage,
    body: {
      header: { family, dstLen: bits, srcLen: from === undefined ? 0 : bits, tos: options.tos ?? 0, flags },
      attributes,
    },
    flags: 0,
    answer: 'reply',
    read: (bytes, start, end) => readLookup(bytes, start, end, nameOf),
    subject: `route to ${to}`,
    advise: adviseLookup(family, options),
  }
}

const BLACKHOLE = 'the route or rule that leads there is of type blackhole'

const ADVICE: Advice = {
  ENETUNREACH: 'no route leads there',
  EHOSTUNREACH: 'the route or rule that leads there is of type unreachable',
  EACCES: 'the route or rule that leads there is of type prohibit',
  EINVAL: BLACKHOLE,
}

/** With a source: ip_route_output_key_hash_rcu() of net/ipv4/route.c. */
const ADVICE_OF_SOURCE: Advice = {
  ...ADVICE,
  ENETUNREACH: `${ADVICE['ENETUNREACH']}, or from is no address of this machine (with iif it may be a foreign one)`,
  EINVAL: `${BLACKHOLE}, or no packet comes from such an address as from is`,
}

/** Of packets that come in: ip_route_input_slow(), ip_mkroute_input() and fib_validate_source() there. */
const ADVICE_OF_INPUT: Advice = {
  ...ADVICE,
  EHOSTUNREACH: `${ADVICE['EHOSTUNREACH']}, or forwarding is off for packets from iif (net.ipv4.conf.NAME.forwarding)`,
  // Linux 5.10, of what newer kernels call EINVAL.
  EXDEV: 'answers to such an address as from is do not leave by iif, where net.ipv4.conf.NAME.rp_filter is 1',
  EINVAL: `no packet comes in by iif from such an address as from is (needed, and not of this machine; answers to it leave by iif where net.ipv4.conf.NAME.rp_filter is 1), or ${BLACKHOLE}`,
}

/** Where the kernel says more than a number its word stands alone. IPv6 takes any source, and says what is wrong with other things. */
function adviseLookup(
  family: number,
  { from, iif }: GetRouteOptions,
): (code: string, extack: Extack) => string | undefined {
  const ofIpv4 = iif !== undefined ? ADVICE_OF_INPUT : from !== undefined ? ADVICE_OF_SOURCE : ADVICE
  const advice = family === AF_INET ? ofIpv4 : ADVICE
  return (code, { message }) => (code === 'EINVAL' && message !== null ? undefined : advice[code])
}
