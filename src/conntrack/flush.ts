import { show } from '../codec/fault.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { deleteAll } from '../netlink/delete-all.js'
import { NetlinkError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, type Operation, request } from '../netlink/operation.js'
import { checkFamily, checkPort } from './check.js'
import type { ConntrackEntry } from './entry.js'
import {
  type CheckedFilter,
  type ConntrackFilter,
  checkFilter,
  checkNetwork,
  checkPorts,
  FILTER_KEYS,
  type PortFilter,
} from './filter.js'
import { checkKey } from './key.js'
import { entriesIn, flushRequest, type Query, queriesOf } from './query.js'
import { deleteConntrackRequest } from './request.js'
import type { ConntrackFamily } from './tuple.js'

/** Which connections, and where. */
export interface FlushConntrackOptions extends ConntrackFilter, CallOptions {}

/** Which port of this machine, and where. */
export interface FlushPortOptions extends CallOptions {
  /** What the packets were sent to: the port that was published, or all of a range. */
  port: PortFilter
  /** The address that they were sent to, or all of a network; without it every address. */
  address?: string | undefined
  family?: ConntrackFamily | undefined
  /** Without it TCP and UDP. */
  protocol?: 'tcp' | 'udp' | 'sctp' | undefined
  zone?: number | undefined
}

/**
 * Deletes the entries that the options let through; without any that is every entry of the namespace. What the kernel can compare (see
 * listConntrack) it deletes in one request, or in one for each protocol and family; otherwise the entries are listed and deleted one by
 * one, and counted. One that went away meanwhile is no error.
 *
 * @returns how many were deleted; null where the kernel did it by itself, which does not count
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example await flushConntrack({ family: 'ipv4', protocol: 'udp', original: { dst: '192.0.2.1', dport: 53 } })
 */
export function* flushConntrack(options: FlushConntrackOptions = {}): Operation<number | null> {
  checkKeys('flushConntrack', options, [...FILTER_KEYS, ...CALL_OPTIONS])
  const filter = checkFilter(options)
  return yield* withNetfilter(options.netns, (channel) => flush(channel, filter))
}

/**
 * Deletes what would keep the old way after a port was published, moved or withdrawn: the TCP and UDP connections that were begun to this
 * port, or those of SCTP, wherever they are translated to. A single port of an IPv4 address takes two requests, that of every address four;
 * of SCTP, whose ports the kernel does not compare, the connections are listed.
 *
 * @returns how many were deleted; null where the kernel did it by itself, which does not count
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example await flushConntrackPort({ port: 8080, address: '192.0.2.1' })
 */
export function* flushConntrackPort(options: FlushPortOptions): Operation<number | null> {
  checkKeys('flushConntrackPort', options, ['port', 'address', 'family', 'protocol', 'zone', ...CALL_OPTIONS])
  const { port, address, family, protocol, zone, netns } = options
  if (protocol !== undefined && !['tcp', 'udp', 'sctp'].includes(protocol))
    throw new RangeError(`protocol: ${show(protocol)} is not 'tcp', 'udp' or 'sctp'`)
  const { start } = checkPorts(port, 'port')
  checkPort(start, typeof port === 'number' ? 'port' : 'port.start', 0)
  if (address !== undefined) checkNetwork(address, 'address', checkFamily(family))
  const filter = checkFilter({
    family,
    zone,
    protocol: protocol ?? ['tcp', 'udp'],
    original: { dst: address, dport: port },
  })
  return yield* withNetfilter(netns, (channel) => flush(channel, filter))
}

function* flush(channel: Channel, filter: CheckedFilter): Operation<number | null> {
  const queries = queriesOf(filter)
  if (queries.every(({ complete }) => complete) && (yield* flushEach(channel, queries))) return null
  return yield* deleteEach('flushConntrack', channel, yield* entriesIn(channel, filter))
}

/**
 * Flushes by queries that the kernel compares completely. False for a kernel before 6.12, which does not flush by tuples, zone and status. One at a time: of messages that come together
 * nfnetlink_rcv() answers only the first where CAP_NET_ADMIN is missing.
 */
export function* flushEach(channel: Channel, queries: readonly Query[]): Operation<boolean> {
  try {
    for (const query of queries) yield* request(channel, flushRequest(query))
    return true
  } catch (error) {
    if (error instanceof NetlinkError && ['EINVAL', 'EOPNOTSUPP'].includes(error.code)) return false
    throw error
  }
}

/** Each by its id, so that one that has taken its place meanwhile stays; one that went away is no error. */
export function* deleteEach(
  call: string,
  channel: Channel,
  entries: readonly ConntrackEntry[],
): Operation<number> {
  const requests = entries.map((entry) => deleteConntrackRequest(checkKey(call, entry)))
  return yield* deleteAll(channel, requests, ['ENOENT'])
}
