/** linux/rtnetlink.h, IF_PREFIX_* of net/if_inet6.h, RFC 4861, RFC 8106 */

export const RTM_NEWPREFIX = 52
export const RTM_NEWNDUSEROPT = 68

export const PREFIX_ADDRESS = 1
export const PREFIX_CACHEINFO = 2

/** Up to Linux 6.7; since then prefix_flags is the byte of the advertisement as it came. */
export const IF_PREFIX_ONLINK = 0x01
export const IF_PREFIX_AUTOCONF = 0x02

/** RFC 4861, section 4.6.2 */
export const ND_OPT_PI_FLAG_ONLINK = 0x80
export const ND_OPT_PI_FLAG_AUTO = 0x40

export const NDUSEROPT_SRCADDR = 1

export const ND_OPT_RDNSS = 25
export const ND_OPT_DNSSL = 31
