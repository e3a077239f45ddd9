import { ETH, type Row, scenarios } from './scenario.js'

const plain: Row[] = [
  ['dummy', 'ip link add dummy0 type dummy'],
  ['dummy-up-address', 'ip link add dummy0 address 02:00:00:00:00:0a up type dummy'],
  ['ifb', 'ip link add ifb0 type ifb'],
  ['ifb-queues', 'ip link add ifb0 numtxqueues 4 numrxqueues 4 type ifb'],
  ['wireguard', 'ip link add wg0 type wireguard'],
  ['nlmon', 'ip link add nlmon0 type nlmon'],
  ['vcan', 'ip link add vcan0 type vcan'],
  ['vrf', 'ip link add vrf-red type vrf table 10'],
  ['vrf-table-above-255', 'ip link add vrf-red type vrf table 1001'],
]

const vlan: Row[] = [
  ['vlan', 'ip link add link eth0 name eth0.100 type vlan id 100'],
  ['vlan-8021q', 'ip link add link eth0 name eth0.100 type vlan protocol 802.1q id 100'],
  ['vlan-8021ad', 'ip link add link eth0 name eth0.100 type vlan protocol 802.1ad id 100'],
  ['vlan-reorder-hdr-off', 'ip link add link eth0 name eth0.100 type vlan id 100 reorder_hdr off'],
  [
    'vlan-flags',
    'ip link add link eth0 name eth0.100 type vlan id 100 gvrp on mvrp on loose_binding on bridge_binding on',
  ],
  ['vlan-set-flags', 'ip link set eth0 type vlan reorder_hdr off gvrp on'],
  [
    'vlan-qos-maps',
    'ip link add link eth0 name eth0.100 type vlan id 100 ingress-qos-map 0:1 7:2 egress-qos-map 1:7 2:6',
  ],
]

const MAC0 = 'ip link add link eth0 name mac0 index 30 type macvlan mode bridge'
const mac: Row[] = [
  ['macvlan', 'ip link add link eth0 name mac0 type macvlan'],
  ['macvlan-private', 'ip link add link eth0 name mac0 type macvlan mode private'],
  ['macvlan-vepa', 'ip link add link eth0 name mac0 type macvlan mode vepa'],
  ['macvlan-bridge', 'ip link add link eth0 name mac0 address 02:00:00:00:00:0a type macvlan mode bridge'],
  ['macvlan-passthru', 'ip link add link eth0 name mac0 type macvlan mode passthru'],
  ['macvlan-passthru-nopromisc', 'ip link add link eth0 name mac0 type macvlan mode passthru nopromisc'],
  ['macvlan-source', 'ip link add link eth0 name mac0 type macvlan mode source'],
  [
    'macvlan-source-set',
    'ip link add link eth0 name mac0 type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:02',
  ],
  ['macvlan-bcqueuelen', 'ip link add link eth0 name mac0 type macvlan mode bridge bcqueuelen 5000'],
  [
    'macvlan-in-netns',
    'ip link add link eth0 name mac0 netns red type macvlan mode bridge',
    'ip netns add red',
  ],
  [
    'macvlan-source-add',
    'ip link set mac0 type macvlan macaddr add 02:00:00:00:00:03',
    'ip link add link eth0 name mac0 index 30 type macvlan mode source',
  ],
  ['macvlan-set-mode', 'ip link set mac0 type macvlan mode vepa', MAC0],
  [
    'macvlan-link-netnsid',
    'ip link add link eth0 name mac0 link-netnsid 10 type macvlan',
    'ip netns add red; ip netns set red 10',
    'ip -n red link add eth0 index 10 type veth peer name eth1 index 11',
  ],
  ['macvtap', 'ip link add link eth0 name tap0 type macvtap mode bridge'],
  ['ipvlan', 'ip link add link eth0 name ipv0 type ipvlan'],
  ['ipvlan-l2', 'ip link add link eth0 name ipv0 type ipvlan mode l2 bridge'],
  ['ipvlan-l3', 'ip link add link eth0 name ipv0 type ipvlan mode l3 private'],
  ['ipvlan-l3s', 'ip link add link eth0 name ipv0 type ipvlan mode l3s vepa'],
  ['ipvtap', 'ip link add link eth0 name tap0 type ipvtap mode l2'],
]

export const kinds = scenarios([ETH], [...plain, ...vlan, ...mac])
