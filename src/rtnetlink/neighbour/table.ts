/** RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH: struct ndmsg and enum NDA_* (linux/neighbour.h). */

import {
  attributes,
  be16,
  enumeration,
  flag,
  flagged,
  flags,
  ip,
  mac,
  message,
  names,
  nested,
  padding,
  s32,
  struct,
  u8,
  u16,
  u32,
} from '../../codec/index.js'
import { routeProtocols, routeTypes } from '../route/table.js'
import { seconds32 } from '../time.js'
import * as c from './constants.js'

/** NUD_*: each a bit; a neighbour has one of them, an entry of a bridge's forwarding table may have two. */
export const neighbourStates = names({
  none: c.NUD_NONE,
  incomplete: c.NUD_INCOMPLETE,
  reachable: c.NUD_REACHABLE,
  stale: c.NUD_STALE,
  delay: c.NUD_DELAY,
  probe: c.NUD_PROBE,
  failed: c.NUD_FAILED,
  noarp: c.NUD_NOARP,
  permanent: c.NUD_PERMANENT,
})

/** NTF_*, as `ip neighbour` and `bridge fdb` call them. */
const headerFlags = names({
  use: c.NTF_USE,
  self: c.NTF_SELF,
  master: c.NTF_MASTER,
  proxy: c.NTF_PROXY,
  extern_learn: c.NTF_EXT_LEARNED,
  offload: c.NTF_OFFLOADED,
  sticky: c.NTF_STICKY,
  router: c.NTF_ROUTER,
})

/** NTF_EXT_* */
export const extendedFlags = names({
  managed: c.NTF_EXT_MANAGED,
  locked: c.NTF_EXT_LOCKED,
  extern_valid: c.NTF_EXT_EXT_VALIDATED,
})

/** Both sets of flags in one number, as the kernel holds them: NTF_EXT_* from bit 8 on. NTF_PROXY tells the table instead. */
export const neighbourFlags = names({
  use: c.NTF_USE,
  self: c.NTF_SELF,
  master: c.NTF_MASTER,
  extern_learn: c.NTF_EXT_LEARNED,
  offload: c.NTF_OFFLOADED,
  sticky: c.NTF_STICKY,
  router: c.NTF_ROUTER,
  managed: c.NTF_EXT_MANAGED << c.NTF_EXT_SHIFT,
  locked: c.NTF_EXT_LOCKED << c.NTF_EXT_SHIFT,
  extern_valid: c.NTF_EXT_EXT_VALIDATED << c.NTF_EXT_SHIFT,
})

export const ndmsg = struct({
  family: u8,
  pad: padding(3),
  ifindex: s32,
  state: flags(u16, neighbourStates),
  flags: flags(u8, headerFlags),
  type: enumeration(u8, routeTypes),
})

/** struct nda_cacheinfo: how long ago. */
export const neighbourCacheinfo = struct({
  confirmed: seconds32,
  used: seconds32,
  updated: seconds32,
  refcnt: u32,
})

const fdbExtAttributes = attributes('NFEA', {
  activityNotify: [c.NFEA_ACTIVITY_NOTIFY, u8],
  dontRefresh: [c.NFEA_DONT_REFRESH, flag],
})

export const neighbourAttributes = attributes('NDA', {
  dst: [c.NDA_DST, ip],
  lladdr: [c.NDA_LLADDR, mac],
  cacheinfo: [c.NDA_CACHEINFO, neighbourCacheinfo],
  probes: [c.NDA_PROBES, u32],
  vlan: [c.NDA_VLAN, u16],
  port: [c.NDA_PORT, be16],
  vni: [c.NDA_VNI, u32],
  ifindex: [c.NDA_IFINDEX, u32],
  master: [c.NDA_MASTER, u32],
  linkNetnsid: [c.NDA_LINK_NETNSID, s32],
  srcVni: [c.NDA_SRC_VNI, u32],
  protocol: [c.NDA_PROTOCOL, enumeration(u8, routeProtocols)],
  nhId: [c.NDA_NH_ID, u32],
  fdbExtAttrs: [c.NDA_FDB_EXT_ATTRS, flagged(nested(fdbExtAttributes))],
  flagsExt: [c.NDA_FLAGS_EXT, flags(u32, extendedFlags)],
  ndmStateMask: [c.NDA_NDM_STATE_MASK, u16],
  ndmFlagsMask: [c.NDA_NDM_FLAGS_MASK, u8],
})

export const newNeighbour = message('RTM_NEWNEIGH', c.RTM_NEWNEIGH, ndmsg, neighbourAttributes)
export const delNeighbour = message('RTM_DELNEIGH', c.RTM_DELNEIGH, ndmsg, neighbourAttributes)
export const getNeighbour = message('RTM_GETNEIGH', c.RTM_GETNEIGH, ndmsg, neighbourAttributes)
