/** linux/rtnetlink.h, linux/icmpv6.h */

export const RTM_NEWROUTE = 24
export const RTM_DELROUTE = 25
export const RTM_GETROUTE = 26

export const RTN_UNSPEC = 0
export const RTN_UNICAST = 1
export const RTN_LOCAL = 2
export const RTN_BROADCAST = 3
export const RTN_ANYCAST = 4
export const RTN_MULTICAST = 5
export const RTN_BLACKHOLE = 6
export const RTN_UNREACHABLE = 7
export const RTN_PROHIBIT = 8
export const RTN_THROW = 9
export const RTN_NAT = 10
export const RTN_XRESOLVE = 11

export const RTPROT_UNSPEC = 0
export const RTPROT_REDIRECT = 1
export const RTPROT_KERNEL = 2
export const RTPROT_BOOT = 3
export const RTPROT_STATIC = 4
export const RTPROT_GATED = 8
export const RTPROT_RA = 9
export const RTPROT_MRT = 10
export const RTPROT_ZEBRA = 11
export const RTPROT_BIRD = 12
export const RTPROT_DNROUTED = 13
export const RTPROT_XORP = 14
export const RTPROT_NTK = 15
export const RTPROT_DHCP = 16
export const RTPROT_MROUTED = 17
export const RTPROT_KEEPALIVED = 18
export const RTPROT_BABEL = 42
export const RTPROT_OVN = 84
export const RTPROT_OPENR = 99
export const RTPROT_BGP = 186
export const RTPROT_ISIS = 187
export const RTPROT_OSPF = 188
export const RTPROT_RIP = 189
export const RTPROT_EIGRP = 192

export const RT_SCOPE_UNIVERSE = 0
export const RT_SCOPE_SITE = 200
export const RT_SCOPE_LINK = 253
export const RT_SCOPE_HOST = 254
export const RT_SCOPE_NOWHERE = 255

export const RT_TABLE_UNSPEC = 0
export const RT_TABLE_MAIN = 254
export const RT_TABLE_LOCAL = 255

/** rtm_flags holds these and, in its low byte, the RTNH_F_ flags of a route's only nexthop. */
export const RTM_F_NOTIFY = 0x100
export const RTM_F_CLONED = 0x200
export const RTM_F_EQUALIZE = 0x400
export const RTM_F_PREFIX = 0x800
export const RTM_F_LOOKUP_TABLE = 0x1000
export const RTM_F_FIB_MATCH = 0x2000
export const RTM_F_OFFLOAD = 0x4000
export const RTM_F_TRAP = 0x8000
export const RTM_F_OFFLOAD_FAILED = 0x20000000

/** linux/in_route.h: what IPv4 says of a route made for one lookup (RTM_F_CLONED), in the same rtm_flags. */
export const RTCF_NOTIFY = 0x00010000
export const RTCF_DIRECTDST = 0x00020000
export const RTCF_REDIRECTED = 0x00040000
export const RTCF_TPROXY = 0x00080000
export const RTCF_BROADCAST = 0x10000000
export const RTCF_MULTICAST = 0x20000000
export const RTCF_REJECT = 0x40000000
export const RTCF_LOCAL = 0x80000000

export const RTNH_F_DEAD = 1
export const RTNH_F_PERVASIVE = 2
export const RTNH_F_ONLINK = 4
export const RTNH_F_OFFLOAD = 8
export const RTNH_F_LINKDOWN = 16
export const RTNH_F_UNRESOLVED = 32
export const RTNH_F_TRAP = 64

export const RTA_DST = 1
export const RTA_SRC = 2
export const RTA_IIF = 3
export const RTA_OIF = 4
export const RTA_GATEWAY = 5
export const RTA_PRIORITY = 6
export const RTA_PREFSRC = 7
export const RTA_METRICS = 8
export const RTA_MULTIPATH = 9
export const RTA_PROTOINFO = 10
export const RTA_FLOW = 11
export const RTA_CACHEINFO = 12
export const RTA_SESSION = 13
export const RTA_MP_ALGO = 14
export const RTA_TABLE = 15
export const RTA_MARK = 16
export const RTA_MFC_STATS = 17
export const RTA_VIA = 18
export const RTA_NEWDST = 19
export const RTA_PREF = 20
export const RTA_ENCAP_TYPE = 21
export const RTA_ENCAP = 22
export const RTA_EXPIRES = 23
export const RTA_PAD = 24
export const RTA_UID = 25
export const RTA_TTL_PROPAGATE = 26
export const RTA_IP_PROTO = 27
export const RTA_SPORT = 28
export const RTA_DPORT = 29
export const RTA_NH_ID = 30
export const RTA_FLOWLABEL = 31
export const RTA_DEL_REASON = 32

export const RT_DEL_REASON_UNSPEC = 0
export const RT_DEL_REASON_EXPIRED = 1
export const RT_DEL_REASON_RA_WITHDRAWN = 2

export const RTAX_LOCK = 1
export const RTAX_MTU = 2
export const RTAX_WINDOW = 3
export const RTAX_RTT = 4
export const RTAX_RTTVAR = 5
export const RTAX_SSTHRESH = 6
export const RTAX_CWND = 7
export const RTAX_ADVMSS = 8
export const RTAX_REORDERING = 9
export const RTAX_HOPLIMIT = 10
export const RTAX_INITCWND = 11
export const RTAX_FEATURES = 12
export const RTAX_RTO_MIN = 13
export const RTAX_INITRWND = 14
export const RTAX_QUICKACK = 15
export const RTAX_CC_ALGO = 16
export const RTAX_FASTOPEN_NO_COOKIE = 17

export const RTAX_FEATURE_ECN = 1
export const RTAX_FEATURE_SACK = 2
export const RTAX_FEATURE_TIMESTAMP = 4
export const RTAX_FEATURE_ALLFRAG = 8
export const RTAX_FEATURE_TCP_USEC_TS = 16

export const ICMPV6_ROUTER_PREF_LOW = 3
export const ICMPV6_ROUTER_PREF_MEDIUM = 0
export const ICMPV6_ROUTER_PREF_HIGH = 1
export const ICMPV6_ROUTER_PREF_INVALID = 2
