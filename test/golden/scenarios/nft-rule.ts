import { ETH, type Row, type Scenario, scenarios } from './scenario.js'

export const INPUT = '{ type filter hook input priority 0; }'
export const NAT = {
  prerouting: '{ type nat hook prerouting priority -100; }',
  postrouting: '{ type nat hook postrouting priority 100; }',
}

/** Rules of a chain `c` of a table `t`, `name: text`. */
export function rules(
  prefix: string,
  family: string,
  chain: string,
  texts: Record<string, string>,
  ...setup: string[]
): Row[] {
  return Object.entries(texts).map(([name, text]) => [
    `nft-${prefix}-${name}`,
    `nft 'add rule ${family} t c ${text}'`,
    `nft add table ${family} t`,
    `nft 'add chain ${family} t d'`,
    ...setup,
    `nft 'add chain ${family} t c ${chain}'`,
  ])
}

const SETS = [
  "nft 'add set inet t s4 { type ipv4_addr; }'",
  "nft 'add set inet t si { type ipv4_addr; flags interval; }'",
  "nft 'add set inet t sc { type ipv4_addr . inet_service; }'",
  "nft 'add set inet t sd { type ipv4_addr; flags dynamic, timeout; }'",
  "nft 'add map inet t mv { type ipv4_addr : verdict; }'",
  "nft 'add map inet t mm { type ipv4_addr : mark; }'",
  "nft 'add map inet t mo { type ipv4_addr : counter; }'",
  'nft add counter inet t n',
  "nft 'add quota inet t q { 10 mbytes; }'",
  "nft 'add limit inet t l { rate 5/second; }'",
]

const verdicts = {
  accept: 'accept',
  drop: 'drop',
  return: 'return',
  continue: 'continue',
  jump: 'jump d',
  goto: 'goto d',
}

const addresses = {
  saddr: 'ip saddr 10.0.0.1 accept',
  'saddr-not': 'ip saddr != 10.0.0.1 drop',
  'saddr-8': 'ip saddr 10.0.0.0/8 accept',
  'saddr-12': 'ip saddr 172.16.0.0/12 accept',
  'saddr-16': 'ip saddr 192.168.0.0/16 accept',
  'saddr-not-prefix': 'ip saddr != 192.168.0.0/16 drop',
  'saddr-range': 'ip saddr 10.0.0.5-10.0.0.9 accept',
  'saddr-not-range': 'ip saddr != 10.0.0.5-10.0.0.9 accept',
  'saddr-list': 'ip saddr { 10.0.0.1, 10.0.0.2 } accept',
  'saddr-not-list': 'ip saddr != { 10.0.0.1, 10.0.0.2 } drop',
  'saddr-intervals': 'ip saddr { 10.0.0.0/8, 192.168.1.5-192.168.1.9 } accept',
  'saddr-daddr': 'ip saddr 10.0.0.1 ip daddr 10.0.0.2 accept',
  'saddr-daddr-prefix': 'ip saddr 10.0.0.0/8 ip daddr 192.168.0.0/16 accept',
  saddr6: 'ip6 saddr 2001:db8::1 accept',
  'saddr6-prefix': 'ip6 saddr 2001:db8::/32 accept',
  'saddr6-prefix-odd': 'ip6 saddr fe80::/10 accept',
  'daddr6-list': 'ip6 daddr { 2001:db8::1, 2001:db8::2 } accept',
  'daddr6-intervals': 'ip6 daddr { 2001:db8::/32, fe80::/10 } accept',
  set: 'ip saddr @s4 accept',
  'set-not': 'ip saddr != @s4 drop',
  'set-interval': 'ip saddr @si accept',
  'set-concat': 'ip saddr . tcp dport @sc accept',
  vmap: 'ip saddr vmap @mv',
  'vmap-inline': 'ip saddr vmap { 10.0.0.1 : accept, 10.0.0.2 : drop }',
  'vmap-jump': 'tcp dport vmap { 22 : accept, 80 : jump d }',
}

const ports = {
  dport: 'tcp dport 80 accept',
  'dport-not': 'tcp dport != 80 drop',
  'dport-range': 'tcp dport 8000-8999 accept',
  'dport-not-range': 'tcp dport != 8000-8999 accept',
  'dport-list': 'tcp dport { 80, 443 } accept',
  'dport-intervals': 'tcp dport { 22, 8000-8999 } accept',
  'dport-lt': 'tcp dport < 1024 accept',
  'dport-gte': 'tcp dport >= 1024 accept',
  sport: 'tcp sport 1024-65535 accept',
  'sport-dport': 'tcp sport 1000 tcp dport 80 accept',
  'udp-dport': 'udp dport 53 accept',
  'sctp-dport': 'sctp dport 9 accept',
  'udp-length': 'udp length 100 accept',
  'th-dport': 'meta l4proto { tcp, udp } th dport 53 accept',
  'tcp-flags': 'tcp flags syn accept',
  'tcp-flags-or': 'tcp flags syn,ack accept',
  'tcp-flags-mask': 'tcp flags & (fin | syn | rst | ack) == syn accept',
  'tcp-flags-not': 'tcp flags & (fin | syn) != syn drop',
  'tcp-window': 'tcp window 1024 accept',
  'tcp-option-mss': 'tcp option maxseg size 1400 accept',
  'concat-inline': 'ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 443 } accept',
}

const headers = {
  'ip-protocol': 'ip protocol icmp accept',
  'ip-protocol-tcp': 'ip protocol tcp tcp dport 80 accept',
  'ip-ttl': 'ip ttl 64 accept',
  'ip-ttl-lt': 'ip ttl < 5 drop',
  'ip-dscp': 'ip dscp cs1 accept',
  'ip-length': 'ip length 100 accept',
  'ip-id': 'ip id 7 accept',
  'ip-frag-off': 'ip frag-off & 0x1fff != 0 drop',
  'ip6-nexthdr': 'ip6 nexthdr icmpv6 accept',
  'ip6-hoplimit': 'ip6 hoplimit 255 accept',
  'ip6-dscp': 'ip6 dscp cs1 accept',
  'ip6-flowlabel': 'ip6 flowlabel 5 accept',
  icmp: 'icmp type echo-request accept',
  'icmp-list': 'icmp type { echo-request, echo-reply } accept',
  'icmp-code': 'icmp type destination-unreachable icmp code 4 accept',
  icmpv6: 'icmpv6 type echo-request accept',
  'icmpv6-list': 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
  esp: 'meta l4proto esp accept',
  'ah-spi': 'ah spi 100 accept',
  'esp-spi': 'esp spi 100 accept',
  'exthdr-frag': 'exthdr frag exists drop',
}

const meta = {
  iif: 'iif lo accept',
  iifname: 'iifname "eth0" accept',
  'iifname-not': 'iifname != "eth0" drop',
  'iifname-wildcard': 'iifname "eth*" accept',
  'iifname-list': 'iifname { "eth0", "eth1" } accept',
  'oifname-list-not': 'oifname != { "eth0", "eth1" } drop',
  mark: 'meta mark 0x10 accept',
  'mark-mask': 'meta mark & 0xff == 0x10 accept',
  'mark-not-mask': 'meta mark & 0xff != 0x10 accept',
  'mark-range': 'meta mark 16-32 accept',
  'mark-list': 'meta mark { 1, 2 } accept',
  'mark-set': 'meta mark set 0x20',
  'mark-set-or': 'meta mark set meta mark | 0x100',
  'mark-set-and': 'meta mark set meta mark & 0xff',
  'mark-set-map': 'meta mark set ip saddr map @mm',
  'mark-set-ct': 'meta mark set ct mark',
  nfproto: 'meta nfproto ipv4 accept',
  l4proto: 'meta l4proto tcp accept',
  'l4proto-list': 'meta l4proto { tcp, udp } accept',
  protocol: 'meta protocol ip accept',
  length: 'meta length > 1000 drop',
  pkttype: 'meta pkttype broadcast drop',
  skuid: 'meta skuid 1000 accept',
  'skuid-range': 'meta skuid 1000-2000 accept',
  skgid: 'meta skgid 0 accept',
  cpu: 'meta cpu 1 accept',
  iifgroup: 'iifgroup 5 accept',
  priority: 'meta priority set 1:5',
  nftrace: 'meta nftrace set 1',
  cgroup: 'meta cgroup 5 accept',
}

const ct = {
  state: 'ct state established accept',
  'state-list': 'ct state established,related accept',
  'state-set': 'ct state { established, related } accept',
  'state-not': 'ct state ! invalid accept',
  'state-vmap': 'ct state vmap { established : accept, related : accept, invalid : drop }',
  status: 'ct status dnat accept',
  mark: 'ct mark 0x10 accept',
  'mark-set': 'ct mark set 0x10',
  'mark-set-meta': 'ct mark set meta mark',
  direction: 'ct direction original accept',
  'original-saddr': 'ct original ip saddr 10.0.0.1 accept',
  'original-dport': 'meta l4proto tcp ct original proto-dst 80 accept',
  zone: 'ct zone 5 accept',
  helper: 'ct helper "ftp" accept',
  bytes: 'ct original bytes > 1000 accept',
  expiration: 'ct expiration 30s accept',
  count: 'ct count over 10 drop',
}

const statements = {
  counter: 'counter accept',
  'counter-values': 'counter packets 5 bytes 500',
  'counter-named': 'counter name n',
  'counter-map': 'counter name ip saddr map @mo',
  'quota-named': 'quota name q',
  'limit-named': 'limit name l accept',
  log: 'log',
  'log-prefix': 'log prefix "dropped: " drop',
  'log-level': 'log prefix "x" level info',
  'log-flags': 'log flags ip options',
  'log-group': 'log group 2 snaplen 100 queue-threshold 10',
  limit: 'limit rate 10/second accept',
  'limit-burst': 'limit rate 10/minute burst 20 packets accept',
  'limit-over': 'limit rate over 10/second drop',
  'limit-bytes': 'limit rate 1 mbytes/second accept',
  quota: 'quota 100 mbytes accept',
  'quota-over': 'quota over 100 mbytes drop',
  reject: 'reject',
  'reject-icmpx': 'reject with icmpx type admin-prohibited',
  'reject-icmp': 'reject with icmp type host-unreachable',
  'reject-icmpv6': 'reject with icmpv6 type no-route',
  'reject-icmp-host': 'reject with icmp type host-prohibited',
  'reject-tcp': 'reject with tcp reset',
  queue: 'queue num 3',
  'queue-bypass': 'queue num 3 bypass',
  'queue-fanout': 'queue num 1-3 fanout',
  'set-add': 'add @sd { ip saddr }',
  'set-update': 'update @sd { ip saddr timeout 30s }',
  'set-update-limit': 'update @sd { ip saddr limit rate 5/second }',
  'set-delete': 'delete @sd { ip saddr }',
  fib: 'fib saddr . iif oif missing drop',
  'fib-type': 'fib daddr type local accept',
  'fib-type-list': 'fib daddr type { local, broadcast } accept',
  socket: 'socket transparent 1 accept',
  'rt-mtu': 'tcp option maxseg size set rt mtu',
  'mss-set': 'tcp option maxseg size set 1400',
  numgen: 'numgen random mod 2 0 accept',
  jhash: 'meta mark set jhash ip saddr mod 16',
  'payload-set': 'ip dscp set cs1',
  'ttl-set': 'ip ttl set 64',
  comment: 'tcp dport 22 accept comment "ssh"',
  many: 'iifname "eth0" ip saddr 10.0.0.0/8 tcp dport { 80, 443 } ct state established,related counter accept',
  osf: 'osf name "Linux" accept',
  'osf-not': 'osf name != "Linux" drop',
  'osf-list': 'osf name { "Linux", "Windows" } accept',
  'osf-version': 'osf ttl skip version "Linux:4.20" drop',
  'osf-loose': 'osf ttl loose name "Linux" drop',
  'ipsec-reqid': 'ipsec in reqid 1 accept',
  'ipsec-spi': 'ipsec in spnum 1 spi 0x10 accept',
  'ipsec-saddr': 'ipsec in ip saddr 10.0.0.1 accept',
  secpath: 'meta secpath exists accept',
  synproxy: 'synproxy mss 1460 wscale 7 timestamp sack-perm',
}

const natIn = {
  dnat: 'tcp dport 80 dnat ip to 192.168.15.2:8080',
  'dnat-address': 'iifname "eth0" dnat ip to 192.168.15.2',
  'dnat-port-range': 'tcp dport 8000-8010 dnat ip to 192.168.15.2:8000-8010',
  'dnat-v6': 'tcp dport 80 dnat ip6 to [2001:db8::2]:8080',
  'dnat-map': 'dnat ip to tcp dport map { 80 : 192.168.15.2, 443 : 192.168.15.3 }',
  'dnat-concat-map': 'dnat ip to tcp dport map { 80 : 192.168.15.2 . 8080 }',
  redirect: 'tcp dport 80 redirect to :8080',
  'redirect-plain': 'tcp dport 80 redirect',
}

const natOut = {
  masquerade: 'ip saddr 192.168.15.0/24 masquerade',
  'masquerade-random': 'oifname "eth0" masquerade random',
  'masquerade-fully-random': 'masquerade fully-random,persistent',
  'masquerade-ports': 'meta l4proto tcp masquerade to :1024-65535',
  snat: 'oifname "eth0" snat ip to 203.0.113.1',
  'snat-range': 'snat ip to 203.0.113.1-203.0.113.9',
  'snat-v6': 'snat ip6 to 2001:db8::1',
  'snat-network': 'snat ip prefix to 192.168.0.0/24',
  'snat-network-v6': 'snat ip6 prefix to 2001:db8:1::/64',
  'snat-prefix': 'snat ip prefix to ip saddr map { 10.0.0.0/24 : 192.168.0.0/24 }',
}

const ip = {
  saddr: 'ip saddr 10.0.0.1 accept',
  dport: 'tcp dport 80 accept',
  protocol: 'ip protocol tcp accept',
  reject: 'reject',
  icmp: 'icmp type echo-request accept',
}
const ip6 = {
  saddr: 'ip6 saddr 2001:db8::1 accept',
  reject: 'reject',
  dport: 'udp dport 53 accept',
  icmpv6: 'icmpv6 type echo-request accept',
}
const bridge = {
  'ether-saddr': 'ether saddr 02:00:00:00:00:01 accept',
  'ether-type': 'ether type arp accept',
  ip: 'ip saddr 10.0.0.1 drop',
  dport: 'tcp dport 80 accept',
  vlan: 'vlan id 5 accept',
  ibrname: 'meta ibrname "br0" accept',
  arp: 'arp operation request accept',
}
const arp = { operation: 'arp operation request accept', 'saddr-ip': 'arp saddr ip 10.0.0.1 drop' }
const netdev = {
  ip: 'ip saddr 10.0.0.1 drop',
  vlan: 'vlan id 5 accept',
  dup: 'dup to "eth1"',
  fwd: 'fwd to "eth1"',
  dport: 'tcp dport 80 drop',
}

/** Maps to networks, and to ranges of addresses with ports. */
const MAPS = [
  "nft 'add map inet t mn { type ipv4_addr : interval ipv4_addr; flags interval; }'",
  "nft 'add map inet t mr { type ipv4_addr : interval ipv4_addr . inet_service; flags interval; }'",
]
const natMaps = {
  prefix: 'dnat ip prefix to ip daddr map @mn',
  'prefix-inline': 'dnat ip prefix to ip daddr map { 10.1.0.0/24 : 10.2.0.0/24, 10.1.1.0/24 : 10.2.9.0/24 }',
  'prefix-v6': 'dnat ip6 prefix to ip6 daddr map { 2001:db8:1::/64 : 2001:db8:2::/64 }',
  range: 'dnat ip to ip daddr map @mn',
  'range-inline': 'dnat ip to ip saddr map { 10.0.0.4 : 192.168.2.2-192.168.2.4 }',
  'range-ports': 'meta l4proto tcp dnat ip to ip daddr map @mr',
  'range-ports-inline':
    'meta l4proto tcp dnat ip addr . port to ip saddr map { 10.0.0.4 : 192.168.2.2-192.168.2.4 . 80-90 }',
  numgen: 'dnat ip to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }',
  redirect: 'tcp dport 80-81 redirect to :tcp dport map { 80 : 8080, 81 : 8081 }',
}

const HELPER = `nft 'add ct helper inet t h { type "ftp" protocol tcp; l3proto ip; }'`
const more = {
  'ct-helper-set': 'ct helper set "h"',
  'ct-label': 'ct label 9 accept',
  'ct-label-set': 'ct label set 70',
  'ct-protocol': 'ct protocol tcp accept',
  'ct-mark-or': 'ct mark set ct mark | 0x1',
  'ct-packets': 'ct packets > 10 accept',
  'mark-xor': 'meta mark set meta mark ^ 0x1',
  'meta-hour': 'meta hour "00:00"-"11:59" accept',
  'meta-day': 'meta day "Monday" accept',
  'tcp-option': 'tcp option sack-perm exists accept',
  'tcp-option-missing': 'tcp option timestamp missing drop',
  'ip-option': 'ip option rr exists drop',
  payload: '@th,16,16 80 accept',
  'payload-list': '@nh,64,8 { 1, 2 } accept',
  symhash: 'meta mark set symhash mod 4',
  'numgen-vmap': 'numgen random mod 2 vmap { 0 : goto d, 1 : jump d }',
  'service-vmap':
    'ip daddr . meta l4proto . th dport vmap { 10.0.0.1 . tcp . 80 : goto d, 10.0.0.1 . udp . 53 : goto d }',
  'interface-vmap': 'iifname . oifname vmap { "eth0" . "eth1" : accept }',
  'port-vmap': 'tcp dport vmap { 22 : accept, 8000-8999 : drop }',
  'concat-intervals': 'ip saddr . tcp dport { 10.0.0.0/8 . 80-90 } accept',
  'flow-offload': 'ct state established flow add @f',
  'rt-nexthop': 'rt ip nexthop 10.0.0.1 accept',
  'rt-classid': 'rt classid 5 accept',
  'rt-ipsec': 'rt ipsec exists accept',
  'limit-hour': 'limit rate 100/hour burst 10 packets accept',
  'log-audit': 'log level audit',
}

export const nftRule: Scenario[] = scenarios(
  [ETH],
  [
    ...rules('verdict', 'inet', INPUT, verdicts),
    ...rules('inet', 'inet', INPUT, { ...addresses, ...ports, ...headers }, ...SETS),
    ...rules('meta', 'inet', INPUT, meta, ...SETS),
    ...rules('ct', 'inet', INPUT, ct),
    ...rules('do', 'inet', INPUT, statements, ...SETS),
    ...rules('nat', 'inet', NAT.prerouting, natIn),
    ...rules('nat', 'inet', NAT.postrouting, natOut),
    ...rules('raw', 'inet', '{ type filter hook prerouting priority raw; }', {
      notrack: 'notrack',
      tproxy: 'tcp dport 80 tproxy ip to 127.0.0.1:8080 accept',
      'ct-zone-set': 'ct zone set 5',
    }),
    ...rules('natmap', 'inet', NAT.prerouting, natMaps, ...MAPS),
    ...rules('more', 'inet', INPUT, more, HELPER),
    ...rules('forward', 'inet', '{ type filter hook forward priority filter; }', {
      interfaces: 'iifname "eth0" oifname "eth1" accept',
      mss: 'tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu',
    }),
    ...rules('output', 'ip6', '{ type filter hook output priority filter; }', {
      skuid: 'meta skuid 0 drop',
      oif: 'oif lo accept',
    }),
    ...rules('route', 'ip', '{ type route hook output priority mangle; }', { mark: 'meta mark set 0x1' }),
    ...rules('postrouting', 'inet', '{ type filter hook postrouting priority mangle; }', {
      dscp: 'oifname "eth0" ip dscp set ef',
    }),
    ...rules('dup', 'ip', '{ type filter hook prerouting priority mangle; }', {
      address: 'dup to 10.0.0.9',
      device: 'dup to 10.0.0.9 device "eth1"',
    }),
    ...rules('bridge-forward', 'bridge', '{ type filter hook forward priority filter; }', {
      address: 'ether daddr 02:00:00:00:00:02 ip daddr 10.0.0.2 drop',
    }),
    ...rules('arp-output', 'arp', '{ type filter hook output priority filter; }', {
      'daddr-ip': 'arp daddr ip 10.0.0.1 drop',
    }),
    ...rules('inet-ingress', 'inet', '{ type filter hook ingress device eth0 priority filter; }', {
      saddr: 'ip saddr 10.0.0.0/8 drop',
    }),
    ...rules('egress', 'netdev', '{ type filter hook egress device eth0 priority 0; }', {
      address: 'fwd ip to 10.0.0.9 device "eth1"',
      'address-v6': 'fwd ip6 to 2001:db8::9 device "eth1"',
      drop: 'ip daddr 10.0.0.1 drop',
    }),
    ...rules('ip', 'ip', INPUT, ip),
    ...rules('ip6', 'ip6', INPUT, ip6),
    ...rules('bridge', 'bridge', INPUT, bridge),
    ...rules('arp', 'arp', INPUT, arp),
    ...rules('netdev', 'netdev', '{ type filter hook ingress device eth0 priority 0; }', netdev),
  ],
  'all of nf_tables',
)
