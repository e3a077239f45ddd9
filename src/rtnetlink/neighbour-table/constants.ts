/** linux/rtnetlink.h, linux/neighbour.h */

export const RTM_NEWNEIGHTBL = 64
export const RTM_GETNEIGHTBL = 66
export const RTM_SETNEIGHTBL = 67

export const NDTA_NAME = 1
export const NDTA_THRESH1 = 2
export const NDTA_THRESH2 = 3
export const NDTA_THRESH3 = 4
export const NDTA_CONFIG = 5
export const NDTA_PARMS = 6
export const NDTA_STATS = 7
export const NDTA_GC_INTERVAL = 8
export const NDTA_PAD = 9

export const NDTPA_IFINDEX = 1
export const NDTPA_REFCNT = 2
export const NDTPA_REACHABLE_TIME = 3
export const NDTPA_BASE_REACHABLE_TIME = 4
export const NDTPA_RETRANS_TIME = 5
export const NDTPA_GC_STALETIME = 6
export const NDTPA_DELAY_PROBE_TIME = 7
export const NDTPA_QUEUE_LEN = 8
export const NDTPA_APP_PROBES = 9
export const NDTPA_UCAST_PROBES = 10
export const NDTPA_MCAST_PROBES = 11
export const NDTPA_ANYCAST_DELAY = 12
export const NDTPA_PROXY_DELAY = 13
export const NDTPA_PROXY_QLEN = 14
export const NDTPA_LOCKTIME = 15
export const NDTPA_QUEUE_LENBYTES = 16
export const NDTPA_MCAST_REPROBES = 17
export const NDTPA_PAD = 18
export const NDTPA_INTERVAL_PROBE_TIME_MS = 19
