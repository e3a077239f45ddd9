/** The worlds in which the calls of documents run (document-rows.ts), and the kernels that lack what some of them take. */

import { writeFileSync } from 'node:fs'
import * as netlink from '../../src/index.js'
import { hasVlanFiltering } from './bridge-support.js'
import type { Lacking } from './document-rows.js'
import {
  hasMpls,
  hasMulticastRules,
  hasTun,
  NO_MPLS,
  NO_TUN,
  NO_VLANS,
  noKind,
  type Refusal,
  since,
} from './needs.js'
import { execFileSync } from './programs.js'
import { hasKind, ip, type Printed } from './support.js'

/** Runs a command of ip (without 'ip') or of bridge. */
export function command(text: string): string {
  const [first, ...rest] = text.split(' ')
  if (first !== 'bridge') return ip(text)
  return execFileSync('bridge', rest)
}

/** Interfaces that are made while it is 1 have no IPv6, whose groups and addresses come and go by themselves. */
export const DEFAULT_IPV6 = '/proc/sys/net/ipv6/conf/default/disable_ipv6'
export const noIpv6 = async () => writeFileSync(DEFAULT_IPV6, '1')

export const NO_MULTICAST_RULES: Lacking = {
  is: () => !hasMulticastRules(),
  refused: { code: 'EAFNOSUPPORT', advice: 'the kernel has no rules of multicast routing' },
}

/** What bridge tells in JSON, with all details. */
export const bridgeJson = (args: string) => JSON.parse(command(`bridge -j -d ${args}`)) as Printed[]

export const VETH = 'link add veth-red type veth peer name veth-blue'
export const BRIDGE = 'link add v-net-0 type bridge'
export const GATEWAY = [BRIDGE, 'link set v-net-0 up', 'addr add 192.168.15.1/24 dev v-net-0']
export const ROUTE = 'route add 192.168.1.0/24 via 192.168.15.5'
export const STALE = 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0 nud stale'
export const HOP = 'nexthop add id 1 via 192.168.15.6 dev v-net-0'
export const HOP2 = 'nexthop add id 2 via 192.168.15.7 dev v-net-0'
export const DEFAULT_RULES = [
  'rule add lookup main priority 32766 protocol kernel',
  'rule add lookup default priority 32767 protocol kernel',
]
/** What the kernel begins with; of those that are equally long the one that is added last is listed first. */
export const DEFAULT_LABELS = [
  ...['::/0 label 1', 'fc00::/7 label 5', 'fec0::/10 label 11', '2002::/16 label 2', '3ffe::/16 label 12'],
  ...[
    '2001:10::/28 label 7',
    '2001::/32 label 6',
    '::ffff:0.0.0.0/96 label 4',
    '::/96 label 3',
    '::1/128 label 0',
  ],
].map((label) => `addrlabel add prefix ${label}`)
export const RED = ['netns add red', 'link add veth-red-br type veth peer name veth-red netns red']
export const BLUE_ON_NET = [
  'netns add blue',
  'link add veth-blue-br type veth peer name veth-blue netns blue',
  '-n blue addr add 192.168.15.2/24 dev veth-blue',
  '-n blue link set veth-blue up',
  'link set veth-blue-br up',
]
export const RESILIENT = 'nexthop add id 3 group 1/2 type resilient buckets 8'
export const VX = 'link add vx0 type vxlan external vnifilter dstport 4789'
export const PORTS = [
  noIpv6,
  'link add v-net-0 address 02:00:00:00:01:00 type bridge vlan_default_pvid 0',
  'link add veth-red-br address 02:00:00:00:01:01 type veth peer name veth-red',
  'link add veth-blue-br address 02:00:00:00:01:02 type veth peer name veth-blue',
  'link set veth-red-br master v-net-0',
  'link set veth-blue-br master v-net-0',
]
export const UP = ['link set v-net-0 up', 'link set veth-red up', 'link set veth-red-br up']
export const ENTRY = 'bridge fdb add 02:00:00:00:00:09 dev veth-red-br master static'
export const GROUP = 'bridge mdb add dev v-net-0 port veth-red-br grp 239.1.1.1 permanent'
export const FILTERING = [
  'link add v-net-0 type bridge vlan_filtering 1 mcast_vlan_snooping 1',
  ...PORTS.slice(2),
  'bridge vlan add dev v-net-0 vid 100 self',
]
export const VID = 'bridge vlan add dev veth-red-br vid 100'
export const SHOW_FDB = ['bridge fdb show br v-net-0']
export const SHOW_MDB = ['bridge mdb show dev v-net-0']
export const SHOW_VLANS = ['bridge vlan show']
export const MPLS = ['route', '-f mpls route show']
export const RULES = ['-4 rule show']

export const MPLS_ROW: Lacking = { is: () => !hasMpls(), given: GATEWAY, refused: NO_MPLS }
export const VLANS_ROW: Lacking = { is: () => !hasVlanFiltering(), given: PORTS, refused: NO_VLANS }
export const lackingMdb = ([major, minor]: readonly [number, number], refused: Refusal): Lacking => ({
  is: () => !since(major, minor),
  given: [...PORTS, ...UP, GROUP],
  refused,
})
export const TUN_ROW: Lacking = { is: () => !hasTun(), refused: NO_TUN }
/** Where the interface that a row changes is of a kind that there is not. */
export const lackingKind = (kind: string): Lacking => ({
  is: () => !hasKind(kind),
  refused: { code: 'ENODEV', advice: 'no such interface' },
})
export const kindRow = (kind: string): Lacking => ({
  is: () => !hasKind(kind),
  given: [VETH],
  refused: noKind(kind),
})
export const labels = async () => {
  await netlink.setSysctl('net.mpls.platform_labels', 1000)
}
/** Iproute2 has no words for it before 6.10. */
export const TREES = [
  'link add v-net-0 type bridge vlan_filtering 1 vlan_default_pvid 0',
  ...PORTS.slice(2),
  async () => {
    await netlink.setLink('v-net-0', { kind: 'bridge', multiBoolopt: { mst_enable: true } })
    await netlink.addBridgeVlan('veth-red-br', { vid: 10 })
    await netlink.setGlobalBridgeVlan('v-net-0', { vid: 10, msti: 7 })
  },
]

/** Two namespaces with the same interface; `ip` tells it by its number. */
export const TWO = ['red', 'blue'].flatMap((netns) => [
  `netns add ${netns}`,
  `netns exec ${netns} sysctl -qw net.ipv6.conf.default.disable_ipv6=1`,
  `-n ${netns} link add v-net-0 index 40 up type bridge`,
])
