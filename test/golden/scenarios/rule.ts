import { ETH, type Row, scenarios } from './scenario.js'

const add: Row[] = [
  ['rule-from', 'ip rule add from 192.0.2.0/24 lookup 100'],
  ['rule-from-v6', 'ip -6 rule add from 2001:db8::/64 lookup 100'],
  ['rule-to', 'ip rule add to 198.51.100.0/24 lookup 100'],
  ['rule-from-to', 'ip rule add from 192.0.2.1 to 198.51.100.7 lookup main priority 50'],
  ['rule-from-all', 'ip rule add from all lookup 100'],
  ['rule-table-above-255', 'ip rule add from 192.0.2.1 lookup 1000'],
  ['rule-table-names', 'ip rule add from 192.0.2.1 table local'],
  ['rule-priority', 'ip rule add priority 1234 lookup 100'],
  ['rule-iif', 'ip rule add iif eth0 lookup 100'],
  ['rule-oif', 'ip rule add oif eth0 lookup 100'],
  ['rule-iif-lo-v6', 'ip -6 rule add iif lo lookup 100'],
  ['rule-fwmark', 'ip rule add fwmark 0x10 lookup 100'],
  ['rule-fwmark-mask', 'ip rule add fwmark 0x10/0xff lookup 100'],
  ['rule-tos', 'ip rule add tos 0x10 lookup 100'],
  ['rule-goto', 'ip rule add priority 100 goto 200', 'ip rule add priority 200 lookup main'],
  ['rule-nop', 'ip rule add priority 100 nop'],
  ['rule-blackhole', 'ip rule add blackhole from 192.0.2.1'],
  ['rule-unreachable', 'ip rule add unreachable from 192.0.2.1'],
  ['rule-prohibit', 'ip rule add prohibit from 192.0.2.1'],
  ['rule-uidrange', 'ip rule add uidrange 1000-2000 lookup 100'],
  ['rule-ipproto', 'ip rule add ipproto tcp lookup 100'],
  ['rule-sport', 'ip rule add ipproto udp sport 53 lookup 100'],
  ['rule-dport-range', 'ip rule add ipproto tcp dport 8000-8999 lookup 100'],
  ['rule-not', 'ip rule add not from 192.0.2.0/24 lookup 100'],
  ['rule-suppress-prefixlength', 'ip rule add lookup main suppress_prefixlength 0'],
  ['rule-suppress-ifgroup', 'ip rule add lookup main suppress_ifgroup 42'],
  ['rule-l3mdev', 'ip rule add l3mdev'],
  ['rule-realms', 'ip rule add from 192.0.2.1 realms 3/4 lookup 100'],
  ['rule-protocol', 'ip rule add from 192.0.2.1 protocol static lookup 100'],
  [
    'rule-many',
    'ip rule add not from 192.0.2.0/24 to 198.51.100.0/24 tos 0x10 fwmark 1/3 iif eth0 oif eth1 priority 99 lookup 1000 suppress_prefixlength 8 protocol 99',
  ],
]

const rest: Row[] = [
  ['rule-delete', 'ip rule del from 192.0.2.0/24 lookup 100', 'ip rule add from 192.0.2.0/24 lookup 100'],
  ['rule-delete-priority', 'ip rule del priority 1234', 'ip rule add priority 1234 lookup 100'],
  ['rule-delete-v6', 'ip -6 rule del priority 1234', 'ip -6 rule add priority 1234 lookup 100'],
  ['rule-show', 'ip rule show'],
  ['rule-show-v6', 'ip -6 rule show'],
  ['rule-show-table', 'ip rule show table 100'],
  ['rule-multicast', 'ip mrule add iif eth0 lookup 100 priority 1234'],
  ['rule-multicast-v6', 'ip -6 mrule add fwmark 5 unreachable priority 1234'],
  ['rule-multicast-delete', 'ip mrule del priority 1234', 'ip mrule add priority 1234 lookup 100'],
  ['rule-multicast-show', 'ip mrule show'],
  ['rule-multicast-show-v6', 'ip -6 mrule show'],
]

export const rule = scenarios([ETH], [...add, ...rest])
