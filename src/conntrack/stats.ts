/** How many connections there are, and what conntrack has counted. */

import { getBe16 } from '../codec/bytes.js'
import { decodeAttributes, type Infer } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { nfgenmsg, withNetfilter } from '../netlink/netfilter.js'
import { dump, type Operation, requestOne } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import {
  expectStatsAttributes,
  getExpectStatsCpu,
  getStats,
  getStatsCpu,
  globalStatsAttributes,
  statsAttributes,
} from './stats-table.js'

/** Where to count. */
export interface ConntrackStatsOptions extends CallOptions {}

/** What conntrack has counted in a namespace since that was made. */
export interface ConntrackStats {
  /** Connections now. */
  readonly entries: number
  /** The most that there can be, in all namespaces together. */
  readonly maxEntries: number
  readonly cpus: readonly ConntrackCpuStats[]
}

/** What one CPU has counted; the numbers wrap around at 2^32. */
export interface ConntrackCpuStats {
  readonly cpu: number
  /** Lookups that found an entry. */
  readonly found: number
  /** Packets that could not be tracked. */
  readonly invalid: number
  readonly insert: number
  readonly insertFailed: number
  /** Packets dropped because there was no room for another entry. */
  readonly drop: number
  /** Entries that had to make room for others. */
  readonly earlyDrop: number
  readonly error: number
  readonly searchRestart: number
  readonly clashResolve: number
  /** Null before Linux 5.15. */
  readonly chainToolong: number | null
  readonly expectNew: number
  readonly expectCreate: number
  readonly expectDelete: number
}

/**
 * How many connections the kernel tracks in a namespace: one request, no dump.
 *
 * @throws TypeError for options that do not exist
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example const connections = await countConntrack({ netns: 'router' })
 */
export function* countConntrack(options: ConntrackStatsOptions = {}): Operation<number> {
  checkKeys('countConntrack', options, CALL_OPTIONS)
  const { entries = 0 } = yield* withNetfilter(options.netns, (channel) => requestOne(channel, globalRequest))
  return entries
}

/**
 * What conntrack has counted, for each CPU, as `conntrack -S` prints it.
 *
 * @throws TypeError for options that do not exist
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example
 * const { entries, cpus } = await conntrackStats()
 * const dropped = cpus.reduce((sum, { drop, earlyDrop }) => sum + drop + earlyDrop, 0)
 */
export function* conntrackStats(options: ConntrackStatsOptions = {}): Operation<ConntrackStats> {
  checkKeys('conntrackStats', options, CALL_OPTIONS)
  return yield* withNetfilter(options.netns, function* (channel): Operation<ConntrackStats> {
    const { entries = 0, maxEntries = 0 } = yield* requestOne(channel, globalRequest)
    const cpus = yield* dump(channel, cpuRequest)
    const expected = new Map((yield* dump(channel, expectRequest)).map((one) => [one.cpu, one.counted]))
    return {
      entries,
      maxEntries,
      cpus: cpus.map(({ cpu, counted }) => cpuStats(cpu, counted, expected.get(cpu) ?? {})),
    }
  })
}

type Counted = Infer<typeof statsAttributes>
type Expected = Infer<typeof expectStatsAttributes>

function cpuStats(cpu: number, counted: Counted, expected: Expected): ConntrackCpuStats {
  return {
    cpu,
    found: counted.found ?? 0,
    invalid: counted.invalid ?? 0,
    insert: counted.insert ?? 0,
    insertFailed: counted.insertFailed ?? 0,
    drop: counted.drop ?? 0,
    earlyDrop: counted.earlyDrop ?? 0,
    error: counted.error ?? 0,
    searchRestart: counted.searchRestart ?? 0,
    clashResolve: counted.clashResolve ?? 0,
    chainToolong: counted.chainToolong ?? null,
    expectNew: expected.new ?? 0,
    expectCreate: expected.create ?? 0,
    expectDelete: expected.delete ?? 0,
  }
}

const NOTHING = { header: {}, attributes: {} }

/** IPCTNL_MSG_CT_GET_STATS */
export const globalRequest: Request<Infer<typeof globalStatsAttributes>> = {
  message: getStats,
  body: NOTHING,
  flags: 0,
  answer: 'reply',
  read: (bytes, start, end) => decodeAttributes(globalStatsAttributes, bytes, start + nfgenmsg.size, end),
}

/** res_id is the number of the CPU. */
const cpuRequest: Request<{ cpu: number; counted: Counted }> = {
  message: getStatsCpu,
  body: NOTHING,
  flags: 0,
  answer: 'dump',
  read: (bytes, start, end) => ({
    cpu: getBe16(bytes, start + nfgenmsg.offsets.resId),
    counted: decodeAttributes(statsAttributes, bytes, start + nfgenmsg.size, end),
  }),
}

const expectRequest: Request<{ cpu: number; counted: Expected }> = {
  message: getExpectStatsCpu,
  body: NOTHING,
  flags: 0,
  answer: 'dump',
  read: (bytes, start, end) => ({
    cpu: getBe16(bytes, start + nfgenmsg.offsets.resId),
    counted: decodeAttributes(expectStatsAttributes, bytes, start + nfgenmsg.size, end),
  }),
}
