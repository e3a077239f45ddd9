/** The sets inside a tuple: enum ctattr_tuple, ctattr_ip and ctattr_l4proto (linux/netfilter/nfnetlink_conntrack.h). */

import { attributes, be16, flagged, type Infer, ipv4, ipv6, nested, u8 } from '../codec/index.js'
import * as c from './constants.js'

export const tupleIpAttributes = attributes('CTA_IP', {
  ipV4Src: [c.CTA_IP_V4_SRC, ipv4],
  ipV4Dst: [c.CTA_IP_V4_DST, ipv4],
  ipV6Src: [c.CTA_IP_V6_SRC, ipv6],
  ipV6Dst: [c.CTA_IP_V6_DST, ipv6],
})

export const tupleProtoAttributes = attributes('CTA_PROTO', {
  protoNum: [c.CTA_PROTO_NUM, u8],
  protoSrcPort: [c.CTA_PROTO_SRC_PORT, be16],
  protoDstPort: [c.CTA_PROTO_DST_PORT, be16],
  protoIcmpId: [c.CTA_PROTO_ICMP_ID, be16],
  protoIcmpType: [c.CTA_PROTO_ICMP_TYPE, u8],
  protoIcmpCode: [c.CTA_PROTO_ICMP_CODE, u8],
  protoIcmpv6Id: [c.CTA_PROTO_ICMPV6_ID, be16],
  protoIcmpv6Type: [c.CTA_PROTO_ICMPV6_TYPE, u8],
  protoIcmpv6Code: [c.CTA_PROTO_ICMPV6_CODE, u8],
})

export const tupleAttributes = attributes('CTA_TUPLE', {
  tupleIp: [c.CTA_TUPLE_IP, flagged(nested(tupleIpAttributes))],
  tupleProto: [c.CTA_TUPLE_PROTO, flagged(nested(tupleProtoAttributes))],
  tupleZone: [c.CTA_TUPLE_ZONE, be16],
})

export type TupleAttributes = Infer<typeof tupleAttributes>
