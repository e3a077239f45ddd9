import { BRIDGE, ETH, RED, type Row, scenarios, UP } from './scenario.js'

const link: Row[] = [
  ['dump-link', 'ip link show'],
  ['dump-link-details', 'ip -d link show'],
  ['dump-link-statistics', 'ip -s link show'],
  ['dump-link-type-veth', 'ip -d link show type veth'],
  ['dump-link-type-bridge-slave', 'ip link show type bridge_slave'],
  ['dump-link-master', 'ip link show master br0'],
  ['dump-link-nomaster', 'ip link show nomaster'],
  ['dump-link-up', 'ip link show up'],
  ['dump-link-group', 'ip link show group 42'],
  ['dump-link-in-netns', 'ip -n red link show', RED],
  ['get-link', 'ip link show dev eth0'],
  ['get-link-without-keyword', 'ip link show eth0'],
  ['get-link-statistics', 'ip -s link show dev eth0'],
  ['get-link-details', 'ip -d link show dev eth0'],
  [
    'get-link-altname',
    'ip link show ethernet-to-rack-1',
    'ip link property add dev eth0 altname ethernet-to-rack-1',
  ],
]

const address: Row[] = [
  ['dump-address', 'ip addr show'],
  ['dump-address-v4', 'ip -4 addr show'],
  ['dump-address-v6', 'ip -6 addr show'],
  ['dump-address-dev', 'ip addr show dev eth0'],
  ['dump-address-dev-v4', 'ip -4 addr show dev eth0'],
  ['dump-address-type', 'ip addr show type veth'],
  ['dump-address-master', 'ip addr show master br0'],
  ['dump-address-up', 'ip addr show up'],
  ['dump-address-scope', 'ip addr show scope global'],
]

const route: Row[] = [
  ['dump-route', 'ip route show'],
  ['dump-route-v6', 'ip -6 route show'],
  ['dump-route-table-100', 'ip route show table 100', 'ip route add 198.51.100.0/24 dev eth0 table 100'],
  [
    'dump-route-table-100-v6',
    'ip -6 route show table 100',
    'ip -6 route add 2001:db8:1::/64 dev eth0 table 100',
  ],
  ['dump-route-table-1000', 'ip route show table 1000', 'ip route add 198.51.100.0/24 dev eth0 table 1000'],
  ['dump-route-table-local', 'ip route show table local'],
  ['dump-route-table-all', 'ip route show table all'],
  ['dump-route-table-all-v6', 'ip -6 route show table all'],
  ['dump-route-dev', 'ip route show dev eth0'],
  ['dump-route-proto', 'ip route show proto static'],
  ['dump-route-type', 'ip route show type blackhole'],
  ['dump-route-scope', 'ip route show scope link'],
  ['dump-route-via', 'ip route show via 192.0.2.254'],
  ['dump-route-exact', 'ip route show 192.0.2.0/24'],
  ['dump-route-root', 'ip route show root 192.0.0.0/16'],
  ['dump-route-match', 'ip route show match 192.0.2.7'],
  ['dump-route-cache', 'ip route show cache'],
  ['dump-route-cache-v6', 'ip -6 route show cache'],
]

export const dump = scenarios(
  [ETH, BRIDGE, 'ip link set eth1 master br0', UP, 'ip addr add 192.0.2.1/24 dev eth0'],
  [...link, ...address, ...route],
)
