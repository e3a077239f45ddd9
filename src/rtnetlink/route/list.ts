/** Dumps of the routing tables. */

import { type Channel, items, type Operation } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { devNames, type NameOf } from '../devnames.js'
import { AF_INET, AF_INET6, AF_UNSPEC, familyNumber } from '../family.js'
import { resolveDev } from '../link/request.js'
import { type CheckedFilter, matcher } from './filter.js'
import { type Route, readRoute } from './route.js'
import { getRouteMessage, routeProtocols, routeTypes } from './table.js'
import { vrfTable } from './vrf.js'

/** Reads the routes that a checked filter lets through. An absent table is an empty list. */
export function* dumpRoutes(channel: Channel, asked: CheckedFilter): Operation<Route[]> {
  const { vrf } = asked
  const filter = vrf === undefined ? asked : { ...asked, table: yield* vrfTable(channel, vrf) }
  const oif = filter.dev === undefined ? 0 : yield* resolveDev(channel, filter.dev)
  return yield* items(channel, dumpRequest(filter, oif, devNames(channel)))
}

/** RTM_F_CLONED asks for exceptions alone (ip_valid_fib_dump_req(); inet6_dump_fib() of net/ipv6/ip6_fib.c). */
const CACHE = ['cloned'] as const

/**
 * RTM_GETROUTE with NLM_F_DUMP. The kernel filters by table, interface, type and protocol and refuses anything else
 * (ip_valid_fib_dump_req() of net/ipv4/fib_frontend.c); the rest is compared with what it sends.
 */
export function dumpRequest(filter: CheckedFilter, oif: number, nameOf: NameOf): Request<Route> {
  const { table } = filter
  const wanted = familyNumber(filter.family)
  const matches = matcher(filter)
  return {
    message: getRouteMessage,
    body: {
      header: {
        family: wanted,
        protocol: routeProtocols.toNumber(filter.protocol ?? 0),
        type: routeTypes.toNumber(filter.type ?? 0),
        flags: filter.cache ? CACHE : undefined,
      },
      attributes: { ...(table === undefined ? {} : { table }), ...(oif > 0 ? { oif } : {}) },
    },
    flags: 0,
    answer: 'dump',
    mayBeAbsent: true,
    subject: table === undefined ? undefined : `table ${table}`,
    read: (bytes, start, end) => {
      // A dump of all families has MPLS and multicast routing too; so has that of a family which the kernel lacks.
      const family = bytes[start]!
      if (wanted === AF_UNSPEC ? family !== AF_INET && family !== AF_INET6 : family !== wanted)
        return undefined
      const route = readRoute(bytes, start, end, nameOf)
      return matches === null || matches(route) ? route : undefined
    },
  }
}
