/** IPCTNL_MSG_CT_*: struct nfgenmsg and enum ctattr_type (linux/netfilter/nfnetlink_conntrack.h). */

import {
  alignedAttributes,
  attributes,
  be16,
  be32,
  be64,
  bytes,
  flagged,
  flags,
  type Infer,
  ipv4,
  ipv6,
  message,
  names,
  nested,
  sbe32,
  string,
  text,
  u32,
} from '../codec/index.js'
import { NFNL_SUBSYS_CTNETLINK, nfgenmsg, nfnlType } from '../netlink/netfilter.js'
import * as c from './constants.js'
import { protoinfoAttributes } from './protoinfo-table.js'
import { tupleAttributes } from './tuple-table.js'

/** IPS_*: what a connection has been through. */
export const conntrackStatuses = names({
  expected: c.IPS_EXPECTED,
  'seen-reply': c.IPS_SEEN_REPLY,
  assured: c.IPS_ASSURED,
  confirmed: c.IPS_CONFIRMED,
  'src-nat': c.IPS_SRC_NAT,
  'dst-nat': c.IPS_DST_NAT,
  'seq-adj': c.IPS_SEQ_ADJUST,
  'src-nat-done': c.IPS_SRC_NAT_DONE,
  'dst-nat-done': c.IPS_DST_NAT_DONE,
  dying: c.IPS_DYING,
  'fixed-timeout': c.IPS_FIXED_TIMEOUT,
  template: c.IPS_TEMPLATE,
  'nat-clash': c.IPS_NAT_CLASH,
  helper: c.IPS_HELPER,
  offload: c.IPS_OFFLOAD,
  'hw-offload': c.IPS_HW_OFFLOAD,
})

/** NF_CT_HELPER_NAME_LEN counts the NUL. */
export const helperName = text(15)

export const counterAttributes = alignedAttributes('CTA_COUNTERS', c.CTA_COUNTERS_PAD, {
  packets: [c.CTA_COUNTERS_PACKETS, be64],
  bytes: [c.CTA_COUNTERS_BYTES, be64],
  packetsOld: [c.CTA_COUNTERS32_PACKETS, u32],
  bytesOld: [c.CTA_COUNTERS32_BYTES, u32],
})

/** Nanoseconds since 1970. */
export const timestampAttributes = alignedAttributes('CTA_TIMESTAMP', c.CTA_TIMESTAMP_PAD, {
  start: [c.CTA_TIMESTAMP_START, be64],
  stop: [c.CTA_TIMESTAMP_STOP, be64],
})

export const helpAttributes = attributes('CTA_HELP', {
  helpName: [c.CTA_HELP_NAME, helperName],
  helpInfo: [c.CTA_HELP_INFO, bytes],
})

export const natProtoAttributes = attributes('CTA_PROTONAT', {
  natPortMin: [c.CTA_PROTONAT_PORT_MIN, be16],
  natPortMax: [c.CTA_PROTONAT_PORT_MAX, be16],
})

export const natAttributes = attributes('CTA_NAT', {
  natV4Minip: [c.CTA_NAT_V4_MINIP, ipv4],
  natV4Maxip: [c.CTA_NAT_V4_MAXIP, ipv4],
  natProto: [c.CTA_NAT_PROTO, flagged(nested(natProtoAttributes))],
  natV6Minip: [c.CTA_NAT_V6_MINIP, ipv6],
  natV6Maxip: [c.CTA_NAT_V6_MAXIP, ipv6],
})

/** struct nf_ct_seqadj of net/netfilter/nf_conntrack_seqadj.h: the offsets are signed. */
export const seqadjAttributes = attributes('CTA_SEQADJ', {
  correctionPos: [c.CTA_SEQADJ_CORRECTION_POS, be32],
  offsetBefore: [c.CTA_SEQADJ_OFFSET_BEFORE, sbe32],
  offsetAfter: [c.CTA_SEQADJ_OFFSET_AFTER, sbe32],
})

export const secctxAttributes = attributes('CTA_SECCTX', {
  secctxName: [c.CTA_SECCTX_NAME, string],
})

export const synproxyAttributes = attributes('CTA_SYNPROXY', {
  isn: [c.CTA_SYNPROXY_ISN, be32],
  its: [c.CTA_SYNPROXY_ITS, be32],
  tsoff: [c.CTA_SYNPROXY_TSOFF, be32],
})

/** Which parts of the tuples a dump or a flush compares: CTA_FILTER_F_*, in host order. */
export const filterAttributes = attributes('CTA_FILTER', {
  origFlags: [c.CTA_FILTER_ORIG_FLAGS, u32],
  replyFlags: [c.CTA_FILTER_REPLY_FLAGS, u32],
})

const tuple = flagged(nested(tupleAttributes))
const status = flags(be32, conntrackStatuses)

export const conntrackAttributes = attributes('CTA', {
  tupleOrig: [c.CTA_TUPLE_ORIG, tuple],
  tupleReply: [c.CTA_TUPLE_REPLY, tuple],
  status: [c.CTA_STATUS, status],
  protoinfo: [c.CTA_PROTOINFO, flagged(nested(protoinfoAttributes))],
  help: [c.CTA_HELP, flagged(nested(helpAttributes))],
  natSrc: [c.CTA_NAT_SRC, flagged(nested(natAttributes))],
  /** Seconds. */
  timeout: [c.CTA_TIMEOUT, be32],
  mark: [c.CTA_MARK, be32],
  countersOrig: [c.CTA_COUNTERS_ORIG, flagged(nested(counterAttributes))],
  countersReply: [c.CTA_COUNTERS_REPLY, flagged(nested(counterAttributes))],
  use: [c.CTA_USE, be32],
  id: [c.CTA_ID, be32],
  natDst: [c.CTA_NAT_DST, flagged(nested(natAttributes))],
  tupleMaster: [c.CTA_TUPLE_MASTER, tuple],
  seqAdjOrig: [c.CTA_SEQ_ADJ_ORIG, flagged(nested(seqadjAttributes))],
  seqAdjReply: [c.CTA_SEQ_ADJ_REPLY, flagged(nested(seqadjAttributes))],
  secmark: [c.CTA_SECMARK, bytes],
  zone: [c.CTA_ZONE, be16],
  secctx: [c.CTA_SECCTX, flagged(nested(secctxAttributes))],
  timestamp: [c.CTA_TIMESTAMP, flagged(nested(timestampAttributes))],
  markMask: [c.CTA_MARK_MASK, be32],
  labels: [c.CTA_LABELS, bytes],
  labelsMask: [c.CTA_LABELS_MASK, bytes],
  synproxy: [c.CTA_SYNPROXY, flagged(nested(synproxyAttributes))],
  filter: [c.CTA_FILTER, flagged(nested(filterAttributes))],
  statusMask: [c.CTA_STATUS_MASK, status],
  /** Nanoseconds since 1970. */
  timestampEvent: [c.CTA_TIMESTAMP_EVENT, be64],
})

export type ConntrackAttributes = Infer<typeof conntrackAttributes>

function define(name: string, type: number) {
  return message(name, nfnlType(NFNL_SUBSYS_CTNETLINK, type), nfgenmsg, conntrackAttributes)
}

export const newConntrack = define('IPCTNL_MSG_CT_NEW', c.IPCTNL_MSG_CT_NEW)
export const getConntrackMessage = define('IPCTNL_MSG_CT_GET', c.IPCTNL_MSG_CT_GET)
/** The same, and the counters are zero afterwards. */
export const getConntrackReset = define('IPCTNL_MSG_CT_GET_CTRZERO', c.IPCTNL_MSG_CT_GET_CTRZERO)
export const delConntrack = define('IPCTNL_MSG_CT_DELETE', c.IPCTNL_MSG_CT_DELETE)
