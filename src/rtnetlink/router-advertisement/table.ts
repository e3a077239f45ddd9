/** What the kernel tells of router advertisements: RTM_NEWPREFIX and RTM_NEWNDUSEROPT (linux/rtnetlink.h). */

import { attributes, ipv6, message, padding, s32, struct, u8, u16 } from '../../codec/index.js'
import { lifetime } from '../address/table.js'
import * as c from './constants.js'

export const prefixmsg = struct({
  family: u8,
  pad: padding(3),
  ifindex: s32,
  type: u8,
  len: u8,
  flags: u8,
  end: padding(1),
})

/** struct prefix_cacheinfo: seconds from now. */
const prefixCacheinfo = struct({ preferredTime: lifetime, validTime: lifetime })

export const prefixAttributes = attributes('PREFIX', {
  address: [c.PREFIX_ADDRESS, ipv6],
  cacheinfo: [c.PREFIX_CACHEINFO, prefixCacheinfo],
})

export const newPrefix = message('RTM_NEWPREFIX', c.RTM_NEWPREFIX, prefixmsg, prefixAttributes)

/** `optsLen` bytes of options follow, and only then the attributes. */
export const nduseroptmsg = struct({
  family: u8,
  pad: padding(1),
  optsLen: u16,
  ifindex: s32,
  icmpType: u8,
  icmpCode: u8,
  end: padding(6),
})

export const ndUserOptionAttributes = attributes('NDUSEROPT', { srcaddr: [c.NDUSEROPT_SRCADDR, ipv6] })

export const newNdUserOption = message(
  'RTM_NEWNDUSEROPT',
  c.RTM_NEWNDUSEROPT,
  nduseroptmsg,
  ndUserOptionAttributes,
)
