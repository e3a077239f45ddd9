/** Rule texts that combine what those of nft-rule.ts and nft-field.ts have one by one: ranges, lists, sets and maps of every kind of field. */

import { INPUT, NAT, rules } from './nft-rule.js'
import { ETH, type Scenario, scenarios } from './scenario.js'

const SETS = [
  "nft 'add set inet t marks { type mark; flags interval; }'",
  "nft 'add set inet t names { type ifname; flags interval; }'",
  "nft 'add set inet t pairs { type ipv4_addr . mark; flags interval; }'",
  "nft 'add map inet t vm { type inet_service : verdict; flags interval; }'",
  "nft 'add set inet t ds { type dscp; }'",
  "nft 'add set inet t dc { type ipv4_addr . dscp; }'",
  "nft 'add map inet t dm { type dscp : verdict; }'",
  "nft 'add set inet t dd { type dscp; flags dynamic; }'",
  "nft 'add set inet t dp { typeof vlan pcp; }'",
]

const inTexts = {
  'ip-saddr': 'ip saddr != { 10.0.0.0/8, 192.168.0.0/16 } drop',
  'ct-state': 'ct state new tcp flags & (fin|syn|rst|ack) != syn drop',
  'ip6-saddr': 'ip6 saddr { ::1, 2001:db8::1-2001:db8::ff, fe80::/64 } accept',
  'ip6-saddr-tcp': 'ip6 saddr . tcp dport vmap { 2001:db8::/64 . 80-90 : accept }',
  'iifname-ip': 'iifname . ip saddr . tcp dport { "eth0" . 10.0.0.0/8 . 22 } accept',
  'meta-mark': 'meta mark . ip saddr { 0x10 . 10.0.0.1 } accept',
  'meta-mark-ip': 'meta mark . ip saddr { 0x10-0x20 . 10.0.0.0/8 } accept',
  'meta-mark-not': 'meta mark != 16-32 accept',
  'meta-mark-2': 'meta mark { 1-5, 10 } accept',
  'meta-mark-vmap': 'meta mark vmap { 1-5 : accept, 7 : drop }',
  'ct-mark': 'ct mark & 0xff { 1, 2 } accept',
  'meta-mark-and': 'meta mark & 0xff vmap { 1 : accept, 2 : drop }',
  'meta-skuid': 'meta skuid { 0, 1000-2000 } accept',
  'meta-length': 'meta length { 64, 128-256 } accept',
  'iif-ip': 'iif . ip saddr { "eth0" . 10.0.0.1 } accept',
  'iif-vmap': 'iif vmap { "lo" : accept, "eth0" : drop }',
  'iifname-not': 'iifname != { "eth*", "wlan0" } accept',
  'iifname-vmap': 'iifname vmap { "eth*" : accept, "lo" : drop }',
  'meta-mark-set': 'meta mark set iifname map { "eth0" : 1, "lo" : 2 }',
  iifgroup: 'iifgroup { 1, 2-4 } accept',
  'ct-reply': 'ct reply ip daddr 10.0.0.0/8 accept',
  'ct-original': 'ct original ip6 saddr 2001:db8::/32 accept',
  'ct-original-ip': 'ct original ip saddr != 10.0.0.0/8 accept',
  'ct-original-ip-saddr': 'ct original ip saddr { 10.0.0.0/8, 192.168.0.1 } accept',
  'ct-bytes': 'ct bytes { 100, 200-300 } accept',
  'ct-status': 'ct status ! snat accept',
  'ct-label': 'ct label 127 accept',
  'ip-dscp': 'ip dscp { 0-10 } accept',
  'ip-dscp-2': 'ip dscp 5-10 accept',
  'ip6-dscp': 'ip6 dscp < 10 accept',
  'ip6-flowlabel': 'ip6 flowlabel 5-10 accept',
  'ip-frag': 'ip frag-off & 0x2000 != 0 accept',
  'ip-ttl': 'ip ttl { 1, 5-10 } accept',
  'ip-protocol': 'ip protocol { tcp, udp } th dport 53 accept',
  'ip-ttl-set': 'ip ttl set 5 ip dscp set cs0',
  'tcp-doff': 'tcp doff > 5 accept',
  'ip-ttl-or': 'meta mark set ip ttl or 1',
  'dport-others': 'tcp dport . ip saddr vmap { 80 . 10.0.0.1 : accept, * : drop }',
  'dport-range-others': 'tcp dport . ip saddr vmap { 80-90 . 10.0.0.1 : accept, * : drop }',
  'tcp-sport': 'tcp sport . tcp dport { 1-5 . 80, 7 . 90 } accept',
  'meta-l4proto': 'meta l4proto . th dport { tcp . 80, udp . 53 } accept',
  'icmp-type': 'icmp type . icmp code { echo-request . 0, destination-unreachable . 1 } accept',
  'icmp-type-echo': 'icmp type echo-request icmp id 1 icmp sequence 2 accept',
  'icmp-type-2': 'icmp type 0-10 accept',
  'ah-spi': 'ah spi { 1, 5-10 } accept',
  'ether-saddr': 'ether saddr 02:00:00:00:00:01 ether daddr 02:00:00:00:00:02 accept',
  'ether-saddr-2': 'ether saddr 02:00:00:00:00:01-02:00:00:00:00:09 accept',
  'ether-saddr-and': 'ether saddr & ff:ff:ff:00:00:00 == 02:00:00:00:00:00 accept',
  'vlan-id': 'vlan id 1-10 accept',
  'vlan-id-vlan': 'vlan id 5 vlan pcp 3 accept',
  'tcp-option': 'tcp option maxseg size { 500-1000, 1460 } accept',
  'tcp-option-sack0': 'tcp option sack0 left > 100 accept',
  'rt0-addr': 'rt0 addr[1] 2001:db8::/32 accept',
  'ipsec-in': 'ipsec in ip saddr 10.0.0.0/8 accept',
  'meta-mark-set-jhash': 'meta mark set jhash ip saddr . ip daddr . tcp dport mod 10 seed 0xdeadbeef',
  'meta-mark-set-jhash-ip': 'meta mark set jhash ip dscp . ip saddr mod 4',
  'meta-mark-set-ip': 'meta mark set ip version',
  'meta-mark-set-tcp': 'meta mark set tcp doff',
  'ip-dscp-named': 'ip dscp @ds accept',
  'ip-saddr-ip': 'ip saddr . ip dscp @dc accept',
  'ip-dscp-vmap': 'ip dscp vmap @dm',
  'add-named': 'add @dd { ip dscp }',
  'vlan-pcp': 'vlan pcp @dp accept',
  'meta-mark-named': 'meta mark @marks accept',
  'iifname-named': 'iifname @names accept',
  'ip-saddr-meta': 'ip saddr . meta mark @pairs accept',
  'tcp-dport': 'tcp dport vmap @vm',
  'ip-saddr-ip-dscp': 'ip saddr . ip dscp { 10.0.0.0/8 . cs1 } accept',
  'ip-dscp-meta': 'ip dscp . meta mark { cs1 . 1 } accept',
  'meta-skuid-tcp': 'meta skuid . tcp dport { 0-1000 . 22, 2000 . 80-90 } accept',
  'iifname-meta': 'iifname . meta mark vmap { "eth0" . 1-5 : accept }',
  'meta-mark-set-ip-saddr': 'meta mark set ip saddr . meta mark map { 10.0.0.0/8 . 5 : 7 }',
  'ct-zone': 'ct zone . ip saddr { 5 . 10.0.0.0/8 } accept',
  'ct-bytes-ip': 'ct bytes . ip saddr { 5-10 . 10.0.0.0/8 } accept',
  'iif-tcp': 'iif . tcp dport { "eth0" . 80-90 } accept',
  'ip-saddr-and': 'ip saddr & 0.0.0.3 { 0.0.0.1, 0.0.0.2 } accept',
  'tcp-dport-and': 'tcp dport & 1 == 0 accept',
  'tcp-dport-not': 'tcp dport != { 22, 80-90 } accept',
  'ip-saddr-2': 'ip saddr { 10.0.0.0/8, 255.255.255.255 } accept',
  'ip-saddr-3': 'ip saddr { 0.0.0.0/8, 240.0.0.0/4 } accept',
  'ip-saddr-4': 'ip saddr { 10.0.0.0/24, 10.0.1.0/24 } accept',
  'tcp-dport-2': 'tcp dport { 80-90, 85-95 } accept',
  'tcp-dport-vmap': 'tcp dport vmap { 0-1023 : drop, 1024-65535 : accept }',
  'tcp-sport-tcp': 'tcp sport 1 tcp dport 2 tcp sequence 3 accept',
  'ip-saddr-tcp': 'ip saddr 10.0.0.1 tcp sport 1 ip daddr 10.0.0.2 tcp dport 2 accept',
  'ct-mark-set': 'ct mark set ip saddr map { 10.0.0.0/8 : 1, * : 2 }',
  'tcp-dport-ip': 'tcp dport . ip saddr vmap { 80 . 10.0.0.1 : accept, 443 . 10.0.0.2 : drop }',
  'meta-hour': 'meta hour != "09:00"-"17:00" accept',
  'icmp-type-set': 'icmp type set echo-reply',
  'ip6-hoplimit': 'ip6 hoplimit set 5',
  'ip-hdrlength': 'ip hdrlength set 6',
  'tcp-flags': 'tcp flags set syn | ack',
}
const preTexts = {
  'fib-daddr': 'fib daddr . iif type != { local, broadcast, multicast } drop',
}
const in4Texts = {
  'ip-protocol': 'ip protocol vmap { tcp : jump d, udp : jump d, icmp : accept }',
}
const from4Texts = {
  'snat-to': 'snat to ip saddr map { 192.168.1.0/24 : 10.0.0.1, 192.168.2.0/24 : 10.0.0.2 }',
}
const to4Texts = {
  'dnat-to': 'dnat to numgen random mod 10 map { 0-2 : 192.168.10.100, 3-9 : 192.168.20.200 }',
}
const toTexts = {
  'dnat-ip': 'dnat ip to ip saddr . ct mark map { 10.0.0.0/8 . 1 : 10.0.0.9 }',
  'tcp-dport': 'tcp dport 80 dnat ip to 10.0.0.1-10.0.0.9:80-90',
  'tcp-dport-dnat': 'tcp dport 80 dnat ip6 to [2001:db8::1]-[2001:db8::5]:80',
  'dnat-ip-to':
    'dnat ip to ip daddr . tcp dport map { 10.0.0.1 . 80 : 10.0.0.2 . 8080, 10.0.0.1 . 443 : 10.0.0.2 . 8443 }',
}
const bridgedTexts = {
  'vlan-id': 'vlan id 5 vlan pcp 3 tcp dport 80 accept',
  'ether-saddr': 'ether saddr . ip saddr { 02:00:00:00:00:01 . 10.0.0.1 } accept',
}
const arpedTexts = {
  'arp-saddr': 'arp saddr ip 10.0.0.0/8 arp daddr ip != 10.0.0.1 drop',
  'arp-saddr-ether': 'arp saddr ether . arp saddr ip { 02:00:00:00:00:01 . 10.0.0.1 } accept',
}
const leavingTexts = {
  'rt-ip': 'rt ip nexthop 10.0.0.0/8 accept',
  'ipsec-out': 'ipsec out ip6 daddr 2001:db8::1 accept',
}
const in6Texts = {
  'icmpv6-type': 'icmpv6 type { nd-neighbor-solicit, nd-router-advert } ip6 hoplimit 255 accept',
}
const from6Texts = {
  'snat-to': 'snat to 2001:db8::1-2001:db8::9',
}

export const nftCombined: Scenario[] = scenarios(
  [ETH],
  [
    ...rules('man-in', 'inet', INPUT, inTexts, ...SETS),
    ...rules('man-pre', 'inet', '{ type filter hook prerouting priority 0; }', preTexts),
    ...rules('man-in4', 'ip', INPUT, in4Texts),
    ...rules('man-from4', 'ip', NAT.postrouting, from4Texts),
    ...rules('man-to4', 'ip', NAT.prerouting, to4Texts),
    ...rules('man-to', 'inet', NAT.prerouting, toTexts),
    ...rules('man-bridged', 'bridge', INPUT, bridgedTexts),
    ...rules('man-arped', 'arp', INPUT, arpedTexts),
    ...rules('man-leaving', 'inet', '{ type filter hook output priority 0; }', leavingTexts),
    ...rules('man-in6', 'ip6', INPUT, in6Texts),
    ...rules('man-from6', 'ip6', NAT.postrouting, from6Texts),
  ],
  'all of nf_tables',
)
