/** linux/rtnetlink.h, linux/if_addr.h. Scopes are those of routes. */

export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_GETADDR = 22
export const RTM_NEWMULTICAST = 56
export const RTM_DELMULTICAST = 57
export const RTM_GETMULTICAST = 58
export const RTM_NEWANYCAST = 60
export const RTM_DELANYCAST = 61
export const RTM_GETANYCAST = 62

export const IFA_ADDRESS = 1
export const IFA_LOCAL = 2
export const IFA_LABEL = 3
export const IFA_BROADCAST = 4
export const IFA_ANYCAST = 5
export const IFA_CACHEINFO = 6
export const IFA_MULTICAST = 7
export const IFA_FLAGS = 8
export const IFA_RT_PRIORITY = 9
export const IFA_TARGET_NETNSID = 10
export const IFA_PROTO = 11
export const IFA_MC_USERS = 12

/** IFA_F_TEMPORARY, where the address is an IPv6 one. */
export const IFA_F_SECONDARY = 0x01
export const IFA_F_NODAD = 0x02
export const IFA_F_OPTIMISTIC = 0x04
export const IFA_F_DADFAILED = 0x08
export const IFA_F_HOMEADDRESS = 0x10
export const IFA_F_DEPRECATED = 0x20
export const IFA_F_TENTATIVE = 0x40
export const IFA_F_PERMANENT = 0x80
export const IFA_F_MANAGETEMPADDR = 0x100
export const IFA_F_NOPREFIXROUTE = 0x200
export const IFA_F_MCAUTOJOIN = 0x400
export const IFA_F_STABLE_PRIVACY = 0x800

export const IFAPROT_KERNEL_LO = 1
export const IFAPROT_KERNEL_RA = 2
export const IFAPROT_KERNEL_LL = 3

/** INFINITY_LIFE_TIME of net/addrconf.h */
export const INFINITY_LIFE_TIME = 0xffffffff
