/** What the examples of docstrings take for granted: a network with the names that they use, and for some of them a little more. */

import { existsSync } from 'node:fs'
import { hasVlanFiltering } from './bridge-support.js'
import { hasHooks, hasMpls, hasTun, since } from './needs.js'
import { hasKind, isRoot } from './support.js'

/** A bridge with containers red and blue on it, a router behind eth0, and a wire between red and blue. Commands of a shell. */
export const NETWORK = `
ip netns add red; ip netns add blue; ip netns add router
ip -batch - <<'END'
link set lo up
link add v-net-0 up type bridge
link add veth-red-br master v-net-0 up type veth peer name veth-red netns red
link add veth-blue-br master v-net-0 up type veth peer name veth-blue netns blue
link add eth0 up type veth peer name eth0 netns router
address add 192.168.15.8/24 dev eth0
END
# Before Linux 6.15 its names have to be free where it is asked for.
ip -n red link add eth0 type veth peer name eth0 netns blue
settle() {
  printf 'link set lo up\\nlink set eth0 up\\nlink set %s up\\naddress add %s/24 dev %s\\n' $2 $3 $2 | ip -n $1 -batch -
}
settle red veth-red 192.168.15.1; settle blue veth-blue 192.168.15.2; settle router eth0 192.168.15.5
`

const FILTER = `nft -f - <<'END'
table inet filter {
  set allowed { type ipv4_addr; elements = { 192.0.2.1 } }
  set ports { type inet_service; elements = { 80 } }
  counter seen { }
  chain input { type filter hook input priority 0; counter; }
}
END`
const TRACKED =
  'conntrack -I -p tcp -s 192.0.2.7 --sport 40000 -d 192.0.2.1 --dport PORT --state ESTABLISHED -t 99'
const tracked = (port: number) => TRACKED.replace('PORT', String(port))
const BUCKETS =
  'ip nexthop add id 1 via 192.168.15.5 dev eth0; ip nexthop add id 10 group 1 type resilient buckets 4'
const VXLAN = 'ip link add vx0 up type vxlan id 42 dstport 4789 dev eth0'
const VNIS = 'ip link add vx0 up type vxlan external vnifilter dstport 4789 dev eth0'
const LABELS = 'sysctl -qw net.mpls.platform_labels=1000; ip address add 10.1.1.9/24 dev eth0'
const LABEL = `${LABELS}; ip -f mpls route add 100 via inet 10.1.1.1 dev eth0`
const LAB = `const lab = { name: 'lab', namespaces: { left: { links: { eth0: { peer: 'right:eth0' } } }, right: {} } }
await topology.createTopology(lab)`

/** What an example has before it: commands of a shell. */
export const BEFORE: Readonly<Record<string, string>> = {
  createNetns: 'ip netns delete red',
  createBridge: 'ip link delete v-net-0',
  deleteLinkGroup: 'ip link set veth-red-br group 42',
  setLinkGroup: 'ip link set veth-red-br group 42',
  moveLinkGroup: 'ip link set veth-red-br group 42',
  moveLink: 'ip link add eth7 type veth peer name eth8; ip -n red link delete eth0',
  createVethPair: 'ip link delete veth-red-br; ip -n red link delete eth0',
  'addFdbEntry 2': VXLAN,
  appendFdbEntry: VXLAN,
  deleteFdbEntry: 'bridge fdb add 02:00:00:00:00:09 dev veth-red-br master static',
  getFdbEntry: 'bridge fdb add 02:00:00:00:00:09 dev veth-red-br master static',
  // There may be no VLANs when spanning trees are asked for.
  setBridgeMst: 'ip link set v-net-0 type bridge vlan_default_pvid 0',
  setBridgeVlan: 'bridge vlan add vid 100 dev veth-red-br',
  setGlobalBridgeVlan: 'bridge vlan add vid 100-200 dev v-net-0 self',
  deleteMdbEntry: 'bridge mdb add dev v-net-0 port veth-red-br grp 239.1.1.1 permanent',
  getMdbEntry: 'bridge mdb add dev v-net-0 port veth-red-br grp 239.1.1.1 permanent',
  addVxlanVni: VNIS,
  'addVxlanVni 2': VNIS,
  deleteVxlanVni: `${VNIS}; bridge vni add dev vx0 vni 100-200`,
  listVxlanVnis: VNIS,
  deleteAddress: 'ip -n red address add 192.168.15.1/24 dev eth0',
  deleteAddressLabel: 'ip addrlabel add prefix 2001:db8::/32 label 77',
  changeRoute: 'ip route add 192.168.1.0/24 via 192.168.15.5',
  deleteRoute: 'ip -n blue route add 192.168.1.0/24 via 192.168.15.5',
  getRoute: 'ip -n red route add default via 192.168.15.5',
  addMplsRoute: LABELS,
  replaceMplsRoute: `${LABELS}; ip address add 2001:db8::9/64 dev eth0`,
  changeMplsRoute: LABEL,
  deleteMplsRoute: LABEL,
  getMplsRoute: `ip netns exec red sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.veth-red.input=1
    ip -n red -f mpls route add 100 via inet 192.168.15.5 dev veth-red`,
  changeNeighbour: 'ip neighbour add 192.168.15.9 lladdr 02:00:00:00:00:09 dev eth0',
  deleteNeighbour: 'ip -n red neighbour add 192.168.15.9 lladdr 02:00:00:00:00:09 dev eth0',
  getNeighbour: 'ip neighbour add 192.168.15.9 lladdr 02:00:00:00:00:09 dev eth0',
  deleteRule: 'ip rule add priority 1000 table 100',
  // The kernel gives a number to a namespace to which a wire leads.
  setNsid: 'ip netns delete red; ip netns add red',
  monitorAllNetns: 'ip netns delete red; ip netns add red',
  deleteNexthop: 'ip -n red nexthop add id 1 via 192.168.15.5 dev veth-red',
  getNexthop: 'ip nexthop add id 1 via 192.168.15.5 dev eth0',
  getNexthopBucket: BUCKETS,
  listNexthopBuckets: BUCKETS,
  streamNexthopBuckets: BUCKETS,
  getConntrack: tracked(80),
  updateConntrack: tracked(80),
  deleteConntrack: `${tracked(80)} -m 7`,
  listRuleset: FILTER,
  listChains: FILTER,
  // The other one is of routing.
  'nftables listRules': FILTER,
  listSets: FILTER,
  listElements: FILTER,
  streamElements: FILTER,
  getElement: FILTER,
  listObjects: FILTER,
  traceNftables: `ip netns exec router nft -f - <<'END'
table inet t {
  chain c { type filter hook output priority 0; meta nftrace set 1 accept; }
}
END`,
}

/** What is made by the library before, where `ip` has no words for it or the example names a value. */
export const MADE: Readonly<Record<string, string>> = {
  setBridgeMst: `await nl.setLink('v-net-0', { kind: 'bridge', multiBoolopt: { mst_enable: true } })
    await nl.addBridgeVlan('v-net-0', { vid: 100, self: true })
    await nl.addBridgeVlan('veth-red-br', { vid: 100 })
    await nl.setGlobalBridgeVlan('v-net-0', { vid: 100, msti: 7 })`,
  addExpectation: `const original = { protocol: 'tcp', src: '192.0.2.7', sport: 40000, dst: '192.0.2.1', dport: 21 }
    await addConntrack({ original, helper: 'ftp', timeout: 99 })`,
  isKind: "const link = await nl.getLink('v-net-0')",
  isPortKind: "const link = await nl.getLink('veth-red-br')",
  settled: LAB,
  applyTopology: LAB,
  deleteTopology: LAB,
  readTopology: LAB,
  drawTopologySvg: LAB,
  normalizeTopology: LAB,
}

/** What happens again and again while an example waits for it. Those that would wait for ever end when they have told of it. */
export const MEANWHILE: Readonly<Record<string, string>> = {
  monitor: 'ip -n red link add m0 type veth peer name m1; ip -n red link delete m0',
  monitorAllNetns: 'ip -n red link add m0 type veth peer name m1; ip -n red link delete m0',
  watchNetns: 'ip netns add green; ip netns delete green',
  monitorConntrack: `ip netns exec router sh -c '${tracked(80)}; conntrack -D -p tcp --dport 80'`,
  monitorNftables:
    "ip netns exec router nft 'add table t; add chain t c; add rule t c counter; delete table t'",
  traceNftables: 'ip netns exec router ping -c1 -W1 127.0.0.1',
}

/** Examples that a kernel may lack something for, by what that is; the error that they then get has these words. */
export const NEEDS: readonly {
  readonly what: string
  readonly has: () => boolean
  readonly error: RegExp
  readonly examples: readonly string[]
}[] = [
  {
    what: 'VLANs of bridges',
    has: hasVlanFiltering,
    error: /EOPNOTSUPP/,
    examples: [
      'addBridgeVlan',
      'addBridgeVlan 2',
      'listBridgeVlans',
      'listGlobalBridgeVlans',
      'setBridgeVlan',
      'setGlobalBridgeVlan',
      'setBridgeMst',
    ],
  },
  {
    what: 'MPLS routing',
    has: hasMpls,
    error: /the kernel has no MPLS routing/,
    examples: ['addMplsRoute', 'replaceMplsRoute', 'changeMplsRoute', 'deleteMplsRoute', 'getMplsRoute'],
  },
  {
    what: 'hooks that are told',
    has: hasHooks,
    error: /CONFIG_NETFILTER_NETLINK_HOOK/,
    examples: ['listHooks'],
  },
  {
    what: 'TUN and TAP devices',
    has: hasTun,
    error: /\/dev\/net\/tun/,
    examples: ['createTuntap', 'openTuntap'],
  },
  {
    what: 'another user than root',
    has: isRoot,
    error: /EINVAL|EPERM/,
    examples: ['createTuntap'],
  },
  { what: 'dummy interfaces', has: () => hasKind('dummy'), error: /'dummy'/, examples: ['createLink'] },
  {
    what: 'VXLAN',
    has: () => hasKind('vxlan'),
    error: /ENODEV/,
    examples: [
      'addFdbEntry 2',
      'appendFdbEntry',
      'addVxlanVni',
      'addVxlanVni 2',
      'deleteVxlanVni',
      'listVxlanVnis',
    ],
  },
  {
    what: 'senders of multicast entries, Linux 6.2',
    has: () => since(6, 2),
    error: /EINVAL.*attrs\.srcList/,
    examples: ['replaceMdbEntry'],
  },
  {
    what: 'single multicast groups, Linux 6.7',
    has: () => since(6, 7),
    error: /EOPNOTSUPP/,
    examples: ['getMdbEntry'],
  },
  {
    what: 'flushes of multicast tables, Linux 6.8',
    has: () => since(6, 8),
    error: /EOPNOTSUPP/,
    examples: ['flushMdb'],
  },
  {
    what: 'the control group user.slice, which systemd makes',
    has: () => existsSync('/sys/fs/cgroup/user.slice'),
    error: /ENOENT/,
    examples: ['getCgroupId'],
  },
]
