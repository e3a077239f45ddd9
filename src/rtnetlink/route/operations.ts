/** The operations on routes. */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js'
import { deleteAll } from '../../netlink/delete-all.js'
import {
  type Channel,
  type Operation,
  request,
  requestOne,
  single,
  withChannel,
} from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { checkDev } from '../input.js'
import type { Dev } from '../link/request.js'
import { checkRoute } from './check.js'
import { RT_TABLE_MAIN } from './constants.js'
import { deletion } from './deletion.js'
import { checkFilter, FILTER_KEYS, type RouteFilter } from './filter.js'
import { ROUTE_KEYS, type RouteInput } from './input.js'
import { dumpRoutes } from './list.js'
import { checkLookup, type GetRouteOptions, lookupRequest, type RouteLookup } from './lookup.js'
import { deleteRouteRequest, directRoute, isDirect, newRouteRequest } from './request.js'
import type { Route } from './route.js'
import { vrfTable } from './vrf.js'

/** A route, and where. */
export interface RouteOptions extends RouteInput, CallOptions {
  /**
   * A VRF by its name or ifindex, whose table it is; not with `table`. Which one costs a request before the change, which fails with
   * ENODEV where it is no VRF; in batch() such a call waits for those before it, and goes alone.
   */
  vrf?: Dev | undefined
}

const CHANGE_KEYS = [...ROUTE_KEYS, 'vrf', ...CALL_OPTIONS]

/** Which routes, and where. */
export interface ListRoutesOptions extends RouteFilter, CallOptions {}

/** Which routes are to go, and where. */
export interface FlushRoutesOptions extends ListRoutesOptions, FlushAll {}

/** The options of listRoutes. */
const LIST_ROUTE_KEYS = [...FILTER_KEYS, ...CALL_OPTIONS]

/**
 * Adds a route, as `ip route add`.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EEXIST where there is a route with this
 * destination, metric and type of service, ENETUNREACH where the gateway is in no network of an interface, ENETDOWN, ENODEV,
 * EINVAL (the kernel says why in `extack.message`).
 * @see ip-route(8), rtnetlink(7)
 * @example await addRoute({ to: 'default', via: '192.168.15.5', netns: 'red' })
 */
export function addRoute(options: RouteOptions): Operation<void> {
  return change('addRoute', options, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Adds a route or changes the one with the same destination, metric and type of service, as `ip route replace`. Of IPv6 those with
 * gateways are one route, whose nexthops are all replaced, and each without a gateway is another, which stays.
 *
 * @throws as addRoute; EEXIST only where an IPv6 route has the same nexthop twice.
 * @see ip-route(8), rtnetlink(7)
 * @example await replaceRoute({ to: '192.168.1.0/24', via: '192.168.15.6', metric: 100 })
 */
export function replaceRoute(options: RouteOptions): Operation<void> {
  return change('replaceRoute', options, NLM_F_CREATE | NLM_F_REPLACE)
}

/**
 * Changes the route with the same destination, metric and type of service, as `ip route change`: replaceRoute() that adds none.
 *
 * @throws as addRoute, but for EEXIST; NetlinkError ENOENT where there is no such route.
 * @see ip-route(8), rtnetlink(7)
 * @example await changeRoute({ to: '192.168.1.0/24', via: '192.168.15.6' })
 */
export function changeRoute(options: RouteOptions): Operation<void> {
  return change('changeRoute', options, NLM_F_REPLACE)
}

/**
 * Adds a route after those with the same destination and metric, as `ip route append`. An IPv6 route with a gateway becomes another
 * nexthop of the one with gateways that is there; it comes last, and with `prependRoute()`, too. Without a gateway it is a route of its own.
 *
 * @throws as addRoute; EEXIST only where the same route is there, or one of the nexthops of an IPv6 route: then none is added.
 * @see ip-route(8), rtnetlink(7)
 * @example await appendRoute({ to: '192.168.1.0/24', via: '192.168.15.7' })
 */
export function appendRoute(options: RouteOptions): Operation<void> {
  return change('appendRoute', options, NLM_F_CREATE | NLM_F_APPEND)
}

/**
 * Adds a route before those with the same destination and metric, as `ip route prepend`: of IPv4 it is the one that counts from now on; of
 * IPv6 it is appendRoute().
 *
 * @throws as appendRoute
 * @see ip-route(8), rtnetlink(7)
 * @example await prependRoute({ to: '192.168.1.0/24', via: '192.168.15.7' })
 */
export function prependRoute(options: RouteOptions): Operation<void> {
  return change('prependRoute', options, NLM_F_CREATE)
}

function* change(call: string, options: RouteOptions, flags: number): Operation<void> {
  checkKeys(call, options, CHANGE_KEYS)
  checkRoute(options)
  if (options.vrf !== undefined) yield* changeInVrf(options, options.vrf, newRouteRequest, flags)
  else if (isDirect(options)) yield* single(options.netns, (channel) => directRoute(channel, options, flags))
  else yield* withChannel(options.netns, (channel) => send(channel, options, flags))
}

function* changeInVrf(
  { vrf: _, ...options }: RouteOptions,
  vrf: Dev,
  make: (channel: Channel, input: RouteInput, flags: number) => Operation<Request>,
  flags: number,
): Operation<void> {
  checkDev(vrf, 'vrf')
  if (options.table != null) throw new TypeError('vrf: not with table, of which a VRF has one')
  yield* withChannel(options.netns, function* (channel) {
    const input = { ...options, table: yield* vrfTable(channel, vrf) }
    yield* request(channel, yield* make(channel, input, flags))
  })
}

/** A generator of its own: one written inside the call would be made anew for each, at some 2 µs. */
function* send(channel: Channel, input: RouteInput, flags: number): Operation<void> {
  yield* request(channel, yield* newRouteRequest(channel, input, flags))
}

/**
 * Deletes the first route that has everything that is given but for `encap` and `expires`, as `ip route delete`: `{ to }` alone takes any
 * gateway, metric and interface, and the main table. A listed route names itself, an IPv6 one of `listRoutes({ cache: true })`, too. What
 * the kernel does not compare costs a dump of the table, in which the route is looked up: of IPv4 `realms`, `onlink` and the `weight` of
 * nexthops; of IPv6 `type`, `src`, `from`, `preference`, `metrics` and these of nexthops. An IPv6 route that `metric` and `nexthops` or
 * `via` with `dev` or `ifindex` tell, or `nhid`, is not looked up, and nothing else of it compared but `via` and `protocol`: there are no two such routes. Of
 * an IPv6 route `nexthops` takes those that are given. The kernel does not compare `via` and `dev` with an IPv6 nexthop object: where there are
 * such routes, give `metric`. An IPv4 route of a nexthop object is told by `nhid`, or by neither that nor `via`, `dev` and `nexthops`.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ESRCH where there is none.
 * @see ip-route(8), rtnetlink(7)
 * @example await deleteRoute({ to: '192.168.1.0/24', netns: 'blue' })
 */
export function* deleteRoute(options: RouteOptions): Operation<void> {
  checkKeys('deleteRoute', options, CHANGE_KEYS)
  const input = withoutEncap(options)
  checkRoute(input)
  if (options.vrf !== undefined) yield* changeInVrf(input, options.vrf, deletion, 0)
  else yield* withChannel(options.netns, (channel) => sendDeletion(channel, input))
}

/** The kernel finds the route without its tunnels. */
function withoutEncap<T extends RouteInput>(input: T): T {
  if (input.encap == null && !input.nexthops?.some?.((hop) => hop?.encap != null)) return input
  return { ...input, encap: null, nexthops: input.nexthops?.map((hop) => ({ ...hop, encap: null })) }
}

function* sendDeletion(channel: Channel, input: RouteInput): Operation<void> {
  yield* request(channel, yield* deletion(channel, input))
}

/**
 * Lists the routes of all tables and both families, or those that the options let through. The kernel filters by family, table,
 * dev, type and protocol; an absent table is an empty list. The kernel does not mark an IPv4 dump during which routes were
 * deleted: it may lack others.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `dev` is no interface or `vrf` no VRF; DumpInterruptedError where an
 * IPv6 table changed during each of several attempts.
 * @see ip-route(8), rtnetlink(7)
 * @example const routes = await listRoutes({ family: 'ipv4', table: 254, netns: 'red' })
 */
export function* listRoutes(options: ListRoutesOptions = {}): Operation<Route[]> {
  checkKeys('listRoutes', options, LIST_ROUTE_KEYS)
  const filter = checkFilter(options)
  return yield* withChannel(options.netns, (channel) => dumpRoutes(channel, filter))
}

/**
 * The route that a packet to an address would take: the kernel's choice, as `ip route get`. With `fibmatch` it is the entry of the
 * routing table, otherwise a route to this one address made of it ('cloned').
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENETUNREACH where no route leads there, or an IPv4 packet made here
 * is from another machine's address, EHOSTUNREACH, EACCES or EINVAL where that route is unreachable, prohibit or blackhole, EINVAL also
 * where no IPv4 packet comes by `iif` from such an address.
 * @see ip-route(8), rtnetlink(7)
 * @example const { via, dev, src } = await getRoute('192.0.2.1', { netns: 'red' })
 */
export function* getRoute(to: string, options: GetRouteOptions = {}): Operation<RouteLookup> {
  checkLookup(to, options)
  return yield* withChannel(options.netns, function* (channel) {
    const from = options.connected ? yield* preferredSource(channel, to, options) : options.from
    return yield* requestOne(channel, yield* lookupRequest(channel, to, { ...options, from }))
  })
}

/** The source address that a socket gets which connects: none where the route prefers none. */
function* preferredSource(
  channel: Channel,
  to: string,
  options: GetRouteOptions,
): Operation<string | undefined> {
  if (options.from !== undefined) return options.from
  // The entry of the table, which fibmatch asks for, tells only one that it was given.
  const first = yield* lookupRequest(channel, to, { ...options, fibmatch: false })
  return (yield* requestOne(channel, first)).src ?? undefined
}

/** Requests of one exchange: enough for few system calls, and not the whole table in memory twice. */
const BATCH = 1024

/**
 * Deletes the routes that a filter lets through, as `ip route flush`, and returns how many. At least one option that is not false is
 * needed, or `all: true`; without `table` and `vrf` it is the main one (254), with `table: 'all'` every one. Of a VRF the routes that its addresses need
 * stay, if no `type` is given. Routes that vanish meanwhile are not counted. With `cache` it deletes
 * what was learned of IPv6 destinations; that of IPv4 the kernel forgets as a whole: `setSysctl('net.ipv4.route.flush', 1)`.
 *
 * @throws TypeError without any option, RangeError or TypeError naming an option; NetlinkError where a route cannot be deleted: the
 * others are gone then.
 * @see ip-route(8), rtnetlink(7)
 * @example await flushRoutes({ protocol: 'bird', netns: 'red' })
 */
export function* flushRoutes(options: FlushRoutesOptions): Operation<number> {
  checkKeys('flushRoutes', options, ['all', ...LIST_ROUTE_KEYS])
  checkFlush('flushRoutes', 'routes', FILTER_KEYS, options)
  const table = options.vrf === undefined ? (options.table ?? RT_TABLE_MAIN) : undefined
  const filter = checkFilter({ ...options, ...(table !== undefined && { table }) })
  if (filter.cache && filter.family !== 'ipv6')
    throw new TypeError(
      "cache: only with family 'ipv6'; that of IPv4 is emptied by setSysctl('net.ipv4.route.flush', 1)",
    )
  return yield* withChannel(options.netns, function* (channel) {
    const routes = yield* dumpRoutes(channel, filter)
    let removed = 0
    for (let start = 0; start < routes.length; start += BATCH) {
      const requests: Request[] = []
      for (const route of routes.slice(start, start + BATCH))
        requests.push(yield* deleteRouteRequest(channel, withoutEncap(route)))
      removed += yield* deleteAll(channel, requests, ['ESRCH'])
    }
    return removed
  })
}
