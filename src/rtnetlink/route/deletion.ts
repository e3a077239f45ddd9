/** The deletion of a route that is told by more than what the kernel compares: the route is looked up first. */

import { encodeAttributes, Writer } from '../../codec/index.js'
import { ESRCH } from '../../netlink/errno.js'
import { NetlinkError, NO_EXTACK } from '../../netlink/errors.js'
import type { Channel, Operation } from '../../netlink/operation.js'
import { adviceOf, type Request } from '../../netlink/request.js'
import { AF_INET6 } from '../family.js'
import { destinationOf } from './check.js'
import { checkFilter, normalAddress } from './filter.js'
import type { NexthopInput, RouteInput, RouteMetrics } from './input.js'
import { dumpRoutes } from './list.js'
import { deleteRouteRequest, isLearned, tableOf } from './request.js'
import type { Route, RouteNexthop } from './route.js'
import { metricAttributes, routePreferences } from './table.js'

/** RTM_DELROUTE of the first route that has everything that is given. */
export function* deletion(channel: Channel, input: RouteInput): Operation<Request> {
  const asked = yield* deleteRouteRequest(channel, input)
  const isIpv6 = destinationOf(input).family === AF_INET6
  if (isIpv6 ? isTold(input) || !hasMoreOfIpv6(input) : !hasMoreOfIpv4(input)) return asked
  const { to, via, src, from, type, protocol, metric, realms, scope } = input
  const family = isIpv6 ? 'ipv6' : 'ipv4'
  const dev = input.dev ?? input.ifindex
  const rest = isIpv6 ? {} : { scope, realms: isNoRealms(realms) ? null : realms }
  // To the kernel the metric 0 is any.
  const given = { to, via, src, type, protocol, metric: metric || null, dev, ...rest }
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null))
  if (isIpv6) filter['from'] = from ?? 'default'
  const found = yield* dumpRoutes(channel, checkFilter({ ...filter, family, table: tableOf(input) }))
  const first = found.find((route) => hasTheRest(route, input))
  if (first === undefined)
    throw new NetlinkError({
      operation: asked.message.name,
      errno: ESRCH,
      subject: asked.subject,
      advice: adviceOf(asked, 'ESRCH', NO_EXTACK),
    })
  return yield* deleteRouteRequest(channel, named(input, first))
}

/**
 * IPv6 has no two routes that differ in nothing but the rest (rt6_duplicate_nexthop() of net/ipv6/route.c); a dump tells no learned one. A
 * `tos` the kernel refuses, and says why.
 */
function isTold(input: RouteInput): boolean {
  const { metric, via, dev, ifindex, nhid, nexthops, tos } = input
  const hops = nexthops ?? (via == null ? null : (dev ?? ifindex))
  return nhid != null || Boolean(tos) || isLearned(input) || (Boolean(metric) && hops != null)
}

/** What ip6_route_del() of net/ipv6/route.c does not compare. */
function hasMoreOfIpv6(input: RouteInput): boolean {
  const { type, src, from, metrics, preference } = input
  return [type, src, from, metrics, preference].some((value) => value != null) || hasMoreOfHops(input)
}

/** What fib_table_delete() of net/ipv4/fib_trie.c and fib_nh_match() of net/ipv4/fib_semantics.c do not compare. */
function hasMoreOfIpv4(input: RouteInput): boolean {
  return !isNoRealms(input.realms) || hasMoreOfHops(input)
}

/** A route of the realms 0 and 0 has none. */
function isNoRealms(realms: RouteInput['realms']): boolean {
  return realms == null || (realms.from === 0 && realms.to === 0)
}

function hasMoreOfHops({ onlink, nexthops }: RouteInput): boolean {
  return onlink === true || (nexthops?.some((hop) => hop.weight != null || hop.onlink === true) ?? false)
}

/** Whether a route has what no filter of lists takes. */
function hasTheRest(route: Route, { metrics, preference, onlink, tos, nhid, nexthops }: RouteInput): boolean {
  if (onlink && !route.onlink) return false
  if (tos != null && tos !== route.tos) return false
  if (nhid != null && nhid !== route.nhid) return false
  if (preference != null && numberOf(preference) !== numberOf(route.preference)) return false
  if (metrics != null && !hasMetrics(route, metrics)) return false
  // A route of one nexthop is listed without `nexthops`.
  return nexthops?.every((hop) => (route.nexthops ?? [route]).some((has) => isHop(has, hop))) ?? true
}

const numberOf = (preference: Route['preference']) => routePreferences.toNumber(preference ?? 'medium')

/** In the form of messages two values are the same that are written differently: `['ecn']` and 1. */
function hasMetrics({ metrics }: Route, given: RouteMetrics): boolean {
  return Object.entries(given).every(
    ([name, value]) =>
      value === undefined || encoded(name, value) === encoded(name, metrics?.[name as keyof RouteMetrics]),
  )
}

function encoded(name: string, value: unknown): string {
  const out = new Writer(64)
  encodeAttributes(metricAttributes, out, { [name]: value })
  return out.bytes.subarray(0, out.length).join()
}

function isHop(
  has: Route | RouteNexthop,
  { via, dev, ifindex, weight, onlink, realms }: NexthopInput,
): boolean {
  if (via != null && normalAddress(via) !== has.via) return false
  if (dev != null && dev !== has.dev && dev !== has.ifindex) return false
  if (dev == null && ifindex != null && ifindex !== has.ifindex) return false
  if (weight != null && weight !== ('weight' in has ? has.weight : 1)) return false
  if (realms != null && (realms.from !== (has.realms?.from ?? 0) || realms.to !== (has.realms?.to ?? 0)))
    return false
  return !onlink || has.onlink
}

/** What is given, with what the kernel tells this route from others by. */
function named(input: RouteInput, route: Route): RouteInput {
  const { family, via, ifindex, metric, src, protocol, scope, type, nhid } = route
  const told = { ...input, metric: metric ?? input.metric, nhid }
  if (input.nexthops != null) return told
  const place = { via: input.via ?? via, ifindex: input.ifindex ?? ifindex }
  return family === 'ipv6' ? { ...told, ...place } : { ...told, ...place, src, protocol, scope, type }
}
