/** What commands of ip make, of all kinds: read back, compared and taken back by several tests. */

import { readFileSync } from 'node:fs'
import { since } from './needs.js'

/** The ground for routes: two interfaces with addresses, and two nexthop objects. */
export const NETWORK = [
  'address add 192.0.2.1/24 dev eth0',
  'address add 192.0.3.1/24 dev eth1',
  'address add 2001:db8::1/64 dev eth0',
  'nexthop add id 1 via 192.0.2.254 dev eth0',
  'nexthop add id 2 via 2001:db8::fe dev eth0',
]

export const ROUTES = [
  'route add default via 192.0.2.254',
  'route add 10.1.0.0/16 via 192.0.2.254 src 192.0.2.1 metric 50 proto 99 tos 0x10 realms 3/4 mtu lock 1400 rtt 100ms',
  'route add 10.2.0.0/16 nexthop via 192.0.2.254 weight 10 realms 7 nexthop dev eth1 nexthop via inet6 fe80::1 dev eth0 onlink',
  'route add 10.3.0.0/16 via inet6 fe80::fe dev eth0 table 1000',
  'route add 10.3.0.0/16 via 203.0.113.1 dev eth0 onlink metric 9',
  'route add 10.4.0.1 dev eth1 scope host',
  'route add blackhole 10.5.1.0/24',
  'route add unreachable 10.5.2.0/24 table 1000',
  'route add prohibit 10.5.3.0/24 proto static',
  'route add throw 10.5.4.0/24',
  'route add local 10.6.0.1 dev lo',
  'route add broadcast 10.6.0.255 dev eth0',
  'route add multicast 239.1.1.0/24 dev eth0',
  'route add 10.7.0.0/16 nhid 1',
  // The kernel lists the second before the first, without which its gateway cannot be reached.
  'route add 10.9.0.0/24 dev eth0',
  'route add default via 10.9.0.1 metric 7',
  'route add 2001:db8:1::/64 via 2001:db8::fe pref high hoplimit 32 advmss 1340 features ecn congctl reno quickack 1',
  'route add 2001:db8:2::/64 from 2001:db8::/64 via 2001:db8::fe',
  'route add 2001:db8:3::/64 nexthop via 2001:db8::fe dev eth0 nexthop via 2001:db8::fd dev eth0 weight 3',
  'route add blackhole 2001:db8:4::/64',
  'route add unreachable 2001:db8:5::/64 metric 7 proto static',
  'route add local 2001:db8:6::7 dev lo',
  'route add 2001:db8:7::/64 nhid 2',
  'route add 2001:db8:8::/64 dev eth0 src 2001:db8::1 metric 5 table 1000',
  'route add default via fe80::fe dev eth1',
]

export const ADDRESSES = [
  'address add 192.0.2.1/24 brd + dev eth0',
  'address add 192.0.2.2/24 dev eth0 label eth0:two',
  'address add 10.7.0.1/16 dev eth0 scope site',
  'address add 10.0.0.1 peer 10.0.0.2/30 dev eth0 metric 30',
  'address add 10.9.0.1/16 dev eth0 noprefixroute valid_lft 4000 preferred_lft 3000',
  'address add 10.8.0.1/16 dev eth0 preferred_lft 0',
  'address add 2001:db8::1/64 dev eth0 nodad home mngtmpaddr',
  'address add 2001:db8:1::1/64 dev eth0 preferred_lft 0',
  'address add 2001:db8:2::1 peer 2001:db8:2::2/128 dev eth0 metric 9',
  'address add 2001:db8:3::1/48 dev eth0 noprefixroute valid_lft 4000 preferred_lft 3000',
  'address add ff05::5/128 dev eth0 autojoin',
]

export const NEXTHOPS = [
  'nexthop add id 1 via 192.0.2.254 dev eth0 protocol static',
  'nexthop add id 2 via 203.0.113.1 dev eth0 onlink',
  'nexthop add id 3 via fe80::fe dev eth1',
  'nexthop add id 4 via 2001:db8::fe dev eth0',
  'nexthop add id 5 blackhole',
  'nexthop add id 6 via 192.0.2.9 fdb',
  'nexthop add id 7 dev eth1',
  'nexthop add id 10 group 1,10/2,255',
  `nexthop add id 11 group 1/2 ${since(5, 13) ? 'type resilient buckets 32 idle_timer 60 unbalanced_timer 300' : ''} protocol 99`,
  'nexthop add id 12 group 6 fdb',
]

export const MAC = '02:00:00:00:00:09'

export const NEIGHBOURS = [
  `neighbour add 192.0.2.1 lladdr ${MAC} dev eth0`,
  `neighbour add 192.0.2.2 lladdr ${MAC} dev eth0 nud reachable protocol static`,
  `neighbour add 192.0.2.3 lladdr ${MAC} dev eth1 nud stale extern_learn`,
  `neighbour add 192.0.2.4 lladdr ${MAC} dev eth0 nud noarp`,
  'neighbour add 192.0.2.5 dev eth0 nud failed',
  `neighbour add 2001:db8::1 lladdr ${MAC} dev eth0 nud stale router`,
  `neighbour add 2001:db8::2 lladdr ${MAC} dev eth1`,
]

export const PROXIES = [
  'neighbour add proxy 192.0.2.7 dev eth0',
  'neighbour add proxy 2001:db8::7 dev eth1',
  'neighbour add proxy 192.0.2.8 dev eth1 protocol static router',
]

/** The kernel takes users of the user namespace only: as an ordinary user the tests have but one, 0. */
const isMapped = Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2]) > 2000
export const USERS = isMapped ? { start: 1000, end: 2000 } : { start: 0, end: 0 }

export const RULES4 = [
  'rule add from 192.0.2.0/24 to 198.51.100.7 lookup 100 priority 1000',
  'rule add not from 192.0.2.1 fwmark 0x10/0xff iif eth0 oif nodev tos 0x10 lookup 1000 priority 1001 suppress_prefixlength 8 suppress_ifgroup 42 protocol 99 realms 3/4',
  `rule add fwmark 5 ipproto tcp sport 53 dport 8000-8999 uidrange ${USERS.start}-${USERS.end} lookup main priority 1002`,
  'rule add priority 1003 goto 32766',
  'rule add priority 1004 goto 40000',
  'rule add priority 1005 nop',
  'rule add blackhole from 192.0.2.1 priority 1006',
  'rule add unreachable ipproto icmp priority 1007',
  'rule add prohibit priority 1008 protocol static',
  'rule add l3mdev priority 1009',
  'rule add tun_id 7 lookup 100 priority 1010',
]

export const RULES6 = [
  'rule add from 2001:db8::/64 lookup 100 priority 1000',
  'rule add iif lo to 2001:db8::7 lookup 1000 priority 1001',
]
