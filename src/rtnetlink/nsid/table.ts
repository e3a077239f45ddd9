/** RTM_NEWNSID, RTM_DELNSID and RTM_GETNSID: struct rtgenmsg (linux/rtnetlink.h) and NETNSA_* (linux/net_namespace.h). */

import { attributes, message, s32, struct, u8, u32 } from '../../codec/index.js'
import * as c from './constants.js'

export const rtgenmsg = struct({ family: u8 })

export const nsidAttributes = attributes('NETNSA', {
  nsid: [c.NETNSA_NSID, s32],
  pid: [c.NETNSA_PID, u32],
  fd: [c.NETNSA_FD, u32],
  targetNsid: [c.NETNSA_TARGET_NSID, s32],
  currentNsid: [c.NETNSA_CURRENT_NSID, s32],
})

export const newNsid = message('RTM_NEWNSID', c.RTM_NEWNSID, rtgenmsg, nsidAttributes)
export const delNsid = message('RTM_DELNSID', c.RTM_DELNSID, rtgenmsg, nsidAttributes)
export const getNsidMessage = message('RTM_GETNSID', c.RTM_GETNSID, rtgenmsg, nsidAttributes)
