/** linux/rtnetlink.h, linux/nexthop.h */

export const RTM_NEWNEXTHOP = 104
export const RTM_DELNEXTHOP = 105
export const RTM_GETNEXTHOP = 106
export const RTM_NEWNEXTHOPBUCKET = 116
export const RTM_DELNEXTHOPBUCKET = 117
export const RTM_GETNEXTHOPBUCKET = 118

export const NHA_ID = 1
export const NHA_GROUP = 2
export const NHA_GROUP_TYPE = 3
export const NHA_BLACKHOLE = 4
export const NHA_OIF = 5
export const NHA_GATEWAY = 6
export const NHA_ENCAP_TYPE = 7
export const NHA_ENCAP = 8
export const NHA_GROUPS = 9
export const NHA_MASTER = 10
export const NHA_FDB = 11
export const NHA_RES_GROUP = 12
export const NHA_RES_BUCKET = 13
export const NHA_OP_FLAGS = 14
export const NHA_GROUP_STATS = 15
export const NHA_HW_STATS_ENABLE = 16
export const NHA_HW_STATS_USED = 17
export const NHA_DST_PORT = 18

/** NHA_OP_FLAGS: what an answer should bring besides. */
export const NHA_OP_FLAG_DUMP_STATS = 1 << 0
export const NHA_OP_FLAG_DUMP_HW_STATS = 1 << 1

export const NHA_RES_GROUP_BUCKETS = 1
export const NHA_RES_GROUP_IDLE_TIMER = 2
export const NHA_RES_GROUP_UNBALANCED_TIMER = 3
export const NHA_RES_GROUP_UNBALANCED_TIME = 4

export const NHA_RES_BUCKET_INDEX = 1
export const NHA_RES_BUCKET_IDLE_TIME = 2
export const NHA_RES_BUCKET_NH_ID = 3

export const NHA_GROUP_STATS_ENTRY = 1
export const NHA_GROUP_STATS_ENTRY_ID = 1
export const NHA_GROUP_STATS_ENTRY_PACKETS = 2
export const NHA_GROUP_STATS_ENTRY_PACKETS_HW = 3

export const NEXTHOP_GRP_TYPE_MPATH = 0
export const NEXTHOP_GRP_TYPE_RES = 1
