/** The operations on neighbour tables. */

import { show } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { dump, type Operation, request, withChannel } from '../../netlink/operation.js'
import { mapped } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { type Family, familyNumber } from '../family.js'
import { checkDev } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import type { NeighbourTable } from './neighbour-table.js'
import {
  CHANGE_KEYS,
  checkChanges,
  listNeighbourTablesRequest,
  type NeighbourTableChanges,
  setNeighbourTableRequest,
} from './request.js'

/** Which neighbour tables; whatever is given must hold. */
export interface NeighbourTableFilter {
  family?: Family | undefined
  /** 'arp_cache' or 'ndisc_cache'. */
  name?: string | undefined
  /** Only the parameters of this interface. */
  dev?: Dev | undefined
}

/** Which neighbour tables, and where. */
export interface ListNeighbourTablesOptions extends NeighbourTableFilter, CallOptions {}

/** What is to change in a neighbour table, and where. */
export interface SetNeighbourTableOptions extends NeighbourTableChanges, CallOptions {}

/**
 * The neighbour tables of the kernel (ARP, NDP) and, after each, the parameters of every interface in it, as `ip ntable show`. Sizes and
 * counters are those of all namespaces together.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no interface of that name
 * @see ip-ntable(8), rtnetlink(7), linux/neighbour.h
 * @example const [arp] = await listNeighbourTables({ name: 'arp_cache', dev: 'eth0' })
 */
export function* listNeighbourTables(options: ListNeighbourTablesOptions = {}): Operation<NeighbourTable[]> {
  checkKeys('listNeighbourTables', options, ['family', 'name', 'dev', ...CALL_OPTIONS])
  const { family, name, dev } = options
  const wanted = familyNumber(family)
  if (name !== undefined && typeof name !== 'string')
    throw new TypeError(`name: ${show(name)} is not a string`)
  if (dev !== undefined) checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined ? undefined : yield* resolveDev(channel, dev)
    const asked = mapped(listNeighbourTablesRequest(wanted, devNames(channel)), (table) => {
      if (name !== undefined && table.name !== name) return undefined
      if (ifindex !== undefined && table.ifindex !== ifindex) return undefined
      return table
    })
    return yield* dump(channel, asked)
  })
}

/**
 * Changes parameters of a neighbour table for one interface, as `ip ntable change`. Times are milliseconds, as there: in the example, an
 * entry counts as reachable for some 20 seconds. Those without an interface, the thresholds and `gcInterval` can be changed in the machine's
 * first namespace only, and the latter two count for all.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENOENT where there is no such table or it is not the first
 * namespace, ENODEV where there is no interface of that name
 * @see ip-ntable(8), rtnetlink(7), linux/neighbour.h
 * @example await setNeighbourTable('arp_cache', { dev: 'eth0', baseReachableTime: 20_000, ucastProbes: 5, netns: 'red' })
 */
export function* setNeighbourTable(table: string, options: SetNeighbourTableOptions): Operation<void> {
  checkKeys('setNeighbourTable', options, [...CHANGE_KEYS, ...CALL_OPTIONS])
  checkChanges(table, options)
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = options.dev == null ? 0 : yield* resolveDev(channel, options.dev)
    yield* request(channel, setNeighbourTableRequest(table, ifindex, options))
  })
}
