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

export const RTM_NEWVLAN = 112
export const RTM_DELVLAN = 113
export const RTM_GETVLAN = 114

/** BRIDGE_VLANDB_DUMP_FLAGS: what a dump should bring besides, or instead. */
export const BRIDGE_VLANDB_DUMPF_STATS = 1 << 0
export const BRIDGE_VLANDB_DUMPF_GLOBAL = 1 << 1

/** MDB_RTR_TYPE_* */
export const MDB_RTR_TYPE_DISABLED = 0
export const MDB_RTR_TYPE_TEMP_QUERY = 1
export const MDB_RTR_TYPE_PERM = 2
export const MDB_RTR_TYPE_TEMP = 3

export const RTM_NEWMDB = 84
export const RTM_DELMDB = 85
export const RTM_GETMDB = 86

/** struct br_mdb_entry: state and flags */
export const MDB_TEMPORARY = 0
export const MDB_PERMANENT = 1
export const MDB_FLAGS_OFFLOAD = 1 << 0
export const MDB_FLAGS_FAST_LEAVE = 1 << 1
export const MDB_FLAGS_STAR_EXCL = 1 << 2
export const MDB_FLAGS_BLOCKED = 1 << 3
export const MDB_FLAGS_OFFLOAD_FAILED = 1 << 4

/** MCAST_EXCLUDE and MCAST_INCLUDE of linux/in.h */
export const MCAST_EXCLUDE = 0
export const MCAST_INCLUDE = 1

/** EtherTypes of a group's address; 0 where it is a link-layer one (linux/if_ether.h). */
export const ETH_P_IP = 0x0800
export const ETH_P_IPV6 = 0x86dd
