import { BRIDGE, RED, type Row, scenarios } from './scenario.js'

const rows: Row[] = [
  ['veth-named-peer', 'ip link add veth-red type veth peer name veth-blue'],
  ['veth-peer-without-keyword', 'ip link add veth-red type veth peer veth-blue'],
  ['veth-unnamed-peer', 'ip link add veth-red type veth'],
  ['veth-unnamed', 'ip link add type veth'],
  ['veth-indexes', 'ip link add veth-red index 77 type veth peer name veth-blue index 78'],
  ['veth-peer-in-netns', 'ip link add veth-red-br type veth peer name veth-red netns red', RED],
  ['veth-near-end-in-netns', 'ip link add veth-red netns red type veth peer name veth-red-br', RED],
  [
    'veth-both-in-netns',
    'ip link add veth-red netns red type veth peer name veth-blue netns blue',
    RED,
    'ip netns add blue',
  ],
  ['veth-peer-in-netns-of-pid', 'ip link add veth-red-br type veth peer name veth-red netns $$'],
  [
    'veth-one-queue',
    'ip link add veth-a numtxqueues 1 numrxqueues 1 type veth peer name veth-b numtxqueues 1 numrxqueues 1',
  ],
  [
    'veth-address-mtu',
    'ip link add veth-a address 02:00:00:00:00:0a mtu 9000 type veth peer name veth-b address 02:00:00:00:00:0b mtu 9000',
  ],
  ['veth-near-end-up', 'ip link add veth-a up type veth peer name veth-b'],
  ['veth-master-up', 'ip link add veth-a master br0 up type veth peer name veth-b', BRIDGE],
  [
    'veth-txqueuelen-group',
    'ip link add veth-a txqueuelen 500 group 7 type veth peer name veth-b txqueuelen 250',
  ],
  ['veth-arp-off-multicast-on', 'ip link add veth-a arp off multicast on type veth peer name veth-b'],
  [
    'veth-container-attach',
    'ip link add veth-red-br master br0 mtu 1400 up numtxqueues 1 numrxqueues 1 type veth peer name veth-red netns red mtu 1400 address 02:00:00:00:00:0c numtxqueues 1 numrxqueues 1',
    BRIDGE,
    RED,
  ],
]

export const veth = scenarios([], rows)
