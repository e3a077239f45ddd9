/** RTM_NEWSTATS, RTM_GETSTATS and RTM_SETSTATS: struct if_stats_msg and enum IFLA_STATS_* (linux/if_link.h). */

import { getU32 } from '../../codec/bytes.js'
import {
  alignedAttributes,
  attributes,
  bool8,
  bytes,
  decodeAttributes,
  type Infer,
  message,
  nested,
  padding,
  struct,
  u8,
  u32,
  u64,
} from '../../codec/index.js'
import { linkStats64 } from './stats.js'
import { afStatsAttributes, xstatsAttributes } from './xstats-table.js'

export const RTM_NEWSTATS = 92
export const RTM_GETSTATS = 94
export const RTM_SETSTATS = 95

export const IFLA_STATS_LINK_64 = 1
export const IFLA_STATS_LINK_XSTATS = 2
export const IFLA_STATS_LINK_XSTATS_SLAVE = 3
export const IFLA_STATS_LINK_OFFLOAD_XSTATS = 4
export const IFLA_STATS_AF_SPEC = 5

/** struct if_stats_msg */
export const ifStatsMsg = struct({ family: u8, pad: padding(3), ifindex: u32, filterMask: u32 })

/** Whether a device counts in hardware what was asked of it. */
export const offloadInfoAttributes = attributes('IFLA_OFFLOAD_XSTATS_HW_S_INFO', {
  request: [1, u8],
  used: [2, u8],
})

/** struct rtnl_hw_stats64 */
export const hwStats64 = struct({
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  multicast: u64,
})

/** What is told of each group of counters: the type is that of the group, IFLA_OFFLOAD_XSTATS_L3_STATS. */
export const hwSInfoAttributes = attributes('IFLA_OFFLOAD_XSTATS_HW_S_INFO', {
  l3Stats: [3, nested(offloadInfoAttributes)],
})

/** enum IFLA_OFFLOAD_XSTATS_* */
export const offloadStatsAttributes = alignedAttributes('IFLA_OFFLOAD_XSTATS', 0, {
  cpuHit: [1, linkStats64],
  hwSInfo: [2, nested(hwSInfoAttributes)],
  l3Stats: [3, hwStats64],
})

/** enum IFLA_STATS_* */
export const statsAttributes = alignedAttributes('IFLA_STATS', 0, {
  link64: [IFLA_STATS_LINK_64, linkStats64],
  linkXstats: [IFLA_STATS_LINK_XSTATS, nested(xstatsAttributes)],
  linkXstatsSlave: [IFLA_STATS_LINK_XSTATS_SLAVE, nested(xstatsAttributes)],
  linkOffloadXstats: [IFLA_STATS_LINK_OFFLOAD_XSTATS, nested(offloadStatsAttributes)],
  afSpec: [IFLA_STATS_AF_SPEC, nested(afStatsAttributes)],
})

export const newStats = message('RTM_NEWSTATS', RTM_NEWSTATS, ifStatsMsg, statsAttributes)
export const getStats = message('RTM_GETSTATS', RTM_GETSTATS, ifStatsMsg, statsAttributes)

/** Groups of counters, as they came. */
export type StatsGroups = Infer<typeof statsAttributes>

/** Whose counters an RTM_NEWSTATS tells, and the groups of them; `start` is its struct if_stats_msg. */
export function readStatsGroups(
  bytes: Uint8Array,
  start: number,
  end: number,
): { ifindex: number; groups: StatsGroups } {
  return {
    ifindex: getU32(bytes, start + ifStatsMsg.offsets.ifindex),
    groups: decodeAttributes(statsAttributes, bytes, start + ifStatsMsg.size, end),
  }
}

/** IFLA_STATS_GET_FILTERS and IFLA_STATS_SET_*: what is asked for of a group, and what a change is about. */
export const statsChangeAttributes = attributes('IFLA_STATS_GETSET', {
  getFilters: [1, bytes],
  l3Stats: [2, bool8],
})

export const setStats = message('RTM_SETSTATS', RTM_SETSTATS, ifStatsMsg, statsChangeAttributes)
