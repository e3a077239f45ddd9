/** What bridges, bonds and MPLS count besides, as callers see it. */

import type { Infer } from '../../codec/index.js'
import { type Numbered, numbered } from '../counters.js'
import type { StatsGroups } from './stats-table.js'
import type {
  bond3adStats,
  mcastStats,
  mplsLinkStats,
  stpStats,
  vlanXstats,
  xstatsAttributes,
} from './xstats-table.js'

/** Messages of IGMP and MLD, and multicast packets that went through. struct br_mcast_stats of linux/if_bridge.h. */
export type BridgeMcastStats = Numbered<Infer<typeof mcastStats>>
/** How often a port changed to blocking and to forwarding, and messages of the spanning tree. struct bridge_stp_xstats. */
export type BridgeStpStats = Numbered<Infer<typeof stpStats>>
/** Packets and bytes of a VLAN; `flags` are BRIDGE_VLAN_INFO_*. struct bridge_vlan_xstats. */
export type BridgeVlanXstats = Numbered<Infer<typeof vlanXstats>>
/** Frames of the Link Aggregation Control Protocol. BOND_3AD_STAT_* of linux/if_bonding.h. */
export type Bond3adStats = Numbered<Infer<typeof bond3adStats>>
/** Packets with labels. struct mpls_link_stats of linux/mpls.h. */
export type MplsLinkStats = Numbered<Infer<typeof mplsLinkStats>>

/** What a bridge counts, or counts of a port. */
export interface BridgeXstats {
  /** None where the bridge does not filter VLANs. */
  readonly vlans: readonly BridgeVlanXstats[]
  /** Null where the bridge was not told to count them (`mcastStats`). */
  readonly mcast: BridgeMcastStats | null
  /** Of a port. */
  readonly stp: BridgeStpStats | null
}

/** What is counted of an interface besides its packets; null is what it is not. */
export interface ExtendedLinkStats {
  readonly bridge: BridgeXstats | null
  readonly bridgePort: BridgeXstats | null
  /** Of a bond of mode 802.3ad. */
  readonly bond: Bond3adStats | null
  readonly bondPort: Bond3adStats | null
  /** Where the kernel has MPLS, and the interface takes labels. */
  readonly mpls: MplsLinkStats | null
}

/** Reads them out of groups of counters. */
export function readExtended({ linkXstats, linkXstatsSlave, afSpec }: StatsGroups): ExtendedLinkStats {
  return {
    bridge: bridgeOf(linkXstats?.bridge),
    bridgePort: bridgeOf(linkXstatsSlave?.bridge),
    bond: numbered(linkXstats?.bond?.['3ad']),
    bondPort: numbered(linkXstatsSlave?.bond?.['3ad']),
    mpls: numbered(afSpec?.mpls?.link),
  }
}

function bridgeOf(stats: Infer<typeof xstatsAttributes>['bridge']): BridgeXstats | null {
  if (stats === undefined) return null
  return {
    vlans: stats.vlan?.map((one) => numbered(one)) ?? [],
    mcast: numbered(stats.mcast),
    stp: numbered(stats.stp),
  }
}
