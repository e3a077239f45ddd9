/** RTM_NEWROUTE, RTM_DELROUTE and RTM_GETROUTE of AF_MPLS: what is done with labelled packets (net/mpls/af_mpls.c). */

import { attributes, message, u8, u32 } from '../../codec/index.js'
import * as c from '../route/constants.js'
import { labels } from '../route/encap/labels.js'
import { rtmsg } from '../route/table.js'
import { multipathOf, via } from '../route/types.js'

export const mplsHopAttributes = attributes('RTA', {
  via: [c.RTA_VIA, via],
  newdst: [c.RTA_NEWDST, labels],
})

/** As those of other routes, but for RTA_DST and RTA_NEWDST, which are labels. */
export const mplsRouteAttributes = attributes('RTA', {
  dst: [c.RTA_DST, labels],
  oif: [c.RTA_OIF, u32],
  multipath: [c.RTA_MULTIPATH, multipathOf(mplsHopAttributes)],
  table: [c.RTA_TABLE, u32],
  via: [c.RTA_VIA, via],
  newdst: [c.RTA_NEWDST, labels],
  ttlPropagate: [c.RTA_TTL_PROPAGATE, u8],
})

export const newMplsRoute = message('RTM_NEWROUTE', c.RTM_NEWROUTE, rtmsg, mplsRouteAttributes)
export const delMplsRoute = message('RTM_DELROUTE', c.RTM_DELROUTE, rtmsg, mplsRouteAttributes)
export const getMplsRoute = message('RTM_GETROUTE', c.RTM_GETROUTE, rtmsg, mplsRouteAttributes)
