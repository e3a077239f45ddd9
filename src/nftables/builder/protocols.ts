/** The headers that rules look at. */

import { datatypes as t } from '../datatypes.js'
import { u8, u16, u32 } from '../integers.js'
import type { Compiler } from './compiler.js'
import { header } from './fields.js'

/** IPPROTO_* of linux/in.h */
const TCP = 6
const UDP = 17
const DCCP = 33
const ESP = 50
const AH = 51
const COMP = 108
const SCTP = 132
const UDPLITE = 136

const protocolOf = (compiler: Compiler, value: Uint8Array) => compiler.learnTransport(value[0]!)

/** Hop-by-hop options, routing, fragment, destination options: what they say comes next is the protocol, or another of them (RFC 8200). */
const EXTENSIONS = [0, 43, 44, 60]
const nextHeaderOf = (compiler: Compiler, value: Uint8Array) => {
  if (!EXTENSIONS.includes(value[0]!)) protocolOf(compiler, value)
}

function transport(name: string, protocol: number) {
  return {
    name,
    base: 'transport-header' as const,
    depend: (compiler: Compiler) => compiler.needTransport(protocol, name),
  }
}

/** The IPv4 header. */
export const ip = header(
  {
    name: 'ip',
    base: 'network-header',
    depend: (compiler) => compiler.needNetwork('ip'),
    checksum: { offset: 10, pseudo: ['saddr', 'daddr', 'protocol', 'length'] },
    learn: { protocol: protocolOf },
  },
  {
    version: [0, u8, { size: 1, mask: 0xf0 }],
    hdrlength: [0, u8, { size: 1, mask: 0x0f }],
    dscp: [1, t.dscp, { size: 1, mask: 0xfc }],
    ecn: [1, t.ecn, { size: 1, mask: 0x03 }],
    length: [2, u16],
    id: [4, u16],
    fragOff: [6, u16],
    ttl: [8, u8],
    protocol: [9, t.inet_proto],
    checksum: [10, u16],
    saddr: [12, t.ipv4_addr],
    daddr: [16, t.ipv4_addr],
  },
)

/** The IPv6 header. */
export const ip6 = header(
  {
    name: 'ip6',
    base: 'network-header',
    depend: (compiler) => compiler.needNetwork('ip6'),
    checksum: { pseudo: ['saddr', 'daddr', 'nexthdr', 'length'] },
    learn: { nexthdr: nextHeaderOf },
  },
  {
    version: [0, u8, { size: 1, mask: 0xf0 }],
    dscp: [0, t.dscp, { size: 2, mask: 0x0fc0 }],
    ecn: [1, t.ecn, { size: 1, mask: 0x30 }],
    flowlabel: [1, u32, { size: 3, mask: 0x0fffff }],
    length: [4, u16],
    nexthdr: [6, t.inet_proto],
    hoplimit: [7, u8],
    saddr: [8, t.ipv6_addr],
    daddr: [24, t.ipv6_addr],
  },
)

/** The header of ARP for IPv4 over Ethernet. */
export const arp = header(
  { name: 'arp', base: 'network-header', depend: (compiler) => compiler.needNetwork('arp') },
  {
    htype: [0, u16],
    ptype: [2, t.ether_type],
    hlen: [4, u8],
    plen: [5, u8],
    operation: [6, t.arp_op],
    saddrEther: [8, t.ether_addr],
    saddrIp: [14, t.ipv4_addr],
    daddrEther: [18, t.ether_addr],
    daddrIp: [24, t.ipv4_addr],
  },
)

const typeOf = ([high, low]: Uint8Array) => high! * 256 + low!

function networkOf(compiler: Compiler, type: number): void {
  if (type === 0x0800) compiler.learnNetwork('ip')
  if (type === 0x86dd) compiler.learnNetwork('ip6')
  if (type === 0x0806) compiler.learnNetwork('arp')
}

/**
 * The Ethernet header, of packets that the kernel knows to have come in by Ethernet: `meta.iiftype`, as nft(8) has it. It matches nothing
 * in chains of output, and in those of postrouting nothing that the machine itself sends; in egress the interface is the one they leave by.
 */
export const ether = header(
  {
    name: 'ether',
    base: 'link-layer-header',
    depend: (compiler) => compiler.needEthernet(),
    learn: {
      type: (compiler, value) => {
        networkOf(compiler, typeOf(value))
        compiler.learnEtherType(typeOf(value))
      },
    },
  },
  { daddr: [0, t.ether_addr], saddr: [6, t.ether_addr], type: [12, t.ether_type] },
)

/**
 * The header of a VLAN, for the same packets as `ether`: of 802.1Q, behind `ether.type('8021ad')` of 802.1ad. What is written of it takes effect from Linux 6.10 on.
 *
 * @throws TypeError, of the transaction, behind any other type, and behind `vlan.type` of a VLAN within this one
 */
export const vlan = header(
  {
    name: 'vlan',
    base: 'link-layer-header',
    depend: (compiler) => {
      compiler.needEthernet()
      compiler.needVlan()
    },
    learn: {
      type: (compiler, value) => {
        networkOf(compiler, typeOf(value))
        compiler.learnVlanType(typeOf(value))
      },
    },
  },
  {
    id: [14, u16, { size: 2, mask: 0x0fff }],
    dei: [14, u8, { size: 1, mask: 0x10 }],
    pcp: [14, u8, { size: 1, mask: 0xe0 }],
    type: [16, t.ether_type],
  },
)

/** The TCP header. Several flags are any of them: `tcp.flags('syn', 'ack')`. */
export const tcp = header(
  { ...transport('tcp', TCP), checksum: { offset: 16 }, bits: ['flags'] },
  {
    sport: [0, t.inet_service],
    dport: [2, t.inet_service],
    sequence: [4, u32],
    ackseq: [8, u32],
    doff: [12, u8, { size: 1, mask: 0xf0 }],
    reserved: [12, u8, { size: 1, mask: 0x0f }],
    flags: [13, t.tcp_flag],
    window: [14, u16],
    checksum: [16, u16],
    urgptr: [18, u16],
  },
)

/** The kernel looks for the checksum itself then: UDP can have none, as 0, which has to stay. */
const sought = <F extends object>(fields: F) => ({ pseudo: Object.keys(fields) })

const udpFields = {
  sport: [0, t.inet_service],
  dport: [2, t.inet_service],
  length: [4, u16],
  checksum: [6, u16],
} as const
/** The UDP header. */
export const udp = header({ ...transport('udp', UDP), checksum: sought(udpFields) }, udpFields)

const udpliteFields = {
  sport: [0, t.inet_service],
  dport: [2, t.inet_service],
  csumcov: [4, u16],
  checksum: [6, u16],
} as const
/** The UDP-Lite header. */
export const udplite = header(
  { ...transport('udplite', UDPLITE), checksum: sought(udpliteFields) },
  udpliteFields,
)

/** The SCTP header. */
export const sctp = header(
  { ...transport('sctp', SCTP), checksum: { offset: 8, type: 'sctp' } },
  { sport: [0, t.inet_service], dport: [2, t.inet_service], vtag: [4, u32], checksum: [8, u32] },
)

/** The DCCP header. */
export const dccp = header(transport('dccp', DCCP), {
  sport: [0, t.inet_service],
  dport: [2, t.inet_service],
  type: [8, t.dccp_pkttype, { size: 1, mask: 0x1e }],
})

/** The ports of TCP, UDP and others, whichever it is: to be used behind `meta.l4proto`. */
export const th = header(
  { name: 'th', base: 'transport-header', depend: () => {} },
  { sport: [0, t.inet_service], dport: [2, t.inet_service] },
)

/** The authentication header of IPsec. */
export const ah = header(transport('ah', AH), {
  nexthdr: [0, t.inet_proto],
  hdrlength: [1, u8],
  reserved: [2, u16],
  spi: [4, u32],
  sequence: [8, u32],
})
/** The header of encrypted payloads of IPsec. */
export const esp = header(transport('esp', ESP), { spi: [0, u32], sequence: [4, u32] })

/** The header of compressed payloads (IPComp). */
export const comp = header(transport('comp', COMP), {
  nexthdr: [0, t.inet_proto],
  flags: [1, u8],
  cpi: [2, u16],
})
