/** linux/rtnetlink.h, linux/if_bridge.h, linux/if_ether.h */

export const RTM_SETLINK = 19

export const BRIDGE_FLAGS_MASTER = 1 << 0
export const BRIDGE_FLAGS_SELF = 1 << 1

export const BRIDGE_MODE_VEB = 0
export const BRIDGE_MODE_VEPA = 1

export const BRIDGE_VLAN_INFO_MASTER = 1 << 0
export const BRIDGE_VLAN_INFO_PVID = 1 << 1
export const BRIDGE_VLAN_INFO_UNTAGGED = 1 << 2
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 1 << 3
export const BRIDGE_VLAN_INFO_RANGE_END = 1 << 4
export const BRIDGE_VLAN_INFO_BRENTRY = 1 << 5
export const BRIDGE_VLAN_INFO_ONLY_OPTS = 1 << 6

/** linux/neighbour.h, FDB_NOTIFY_BIT and FDB_NOTIFY_INACTIVE_BIT */
export const FDB_NOTIFY_BIT = 1 << 0
export const FDB_NOTIFY_INACTIVE_BIT = 1 << 1

/** linux/netlink.h: deletes all that the request describes. */
export const NLM_F_BULK = 0x200
