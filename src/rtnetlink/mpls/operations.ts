/** The operations on MPLS routes. */

import type { OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js'
import { deleteAll } from '../../netlink/delete-all.js'
import { type Channel, dump, items, type Operation, request, withChannel } from '../../netlink/operation.js'
import { mapped, type Request } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { AF_MPLS } from '../family.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { checkDev, checkOneOf } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import type { RouteProtocol } from '../route/input.js'
import { routeProtocols } from '../route/table.js'
import { type MplsRoute, readMplsRoute } from './mpls-route.js'
import {
  checkMplsRoute,
  checkVia,
  checkWays,
  deleteMplsRouteRequest,
  MAX_LABEL,
  MPLS_KEYS,
  type MplsRouteInput,
  newMplsRouteRequest,
  normalVia,
} from './request.js'
import { getMplsRoute } from './table.js'

/** An MPLS route, and where. */
export interface MplsRouteOptions extends MplsRouteInput, CallOptions {}

/** Which MPLS routes; whatever is given must hold. */
export interface MplsRouteFilter {
  label?: number | undefined
  /** The interface of the route, or of one of its nexthops. */
  dev?: Dev | undefined
  /** The gateway of the route, or of one of its nexthops: an IPv4, IPv6 or link-layer address. */
  via?: string | undefined
  /** Who made it, by name or number. */
  protocol?: OneOf<RouteProtocol> | undefined
}

/** Which MPLS routes, and where. */
export interface ListMplsRoutesOptions extends MplsRouteFilter, CallOptions {}

/** Which MPLS routes are to go, and where. */
export interface FlushMplsRoutesOptions extends ListMplsRoutesOptions, FlushAll {}

const FILTERS: readonly (keyof MplsRouteFilter)[] = ['label', 'dev', 'via', 'protocol']

/**
 * Adds a route for packets with an MPLS label, as `ip -family mpls route add`: the label is taken off, or others take its place.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EEXIST where there is a route for the label,
 * EINVAL where the label is not below net.mpls.platform_labels, EOPNOTSUPP without MPLS in the kernel
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example await addMplsRoute({ label: 100, as: [200], via: '10.1.1.1', dev: 'eth0' })
 */
export function* addMplsRoute(options: MplsRouteOptions): Operation<void> {
  yield* change('addMplsRoute', options, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Adds a route for an MPLS label or changes the one that is there.
 *
 * @throws as addMplsRoute, but for EEXIST
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example await replaceMplsRoute({ label: 100, via: '2001:db8::1', dev: 'eth0' })
 */
export function* replaceMplsRoute(options: MplsRouteOptions): Operation<void> {
  yield* change('replaceMplsRoute', options, NLM_F_CREATE | NLM_F_REPLACE)
}

/**
 * Changes the route for an MPLS label that is there, as `ip -family mpls route change`.
 *
 * @throws as addMplsRoute, but for EEXIST; NetlinkError ENOENT where there is no route for the label
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example await changeMplsRoute({ label: 100, via: '10.1.1.2', dev: 'eth0' })
 */
export function* changeMplsRoute(options: MplsRouteOptions): Operation<void> {
  yield* change('changeMplsRoute', options, NLM_F_REPLACE)
}

function* change(call: string, options: MplsRouteOptions, flags: number): Operation<void> {
  checkKeys(call, options, [...MPLS_KEYS, ...CALL_OPTIONS])
  checkMplsRoute(options)
  checkWays(options)
  yield* withChannel(options.netns, function* (channel) {
    yield* request(channel, yield* newMplsRouteRequest(channel, options, flags))
  })
}

/**
 * Deletes the route for an MPLS label. A listed route names itself; nothing else of it counts. That there is none is no error to the kernel.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EINVAL where the label is not below
 * net.mpls.platform_labels
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example await deleteMplsRoute({ label: 100 })
 */
export function* deleteMplsRoute(options: MplsRouteOptions): Operation<void> {
  checkKeys('deleteMplsRoute', options, [...MPLS_KEYS, ...CALL_OPTIONS])
  checkMplsRoute(options)
  yield* withChannel(options.netns, function* (channel) {
    yield* request(channel, yield* deleteMplsRouteRequest(channel, options))
  })
}

/**
 * Lists the MPLS routes, or those that the options let through, in the order of their labels; none where the kernel has no MPLS.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `dev` is no interface
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example for (const { label, as } of await listMplsRoutes()) console.log(label, as)
 */
export function* listMplsRoutes(options: ListMplsRoutesOptions = {}): Operation<MplsRoute[]> {
  checkKeys('listMplsRoutes', options, [...FILTERS, ...CALL_OPTIONS])
  checkFilter(options)
  return yield* withChannel(options.netns, function* (channel) {
    const wanted = yield* filterOf(channel, options)
    const asked = mapped(listRequest(channel), (route) => (wanted(route) ? route : undefined))
    return yield* items(channel, asked)
  })
}

/**
 * Deletes the MPLS routes that the options let through, of which there has to be at least one, and returns how many, as
 * `ip -family mpls route flush`; with `all: true` all of them.
 *
 * @throws TypeError without any option, RangeError or TypeError naming an option, before anything is sent; NetlinkError ENODEV where
 * `dev` is no interface
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example await flushMplsRoutes({ protocol: 'static', netns: 'red' })
 */
export function* flushMplsRoutes(options: FlushMplsRoutesOptions): Operation<number> {
  checkKeys('flushMplsRoutes', options, ['all', ...FILTERS, ...CALL_OPTIONS])
  checkFilter(options)
  checkFlush('flushMplsRoutes', 'routes', FILTERS, options)
  return yield* withChannel(options.netns, function* (channel) {
    const found = yield* dump(channel, listRequest(channel))
    const doomed = found.filter(yield* filterOf(channel, options))
    const requests = []
    for (const { label } of doomed) requests.push(yield* deleteMplsRouteRequest(channel, { label }))
    return yield* deleteAll(channel, requests, [])
  })
}

function checkFilter({ label, dev, via, protocol }: MplsRouteFilter): void {
  if (label !== undefined) checkInteger(label, 'label', 0, MAX_LABEL, 'an MPLS label')
  if (dev !== undefined) checkDev(dev, 'dev')
  if (via !== undefined) checkVia(via, 'via')
  if (protocol !== undefined) checkOneOf(routeProtocols, protocol, 'protocol')
}

/** The kernel filters by interface and protocol at best (mpls_valid_fib_dump_req() of net/mpls/af_mpls.c), some by none. */
function* filterOf(
  channel: Channel,
  { label, dev, via, protocol }: MplsRouteFilter,
): Operation<(route: MplsRoute) => boolean> {
  const ifindex = dev === undefined ? undefined : yield* resolveDev(channel, dev)
  const gateway = via === undefined ? undefined : normalVia(via)
  const maker = protocol === undefined ? undefined : routeProtocols.normal(protocol)
  return (route) => {
    const hops = [route, ...(route.nexthops ?? [])]
    return (
      (label === undefined || route.label === label) &&
      (maker === undefined || route.protocol === maker) &&
      (ifindex === undefined || hops.some((hop) => hop.ifindex === ifindex)) &&
      (gateway === undefined || hops.some((hop) => hop.via === gateway))
    )
  }
}

/** RTM_GETROUTE with NLM_F_DUMP; where the kernel has no MPLS it is one of all families. */
function listRequest(channel: Channel): Request<MplsRoute> {
  const nameOf = devNames(channel)
  return {
    message: getMplsRoute,
    body: { header: { family: AF_MPLS }, attributes: {} },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => readMplsRoute(bytes, start, end, nameOf) ?? undefined,
  }
}
