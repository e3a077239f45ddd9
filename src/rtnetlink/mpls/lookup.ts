/** RTM_GETROUTE of one MPLS label: what becomes of a packet that has it? */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../netlink/check.js'
import { type Operation, requestOne, withChannel } from '../../netlink/operation.js'
import type { Advice } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { AF_MPLS } from '../family.js'
import type { RouteFlag } from '../route/input.js'
import { type MplsRoute, readMplsRoute } from './mpls-route.js'
import { checkLabel, checkLabels, LABEL_BITS } from './request.js'
import { getMplsRoute as getMplsRouteMessage } from './table.js'

/** What else is known of the packet, and where it comes in. */
export interface GetMplsRouteOptions extends CallOptions {
  /**
   * All the labels that it has, the outermost first. Of several nexthops the kernel chooses by them, and for a packet by what is behind the
   * labels besides, which cannot be told here.
   */
  as?: readonly number[] | undefined
  /** Answers with the entry of the table and all its nexthops. */
  fibmatch?: boolean | undefined
}

/**
 * The route that a packet with an MPLS label would take, with the one nexthop that the kernel chooses, as `ip -family mpls route get`.
 * Linux 4.13.
 *
 * @throws RangeError or TypeError naming the argument, before anything is sent; NetlinkError ENETUNREACH where there is no route for the
 * label, or none of its nexthops is up, EINVAL where it is not below net.mpls.platform_labels, EOPNOTSUPP without MPLS in the kernel
 * @see ip-route(8), net/mpls/af_mpls.c
 * @example const { as, via, dev } = await getMplsRoute(100, { netns: 'red' })
 */
export function* getMplsRoute(label: number, options: GetMplsRouteOptions = {}): Operation<MplsRoute> {
  checkKeys('getMplsRoute', options, ['as', 'fibmatch', ...CALL_OPTIONS])
  checkLabel(label)
  const { as, fibmatch } = options
  if (as !== undefined) checkLabels(as, 'as')
  if (fibmatch !== undefined) checkBoolean(fibmatch, 'fibmatch')
  const flags: RouteFlag[] = fibmatch ? ['fib-match'] : []
  return yield* withChannel(options.netns, function* (channel) {
    const nameOf = devNames(channel)
    return yield* requestOne(channel, {
      message: getMplsRouteMessage,
      body: {
        header: { family: AF_MPLS, dstLen: LABEL_BITS, flags },
        attributes: { dst: [label], newdst: as },
      },
      flags: 0,
      answer: 'reply',
      read: (bytes, start, end) => readMplsRoute(bytes, start, end, nameOf) ?? undefined,
      subject: `route for the MPLS label ${label}`,
      advise: (code, { message }) => (message === null ? ADVICE[code] : undefined),
    })
  })
}

const ADVICE: Advice = {
  ENETUNREACH: 'there is no route for this label, or none of its nexthops is up',
  EINVAL: 'labels have to be below net.mpls.platform_labels',
  EOPNOTSUPP: 'the kernel has no MPLS routing (modprobe mpls_router)',
}
