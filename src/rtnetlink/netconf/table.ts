/** RTM_NEWNETCONF, RTM_DELNETCONF and RTM_GETNETCONF: struct netconfmsg and enum NETCONFA_* (linux/netconf.h). */

import { attributes, enumeration, message, names, s32, struct, u8 } from '../../codec/index.js'
import * as c from './constants.js'

export const netconfmsg = struct({ family: u8 })

/** What `ip netconf` calls the values of rp_filter, the check of source addresses (RFC 3704). */
export const reversePathFilters = names({ off: 0, strict: 1, loose: 2 })

export const netconfAttributes = attributes('NETCONFA', {
  ifindex: [c.NETCONFA_IFINDEX, s32],
  forwarding: [c.NETCONFA_FORWARDING, s32],
  rpFilter: [c.NETCONFA_RP_FILTER, enumeration(s32, reversePathFilters)],
  mcForwarding: [c.NETCONFA_MC_FORWARDING, s32],
  proxyNeigh: [c.NETCONFA_PROXY_NEIGH, s32],
  ignoreRoutesWithLinkdown: [c.NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, s32],
  input: [c.NETCONFA_INPUT, s32],
  bcForwarding: [c.NETCONFA_BC_FORWARDING, s32],
  forceForwarding: [c.NETCONFA_FORCE_FORWARDING, s32],
})

export const newNetconf = message('RTM_NEWNETCONF', c.RTM_NEWNETCONF, netconfmsg, netconfAttributes)
export const delNetconf = message('RTM_DELNETCONF', c.RTM_DELNETCONF, netconfmsg, netconfAttributes)
export const getNetconfMessage = message('RTM_GETNETCONF', c.RTM_GETNETCONF, netconfmsg, netconfAttributes)
