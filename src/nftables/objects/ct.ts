/** Objects of connection tracking: helpers, timeouts and expectations. */

import {
  attributes,
  be16,
  be32,
  enumeration,
  flagged,
  names,
  selected,
  string,
  type Table,
  u8,
  u32,
} from '../../codec/index.js'

/** IPPROTO_* of linux/in.h, those that connection tracking has timeouts for. */
export const l4protocols = names({
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
})

/** enum nft_ct_helper_attributes */
export const ctHelperAttributes = attributes('NFTA_CT_HELPER', {
  name: [1, string],
  l3proto: [2, be16],
  l4proto: [3, enumeration(u8, l4protocols)],
})

/** enum ctattr_timeout_tcp (linux/netfilter/nfnetlink_cttimeout.h); seconds. */
const tcpTimeouts = attributes('CTA_TIMEOUT_TCP', {
  synSent: [1, be32],
  synRecv: [2, be32],
  established: [3, be32],
  finWait: [4, be32],
  closeWait: [5, be32],
  lastAck: [6, be32],
  timeWait: [7, be32],
  close: [8, be32],
  synSent2: [9, be32],
  retrans: [10, be32],
  unack: [11, be32],
})

/** enum ctattr_timeout_udp; seconds. */
const udpTimeouts = attributes('CTA_TIMEOUT_UDP', {
  unreplied: [1, be32],
  replied: [2, be32],
})

function timeoutTable(protocol: string): Table | undefined {
  return protocol === 'tcp' ? (tcpTimeouts as Table) : protocol === 'udp' ? (udpTimeouts as Table) : undefined
}

/** enum nft_ct_timeout_timeout_attributes */
export const ctTimeoutAttributes = attributes('NFTA_CT_TIMEOUT', {
  l3proto: [1, be16],
  l4proto: [2, enumeration(u8, l4protocols)],
  data: [3, flagged(selected('l4proto', timeoutTable))],
})

/** enum nft_ct_expectation_attributes; `timeout` is milliseconds in host order, as nft_ct_expect_obj_init() reads it. */
export const ctExpectAttributes = attributes('NFTA_CT_EXPECT', {
  l3proto: [1, be16],
  l4proto: [2, enumeration(u8, l4protocols)],
  dport: [3, be16],
  timeout: [4, u32],
  size: [5, u8],
})
