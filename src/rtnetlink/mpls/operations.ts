/** The operations on MPLS routes. */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js'
import { items, type Operation, request, withChannel } from '../../netlink/operation.js'
import { mapped, type Request } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { AF_MPLS } from '../family.js'
import { checkDev } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { type MplsRoute, readMplsRoute, withNames } from './mpls-route.js'
import {
  checkMplsRoute,
  deleteMplsRouteRequest,
  MPLS_KEYS,
  type MplsRouteInput,
  newMplsRouteRequest,
} from './request.js'
import { getMplsRoute } from './table.js'

/** An MPLS route, and where. */
export interface MplsRouteOptions extends MplsRouteInput, CallOptions {}

/** Which MPLS routes, and where. */
export interface ListMplsRoutesOptions extends CallOptions {
  /** The interface of the route, or of one of its nexthops. */
  dev?: Dev | undefined
}

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

function* change(call: string, options: MplsRouteOptions, flags: number): Operation<void> {
  checkKeys(call, options, [...MPLS_KEYS, ...CALL_OPTIONS])
  checkMplsRoute(options)
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
 * Lists the MPLS routes, in the order of their labels; none where the kernel has no MPLS.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `dev` is no interface
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example for (const { label, as } of await listMplsRoutes()) console.log(label, as)
 */
export function* listMplsRoutes(options: ListMplsRoutesOptions = {}): Operation<MplsRoute[]> {
  checkKeys('listMplsRoutes', options, ['dev', ...CALL_OPTIONS])
  const { dev } = options
  if (dev !== undefined) checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined ? undefined : yield* resolveDev(channel, dev)
    const nameOf = devNames(channel)
    const asked = mapped(listRequest, (route) =>
      ifindex === undefined || isOf(route, ifindex) ? withNames(route, nameOf) : undefined,
    )
    return yield* items(channel, asked)
  })
}

function isOf(route: MplsRoute, ifindex: number): boolean {
  return route.ifindex === ifindex || (route.nexthops?.some((hop) => hop.ifindex === ifindex) ?? false)
}

/** RTM_GETROUTE with NLM_F_DUMP; where the kernel has no MPLS it is one of all families. */
const listRequest: Request<MplsRoute> = {
  message: getMplsRoute,
  body: { header: { family: AF_MPLS }, attributes: {} },
  flags: 0,
  answer: 'dump',
  read: (bytes, start, end) => readMplsRoute(bytes, start, end) ?? undefined,
}
