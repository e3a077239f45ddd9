/** What the hardware of an interface counts, as callers see it. */

import { numbered } from '../counters.js'
import { type LinkStats, toStats } from './stats.js'
import type { StatsGroups } from './stats-table.js'

/** Packets and bytes that hardware forwarded. struct rtnl_hw_stats64 of linux/if_link.h. */
export interface HardwareStats {
  readonly rxPackets: number
  readonly txPackets: number
  readonly rxBytes: number
  readonly txBytes: number
  readonly rxErrors: number
  readonly txErrors: number
  readonly rxDropped: number
  readonly txDropped: number
  readonly multicast: number
}

/** Routed packets that hardware forwards by itself. */
export interface OffloadedL3Stats {
  /** They are to be counted: setLinkStats(). */
  readonly request: boolean
  /** A driver does. */
  readonly used: boolean
  /** Null where they are not to be counted. */
  readonly stats: HardwareStats | null
}

/** What hardware forwards, as `ip stats show group offload` has it. */
export interface OffloadLinkStats {
  /** Packets of an interface with such hardware that the processor forwarded nevertheless; null where it has none. */
  readonly cpuHit: LinkStats | null
  /** Null before Linux 5.18. */
  readonly l3: OffloadedL3Stats | null
}

/** What is counted in the hardware of an interface. */
export interface InterfaceOffload {
  readonly ifindex: number
  /** Null where the interface has gone meanwhile. */
  readonly dev: string | null
  readonly offload: OffloadLinkStats
}

/** Reads it out of groups of counters. */
export function readOffload({ linkOffloadXstats }: StatsGroups): OffloadLinkStats {
  const { cpuHit, hwSInfo, l3Stats } = linkOffloadXstats ?? {}
  const info = hwSInfo?.l3Stats
  return {
    cpuHit: cpuHit === undefined ? null : toStats(cpuHit),
    l3:
      info === undefined
        ? null
        : { request: info.request === 1, used: info.used === 1, stats: numbered(l3Stats) },
  }
}
