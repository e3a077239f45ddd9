/** Settings of links that are said and left out, each as it is not by itself. */

import { hasVlanFiltering } from './bridge-support.js'
import { since } from './needs.js'

export interface Said {
  readonly what: string
  readonly kind: string
  /** What such a link cannot be without; the number tells links apart. */
  readonly base: (at: number) => object
  readonly said: Readonly<Record<string, unknown>>
  /** What this kernel has not for them. */
  readonly lacks?: string | false
  /** Whether older programs of ip(8) have no words for them. */
  readonly isNew?: true
}

const ANY = {
  group: 7,
  allMulticast: true,
  promiscuous: true,
  trailers: false,
  dynamic: true,
  linkMode: 'dormant',
  // Before, the kernel does not tell what a device can do.
  ...(since(5, 19) && { gsoMaxSize: 30_000, gsoMaxSegs: 8, groMaxSize: 30_000 }),
}
const ETHERNET = { ...ANY, txQueueLength: 5, arp: false, multicast: false, broadcast: '02:00:00:00:00:01' }
const SILENT = { ...ETHERNET, arp: true, multicast: true }
const MACVLAN = { ...ETHERNET, mtu: 1300, mode: 'private', flags: ['nodst'] }
const BRIDGE = {
  ...ETHERNET,
  mtu: 1300,
  forwardDelay: 4,
  helloTime: 1,
  maxAge: 10,
  ageingTime: 100,
  stp: true,
  priority: 100,
  groupFwdMask: 8,
  groupAddress: '01:80:c2:00:00:05',
  mcastRouter: 'permanent',
  mcastSnooping: false,
  mcastQueryUseIfaddr: true,
  mcastQuerier: true,
  mcastHashMax: 512,
  mcastLastMemberCount: 3,
  mcastStartupQueryCount: 3,
  mcastLastMemberInterval: 2,
  mcastMembershipInterval: 100,
  mcastQuerierInterval: 100,
  mcastQueryInterval: 100,
  mcastQueryResponseInterval: 5,
  mcastStartupQueryInterval: 20,
  nfCallIptables: true,
  nfCallIp6tables: true,
  nfCallArptables: true,
  mcastStats: true,
  mcastIgmpVersion: 3,
  mcastMldVersion: 2,
  multiBoolopt: { no_ll_learn: true },
}
const BRIDGE_VLANS = {
  vlanFiltering: true,
  vlanProtocol: '802.1ad',
  vlanDefaultPvid: 7,
  vlanStats: true,
  vlanStatsPerPort: true,
}
const VLAN = {
  ...ETHERNET,
  mtu: 1300,
  mac: '02:00:00:00:00:05',
  protocol: '802.1ad',
  flags: { loose_binding: true, reorder_hdr: false },
  egressQos: [{ from: 1, to: 2 }],
  ingressQos: [{ from: 1, to: 2 }],
}
const VXLAN = {
  ...ETHERNET,
  mtu: 1300,
  remote: '192.0.2.1',
  local: '192.0.2.2',
  ttl: 9,
  tos: 4,
  learning: false,
  ageing: 100,
  limit: 10,
  portRange: { low: 5000, high: 6000 },
  proxy: true,
  rsc: true,
  l2miss: true,
  l3miss: true,
  udpCsum: false,
  udpZeroCsum6Tx: true,
  udpZeroCsum6Rx: true,
  remcsumTx: true,
  remcsumRx: true,
  gbp: true,
  remcsumNopartial: true,
  label: 5,
  ttlInherit: true,
  df: 'set',
}

const none = () => ({})
const over = () => ({ link: 'low' })
const vxlan = (link?: string) => (at: number) => ({ id: 10 + at, dstport: 4789, ...(link && { link }) })

export const LEFT_OUT: readonly Said[] = [
  { what: 'of a bond', kind: 'bond', base: none, said: { ...ETHERNET, mtu: 1300 } },
  { what: 'of a bridge', kind: 'bridge', base: none, said: BRIDGE },
  {
    what: 'of a bridge with VLANs',
    kind: 'bridge',
    base: none,
    said: BRIDGE_VLANS,
    lacks: !hasVlanFiltering() && 'filtering of VLANs',
  },
  { what: 'of a dummy', kind: 'dummy', base: none, said: { ...SILENT, mtu: 1300 } },
  { what: 'of a geneve', kind: 'geneve', base: (at) => ({ id: at, remote: '192.0.2.1' }), said: ETHERNET },
  {
    what: 'of a gretap',
    kind: 'gretap',
    base: (at) => ({ remote: `192.0.2.${1 + at}` }),
    said: { ...ETHERNET, iflags: ['seq'], oflags: ['csum'] },
  },
  {
    what: 'of a gre',
    kind: 'gre',
    base: (at) => ({ remote: `192.0.2.${1 + at}` }),
    said: { ...ANY, iflags: ['seq'], oflags: ['csum'] },
  },
  { what: 'of an ifb', kind: 'ifb', base: none, said: { ...SILENT, mtu: 1300 } },
  { what: 'of an ipvlan', kind: 'ipvlan', base: over, said: { ...ANY, mtu: 1300 } },
  { what: 'of a macvlan', kind: 'macvlan', base: over, said: MACVLAN },
  { what: 'of a macvtap', kind: 'macvtap', base: over, said: MACVLAN },
  {
    what: 'of a macvlan with a queue',
    kind: 'macvlan',
    base: over,
    said: { bcQueueLen: 5 },
    lacks: !since(5, 11) && 'queues of macvlan',
  },
  {
    what: 'of a macvtap with a queue',
    kind: 'macvtap',
    base: over,
    said: { bcQueueLen: 5 },
    lacks: !since(5, 11) && 'queues of macvtap',
  },
  { what: 'of a team', kind: 'team', base: none, said: { ...ETHERNET, mtu: 1300 } },
  {
    what: 'of a pair',
    kind: 'veth',
    base: (at) => ({ peer: `far${at}` }),
    said: { ...ETHERNET, mtu: 1300 },
  },
  { what: 'of a VLAN', kind: 'vlan', base: (at) => ({ link: 'low', id: 10 + at }), said: VLAN },
  { what: 'of a VXLAN', kind: 'vxlan', base: vxlan('low'), said: VXLAN },
  {
    what: 'of a VXLAN of many networks',
    kind: 'vxlan',
    base: (at) => ({ collectMetadata: true, learning: false, dstport: 5000 + at }),
    said: { gpe: true, vnifilter: true },
    lacks: !since(5, 18) && 'VXLAN for some networks alone',
    isNew: true,
  },
  {
    what: 'of a VXLAN that passes the way back',
    kind: 'vxlan',
    base: vxlan('low'),
    said: { localbypass: false, labelPolicy: 'inherit' },
    lacks: !since(6, 7) && 'such VXLAN',
    isNew: true,
  },
  {
    what: 'of a bridge that learns',
    kind: 'bridge',
    base: none,
    said: { fdbMaxLearned: 9 },
    lacks: !since(6, 7) && 'a limit of what bridges learn',
    isNew: true,
  },
  {
    what: 'sizes for IPv4',
    kind: 'veth',
    base: (at) => ({ peer: `far${at}` }),
    said: { gsoIpv4MaxSize: 20_000, groIpv4MaxSize: 20_000 },
    lacks: !since(6, 3) && 'sizes for IPv4',
    isNew: true,
  },
  { what: 'of a VXLAN over nothing', kind: 'vxlan', base: vxlan(), said: { mtu: 1300 } },
]
