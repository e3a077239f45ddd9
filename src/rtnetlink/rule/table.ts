/** RTM_NEWRULE, RTM_DELRULE and RTM_GETRULE: struct fib_rule_hdr and enum FRA_* (linux/fib_rules.h). */

import {
  alignedAttributes,
  be32,
  be64,
  enumeration,
  flags,
  ip,
  message,
  names,
  padding,
  struct,
  text,
  u8,
  u16,
  u32,
} from '../../codec/index.js'
import { ipProtocols, routeProtocols } from '../route/table.js'
import * as c from './constants.js'

/** FR_ACT_*, as `ip rule` prints them. */
export const ruleActions = names({
  unspec: c.FR_ACT_UNSPEC,
  lookup: c.FR_ACT_TO_TBL,
  goto: c.FR_ACT_GOTO,
  nop: c.FR_ACT_NOP,
  blackhole: c.FR_ACT_BLACKHOLE,
  unreachable: c.FR_ACT_UNREACHABLE,
  prohibit: c.FR_ACT_PROHIBIT,
})

/** FIB_RULE_* */
export const ruleFlags = names({
  permanent: c.FIB_RULE_PERMANENT,
  invert: c.FIB_RULE_INVERT,
  unresolved: c.FIB_RULE_UNRESOLVED,
  'iif-detached': c.FIB_RULE_IIF_DETACHED,
  'oif-detached': c.FIB_RULE_OIF_DETACHED,
  'find-saddr': c.FIB_RULE_FIND_SADDR,
})

export const fibRuleHdr = struct({
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: u8,
  res1: padding(1),
  res2: padding(1),
  action: enumeration(u8, ruleActions),
  flags: flags(u32, ruleFlags),
})

/** struct fib_rule_port_range; both ends belong to it. */
const portRange = struct({ start: u16, end: u16 })
/** struct fib_rule_uid_range; both ends belong to it. */
const uidRange = struct({ start: u32, end: u32 })

export const ruleAttributes = alignedAttributes('FRA', c.FRA_PAD, {
  dst: [c.FRA_DST, ip],
  src: [c.FRA_SRC, ip],
  iifname: [c.FRA_IIFNAME, text(15)],
  goto: [c.FRA_GOTO, u32],
  priority: [c.FRA_PRIORITY, u32],
  fwmark: [c.FRA_FWMARK, u32],
  flow: [c.FRA_FLOW, u32],
  tunId: [c.FRA_TUN_ID, be64],
  suppressIfgroup: [c.FRA_SUPPRESS_IFGROUP, u32],
  suppressPrefixlen: [c.FRA_SUPPRESS_PREFIXLEN, u32],
  table: [c.FRA_TABLE, u32],
  fwmask: [c.FRA_FWMASK, u32],
  oifname: [c.FRA_OIFNAME, text(15)],
  l3mdev: [c.FRA_L3MDEV, u8],
  uidRange: [c.FRA_UID_RANGE, uidRange],
  protocol: [c.FRA_PROTOCOL, enumeration(u8, routeProtocols)],
  ipProto: [c.FRA_IP_PROTO, enumeration(u8, ipProtocols)],
  sportRange: [c.FRA_SPORT_RANGE, portRange],
  dportRange: [c.FRA_DPORT_RANGE, portRange],
  dscp: [c.FRA_DSCP, u8],
  flowlabel: [c.FRA_FLOWLABEL, be32],
  flowlabelMask: [c.FRA_FLOWLABEL_MASK, be32],
  sportMask: [c.FRA_SPORT_MASK, u16],
  dportMask: [c.FRA_DPORT_MASK, u16],
  dscpMask: [c.FRA_DSCP_MASK, u8],
})

export const newRule = message('RTM_NEWRULE', c.RTM_NEWRULE, fibRuleHdr, ruleAttributes)
export const delRule = message('RTM_DELRULE', c.RTM_DELRULE, fibRuleHdr, ruleAttributes)
export const getRuleMessage = message('RTM_GETRULE', c.RTM_GETRULE, fibRuleHdr, ruleAttributes)
