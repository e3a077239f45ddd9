/** RTM_NEWROUTE and RTM_GETROUTE of the families of multicast routing (net/ipv4/ipmr.c, net/ipv6/ip6mr.c). */

import { alignedAttributes, attributes, ip, message, u32 } from '../../codec/index.js'
import * as c from '../route/constants.js'
import { mfcStats, rtmsg } from '../route/table.js'
import { multipathOf } from '../route/types.js'
import { seconds64 } from '../time.js'

/** mr_fill_mroute() puts none behind struct rtnexthop. */
const hopAttributes = attributes('RTA', {})

/** As those of other routes, but for RTA_EXPIRES, which is the time since the last packet here. */
export const multicastRouteAttributes = alignedAttributes('RTA', c.RTA_PAD, {
  dst: [c.RTA_DST, ip],
  src: [c.RTA_SRC, ip],
  iif: [c.RTA_IIF, u32],
  oif: [c.RTA_OIF, u32],
  multipath: [c.RTA_MULTIPATH, multipathOf(hopAttributes)],
  table: [c.RTA_TABLE, u32],
  mfcStats: [c.RTA_MFC_STATS, mfcStats],
  expires: [c.RTA_EXPIRES, seconds64],
})

export const newMulticastRoute = message('RTM_NEWROUTE', c.RTM_NEWROUTE, rtmsg, multicastRouteAttributes)
export const delMulticastRoute = message('RTM_DELROUTE', c.RTM_DELROUTE, rtmsg, multicastRouteAttributes)
export const getMulticastRoute = message('RTM_GETROUTE', c.RTM_GETROUTE, rtmsg, multicastRouteAttributes)
