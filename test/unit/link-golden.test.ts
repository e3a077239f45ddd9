import { describe, expect, it } from 'vitest'
import { type CreateBridgeOptions, createBridge, createLink } from '../../src/rtnetlink/link/create.js'
import { deleteLink, deleteLinkGroup } from '../../src/rtnetlink/link/delete.js'
import type { OptionsOf } from '../../src/rtnetlink/link/kinds/index.js'
import { getLink, listLinks } from '../../src/rtnetlink/link/list.js'
import { moveLink, moveLinkGroup } from '../../src/rtnetlink/link/move.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import { setLinkGroup } from '../../src/rtnetlink/link/set-group.js'
import type { PortChanges, SetLinkOptions } from '../../src/rtnetlink/link/set-options.js'
import type { LinkEnd } from '../../src/rtnetlink/link/settings.js'
import { createVethPair } from '../../src/rtnetlink/link/veth.js'
import { loadGolden } from '../golden/golden.js'
import {
  at,
  type Difference,
  expectSame,
  kindWithNul,
  type LinkCase,
  masterNamed,
  type Node,
  order,
  otherBody,
  without,
} from './link-golden.js'

/** IFLA_LINKINFO, IFLA_INFO_DATA, VETH_INFO_PEER */
const VETH_PEER = [18, 2, 1]

function set(name: string, options: SetLinkOptions, differs: readonly Difference[] = []): LinkCase {
  return { name, operation: () => setLink('eth0', options), differs }
}

/** A moved link is read back in its new namespace. */
const MOVED = { readings: 1, values: [[], [{ ifindex: 10 }]] }

const IFLA_NET_NS_PID = 19
const IFLA_NET_NS_FD = 28

/** IFLA_NET_NS_FD where iproute2 sends IFLA_NET_NS_PID. */
const netnsByFd: Difference = {
  why: 'the namespace of a process is opened once, so that it is the same in all that follows',
  same(tree) {
    for (const nodes of [tree.attributes, at(tree, VETH_PEER)])
      for (const node of nodes) if (node.type === IFLA_NET_NS_PID) node.type = IFLA_NET_NS_FD
    return tree
  },
}

const changes: LinkCase[] = [
  set('link-up', { up: true }),
  set('link-up-dev', { up: true }),
  set('link-down', { up: false }),
  set('link-mtu', { mtu: 9000 }),
  set('link-address', { mac: '02:00:00:00:00:0a' }),
  {
    ...set('link-broadcast', { broadcast: '02:ff:ff:ff:ff:ff' }),
    // How long the addresses are.
    lookups: 1,
    values: [[{ mac: '02:00:00:00:00:01' }]],
  },
  set('link-rename', { name: 'wan0' }),
  set('link-rename-longest', { name: 'abcdefghijklmno' }),
  set('link-master', { master: 'br0' }),
  set('link-master-up', { master: 'br0', up: true }),
  set('link-nomaster', { master: null }),
  set('link-txqueuelen', { txQueueLength: 2000 }),
  set('link-alias', { alias: 'uplink of rack 1' }),
  set('link-alias-cleared', { alias: null }),
  set('link-alias-cleared', { alias: '' }),
  set('link-promisc-on', { promiscuous: true }),
  set('link-promisc-off', { promiscuous: false }),
  set('link-arp-off', { arp: false }),
  set('link-arp-on', { arp: true }),
  set('link-multicast-off', { multicast: false }),
  set('link-allmulticast-on', { allMulticast: true }),
  set('link-trailers-off', { trailers: false }),
  set('link-carrier-off', { carrier: false }),
  set('link-group', { group: 42 }),
  set('link-group-named', { group: 0 }),
  set('link-protodown-on', { protoDown: true }),
  set('link-state-dormant', { operState: 'dormant' }),
  set('link-mode-dormant', { linkMode: 'dormant' }),
  set('link-addrgenmode-none', { addrGenMode: 'none' }),
  set('link-addrgenmode-eui64', { addrGenMode: 'eui64' }),
  set('link-addrgenmode-stable-secret', { addrGenMode: 'stable_secret' }),
  set('link-addrgenmode-random', { addrGenMode: 'random' }),
  set('link-many-at-once', {
    mtu: 1400,
    mac: '02:00:00:00:00:0a',
    txQueueLength: 100,
    alias: 'lan',
    master: 'br0',
    up: true,
  }),
  set('link-gso-max', { gsoMaxSize: 32768, gsoMaxSegs: 100 }),
  set('link-gro-max', { groMaxSize: 32768 }),
  { ...MOVED, name: 'link-netns-name', operation: () => moveLink('eth0', 'red') },
  {
    ...MOVED,
    name: 'link-netns-name-renamed',
    operation: () => moveLink('eth0', 'red', { name: 'lan0' }),
    lookups: 1,
    values: [[], [], [{ ifindex: 10 }]],
  },
  {
    ...MOVED,
    name: 'link-netns-pid',
    operation: () => moveLink('eth0', { pid: process.pid }),
    differs: [netnsByFd],
  },
  { name: 'link-up-in-netns', operation: () => setLink('lo', { up: true, netns: 'red' }) },
  {
    name: 'link-up-by-altname',
    operation: () => setLink('ethernet-to-rack-1', { up: true }),
    lookups: 1,
    values: [[{ ifindex: 10 }]],
  },
  { name: 'link-group-of-links-down', operation: () => setLinkGroup(42, { up: false }) },
  {
    name: 'link-group-of-links-alias',
    operation: () => setLinkGroup(42, { mtu: 1400, alias: 'lan' }),
  },
  { name: 'link-group-of-links-netns', operation: () => moveLinkGroup(42, 'red') },
  set('link-altname-add', { addAltNames: ['ethernet-to-rack-1'] }),
  set('link-altname-add-two', { addAltNames: ['first', 'a-second-and-longer-name'] }),
  set('link-altname-delete', { removeAltNames: ['ethernet-to-rack-1'] }),
  { name: 'link-delete', operation: () => deleteLink('eth0') },
  { name: 'link-delete-dev', operation: () => deleteLink('eth0') },
  {
    name: 'link-delete-with-type',
    operation: () => deleteLink('eth0'),
    differs: [without('iproute2 names the kind, at which the kernel does not look', [18])],
  },
  { name: 'link-delete-group', operation: () => deleteLinkGroup(42) },
]

/** The near end is read together with its creation and tells the far one's ifindex; the far end is read last. */
const PAIR = { readings: 2, values: [[], [{ ifindex: 77, link: 78 }]] }

function pair(name: string, near: LinkEnd, far: LinkEnd, differs: readonly Difference[] = []): LinkCase {
  return { ...PAIR, name, operation: () => createVethPair(near, far), differs: [kindWithNul, ...differs] }
}

const RED = { name: 'veth-red' }
const BLUE = { name: 'veth-blue' }
const HOST = { name: 'veth-red-br' }
const A = { name: 'veth-a' }
const B = { name: 'veth-b' }

/** Which end is asked: the one whose name comes first, so that both sides are alike. */
const otherEndAsked: Difference = {
  why: 'the request goes to the end that lives where the call acts, and names the namespace of the other',
  same(tree) {
    const linkinfo = tree.attributes.pop()!
    const peer = linkinfo.children[1]!.children[0]!
    if (nameOf(peer.children) < nameOf(tree.attributes))
      [tree.attributes, peer.children] = [peer.children, tree.attributes]
    tree.attributes.push(linkinfo)
    return tree
  },
}

function nameOf(nodes: readonly Node[]): string {
  return nodes.find(({ type }) => type === 3)!.payload
}

const pairs: LinkCase[] = [
  pair('veth-named-peer', RED, BLUE),
  pair('veth-peer-without-keyword', RED, BLUE),
  {
    name: 'veth-unnamed-peer',
    operation: () => createLink({ kind: 'veth', ...RED }),
    readings: 1,
    differs: [kindWithNul],
  },
  pair('veth-indexes', { ...RED, ifindex: 77 }, { ...BLUE, ifindex: 78 }),
  pair('veth-peer-in-netns', HOST, { ...RED, netns: 'red' }),
  pair('veth-near-end-in-netns', { ...RED, netns: 'red' }, HOST, [otherEndAsked]),
  pair('veth-both-in-netns', { ...RED, netns: 'red' }, { ...BLUE, netns: 'blue' }, [
    without('the request goes to the namespace of the near end, which need not be named', [IFLA_NET_NS_FD]),
  ]),
  pair('veth-peer-in-netns-of-pid', HOST, { ...RED, netns: { pid: process.pid } }, [netnsByFd]),
  pair('veth-one-queue', { ...A, queues: 1 }, { ...B, queues: 1 }),
  pair(
    'veth-address-mtu',
    { ...A, mac: '02:00:00:00:00:0a', mtu: 9000 },
    { ...B, mac: '02:00:00:00:00:0b', mtu: 9000 },
  ),
  pair('veth-near-end-up', { ...A, up: true }, B),
  pair('veth-master-up', { ...A, master: 'br0', up: true }, B),
  pair('veth-txqueuelen-group', { ...A, txQueueLength: 500, group: 7 }, { ...B, txQueueLength: 250 }),
  pair('veth-arp-off-multicast-on', { ...A, arp: false, multicast: true }, B),
  pair(
    'veth-container-attach',
    { ...HOST, master: 'br0', mtu: 1400, up: true, queues: 1 },
    { ...RED, netns: 'red', mtu: 1400, mac: '02:00:00:00:00:0c', queues: 1 },
  ),
]

function bridge(
  name: string,
  options: Omit<CreateBridgeOptions, 'name'>,
  differs: readonly Difference[] = [],
): LinkCase {
  const operation = () => createBridge({ name: 'v-net-0', ...options })
  return { name, operation, readings: 1, differs: [kindWithNul, ...differs] }
}

function setBridge(name: string, options: Partial<OptionsOf<'bridge'>>): LinkCase {
  const operation = () => setLink('br0', { kind: 'bridge', ...options })
  return { name, operation, differs: [kindWithNul] }
}

function setPort(
  name: string,
  port: Omit<PortChanges & { kind: 'bridge' }, 'kind'>,
  differs: readonly Difference[] = [],
): LinkCase {
  const operation = () => setLink('eth0', { port: { kind: 'bridge', ...port } })
  const values = [[{ portKind: 'bridge' }], []]
  return { name, operation, differs: [masterNamed, ...differs], lookups: 1, values }
}

const bridges: LinkCase[] = [
  bridge('bridge-plain', {}),
  // A link with another MTU than was asked for is removed.
  { ...bridge('bridge-up-mtu', { mtu: 1400, up: true }), values: [[], [{ ifindex: 77, mtu: 1400 }]] },
  bridge('bridge-stp', { stp: true, forwardDelay: 4, helloTime: 1, maxAge: 10 }),
  bridge('bridge-stp-off', { stp: false }),
  bridge('bridge-ageing', { ageingTime: 60 }),
  bridge('bridge-priority', { priority: 4096 }),
  bridge('bridge-vlan-filtering', { vlanFiltering: true, vlanDefaultPvid: 100 }),
  bridge('bridge-vlan-protocol', { vlanProtocol: '802.1ad' }),
  bridge('bridge-vlan-stats', { vlanStats: true, vlanStatsPerPort: true }),
  bridge('bridge-nf-call', { nfCallIptables: true, nfCallIp6tables: true, nfCallArptables: true }),
  bridge('bridge-mcast-snooping-off', { mcastSnooping: false }),
  bridge('bridge-mcast', {
    mcastRouter: 'permanent',
    mcastQueryUseIfaddr: true,
    mcastQuerier: true,
    mcastHashMax: 1024,
  }),
  bridge('bridge-mcast-intervals', {
    mcastLastMemberCount: 3,
    mcastStartupQueryCount: 4,
    mcastLastMemberInterval: 2,
    mcastMembershipInterval: 200,
    mcastQuerierInterval: 200,
    mcastQueryInterval: 100,
    mcastQueryResponseInterval: 9,
    mcastStartupQueryInterval: 20,
  }),
  bridge('bridge-mcast-versions', { mcastIgmpVersion: 3, mcastMldVersion: 2, mcastStats: true }),
  bridge('bridge-group-address', { groupAddress: '01:80:c2:00:00:05', groupFwdMask: 8 }),
  bridge('bridge-no-linklocal-learn', { multiBoolopt: { no_ll_learn: true } }),
  setBridge('bridge-set-stp', { stp: true }),
  setBridge('bridge-set-forward-delay', { forwardDelay: 0 }),
  setBridge('bridge-set-vlan-filtering', { vlanFiltering: true }),
  setBridge('bridge-set-fdb-flush', { fdbFlush: true }),
  setPort('bridge-slave-cost', { cost: 100, priority: 16, state: 'forwarding' }),
  setPort('bridge-slave-flags', {
    hairpin: true,
    guard: true,
    rootBlock: true,
    fastLeave: true,
    learning: false,
    flood: false,
    mcastFlood: false,
    bcastFlood: false,
    mcastToUnicast: true,
  }),
  setPort('bridge-slave-flags-of-newer-kernels', {
    proxyArp: true,
    proxyArpWifi: true,
    neighSuppress: true,
    vlanTunnel: true,
    isolated: true,
    locked: true,
    groupFwdMask: 8,
    mcastRouter: 'query',
  }),
  setPort('bridge-slave-backup-port', { backupPort: 'eth1' }),
  setPort('bridge-slave-no-backup-port', { backupPort: null }),
  setPort('bridge-slave-flush', { flush: true }),
]

/** Ours is AF_UNSPEC, and leaves out what is not wanted of each answer. */
const family = otherBody('iproute2 asks for AF_PACKET; the answer to AF_UNSPEC is the same')
const mask: Difference = {
  why: 'the kernel is told to leave counters out and sends virtual functions only where they are wanted',
  same(tree) {
    for (const node of tree.attributes) if (node.type === 29) node.payload = ''
    return tree
  },
}
const DUMP = [family, mask]
const NAMED_HERE =
  'the kernel has this filter only since 5.15, and an older one would filter everything: it is done after decoding'

const readings: LinkCase[] = [
  { name: 'dump-link', operation: () => listLinks(), differs: DUMP },
  { name: 'dump-link-details', operation: () => listLinks({ include: ['afSpec'] }), differs: DUMP },
  { name: 'dump-link-statistics', operation: () => listLinks({ include: ['stats'] }), differs: DUMP },
  {
    name: 'dump-link-statistics',
    operation: () => listLinks({ include: ['stats', 'vfs'] }),
    differs: [family],
  },
  {
    name: 'dump-link-type-veth',
    operation: () => listLinks({ kind: 'veth' }),
    differs: [...DUMP, kindWithNul, order],
  },
  { name: 'dump-link-master', operation: () => listLinks({ master: 'br0' }), differs: [...DUMP, order] },
  {
    name: 'dump-link-nomaster',
    operation: () => listLinks({ master: null }),
    differs: [...DUMP, without(NAMED_HERE, [10])],
  },
  { name: 'dump-link-up', operation: () => listLinks({ up: true }), differs: DUMP },
  { name: 'dump-link-group', operation: () => listLinks({ group: 42 }), differs: DUMP },
  { name: 'dump-link-in-netns', operation: () => listLinks({ netns: 'red' }), differs: DUMP },
  { name: 'get-link', operation: () => getLink('eth0'), differs: DUMP },
  { name: 'get-link-without-keyword', operation: () => getLink('eth0'), differs: DUMP },
  { name: 'get-link-statistics', operation: () => getLink('eth0', { include: ['stats'] }), differs: DUMP },
  { name: 'get-link-details', operation: () => getLink('eth0', { include: ['afSpec'] }), differs: DUMP },
  { name: 'get-link-altname', operation: () => getLink('ethernet-to-rack-1'), differs: DUMP },
].map((reading) => ({ values: [[{}]], ...reading }))

describe('changes of links', () => {
  it.each(changes)('$name', (link) => {
    expectSame('link', link)
  })
})

describe('veth pairs', () => {
  it.each(pairs)('$name', (link) => {
    expectSame('veth', link)
  })
})

describe('bridges and their ports', () => {
  it.each(bridges)('$name', (link) => {
    expectSame('bridge', link)
  })
})

describe('readings of links', () => {
  it.each(readings)('$name', (link) => {
    expectSame('dump', link)
  })
})

describe('the fixtures of links', () => {
  /** What has no call of its own, and why. */
  const LEFT_OUT: Record<string, string> = {
    'veth-unnamed': 'a link that we make is named, so that it can be read back and removed after a failure',
    'dump-link-type-bridge-slave': 'iproute2 filters after decoding, as a caller does by portKind',
  }

  it('are all compared', () => {
    const compared = [...changes, ...pairs, ...bridges, ...readings].map(({ name }) => name)
    const recorded = ['link', 'veth', 'bridge', 'dump'].flatMap((area) =>
      loadGolden(area).map(({ name }) => name),
    )
    const ours = recorded.filter((name) => !/^dump-(address|route)/.test(name))
    expect(ours.filter((name) => !compared.includes(name)).sort()).toEqual(Object.keys(LEFT_OUT).sort())
  })
})
