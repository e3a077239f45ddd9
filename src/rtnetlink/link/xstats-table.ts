/**
 * What RTM_GETSTATS tells besides an interface's own counters: of bridges and bonds (linux/if_bridge.h, BRIDGE_XSTATS_*; linux/if_bonding.h,
 * BOND_XSTATS_*) and of MPLS (linux/mpls.h, MPLS_STATS_*).
 */

import {
  alignedAttributes,
  attributes,
  nested,
  padding,
  repeated,
  struct,
  u16,
  u64,
} from '../../codec/index.js'

const both = struct({ rx: u64, tx: u64 })

/** struct br_mcast_stats */
export const mcastStats = struct({
  igmpV1Queries: both,
  igmpV2Queries: both,
  igmpV3Queries: both,
  igmpLeaves: both,
  igmpV1Reports: both,
  igmpV2Reports: both,
  igmpV3Reports: both,
  igmpParseErrors: u64,
  mldV1Queries: both,
  mldV2Queries: both,
  mldLeaves: both,
  mldV1Reports: both,
  mldV2Reports: both,
  mldParseErrors: u64,
  mcastBytes: both,
  mcastPackets: both,
})

/** struct bridge_stp_xstats: changes of the port's state, and messages of the spanning tree. */
export const stpStats = struct({
  transitionBlk: u64,
  transitionFwd: u64,
  rxBpdu: u64,
  txBpdu: u64,
  rxTcn: u64,
  txTcn: u64,
})

/** struct bridge_vlan_xstats */
export const vlanXstats = struct({
  rxBytes: u64,
  rxPackets: u64,
  txBytes: u64,
  txPackets: u64,
  vid: u16,
  flags: u16,
  pad: padding(4),
})

export const bridgeXstats = alignedAttributes('BRIDGE_XSTATS', 3, {
  vlan: [1, repeated(vlanXstats)],
  mcast: [2, mcastStats],
  stp: [4, stpStats],
})

/** Frames of the Link Aggregation Control Protocol (IEEE 802.1AX). */
export const bond3adStats = alignedAttributes('BOND_3AD_STAT', 9, {
  lacpduRx: [0, u64],
  lacpduTx: [1, u64],
  lacpduUnknownRx: [2, u64],
  lacpduIllegalRx: [3, u64],
  markerRx: [4, u64],
  markerTx: [5, u64],
  markerRespRx: [6, u64],
  markerRespTx: [7, u64],
  markerUnknownRx: [8, u64],
})

export const bondXstats = attributes('BOND_XSTATS', { '3ad': [1, nested(bond3adStats)] })

/** By the kind of the interface, or of its master. */
export const xstatsAttributes = attributes('LINK_XSTATS_TYPE', {
  bridge: [1, nested(bridgeXstats)],
  bond: [2, nested(bondXstats)],
})

/** struct mpls_link_stats */
export const mplsLinkStats = struct({
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  rxNoroute: u64,
})

export const mplsStatsAttributes = alignedAttributes('MPLS_STATS', 0, { link: [1, mplsLinkStats] })

/** Numbered by address family. */
export const afStatsAttributes = attributes('AF', { mpls: [28, nested(mplsStatsAttributes)] })
