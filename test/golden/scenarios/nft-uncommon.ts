/** Rule texts of nft(8) that are seldom written: what a list's values have of their own, objects that connections get, and the rest of its manual. */

import { INPUT, NAT, rules } from './nft-rule.js'
import { ETH, type Scenario, scenarios } from './scenario.js'

const SETS = [
  "nft 'add set inet t sd { type ipv4_addr; flags dynamic, timeout; }'",
  "nft 'add set inet t sc { type ipv4_addr . inet_service; flags dynamic, timeout; }'",
  "nft 'add map inet t mm { type ipv4_addr . inet_service : mark; }'",
  "nft 'add map inet t mq { type inet_service : quota; }'",
  "nft 'add quota inet t q { 10 mbytes; }'",
]
const OBJECTS = [
  "nft 'add ct timeout inet t o { protocol tcp; l3proto ip; policy = { established : 100 }; }'",
  "nft 'add ct expectation inet t e { protocol tcp; dport 9876; timeout 2m; size 12; l3proto ip; }'",
  "nft 'add synproxy inet t y { mss 1460; wscale 7; }'",
]

/** What the values of a list have of their own. */
const owns = {
  counter: 'tcp dport { 22 counter, 80 counter } accept',
  'counter-some': 'tcp dport { 22 counter, 80 } accept',
  comment: 'tcp dport { 22 comment "ssh", 80 } accept',
  limit: 'tcp dport { 22 limit rate 5/second, 80 } accept',
  two: 'tcp dport { 22 limit rate over 5/second counter comment "slow", 80 } drop',
  not: 'ip saddr != { 10.0.0.1 counter, 10.0.0.2 counter } drop',
  networks: 'ip saddr { 10.0.0.0/8 counter, 192.168.0.0/16 } accept',
  others: 'ip saddr { 10.0.0.1 counter, * counter } accept',
  'others-networks': 'ip saddr { 10.0.0.0/8 counter, * counter } accept',
  pairs: 'ip saddr . tcp dport { 10.0.0.1 . 22 counter, 10.0.0.2 . 80 } accept',
  'pairs-networks': 'ip saddr . tcp dport { 10.0.0.0/8 . 22-23 counter comment "y" } accept',
  interfaces: 'iif { "lo" counter, "eth0" counter } accept',
  marks: 'meta mark { 1-5 counter, 10 counter } accept',
}
const given = {
  timeout: 'ct timeout set "o"',
  expectation: 'ct expectation set "e"',
  synproxy: 'synproxy name "y"',
  synproxies: 'synproxy name tcp dport map { 80 : "y" }',
  quotas: 'quota name tcp dport map @mq',
}
const matches = {
  'tcp-option-number': 'tcp option 77 exists',
  'tcp-option-nop': 'tcp option nop missing',
  'maxseg-map': 'tcp option maxseg size set tcp dport map { 22 : 1400 }',
  'sack-block': 'tcp option sack2 left 5',
  'chunk-missing': 'sctp chunk cookie-echo missing',
  'chunk-ack': 'sctp chunk sack cum-tsn-ack > 5',
  'sctp-checksum': 'sctp checksum 5',
  'th-pairs': 'meta l4proto tcp th sport . th dport { 1 . 2, 3 . 4 }',
  exthdr: 'exthdr rt exists',
  'exthdr-not': 'exthdr mh missing',
  'option-lsrr': 'ip option lsrr exists',
  'option-ssrr': 'ip option ssrr ptr 4',
  'frag-last': 'frag more-fragments 0',
  'dst-length': 'dst hdrlength > 2',
  'jhash-ether': 'jhash ether saddr mod 3 seed 0x1 1',
  'symhash-offset': 'symhash mod 2 offset 100 100 accept',
  'fib-three': 'fib daddr . mark . iif type local',
  'fib-not': 'fib saddr type != { unicast, local }',
  'fib-names': 'fib saddr . iif oifname { "eth0", "eth1" }',
  'fib-pair': 'fib daddr type . meta l4proto { local . tcp }',
  'socket-two': 'socket mark 0x5 socket transparent 1 accept',
  'ct-packets': 'ct original packets > 100',
  'ct-bytes': 'ct reply bytes 100-200',
  'ct-state-direction': 'ct state . ct direction { new . original }',
  'ct-status-mask': 'ct status & (snat | dnat) == 0 accept',
  'ct-state-is': 'ct state != established drop',
  'ct-zone-intervals': 'ct zone { 1, 5-10 }',
  'tcp-flag-none': 'tcp flags & syn == 0',
  'tcp-flags-is': 'tcp flags != syn drop',
  'less-masked': 'ip saddr & 0.0.0.255 < 0.0.0.127',
  triple:
    'ip saddr . ip daddr . tcp dport { 10.0.0.0/8 . 192.168.0.0-192.168.0.255 . 80-443, 10.1.1.1 . 10.2.2.2 . 22 } accept',
  'pair-v6': 'ip6 saddr . ip6 daddr { 2001:db8::/32 . ::1 } accept',
  sdif: 'meta sdif "eth0" meta sdifname "vrf0"',
  time: 'meta time > "2026-06-06 17:00:00"',
  'hour-less': 'meta hour < "08:00" drop',
  'bytes-masked': '@nh,8,16 & 0xff00 == 0x1000',
  'bytes-inner': '@ih,32,32 0x14000000',
}
const acts = {
  'mark-shifted': 'ct mark set meta mark and 0xff or 0x100',
  'mark-turned': 'ct mark set ct mark ^ 0xffffffff',
  'mark-hash': 'ct mark set jhash ip saddr mod 8 seed 0x5 offset 0x10',
  'mark-pairs': 'meta mark set ip saddr . tcp dport map @mm',
  'mark-intervals': 'ct mark set meta mark map { 1 : 10, 2-3 : 20 }',
  'limit-bytes': 'limit rate over 10 mbytes/second burst 12000 kbytes drop',
  'log-emerg': 'log level emerg',
  'log-group-0': 'log prefix "a" group 0',
  queue: 'queue num 0-3 fanout',
  'queue-most': 'queue num 1-65535',
  'reject-route': 'reject with icmpv6 reject-route',
  'reject-protocol': 'reject with icmp prot-unreachable',
  'add-limit': 'add @sd { ip saddr timeout 30s limit rate 10/second }',
  'update-pair': 'update @sc { ip saddr . tcp dport timeout 10s counter }',
  'add-masked': 'add @sd { ip saddr & 255.255.255.0 }',
  'ttl-address': 'ip daddr set 10.0.0.9 ip ttl set 9',
}

export const nftUncommon: Scenario[] = scenarios(
  [ETH],
  [
    ...rules('own', 'inet', INPUT, owns),
    ...rules('given', 'inet', INPUT, given, ...SETS, ...OBJECTS),
    ...rules('uncommon', 'inet', INPUT, matches),
    ...rules('act', 'inet', INPUT, acts, ...SETS),
    ...rules('early', 'inet', '{ type filter hook prerouting priority raw; }', {
      'zone-numgen': 'ct zone set numgen inc mod 4 offset 1',
      'zone-reply': 'ct reply zone set 9',
      'fib-oifname': 'fib saddr . mark . iif oifname != "eth0" drop',
    }),
    ...rules('to', 'inet', NAT.prerouting, {
      marks: 'dnat ip to meta mark map { 1 : 10.0.0.1, 2 : 10.0.0.2 }',
      persistent: 'dnat ip to 10.0.0.1 persistent',
      networks: 'dnat ip6 to ip6 saddr map { 2001:db8::/64 : 2001:db8:1::1 }',
      'fully-random': 'tcp dport 80 redirect to :8080 fully-random',
    }),
    ...rules('from', 'inet', NAT.postrouting, {
      pairs: 'snat ip to ip saddr . tcp sport map { 10.0.0.1 . 80 : 1.2.3.4 . 8080 }',
      range: 'ip protocol tcp snat ip to 10.0.0.1-10.0.0.9:1000-2000',
      random: 'oif "eth0" ip saddr 10.0.0.0/8 masquerade random,persistent',
    }),
    ...rules('leaving', 'netdev', '{ type filter hook egress device eth0 priority 0; }', {
      ether: 'ether saddr set 02:00:00:00:00:09',
      dscp: 'ip dscp set ef',
      dup: 'dup to "eth1"',
    }),
    ...rules('switched', 'bridge', INPUT, {
      vlans: 'vlan id { 10, 20-29 } accept',
      'vlan-pair': 'vlan id . ether saddr { 5 . 02:00:00:00:00:01 } accept',
      group: 'ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 drop',
    }),
    ...rules('resolved', 'arp', INPUT, {
      address: 'arp saddr ip set 10.0.0.9',
      mark: 'meta mark set 5 counter',
    }),
  ],
  'all of nf_tables',
)
