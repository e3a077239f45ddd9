/** What conntrack knows of TCP, DCCP and SCTP: enum ctattr_protoinfo (linux/netfilter/nfnetlink_conntrack.h). */

import {
  alignedAttributes,
  attributes,
  be32,
  be64,
  enumeration,
  flagged,
  flags,
  type Infer,
  names,
  nested,
  struct,
  u8,
} from '../codec/index.js'
import * as c from './constants.js'

/** enum tcp_conntrack (linux/netfilter/nf_conntrack_tcp.h). */
export const tcpStates = names({
  none: 0,
  'syn-sent': 1,
  'syn-recv': 2,
  established: 3,
  'fin-wait': 4,
  'close-wait': 5,
  'last-ack': 6,
  'time-wait': 7,
  close: 8,
  'syn-sent2': 9,
})

/** enum sctp_conntrack (linux/netfilter/nf_conntrack_sctp.h). */
export const sctpStates = names({
  none: 0,
  closed: 1,
  'cookie-wait': 2,
  'cookie-echoed': 3,
  established: 4,
  'shutdown-sent': 5,
  'shutdown-received': 6,
  'shutdown-ack-sent': 7,
  'heartbeat-sent': 8,
})

/** enum ct_dccp_states; the kernel tracked DCCP up to Linux 6.16. */
export const dccpStates = names({
  none: 0,
  request: 1,
  respond: 2,
  partopen: 3,
  open: 4,
  closereq: 5,
  closing: 6,
  timewait: 7,
})

/** IP_CT_TCP_FLAG_* (linux/netfilter/nf_conntrack_tcp.h). */
export const tcpFlags = names({
  'window-scale': 0x01,
  'sack-perm': 0x02,
  'close-init': 0x04,
  'be-liberal': 0x08,
  unacked: 0x10,
  maxack: 0x20,
  'challenge-ack': 0x40,
  'simultaneous-open': 0x80,
})

/** struct nf_ct_tcp_flags: those of `mask` are set as `flags` says. */
export const tcpFlagsMask = struct({ flags: flags(u8, tcpFlags), mask: flags(u8, tcpFlags) })

export const tcpAttributes = attributes('CTA_PROTOINFO_TCP', {
  tcpState: [c.CTA_PROTOINFO_TCP_STATE, enumeration(u8, tcpStates)],
  tcpWscaleOriginal: [c.CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, u8],
  tcpWscaleReply: [c.CTA_PROTOINFO_TCP_WSCALE_REPLY, u8],
  tcpFlagsOriginal: [c.CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, tcpFlagsMask],
  tcpFlagsReply: [c.CTA_PROTOINFO_TCP_FLAGS_REPLY, tcpFlagsMask],
})

export const dccpAttributes = alignedAttributes('CTA_PROTOINFO_DCCP', c.CTA_PROTOINFO_DCCP_PAD, {
  dccpState: [c.CTA_PROTOINFO_DCCP_STATE, enumeration(u8, dccpStates)],
  dccpRole: [c.CTA_PROTOINFO_DCCP_ROLE, u8],
  dccpHandshakeSeq: [c.CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ, be64],
})

export const sctpAttributes = attributes('CTA_PROTOINFO_SCTP', {
  sctpState: [c.CTA_PROTOINFO_SCTP_STATE, enumeration(u8, sctpStates)],
  vtagOriginal: [c.CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, be32],
  vtagReply: [c.CTA_PROTOINFO_SCTP_VTAG_REPLY, be32],
})

export const protoinfoAttributes = attributes('CTA_PROTOINFO', {
  protoinfoTcp: [c.CTA_PROTOINFO_TCP, flagged(nested(tcpAttributes))],
  protoinfoDccp: [c.CTA_PROTOINFO_DCCP, flagged(nested(dccpAttributes))],
  protoinfoSctp: [c.CTA_PROTOINFO_SCTP, flagged(nested(sctpAttributes))],
})

export type ProtoinfoAttributes = Infer<typeof protoinfoAttributes>
