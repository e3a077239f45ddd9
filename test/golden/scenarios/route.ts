import { ETH, type Row, scenarios, UP } from './scenario.js'

const TO = '198.51.100.0/24'
const VIA = 'via 192.0.2.254'
const NEXTHOP = 'ip nexthop add id 1 via 192.0.2.254 dev eth0'

const v4: Row[] = [
  ['route-v4-default', `ip route add default ${VIA}`],
  ['route-v4-default-dev', `ip route add default ${VIA} dev eth0`],
  ['route-v4-via', `ip route add ${TO} ${VIA}`],
  ['route-v4-via-dev', `ip route add ${TO} ${VIA} dev eth0`],
  ['route-v4-dev', `ip route add ${TO} dev eth0`],
  ['route-v4-host', `ip route add 198.51.100.7 ${VIA}`],
  ['route-v4-replace', `ip route replace ${TO} ${VIA}`],
  ['route-v4-append', `ip route append ${TO} ${VIA}`],
  ['route-v4-prepend', `ip route prepend ${TO} ${VIA}`],
  ['route-v4-change', `ip route change ${TO} via 192.0.2.253`, `ip route add ${TO} ${VIA}`],
  ['route-v4-delete', `ip route del ${TO}`, `ip route add ${TO} ${VIA}`],
  ['route-v4-delete-default', 'ip route del default', `ip route add default ${VIA}`],
  ['route-v4-delete-via', `ip route del ${TO} ${VIA} dev eth0`, `ip route add ${TO} ${VIA}`],
  ['route-v4-delete-dev', `ip route del ${TO} dev eth0`, `ip route add ${TO} dev eth0`],
  ['route-v4-delete-metric', `ip route del ${TO} metric 7`, `ip route add ${TO} ${VIA} metric 7`],
  ['route-v4-delete-blackhole', `ip route del blackhole ${TO}`, `ip route add blackhole ${TO}`],
  ['route-v4-delete-table', `ip route del ${TO} table 100`, `ip route add ${TO} ${VIA} table 100`],
  ['route-v4-src', `ip route add ${TO} ${VIA} src 192.0.2.1`],
  ['route-v4-metric', `ip route add ${TO} ${VIA} metric 100`],
  ['route-v4-table-100', `ip route add ${TO} ${VIA} table 100`],
  ['route-v4-table-1000', `ip route add ${TO} ${VIA} table 1000`],
  ['route-v4-table-local', 'ip route add local 198.51.100.7 dev lo table local'],
  ['route-v4-scope-link', `ip route add ${TO} dev eth0 scope link`],
  ['route-v4-scope-host', 'ip route add 198.51.100.7 dev eth0 scope host'],
  ['route-v4-scope-global', `ip route add ${TO} dev eth0 scope global`],
  ['route-v4-onlink', `ip route add ${TO} via 203.0.113.1 dev eth0 onlink`],
  ['route-v4-proto-static', `ip route add ${TO} ${VIA} proto static`],
  ['route-v4-proto-number', `ip route add ${TO} ${VIA} proto 200`],
  ['route-v4-tos', `ip route add ${TO} ${VIA} tos 0x10`],
  ['route-v4-via-inet6', `ip route add ${TO} via inet6 fe80::fe dev eth0`],
  ['route-v4-nhid', `ip route add ${TO} nhid 1`, NEXTHOP],
  ['route-v4-realms', `ip route add ${TO} ${VIA} realms 3/4`],
  [
    'route-v4-many',
    `ip route add ${TO} ${VIA} dev eth0 src 192.0.2.1 metric 50 table 1000 proto 99 scope global mtu 1400 onlink`,
  ],
]

const types: Row[] = [
  ['route-type-unicast', `ip route add unicast ${TO} ${VIA}`],
  ['route-type-blackhole', `ip route add blackhole ${TO}`],
  ['route-type-unreachable', `ip route add unreachable ${TO}`],
  ['route-type-prohibit', `ip route add prohibit ${TO}`],
  ['route-type-throw', `ip route add throw ${TO} table 100`],
  ['route-type-local', 'ip route add local 198.51.100.7 dev lo'],
  ['route-type-broadcast', 'ip route add broadcast 198.51.100.255 dev eth0'],
  ['route-type-multicast', 'ip route add multicast 239.1.1.0/24 dev eth0'],
  ['route-type-blackhole-default-metric', 'ip route add blackhole default metric 4278198272'],
]

const metrics: Row[] = [
  ['route-mtu', `ip route add ${TO} ${VIA} mtu 1400`],
  ['route-mtu-lock', `ip route add ${TO} ${VIA} mtu lock 1400`],
  ['route-advmss', `ip route add ${TO} ${VIA} advmss 1360`],
  ['route-windows', `ip route add ${TO} ${VIA} initcwnd 20 initrwnd 40 window 65535 cwnd 30 ssthresh 50`],
  ['route-times', `ip route add ${TO} ${VIA} rtt 100ms rttvar 50ms rto_min 200ms`],
  ['route-locks', `ip route add ${TO} ${VIA} mtu lock 1400 advmss lock 1360 hoplimit lock 32`],
  ['route-features', `ip route add ${TO} ${VIA} features ecn quickack 1 reordering 5 fastopen_no_cookie 1`],
  ['route-congctl', `ip route add ${TO} ${VIA} congctl reno`],
]

const multipath: Row[] = [
  ['route-multipath', `ip route add ${TO} nexthop via 192.0.2.254 nexthop via 192.0.2.253`],
  [
    'route-multipath-weights',
    `ip route add ${TO} nexthop via 192.0.2.254 dev eth0 weight 10 nexthop via 192.0.2.253 dev eth0 weight 256`,
  ],
  ['route-multipath-dev', `ip route add ${TO} nexthop dev eth0 nexthop dev eth1`],
  [
    'route-multipath-onlink',
    `ip route add ${TO} nexthop via 203.0.113.1 dev eth0 onlink nexthop via 203.0.113.2 dev eth1 onlink`,
  ],
  [
    'route-multipath-via-inet6',
    `ip route add ${TO} nexthop via inet6 fe80::1 dev eth0 nexthop via 192.0.2.254 dev eth0`,
  ],
  [
    'route-multipath-realms',
    `ip route add ${TO} nexthop via 192.0.2.254 realms 3 nexthop via 192.0.2.253 realms 4`,
  ],
  [
    'route-multipath-mtu',
    `ip route add ${TO} mtu 1400 metric 9 nexthop via 192.0.2.254 nexthop via 192.0.2.253`,
  ],
  [
    'route-multipath-v6',
    'ip -6 route add 2001:db8:1::/64 nexthop via 2001:db8::fe dev eth0 nexthop via 2001:db8::fd dev eth0 weight 3',
  ],
]

const v6: Row[] = [
  ['route-v6-default', 'ip -6 route add default via 2001:db8::fe'],
  ['route-v6-default-by-prefix', 'ip route add ::/0 via 2001:db8::fe'],
  ['route-v6-default-by-gateway', 'ip route add default via fe80::fe dev eth0'],
  ['route-v6-via', 'ip route add 2001:db8:1::/64 via 2001:db8::fe'],
  ['route-v6-via-dev', 'ip route add 2001:db8:1::/64 via fe80::fe dev eth0'],
  ['route-v6-dev', 'ip route add 2001:db8:1::/64 dev eth0'],
  ['route-v6-host', 'ip route add 2001:db8:1::7 via 2001:db8::fe'],
  ['route-v6-replace', 'ip route replace 2001:db8:1::/64 via 2001:db8::fe'],
  [
    'route-v6-append',
    'ip route append 2001:db8:1::/64 via 2001:db8::fd',
    'ip route add 2001:db8:1::/64 via 2001:db8::fe',
  ],
  [
    'route-v6-change',
    'ip route change 2001:db8:1::/64 via 2001:db8::fd',
    'ip route add 2001:db8:1::/64 via 2001:db8::fe',
  ],
  ['route-v6-delete', 'ip route del 2001:db8:1::/64', 'ip route add 2001:db8:1::/64 via 2001:db8::fe'],
  ['route-v6-src', 'ip route add 2001:db8:1::/64 via 2001:db8::fe src 2001:db8::1'],
  ['route-v6-metric', 'ip route add 2001:db8:1::/64 via 2001:db8::fe metric 100'],
  ['route-v6-table-100', 'ip route add 2001:db8:1::/64 via 2001:db8::fe table 100'],
  ['route-v6-table-1000', 'ip route add 2001:db8:1::/64 via 2001:db8::fe table 1000'],
  ['route-v6-pref-high', 'ip route add 2001:db8:1::/64 via 2001:db8::fe pref high'],
  ['route-v6-pref-low', 'ip route add 2001:db8:1::/64 via 2001:db8::fe pref low'],
  ['route-v6-expires', 'ip route add 2001:db8:1::/64 via 2001:db8::fe expires 600'],
  ['route-v6-onlink', 'ip route add 2001:db8:1::/64 via 2001:db8:9::1 dev eth0 onlink'],
  ['route-v6-proto', 'ip route add 2001:db8:1::/64 via 2001:db8::fe proto static'],
  ['route-v6-from', 'ip route add 2001:db8:1::/64 from 2001:db8::/64 via 2001:db8::fe'],
  ['route-v6-blackhole', 'ip route add blackhole 2001:db8:1::/64'],
  ['route-v6-unreachable', 'ip route add unreachable 2001:db8:1::/64'],
  ['route-v6-prohibit', 'ip route add prohibit 2001:db8:1::/64'],
  ['route-v6-local', 'ip route add local 2001:db8:1::7 dev lo'],
  ['route-v6-mtu-hoplimit', 'ip route add 2001:db8:1::/64 via 2001:db8::fe mtu 1400 hoplimit 32 advmss 1340'],
  ['route-v6-nhid', 'ip route add 2001:db8:1::/64 nhid 2', 'ip nexthop add id 2 via 2001:db8::fe dev eth0'],
]

const DEFAULT = `ip route add default ${VIA}`
const get: Row[] = [
  ['route-get', 'ip route get 198.51.100.7', DEFAULT],
  ['route-get-from', 'ip route get 198.51.100.7 from 192.0.2.1', DEFAULT],
  ['route-get-from-iif', 'ip route get 192.0.2.1 from 192.0.2.9 iif eth0', DEFAULT],
  ['route-get-oif', 'ip route get 198.51.100.7 oif eth0', DEFAULT],
  ['route-get-mark', 'ip route get 198.51.100.7 mark 0x10', DEFAULT],
  ['route-get-tos', 'ip route get 198.51.100.7 tos 0x10', DEFAULT],
  ['route-get-uid', 'ip route get 198.51.100.7 uid 1000', DEFAULT],
  ['route-get-ports', 'ip route get 198.51.100.7 ipproto tcp sport 1024 dport 80', DEFAULT],
  ['route-get-fibmatch', 'ip route get fibmatch 198.51.100.7', DEFAULT],
  ['route-get-notify', 'ip route get notify 198.51.100.7', DEFAULT],
  ['route-get-connected', 'ip route get connected 198.51.100.7', DEFAULT],
  ['route-get-v6', 'ip route get 2001:db8::9'],
  ['route-get-v6-fibmatch-oif', 'ip route get fibmatch 2001:db8::9 oif eth0'],
]

export const route = scenarios(
  [ETH, UP, 'ip addr add 192.0.2.1/24 dev eth0', 'ip addr add 2001:db8::1/64 dev eth0 nodad'],
  [...v4, ...types, ...metrics, ...multipath, ...v6, ...get],
)
