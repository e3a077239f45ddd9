/** linux/rtnetlink.h, linux/if_link.h */

export const RTM_NEWTUNNEL = 120
export const RTM_DELTUNNEL = 121
export const RTM_GETTUNNEL = 122

/** struct tunnel_msg: with counters. */
export const TUNNEL_MSG_FLAG_STATS = 0x01

export const VXLAN_VNIFILTER_ENTRY = 1

export const VXLAN_VNIFILTER_ENTRY_START = 1
export const VXLAN_VNIFILTER_ENTRY_END = 2
export const VXLAN_VNIFILTER_ENTRY_GROUP = 3
export const VXLAN_VNIFILTER_ENTRY_GROUP6 = 4
export const VXLAN_VNIFILTER_ENTRY_STATS = 5

export const VNIFILTER_ENTRY_STATS_RX_BYTES = 1
export const VNIFILTER_ENTRY_STATS_RX_PKTS = 2
export const VNIFILTER_ENTRY_STATS_RX_DROPS = 3
export const VNIFILTER_ENTRY_STATS_RX_ERRORS = 4
export const VNIFILTER_ENTRY_STATS_TX_BYTES = 5
export const VNIFILTER_ENTRY_STATS_TX_PKTS = 6
export const VNIFILTER_ENTRY_STATS_TX_DROPS = 7
export const VNIFILTER_ENTRY_STATS_TX_ERRORS = 8
export const VNIFILTER_ENTRY_STATS_PAD = 9
