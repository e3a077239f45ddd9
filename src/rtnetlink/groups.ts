/** Multicast groups of NETLINK_ROUTE: enum rtnetlink_groups (linux/rtnetlink.h). */

export const RTNLGRP_LINK = 1
export const RTNLGRP_NEIGH = 3
export const RTNLGRP_IPV4_IFADDR = 5
export const RTNLGRP_IPV4_MROUTE = 6
export const RTNLGRP_IPV4_ROUTE = 7
export const RTNLGRP_IPV4_RULE = 8
export const RTNLGRP_IPV6_IFADDR = 9
export const RTNLGRP_IPV6_MROUTE = 10
export const RTNLGRP_IPV6_ROUTE = 11
export const RTNLGRP_IPV6_IFINFO = 12
export const RTNLGRP_IPV6_PREFIX = 18
export const RTNLGRP_IPV6_RULE = 19
export const RTNLGRP_ND_USEROPT = 20
export const RTNLGRP_IPV4_NETCONF = 24
export const RTNLGRP_IPV6_NETCONF = 25
export const RTNLGRP_MDB = 26
export const RTNLGRP_MPLS_ROUTE = 27
export const RTNLGRP_NSID = 28
export const RTNLGRP_MPLS_NETCONF = 29
export const RTNLGRP_NEXTHOP = 32
export const RTNLGRP_BRVLAN = 33
export const RTNLGRP_TUNNEL = 35
export const RTNLGRP_STATS = 36
export const RTNLGRP_IPV4_MCADDR = 37
export const RTNLGRP_IPV6_MCADDR = 38
export const RTNLGRP_IPV6_ACADDR = 39
