import { isRecord } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../netlink/check.js'
import { type Channel, dump, type Operation, requestOne, withChannel } from '../../netlink/operation.js'
import type { Answer, Request } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { checkDev } from '../input.js'
import { type OffloadLinkStats, readOffload } from './offload-stats.js'
import { adviseMissing, type Dev, describeDev, resolveDev } from './request.js'
import { type BigLinkStats, type LinkStats, toBigStats, toStats } from './stats.js'
import {
  getStats,
  IFLA_STATS_AF_SPEC,
  IFLA_STATS_LINK_64,
  IFLA_STATS_LINK_OFFLOAD_XSTATS,
  IFLA_STATS_LINK_XSTATS,
  IFLA_STATS_LINK_XSTATS_SLAVE,
  readStatsGroups,
  type StatsGroups,
} from './stats-table.js'
import { type ExtendedLinkStats, readExtended } from './xstats.js'

/** The counters of an interface. */
export interface InterfaceStats {
  readonly ifindex: number
  /** Null where the interface has gone meanwhile. */
  readonly dev: string | null
  readonly stats: LinkStats
  /** The same as bigint; null unless asked for with `bigint: true`. */
  readonly bigStats: BigLinkStats | null
  /** What bridges, bonds and MPLS count; null unless asked for with `extended: true`. */
  readonly extended: ExtendedLinkStats | null
  /** What hardware forwards; null unless asked for with `offload: true`. */
  readonly offload: OffloadLinkStats | null
}

/** Where, and how counters are read. */
export interface LinkStatsOptions extends CallOptions {
  /** `stats` as bigint besides, in `bigStats`: exact beyond 2^53. What `extended` and `offload` add are numbers alone. */
  bigint?: boolean | undefined
  /**
   * With what bridges count (multicast, spanning tree, VLANs), bonds (LACP) and MPLS, as `ip stats show group xstats`. The counters of all
   * interfaces are read for it, also where one is asked for.
   */
  extended?: boolean | undefined
  /** With what hardware forwards, as `ip stats show group offload`. */
  offload?: boolean | undefined
}

const KEYS = ['bigint', 'extended', 'offload', ...CALL_OPTIONS]

/**
 * The counters of one interface and nothing else of it.
 *
 * @throws RangeError or TypeError for what is no name and no ifindex; NetlinkError ENODEV where there is no such interface
 * @see rtnetlink(7), linux/if_link.h (struct rtnl_link_stats64)
 * @example const { stats } = await getLinkStats('eth0', { netns: red })
 */
export function* getLinkStats(dev: Dev, options: LinkStatsOptions = {}): Operation<InterfaceStats> {
  checkStatsOptions('getLinkStats', options)
  checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    // An answer of one message breaks off within the VLANs of a large bridge (64 KiB are the most that an attribute holds).
    const listed = options.extended ? (yield* dumpStats(channel, options)).get(ifindex) : undefined
    const groups = listed ?? (yield* requestOne(channel, oneRequest(channel, dev, options, ifindex))).groups
    return present(ifindex, channel.ifname(ifindex), groups, options)
  })
}

/**
 * The counters of all interfaces of a namespace, and nothing else of them.
 *
 * @throws RangeError or TypeError naming the option; DumpInterruptedError where interfaces came or went during each of several
 * attempts
 * @see rtnetlink(7), linux/if_link.h (struct rtnl_link_stats64)
 * @example for (const { dev, stats } of await listLinkStats()) console.log(dev, stats.rxBytes)
 */
export function* listLinkStats(options: LinkStatsOptions = {}): Operation<InterfaceStats[]> {
  checkStatsOptions('listLinkStats', options)
  return yield* withChannel(options.netns, function* (channel) {
    const all = yield* dumpStats(channel, options)
    const nameOf = devNames(channel)
    return [...all].map(([ifindex, groups]) => present(ifindex, nameOf(ifindex), groups, options))
  })
}

function checkStatsOptions(call: string, options: LinkStatsOptions): void {
  checkKeys(call, options, KEYS)
  if (options.bigint !== undefined) checkBoolean(options.bigint, 'bigint')
  if (options.extended !== undefined) checkBoolean(options.extended, 'extended')
  if (options.offload !== undefined) checkBoolean(options.offload, 'offload')
}

const maskOf = (...groups: number[]) => groups.reduce((mask, group) => mask | (1 << (group - 1)), 0)
const OWN = maskOf(IFLA_STATS_LINK_64)
const EXTENDED = maskOf(IFLA_STATS_LINK_XSTATS, IFLA_STATS_LINK_XSTATS_SLAVE, IFLA_STATS_AF_SPEC)
const OFFLOAD = maskOf(IFLA_STATS_LINK_OFFLOAD_XSTATS)

/** RTM_GETSTATS: of the groups of counters the interface's own, and those that are asked for. */
function statsRequest(
  answer: Answer,
  { extended = false, offload = false }: LinkStatsOptions,
  ifindex: number,
): Request<ReturnType<typeof readStatsGroups>> {
  return {
    message: getStats,
    body: {
      header: { ifindex, filterMask: OWN | (extended ? EXTENDED : 0) | (offload ? OFFLOAD : 0) },
      attributes: {},
    },
    flags: 0,
    answer,
    read: readStatsGroups,
  }
}

function oneRequest(channel: Channel, dev: Dev, options: LinkStatsOptions, ifindex: number) {
  const asked = statsRequest('reply', options, ifindex)
  return { ...asked, subject: describeDev(dev), advise: adviseMissing(channel) }
}

/** The groups of each interface, by ifindex. What had no room in a message goes on in the next one (rtnl_fill_statsinfo()). */
function* dumpStats(channel: Channel, options: LinkStatsOptions): Operation<Map<number, StatsGroups>> {
  const whole = new Map<number, StatsGroups>()
  for (const { ifindex, groups } of yield* dump(channel, statsRequest('dump', options, 0)))
    whole.set(ifindex, continued(whole.get(ifindex), groups) as StatsGroups)
  return whole
}

/** Two parts of a value: lists go on, and so does what an object holds. */
function continued(first: unknown, rest: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(rest)) return [...first, ...rest]
  if (!isRecord(first) || !isRecord(rest)) return rest
  const both = Object.keys(rest).map((key) => [key, continued(first[key], rest[key])])
  return { ...first, ...Object.fromEntries(both) }
}

function present(
  ifindex: number,
  dev: string | null,
  groups: StatsGroups,
  { bigint = false, extended = false, offload = false }: LinkStatsOptions,
): InterfaceStats {
  const { link64 = {} } = groups
  return {
    ifindex,
    dev,
    stats: toStats(link64),
    bigStats: bigint ? toBigStats(link64) : null,
    extended: extended ? readExtended(groups) : null,
    offload: offload ? readOffload(groups) : null,
  }
}
