/** RTM_NEWTUNNEL, RTM_DELTUNNEL and RTM_GETTUNNEL: struct tunnel_msg and enum VXLAN_VNIFILTER_* (linux/if_link.h). */

import {
  alignedAttributes,
  attributes,
  flagged,
  flags,
  ipv4,
  ipv6,
  message,
  names,
  nested,
  padding,
  repeated,
  struct,
  u8,
  u32,
  u64,
} from '../../codec/index.js'
import * as c from './constants.js'

/** struct tunnel_msg; of the vxlan device. */
export const tunnelMessage = struct({
  family: u8,
  flags: flags(u8, names({ stats: c.TUNNEL_MSG_FLAG_STATS })),
  pad: padding(2),
  ifindex: u32,
})

export const vniStatsAttributes = alignedAttributes('VNIFILTER_ENTRY_STATS', c.VNIFILTER_ENTRY_STATS_PAD, {
  rxBytes: [c.VNIFILTER_ENTRY_STATS_RX_BYTES, u64],
  rxPackets: [c.VNIFILTER_ENTRY_STATS_RX_PKTS, u64],
  rxDropped: [c.VNIFILTER_ENTRY_STATS_RX_DROPS, u64],
  rxErrors: [c.VNIFILTER_ENTRY_STATS_RX_ERRORS, u64],
  txBytes: [c.VNIFILTER_ENTRY_STATS_TX_BYTES, u64],
  txPackets: [c.VNIFILTER_ENTRY_STATS_TX_PKTS, u64],
  txDropped: [c.VNIFILTER_ENTRY_STATS_TX_DROPS, u64],
  txErrors: [c.VNIFILTER_ENTRY_STATS_TX_ERRORS, u64],
})

export const vniEntryAttributes = attributes('VXLAN_VNIFILTER_ENTRY', {
  start: [c.VXLAN_VNIFILTER_ENTRY_START, u32],
  end: [c.VXLAN_VNIFILTER_ENTRY_END, u32],
  group: [c.VXLAN_VNIFILTER_ENTRY_GROUP, ipv4],
  group6: [c.VXLAN_VNIFILTER_ENTRY_GROUP6, ipv6],
  stats: [c.VXLAN_VNIFILTER_ENTRY_STATS, nested(vniStatsAttributes)],
})

export const vniAttributes = attributes('VXLAN_VNIFILTER', {
  entry: [c.VXLAN_VNIFILTER_ENTRY, repeated(flagged(nested(vniEntryAttributes)))],
})

export const newTunnel = message('RTM_NEWTUNNEL', c.RTM_NEWTUNNEL, tunnelMessage, vniAttributes)
export const delTunnel = message('RTM_DELTUNNEL', c.RTM_DELTUNNEL, tunnelMessage, vniAttributes)
export const getTunnel = message('RTM_GETTUNNEL', c.RTM_GETTUNNEL, tunnelMessage, vniAttributes)
