import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../netlink/check.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { items, type Operation, requestOne } from '../netlink/operation.js'
import type { ConntrackEntry, ReadOptions } from './entry.js'
import { type ConntrackFilter, checkFilter, FILTER_KEYS } from './filter.js'
import { type ConntrackKey, checkKey, ENTRY_KEYS } from './key.js'
import { dumpRequest, dumpsOf, queriesOf } from './query.js'
import { getConntrackRequest } from './request.js'

/** Which connections, and where. */
export interface ListConntrackOptions extends ConntrackFilter, ReadOptions, CallOptions {
  /**
   * Set counters back to zero as they are read: with `family` and `mark` alone, as the kernel resets what is filtered here, too. What a long
   * list has counted is not exact: the kernel resets an entry before it sees that a datagram is full, and gives it with zeros in the next.
   * A list that is given up, or a stream that is left before its end, loses counters, too; getConntrack() does not.
   */
  reset?: boolean | undefined
}

/** Which connection, and where. */
export interface GetConntrackOptions extends ConntrackKey, ReadOptions, CallOptions {}

const READ_KEYS = ['bigint', 'reset'] as const

/**
 * The connections that the kernel tracks in a namespace, or those that the options let through. There are none unless something there
 * needs them: a rule that translates addresses or looks at `ct`. The kernel filters by family, zone, mark, status and protocol, by
 * whole IPv4 addresses, and by single ports of TCP and UDP where the protocol is given; the rest is filtered here.
 *
 * The kernel does not say that connections came and went meanwhile: one may be missing, or twice in the list.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example const web = await listConntrack({ protocol: 'tcp', original: { dst: '192.0.2.1', dport: 80 }, netns: 'router' })
 */
export function* listConntrack(options: ListConntrackOptions = {}): Operation<ConntrackEntry[]> {
  checkKeys('listConntrack', options, [...FILTER_KEYS, ...READ_KEYS, ...CALL_OPTIONS])
  const filter = checkFilter(options)
  const how = checkHow(options)
  if (how.reset && !queriesOf(filter).every(({ plain, complete }) => plain && complete))
    throw new TypeError(
      'reset: of all, or with family and mark alone: the kernel resets what is filtered here, too',
    )
  return yield* withNetfilter(options.netns, function* (channel) {
    const found: ConntrackEntry[] = []
    for (const query of yield* dumpsOf(channel, filter))
      for (const entry of yield* items(channel, dumpRequest(query, filter, how))) found.push(entry)
    return found
  })
}

function checkHow({ bigint = false, reset = false }: ReadOptions): ReadOptions {
  return { bigint: checkBoolean(bigint, 'bigint'), reset: checkBoolean(reset, 'reset') }
}

/**
 * One connection, by the tuple of either direction.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ENOENT where there is none
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example
 * const original = { protocol: 'tcp', src: '192.0.2.7', sport: 40000, dst: '192.0.2.1', dport: 80 } as const
 * const { state, timeout } = await getConntrack({ original })
 */
export function* getConntrack(connection: GetConntrackOptions): Operation<ConntrackEntry> {
  checkKeys('getConntrack', connection, [...ENTRY_KEYS, ...READ_KEYS, ...CALL_OPTIONS])
  const how = checkHow(connection)
  const key = checkKey('getConntrack', connection)
  return yield* withNetfilter(connection.netns, (channel) =>
    requestOne(channel, getConntrackRequest(key, how)),
  )
}
