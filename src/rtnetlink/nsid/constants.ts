/** linux/rtnetlink.h, linux/net_namespace.h */

export const RTM_NEWNSID = 88
export const RTM_DELNSID = 89
export const RTM_GETNSID = 90

export const NETNSA_NSID = 1
export const NETNSA_PID = 2
export const NETNSA_FD = 3
export const NETNSA_TARGET_NSID = 4
export const NETNSA_CURRENT_NSID = 5

/** In a request: the kernel is to choose. In an answer: there is none. */
export const NETNSA_NSID_NOT_ASSIGNED = -1
