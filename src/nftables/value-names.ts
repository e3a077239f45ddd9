/** Names for values of packets, as nft(8) has them. */

import { names } from '../codec/index.js'
import { ipProtocols } from '../netlink/protocols.js'

/** ETH_P_* of linux/if_ether.h, as nft(8) names them. */
export const etherTypes = names({
  ip: 0x0800,
  arp: 0x0806,
  ip6: 0x86dd,
  vlan: 0x8100,
  '8021q': 0x8100,
  '8021ad': 0x88a8,
})
/** NF_CT_STATE_BIT() of linux/netfilter/nf_conntrack_common.h */
export const ctStates = names({ invalid: 1, established: 2, related: 4, new: 8, untracked: 64 })
/** enum ip_conntrack_status; those that nft(8) has no name for as netlink-ts/conntrack has them. */
export const ctStatuses = names({
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  'seq-adj': 64,
  'src-nat-done': 128,
  'dst-nat-done': 256,
  dying: 512,
  'fixed-timeout': 1024,
  template: 2048,
  'nat-clash': 4096,
  helper: 8192,
  offload: 16384,
  'hw-offload': 32768,
})
/** enum ip_conntrack_events of linux/netfilter/nf_conntrack_common.h, each its bit. */
export const ctEvents = names({
  new: 1 << 0,
  related: 1 << 1,
  destroy: 1 << 2,
  reply: 1 << 3,
  assured: 1 << 4,
  protoinfo: 1 << 5,
  helper: 1 << 6,
  mark: 1 << 7,
  seqadj: 1 << 8,
  secmark: 1 << 9,
  label: 1 << 10,
})
/** linux/icmp.h */
export const icmpTypes = names({
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
})
/** linux/icmpv6.h */
export const icmpv6Types = names({
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
})
/** Codes of 'destination-unreachable' (linux/icmp.h), which nft(8) takes for any type. */
export const icmpCodes = names({
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
})
/** Codes of 'destination-unreachable' (linux/icmpv6.h). */
export const icmpv6Codes = names({
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
})
/** linux/igmp.h */
export const igmpTypes = names({
  'membership-query': 17,
  'membership-report-v1': 18,
  'membership-report-v2': 22,
  'leave-group': 23,
  'membership-report-v3': 34,
})
/** enum dccp_pkt_type of linux/dccp.h */
export const dccpTypes = names({
  request: 0,
  response: 1,
  data: 2,
  ack: 3,
  dataack: 4,
  closereq: 5,
  close: 6,
  reset: 7,
  sync: 8,
  syncack: 9,
})
/** IP6_MH_TYPE_* of net/mip6.h */
export const mobilityTypes = names({
  'binding-refresh-request': 0,
  'home-test-init': 1,
  'careof-test-init': 2,
  'home-test': 3,
  'careof-test': 4,
  'binding-update': 5,
  'binding-acknowledgement': 6,
  'binding-error': 7,
  'fast-binding-update': 8,
  'fast-binding-acknowledgement': 9,
  'fast-binding-advertisement': 10,
  'experimental-mobility-header': 11,
  'home-agent-switch-message': 12,
})
/** Explicit congestion notification of RFC 3168. */
export const ecns = names({ 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 })
/** ARPHRD_* of linux/if_arp.h, as nft(8) names them. */
export const deviceTypes = names({
  ether: 1,
  ppp: 512,
  ipip: 768,
  ipip6: 769,
  loopback: 772,
  sit: 776,
  ipgre: 778,
})
export const tcpFlags = names({ fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 })
/** PACKET_* of linux/if_packet.h */
export const packetTypes = names({ host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 })
/** RTN_* of linux/rtnetlink.h */
export const addrTypes = names({
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
})
/** NFPROTO_*, as `meta nfproto` has them. */
export const nfprotos = names({ ipv4: 2, ipv6: 10 })
/** Differentiated services of RFC 2474 and its followers. */
export const dscps = names({
  cs0: 0,
  cs1: 8,
  cs2: 16,
  cs3: 24,
  cs4: 32,
  cs5: 40,
  cs6: 48,
  cs7: 56,
  df: 0,
  be: 0,
  lephb: 1,
  af11: 10,
  af12: 12,
  af13: 14,
  af21: 18,
  af22: 20,
  af23: 22,
  af31: 26,
  af32: 28,
  af33: 30,
  af41: 34,
  af42: 36,
  af43: 38,
  va: 44,
  ef: 46,
})
/** ARPOP_* of linux/if_arp.h */
export const arpOperations = names({
  request: 1,
  reply: 2,
  rrequest: 3,
  rreply: 4,
  inrequest: 8,
  inreply: 9,
  nak: 10,
})
/** IPPROTO_* with the names that nft(8) has beside those of /etc/protocols. */
export const protocols = names({ ...ipProtocols.numbers, icmpv6: 58, comp: 108 })
