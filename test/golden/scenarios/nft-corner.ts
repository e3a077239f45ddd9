/** Rule texts whose operands need other packets than what stands before says, and VLANs of the other kind. */

import { INPUT, NAT, rules } from './nft-rule.js'
import { ETH, type Scenario, scenarios } from './scenario.js'

const SETS = [
  "nft 'add map inet t dp { type ipv4_addr : inet_service; flags dynamic; }'",
  "nft 'add map inet t dm { type ipv4_addr : mark; flags dynamic; }'",
  "nft 'add set inet t ph { typeof tcp dport . meta length; }'",
  "nft 'add set inet t hp { typeof meta length . tcp dport; }'",
]

const targets = {
  'dnat-range-hash':
    'meta l4proto tcp dnat ip to 10.0.0.1-10.0.0.9:jhash ip saddr mod 2 map { 0 : 8000, 1 : 8001 }',
  'dnat-address-hash': 'meta l4proto tcp dnat ip to 10.0.0.1:jhash ip saddr mod 2 map { 0 : 8000, 1 : 8001 }',
  'dnat-port': 'meta l4proto tcp dnat to :2100',
  'dnat-port-of': 'ip daddr 10.0.0.9 udp dport 53 dnat to :5353',
  'dnat-ports': 'tcp dport 9000 dnat to :9100-9109 persistent',
  'dnat-port-map': 'meta l4proto tcp dnat to :tcp dport map { 23 : 4141 }',
  'redirect-hash': 'meta l4proto tcp redirect to :jhash ip saddr mod 2 map { 0 : 8000, 1 : 8001 }',
}
const before = {
  'tproxy-hash': 'meta l4proto tcp tproxy ip to 127.0.0.1:jhash ip saddr mod 2 map { 0 : 80, 1 : 81 }',
  'saddr-map': 'ip saddr set tcp dport map { 22 : 10.0.0.1 }',
  'length-set': 'ip length set 100',
  'protocol-set': 'ip protocol set 6',
  'length6-set': 'ip6 length set 100',
  'nexthdr-set': 'ip6 nexthdr set 6',
  'inner-set': '@ih,0,16 set 5',
  'inner-odd': '@ih,8,24 set 5',
}
/** Those whose packets are about an address; this nft(8) has no name for it. */
const ABOUT = [
  ...['mld-listener-query', 'mld-listener-report', 'mld-listener-done'],
  ...['nd-neighbor-solicit', 'nd-neighbor-advert', 'nd-redirect'],
].join(', ')
const taddr = '@th,64,128 0x20010db8000000000000000000000001'
const statements = {
  'counted-reset': 'counter reject with tcp reset',
  'marked-reject': 'meta mark set 5 reject with icmp host-prohibited',
  'icmpv6-taddr': `icmpv6 type { ${ABOUT} } ${taddr} accept`,
  'icmpv6-taddr-of': `icmpv6 type nd-neighbor-solicit ${taddr} accept`,
  'icmpv6-daddr': 'icmpv6 type nd-redirect @th,192,128 0x20010db8000000000000000000000001 accept',
  'add-value': 'add @dp { ip saddr : tcp dport }',
  'add-hash': 'add @dm { ip saddr : jhash ip daddr . tcp dport mod 4 }',
  'hash-beside': 'tcp dport . jhash ip saddr mod 4 @ph accept',
  'hash-before': 'jhash ip saddr mod 4 . tcp dport @hp accept',
  'icmp-vmap': 'icmp id vmap { 1 : drop }',
  'state-not': 'ct state ! established,related drop',
  'flags-not': 'tcp flags ! syn,ack accept',
  'flags-none': 'tcp flags == 0x0 drop',
  'flags-some': 'tcp flags != 0x0 accept',
  'flags-not-list': 'tcp flags != { syn, ack } accept',
  'flags-less': 'tcp flags < 16 accept',
  'state-less': 'ct state < 16 accept',
  'label-any': 'ct label 1,70 accept',
  'label-not': 'ct label ! 1,2 accept',
  'icmp-two': 'icmp id > 5 icmp sequence < 9 accept',
  'two-numbers': 'tcp sequence 1 tcp ackseq 5 accept',
  'three-fields': 'ip ttl 3 ip protocol 17 ip checksum 5 accept',
  'field-between': 'tcp sport 1 ip ttl 5 tcp dport 2 accept',
  'behind-options': 'ip6 nexthdr 60 tcp dport 80 accept',
  'behind-hop-by-hop': 'ip6 nexthdr 0 udp dport 53 accept',
}
const netdev = {
  'dup-map': 'dup to tcp dport map { 22 : "eth1" }',
  'fwd-maps': 'fwd ip to ip saddr map { 10.0.0.1 : 10.0.0.2 } device tcp dport map { 22 : "eth1" }',
}
const bridge = {
  'vlan-ad': 'ether type 8021ad vlan id 5 accept',
  'vlan-q': 'ether type vlan vlan id 5 accept',
  'vlan-ad-ip': 'ether type 8021ad vlan id 5 ip saddr 10.0.0.1 accept',
  'vlan-ad-q': 'ether type 8021ad vlan id 5 vlan type vlan accept',
}
const arpPackets = {
  'address-beside': 'arp saddr ether 02:00:00:00:00:01 arp saddr ip 10.0.0.1 accept',
}

export const nftCorner: Scenario[] = scenarios(
  [ETH],
  [
    ...rules('corner-target', 'inet', NAT.prerouting, targets),
    ...rules('corner-mangle', 'inet', '{ type filter hook prerouting priority mangle; }', before),
    ...rules('corner-in', 'inet', INPUT, statements, ...SETS),
    ...rules('corner-ingress', 'netdev', '{ type filter hook ingress device eth0 priority 0; }', netdev),
    ...rules('corner-frame', 'bridge', INPUT, bridge),
    ...rules('corner-arp', 'arp', INPUT, arpPackets),
  ],
  'all of nf_tables',
)
