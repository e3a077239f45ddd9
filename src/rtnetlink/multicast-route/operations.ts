/** The operation on multicast routes; routing daemons make them by socket options, not by netlink. */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { dump, type Operation, withChannel } from '../../netlink/operation.js'
import { mapped, type Request } from '../../netlink/request.js'
import { devNames, type NameOf } from '../devnames.js'
import { type Family, familyName, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../family.js'
import { checkDev, parsePrefix } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { familyOfPrefix, isWithin } from '../within.js'
import { type MulticastRoute, readMulticastRoute } from './multicast-route.js'
import { getMulticastRoute } from './table.js'

/** Which multicast routes; whatever is given must hold. */
export interface MulticastRouteFilter {
  family?: Family | undefined
  /** A table of multicast routes. */
  table?: number | undefined
  /** The interface that packets come in by. */
  iif?: Dev | undefined
  /** Only groups in this prefix ('239.0.0.0/8'), or this one (`to` of ip-mroute(8)). */
  group?: string | undefined
  /** Only sources in this prefix, or this one (`from` of ip-mroute(8)); those of every source are left out. */
  source?: string | undefined
}

/** Which multicast routes, and where. */
export interface ListMulticastRoutesOptions extends MulticastRouteFilter, CallOptions {}

/**
 * The multicast routes of all tables and both families, with their counters, as `ip mroute show`. An absent table is an empty list.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where `iif` is no interface
 * @see ip-mroute(8), rtnetlink(7)
 * @example const routes = await listMulticastRoutes({ family: 'ipv4', netns: 'red' })
 */
export function* listMulticastRoutes(options: ListMulticastRoutesOptions = {}): Operation<MulticastRoute[]> {
  checkKeys('listMulticastRoutes', options, ['family', 'table', 'iif', 'group', 'source', ...CALL_OPTIONS])
  const { table, iif, group, source } = options
  const asked = familyOfPrefix(options.family, group, 'group')
  const family = familyName(familyOfPrefix(familyName(asked) ?? undefined, source, 'source'))
  const isGroup = group === undefined ? ANY : isWithin(parsePrefix(group, 'group'))
  const isSource = source === undefined ? ANY : isWithin(parsePrefix(source, 'source'))
  if (table !== undefined) checkInteger(table, 'table', 1, 0xffffffff)
  if (iif !== undefined) checkDev(iif, 'iif')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = iif === undefined ? undefined : yield* resolveDev(channel, iif, 'iif')
    const nameOf = devNames(channel)
    const routes: MulticastRoute[] = []
    for (const number of FAMILIES[family ?? 'both']) {
      const request = mapped(listMulticastRoutesRequest(number, nameOf, table), (route) =>
        (ifindex === undefined || route.iifindex === ifindex) &&
        isGroup(route.group) &&
        isSource(route.source ?? '')
          ? route
          : undefined,
      )
      routes.push(...(yield* dump(channel, request)))
    }
    return routes
  })
}

const ANY = () => true

const FAMILIES = {
  ipv4: [RTNL_FAMILY_IPMR],
  ipv6: [RTNL_FAMILY_IP6MR],
  both: [RTNL_FAMILY_IPMR, RTNL_FAMILY_IP6MR],
}

/** RTM_GETROUTE with NLM_F_DUMP. The kernel filters by table (ip_valid_fib_dump_req() of net/ipv4/fib_frontend.c). */
function listMulticastRoutesRequest(family: number, nameOf: NameOf, table?: number): Request<MulticastRoute> {
  return {
    message: getMulticastRoute,
    body: { header: { family }, attributes: { table } },
    flags: 0,
    answer: 'dump',
    mayBeAbsent: true,
    subject: table === undefined ? undefined : `table ${table}`,
    // Where the kernel has no such routing, the dump is one of all families.
    read: (bytes, start, end) =>
      bytes[start] === family ? (readMulticastRoute(bytes, start, end, nameOf) ?? undefined) : undefined,
  }
}
