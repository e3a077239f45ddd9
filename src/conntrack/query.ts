/** What of a filter the kernel does: the requests that a dump or a flush is made of. */

import { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_UNSPEC } from '../netlink/netfilter.js'
import { type Channel, dump, type Operation, requestOne } from '../netlink/operation.js'
import { ipProtocols } from '../netlink/protocols.js'
import type { Request } from '../netlink/request.js'
import * as c from './constants.js'
import { type ConntrackEntry, type ReadOptions, readEntry } from './entry.js'
import { type CheckedFilter, type CheckedTupleFilter, matches, type Network } from './filter.js'
import { globalRequest } from './stats.js'
import { type ConntrackAttributes, delConntrack, getConntrackMessage, getConntrackReset } from './table.js'
import { type ConntrackTuple, tupleBody } from './tuple.js'

/** The filter of one request: entries of one family, or of any, and of one protocol, or of any. */
export interface Query {
  readonly family: number
  readonly attributes: ConntrackAttributes
  /** The kernel compares all that the filter says. */
  readonly complete: boolean
  /** What it compares is so old that every supported kernel does: the family and the mark. */
  readonly plain: boolean
}

/** The part of a tuple that the kernel compares, and CTA_FILTER_F_* for it. */
interface Part {
  readonly tuple: Partial<ConntrackTuple>
  readonly flags: number
  readonly complete: boolean
}

const NO_PART: Part = { tuple: {}, flags: 0, complete: true }
/** Of these the kernel compares ports (ctnetlink_filter_match_tuple() of net/netfilter/nf_conntrack_netlink.c). */
const PORTS_COMPARED: readonly number[] = [ipProtocols.numbers.tcp, ipProtocols.numbers.udp]
const WHOLE_TUPLE =
  c.CTA_FILTER_F_CTA_IP_SRC |
  c.CTA_FILTER_F_CTA_IP_DST |
  c.CTA_FILTER_F_CTA_PROTO_NUM |
  c.CTA_FILTER_F_CTA_PROTO_SRC_PORT |
  c.CTA_FILTER_F_CTA_PROTO_DST_PORT

/** A filter as requests. One request compares one protocol, and what is inside a tuple in one family only. */
export function queriesOf(filter: CheckedFilter): readonly Query[] {
  const { family, protocols } = filter
  const families = family === NFPROTO_UNSPEC && protocols !== null ? [NFPROTO_IPV4, NFPROTO_IPV6] : [family]
  return families.flatMap((one) => (protocols ?? [null]).map((protocol) => query(filter, one, protocol)))
}

/**
 * To go through the kernel's table once takes as long as reading this many entries out of it (measured: 9 ms, 262,144 buckets); a flush
 * goes through it thirty times as fast.
 */
const WALK = 2000

/** The requests of a dump: several that compare more in the kernel, or in a small table one that compares less. */
export function* dumpsOf(channel: Channel, filter: CheckedFilter): Operation<readonly Query[]> {
  const queries = queriesOf(filter)
  if (queries.length === 1) return queries
  const { entries = 0 } = yield* requestOne(channel, globalRequest)
  return entries < WALK * (queries.length - 1) ? [query(filter, filter.family, null)] : queries
}

function query(filter: CheckedFilter, family: number, protocol: number | null): Query {
  const { zone, mark, status } = filter
  const original = part(filter.original, family, protocol)
  const reply = filter.reply === null ? NO_PART : part(filter.reply, family, protocol)
  const comparesTuples = original.flags !== 0 || reply.flags !== 0
  const attributes: Query['attributes'] = {}
  if (original.flags !== 0) attributes.tupleOrig = tupleBody(original.tuple, family)
  if (reply.flags !== 0) attributes.tupleReply = tupleBody(reply.tuple, family)
  if (status !== null) Object.assign(attributes, { status: [status.value], statusMask: [status.mask] })
  if (mark !== null) Object.assign(attributes, { mark: mark.value, markMask: mark.mask })
  // Of an entry that has a zone in one direction the kernel looks at that one alone (nf_ct_zone_equal_any()): it is in zone 0, too.
  if (zone !== null && zone !== 0) attributes.zone = zone
  if (comparesTuples) attributes.filter = { origFlags: original.flags, replyFlags: reply.flags }
  return {
    family,
    attributes,
    complete: original.complete && reply.complete && filter.labels === null && zone !== 0,
    plain: !comparesTuples && zone === null && status === null,
  }
}

function part(filter: CheckedTupleFilter | null, family: number, protocol: number | null): Part {
  const { src = null, dst = null, sport = null, dport = null } = filter ?? {}
  const tuple: { -readonly [K in keyof ConntrackTuple]?: ConntrackTuple[K] } = {}
  let flags = 0
  let complete = true
  const compare = (flag: number, is: boolean, put: () => void) => {
    if (is) {
      flags |= flag
      put()
    } else complete = false
  }
  if (protocol !== null)
    compare(c.CTA_FILTER_F_CTA_PROTO_NUM, true, () => {
      tuple.protocol = protocol
    })
  if (src !== null)
    compare(c.CTA_FILTER_F_CTA_IP_SRC, isComparedIn(src, family), () => {
      tuple.src = src.address
    })
  if (dst !== null)
    compare(c.CTA_FILTER_F_CTA_IP_DST, isComparedIn(dst, family), () => {
      tuple.dst = dst.address
    })
  const comparesPorts = protocol !== null && PORTS_COMPARED.includes(protocol)
  if (sport !== null)
    compare(c.CTA_FILTER_F_CTA_PROTO_SRC_PORT, comparesPorts && sport.start === sport.end, () => {
      tuple.sport = sport.start
    })
  if (dport !== null)
    compare(c.CTA_FILTER_F_CTA_PROTO_DST_PORT, comparesPorts && dport.start === dport.end, () => {
      tuple.dport = dport.start
    })
  return { tuple, flags, complete: complete && flags !== WHOLE_TUPLE }
}

/**
 * Whether the kernel can be asked for an address: for a whole one of IPv4. Of IPv6 it finds all connections but those with the address
 * (measured, Linux 6.18: the comparison is the wrong way round since 5.8).
 */
function isComparedIn({ length, bytes }: Network, family: number): boolean {
  return family === NFPROTO_IPV4 && length === bytes.length * 8
}

/** IPCTNL_MSG_CT_GET with NLM_F_DUMP: the entries of a query that are in the filter. */
export function dumpRequest(
  { family, attributes }: Query,
  filter: CheckedFilter,
  { bigint = false, reset = false }: ReadOptions = {},
): Request<ConntrackEntry> {
  return {
    message: reset ? getConntrackReset : getConntrackMessage,
    body: { header: { family }, attributes },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => {
      const entry = readEntry(bytes, start, end, bigint)
      return entry !== undefined && matches(filter, entry) ? entry : undefined
    },
  }
}

/** The entries that a filter lets through. */
export function* entriesIn(channel: Channel, filter: CheckedFilter): Operation<ConntrackEntry[]> {
  const found: ConntrackEntry[] = []
  for (const query of yield* dumpsOf(channel, filter))
    for (const entry of yield* dump(channel, dumpRequest(query, filter))) found.push(entry)
  return found
}

/** With version 0 the kernel ignores the family and flushes both, for the sake of old programs. */
const FAMILY_COUNTS = 1

/**
 * IPCTNL_MSG_CT_DELETE of all entries of a query. Kernels before 6.12 pass over what they cannot compare and would flush more than was
 * asked for; from an incomplete tuple, which only newer ones read as a filter, they turn away with an error.
 */
export function flushRequest({ family, attributes, plain }: Query): Request {
  return {
    message: delConntrack,
    body: {
      header: family === NFPROTO_UNSPEC ? {} : { family, version: FAMILY_COUNTS },
      attributes: plain ? attributes : { tupleOrig: {}, filter: {}, ...attributes },
    },
    flags: 0,
    answer: 'ack',
  }
}
