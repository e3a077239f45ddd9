/** The builder's rules for the texts of golden/scenarios/nft-corner.ts. */

import type { NftFamily } from '../src/nftables/names.js'
import {
  accept,
  addElement,
  arp,
  concat,
  counter,
  ct,
  dnat,
  drop,
  dup,
  ether,
  fwd,
  icmp,
  icmpv6,
  ip,
  ip6,
  jhash,
  meta,
  payload,
  type RuleBody,
  redirect,
  reject,
  rule,
  set,
  tcp,
  tproxy,
  udp,
  vlan,
} from '../src/nftables/public.js'
import type { Transaction } from '../src/nftables/recorder.js'

const hashed = (...ports: readonly number[]) =>
  jhash(ip.saddr, { modulus: ports.length }).map(ports.map((port, i) => [i, port] as const))
const toEth1 = tcp.dport.map([[22, 'eth1']], 'iface_index')

const targetRules: Record<string, RuleBody> = {
  'dnat-range-hash': rule(meta.l4proto('tcp'), dnat('10.0.0.1-10.0.0.9', { port: hashed(8000, 8001) })),
  'dnat-address-hash': rule(meta.l4proto('tcp'), dnat('10.0.0.1', { port: hashed(8000, 8001) })),
  'dnat-port': rule(meta.l4proto('tcp'), dnat(':2100')),
  'dnat-port-of': rule(ip.daddr('10.0.0.9'), udp.dport(53), dnat(':5353')),
  'dnat-ports': rule(tcp.dport(9000), dnat(':9100-9109', { persistent: true })),
  'dnat-port-map': rule(meta.l4proto('tcp'), dnat(null, { port: tcp.dport.map([[23, 4141]]) })),
  'redirect-hash': rule(meta.l4proto('tcp'), redirect({ to: hashed(8000, 8001) })),
}
const mangleRules: Record<string, RuleBody> = {
  'tproxy-hash': rule(meta.l4proto('tcp'), tproxy({ address: '127.0.0.1', port: hashed(80, 81) })),
  'saddr-map': rule(ip.saddr.set(tcp.dport.map([[22, '10.0.0.1']]))),
  'length-set': rule(ip.length.set(100)),
  'protocol-set': rule(ip.protocol.set(6)),
  'length6-set': rule(ip6.length.set(100)),
  'nexthdr-set': rule(ip6.nexthdr.set(6)),
  'inner-set': rule(payload('inner-header', 0, 2).set(5)),
  'inner-odd': rule(payload('inner-header', 1, 3).set(5)),
}
const inRules: Record<string, RuleBody> = {
  'counted-reset': rule(counter(), reject('tcp-reset')),
  'marked-reject': rule(meta.mark.set(5), reject({ icmp: 'host-prohibited' })),
  'icmpv6-taddr': rule(icmpv6.taddr('2001:db8::1'), accept()),
  'icmpv6-taddr-of': rule(icmpv6.type('nd-neighbor-solicit'), icmpv6.taddr('2001:db8::1'), accept()),
  'icmpv6-daddr': rule(icmpv6.daddr('2001:db8::1'), accept()),
  'add-value': rule(addElement(set('dp'), ip.saddr, { value: tcp.dport })),
  'add-hash': rule(
    addElement(set('dm'), ip.saddr, { value: jhash(concat(ip.daddr, tcp.dport), { modulus: 4 }) }),
  ),
  'hash-beside': rule(concat(tcp.dport, jhash(ip.saddr, { modulus: 4 }))(set('ph')), accept()),
  'hash-before': rule(concat(jhash(ip.saddr, { modulus: 4 }), tcp.dport)(set('hp')), accept()),
  'icmp-vmap': rule(icmp.id.vmap([[1, 'drop']])),
  'state-not': rule(ct.state.not('established', 'related'), drop()),
  'flags-not': rule(tcp.flags.not('syn', 'ack'), accept()),
  'flags-none': rule(tcp.flags(0), drop()),
  'flags-some': rule(tcp.flags.not(0), accept()),
  'flags-not-list': rule(tcp.flags.not(['syn', 'ack']), accept()),
  'flags-less': rule(tcp.flags.lt(16), accept()),
  'state-less': rule(ct.state.lt(16), accept()),
  'label-any': rule(ct.label(1, 70), accept()),
  'label-not': rule(ct.label.not(1, 2), accept()),
  'icmp-two': rule(icmp.id.gt(5), icmp.sequence.lt(9), accept()),
  'two-numbers': rule(tcp.sequence(1), tcp.ackseq(5), accept()),
  'three-fields': rule(ip.ttl(3), ip.protocol(17), ip.checksum(5), accept()),
  'field-between': rule(tcp.sport(1), ip.ttl(5), tcp.dport(2), accept()),
  'behind-options': rule(ip6.nexthdr(60), tcp.dport(80), accept()),
  'behind-hop-by-hop': rule(ip6.nexthdr(0), udp.dport(53), accept()),
}
const ingressRules: Record<string, RuleBody> = {
  'dup-map': rule(dup({ dev: toEth1 })),
  'fwd-maps': rule(fwd(toEth1, { address: ip.saddr.map([['10.0.0.1', '10.0.0.2']], 'ipv4_addr') })),
}
const frameRules: Record<string, RuleBody> = {
  'vlan-ad': rule(ether.type('8021ad'), vlan.id(5), accept()),
  'vlan-q': rule(ether.type('8021q'), vlan.id(5), accept()),
  'vlan-ad-ip': rule(ether.type('8021ad'), vlan.id(5), ip.saddr('10.0.0.1'), accept()),
  'vlan-ad-q': rule(ether.type('8021ad'), vlan.id(5), vlan.type('8021q'), accept()),
}
const arpRules: Record<string, RuleBody> = {
  'address-beside': rule(arp.saddrEther('02:00:00:00:00:01'), arp.saddrIp('10.0.0.1'), accept()),
}

const areas: [prefix: string, family: NftFamily, bodies: Record<string, RuleBody>][] = [
  ['corner-target', 'inet', targetRules],
  ['corner-mangle', 'inet', mangleRules],
  ['corner-in', 'inet', inRules],
  ['corner-ingress', 'netdev', ingressRules],
  ['corner-frame', 'bridge', frameRules],
  ['corner-arp', 'arp', arpRules],
]

const at = { family: 'inet', table: 't' } as const
const dynamic = { ...at, type: 'ipv4_addr', flags: ['dynamic'] } as const
/** Those of nft(8) for ports and integers. */
const PORT = 13
const INTEGER = 4
/** The named sets of the fixtures, which nft(8) has read before and numbers from 1. */
export const CORNER_SETS: Readonly<Record<string, (tx: Transaction) => number>> = {
  'corner-in': (tx) => {
    tx.addSet({ ...dynamic, name: 'dp', map: 'inet_service' })
    tx.addSet({ ...dynamic, name: 'dm', map: 'mark' })
    tx.addSet({ ...at, name: 'ph', keyType: PORT * 64 + INTEGER, keyLen: 8 })
    tx.addSet({ ...at, name: 'hp', keyType: INTEGER * 64 + PORT, keyLen: 8 })
    return 4
  },
}

export const cornerCases = areas.flatMap(([prefix, family, bodies]) =>
  Object.entries(bodies).map(([name, body]) => ({ name: `nft-${prefix}-${name}`, prefix, family, body })),
)
