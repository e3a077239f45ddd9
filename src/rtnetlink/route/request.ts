/** The route requests that operations are made of. */

import type { Infer } from '../../codec/index.js'
import type { Message } from '../../codec/message.js'
import { NLM_F_EXCL } from '../../netlink/constants.js'
import type { Extack } from '../../netlink/extack.js'
import type { Channel, Operation } from '../../netlink/operation.js'
import type { Advice, Request } from '../../netlink/request.js'
import { AF_INET, AF_INET6, familyOf } from '../family.js'
import { ifindexOf, isLong, resolveDev } from '../link/request.js'
import { adviseTunnel, NO_WAY_TO_GATEWAY, type SentEncap } from './advice.js'
import { destinationOf, parseNetwork } from './check.js'
import * as c from './constants.js'
import { encapAttributes } from './encap/encap.js'
import type { NexthopInput, RouteInput } from './input.js'
import {
  delRoute,
  type hopAttributes,
  newRoute,
  type routeAttributes,
  routeProtocols,
  routeScopes,
  routeTypes,
} from './table.js'
import { flow, type RawHop } from './types.js'

/**
 * RTM_NEWROUTE with NLM_F_CREATE and the like. `ifindex` is that of the interface to which the route belongs where neither `dev`
 * nor `nexthops` or the type says otherwise. Names are resolved on the channel.
 */
export function newRouteRequest(
  channel: Channel,
  input: RouteInput,
  flags: number,
  ifindex = 0,
): Operation<Request> {
  const takesDevice = !ENDING.includes(typeOf(input, newRoute))
  return resolved(channel, newRoute, input, flags, takesDevice ? ifindex : 0)
}

/** Whether the request takes nothing but SIOCGIFINDEX: no alternative name, no nexthops and no tunnel with names in them. */
export function isDirect({ dev, nexthops, encap }: RouteInput): boolean {
  return nexthops == null && encap == null && (typeof dev !== 'string' || !isLong(dev))
}

/** newRouteRequest() of a route that is direct. */
export function directRoute(channel: Channel, input: RouteInput, flags: number): Request {
  const { nhid, dev } = input
  const oif = nhid != null ? 0 : dev == null ? (input.ifindex ?? 0) : ifindexOf(channel, dev)
  return routeRequest(newRoute, input, flags, oif, NO_HOPS, null)
}

/** IPv4 routes that end here cannot have an interface. */
const ENDING = [c.RTN_BLACKHOLE, c.RTN_UNREACHABLE, c.RTN_PROHIBIT, c.RTN_THROW]

/** RTM_DELROUTE of the first route that has everything that `input` gives. */
export function deleteRouteRequest(channel: Channel, input: RouteInput): Operation<Request> {
  return resolved(channel, delRoute, input, 0, 0)
}

function* resolved(
  channel: Channel,
  message: RouteMessage,
  input: RouteInput,
  flags: number,
  ifindex: number,
): Operation<Request> {
  const { nhid, nexthops, dev, encap } = input
  if (nhid != null) return routeRequest(message, input, flags, 0, NO_HOPS, null)
  if (nexthops != null)
    return routeRequest(message, input, flags, 0, yield* resolveNexthops(channel, input, nexthops), null)
  const oif = dev == null ? (input.ifindex ?? ifindex) : yield* resolveDev(channel, dev)
  const tunnel = encap == null ? null : yield* encapAttributes(channel, encap, 'encap')
  return routeRequest(message, input, flags, oif, NO_HOPS, tunnel)
}

type Hop = RawHop<typeof hopAttributes.fields>
const NO_HOPS: readonly Hop[] = []

function* resolveNexthops(
  channel: Channel,
  input: RouteInput,
  nexthops: readonly NexthopInput[],
): Operation<readonly Hop[]> {
  const { family } = destinationOf(input)
  const hops: Hop[] = []
  for (const [index, { via, dev, ifindex, weight, onlink, realms, encap }] of nexthops.entries()) {
    hops.push({
      flags: onlink ? c.RTNH_F_ONLINK : 0,
      hops: (weight ?? 1) - 1,
      ifindex: dev == null ? (ifindex ?? 0) : yield* resolveDev(channel, dev, `nexthops[${index}].dev`),
      attributes: {
        ...(encap == null ? {} : yield* encapAttributes(channel, encap, `nexthops[${index}].encap`)),
        ...(via == null ? {} : { [gatewayName(via, family)]: via }),
        ...(realms == null ? {} : { flow: flow(realms) }),
      },
    })
  }
  return hops
}

type RouteMessage = Message<(typeof newRoute)['header']['members'], (typeof newRoute)['table']['fields']>

/** Builds the message; `oif` and the nexthops' interfaces are resolved already, 0 where there is none. */
function routeRequest(
  message: RouteMessage,
  input: RouteInput,
  flags: number,
  oif: number,
  hops: readonly Hop[],
  tunnel: Pick<Infer<typeof routeAttributes>, 'encap' | 'encapType'> | null,
): Request {
  const to = destinationOf(input)
  const { family } = to
  const from = input.from == null ? null : parseNetwork(input.from, 'from', family)
  const type = typeOf(input, message)
  const table = tableOf(input)
  const direct = input.nhid == null && hops.length === 0
  const attributes: Infer<typeof routeAttributes> = {}
  // In the order of iproute2.
  if (to.length > 0) attributes.dst = to.address
  if (from !== null && from.length > 0) attributes.src = from.address
  if (tunnel !== null) Object.assign(attributes, tunnel)
  if (direct && input.via != null) attributes[gatewayName(input.via, family)] = input.via
  if (input.src != null) attributes.prefsrc = input.src
  if (input.metric != null) attributes.priority = input.metric
  if (table > 255) attributes.table = table
  if (input.preference != null) attributes.pref = input.preference
  if (input.expires != null) attributes.expires = input.expires
  if (input.realms != null) attributes.flow = flow(input.realms)
  if (input.nhid != null) attributes.nhId = input.nhid
  if (direct && oif > 0) attributes.oif = oif
  if (input.metrics != null) attributes.metrics = input.metrics
  if (hops.length > 0) attributes.multipath = hops
  const adding = message === newRoute
  return {
    message,
    body: {
      header: {
        family,
        dstLen: to.length,
        srcLen: from?.length ?? 0,
        tos: input.tos ?? 0,
        table: table > 255 ? c.RT_TABLE_UNSPEC : table,
        protocol: routeProtocols.toNumber(input.protocol ?? (adding ? c.RTPROT_BOOT : c.RTPROT_UNSPEC)),
        scope: routeScopes.toNumber(input.scope ?? defaultScope(input, family, type, adding)),
        type,
        flags:
          !adding && family === AF_INET6 && isLearned(input) ? LEARNED : input.onlink ? ONLINK : undefined,
      },
      attributes,
    },
    flags,
    answer: 'ack',
    subject: describeRoute(input),
    advise: adding ? adviseFor(flags, tunnel) : adviseAbsent(input, family),
  }
}

function typeOf(input: RouteInput, message: Message): number {
  return routeTypes.toNumber(input.type ?? (message === newRoute ? c.RTN_UNICAST : c.RTN_UNSPEC))
}

/** The table of a route, as iproute2 chooses it. */
export function tableOf({ table, type }: RouteInput): number {
  const isLocal = LOCAL_TYPES.includes(routeTypes.toNumber(type ?? c.RTN_UNICAST))
  return table ?? (isLocal ? c.RT_TABLE_LOCAL : c.RT_TABLE_MAIN)
}

const LOCAL_TYPES = [c.RTN_LOCAL, c.RTN_BROADCAST, c.RTN_ANYCAST, c.RTN_NAT]

/** As iproute2 chooses it. A delete without a scope takes any (RT_SCOPE_NOWHERE). */
function defaultScope(input: RouteInput, family: number, type: number, adding: boolean): number {
  if (family === AF_INET6) return c.RT_SCOPE_UNIVERSE
  if (type === c.RTN_LOCAL || type === c.RTN_NAT) return c.RT_SCOPE_HOST
  if (type === c.RTN_BROADCAST || type === c.RTN_MULTICAST || type === c.RTN_ANYCAST) return c.RT_SCOPE_LINK
  if (!adding) return c.RT_SCOPE_NOWHERE
  const far = input.via != null || input.nexthops != null || input.nhid != null
  return type === c.RTN_UNICAST && !far ? c.RT_SCOPE_LINK : c.RT_SCOPE_UNIVERSE
}

/** RTA_GATEWAY, or RTA_VIA where the gateway is of the other family. */
function gatewayName(via: string, family: number): 'gateway' | 'via' {
  return family === AF_INET && familyOf(via) === AF_INET6 ? 'via' : 'gateway'
}

/** The route in errors: "route to 192.168.1.0/24 via 192.168.15.5". */
function describeRoute({ to, via, dev, nhid }: RouteInput): string {
  return `route to ${to}${via == null ? '' : ` via ${via}`}${dev == null ? '' : ` dev ${dev}`}${nhid == null ? '' : ` nhid ${nhid}`}`
}

const ONLINK = ['onlink'] as const
/** To the deletion of an IPv6 route RTM_F_CLONED says that it is an exception (rtm_to_fib6_config() of net/ipv6/route.c). */
const LEARNED = ['cloned'] as const

export function isLearned({ flags }: RouteInput): boolean {
  return Array.isArray(flags) && flags.includes('cloned')
}

type Advise = (code: string, extack: Extack) => string | undefined

const adviseNew = adviseAdding(
  'there is a route with this destination and metric already: replaceRoute changes it, appendRoute adds one beside it',
)
/** IPv6 compares each nexthop (rt6_duplicate_nexthop() of net/ipv6/route.c). */
const adviseBeside = adviseAdding(
  'the same route is there already, or of an IPv6 one a nexthop is, or is given twice',
)

function adviseFor(flags: number, tunnel: SentEncap | null): Advise {
  const advise = (flags & NLM_F_EXCL) === 0 ? adviseBeside : adviseNew
  if (tunnel === null) return advise
  return (code, extack) => adviseTunnel(code, extack, tunnel) ?? advise(code, extack)
}

/** `exists` is what EEXIST means. */
function adviseAdding(exists: string): Advise {
  return (code, { message }) => {
    switch (code) {
      case 'ENOENT':
        return 'there is no route with this destination and metric: replaceRoute adds it'
      case 'EEXIST':
        return exists
      case 'ENODEV':
        if (message !== null) return undefined
        // The last is what ip6_route_info_create() of net/ipv6/route.c looks for.
        return 'the route leads to no interface: give dev or via (an ifindex has to be of this namespace), for IPv6 one that has IPv6 (its MTU is 1280 or more)'
      // The latter is what IPv6 says (ip6_route_check_nh() of net/ipv6/route.c).
      case 'ENETUNREACH':
      case 'EHOSTUNREACH':
        return NO_WAY_TO_GATEWAY
      case 'ENETDOWN':
        return 'the interface is down'
      case 'EINVAL':
        if (message === 'Invalid prefsrc address') return 'src has to be an address of this namespace'
        if (message !== 'Invalid source address') return undefined
        return 'src has to be an address of this namespace that is not tentative any more: with the flag nodad it never is'
      default:
        return undefined
    }
  }
}

const NO_ROUTE = 'there is no such route in that table'
const ABSENT: Advice = { ESRCH: NO_ROUTE }
/** fib_nh_match() of net/ipv4/fib_semantics.c. */
const ABSENT_BY_HOP: Advice = {
  ESRCH: `${NO_ROUTE}; one of a nexthop object is told by its nhid, not by via, dev or nexthops`,
}

function adviseAbsent({ nhid, via, dev, nexthops }: RouteInput, family: number): Advice {
  const isByHop = nhid == null && (via != null || dev != null || nexthops != null)
  return isByHop && family === AF_INET ? ABSENT_BY_HOP : ABSENT
}
