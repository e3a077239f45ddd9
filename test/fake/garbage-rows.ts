/** Calls that are right, with much of what they can have: what garbage.test.ts puts other values into. */

import * as conntrack from '../../src/conntrack-sync.js'
import * as nft from '../../src/nftables-sync.js'
import * as nl from '../../src/sync.js'
import { done, failure, fakeKernel, messages, reply, success } from '../../src/testing/index.js'
import * as topology from '../../src/topology-sync.js'

/** Answers nothing that is asked for, and takes all changes. */
export const netns = fakeKernel(
  ({ name, isDump }) => {
    if (name === 'NFT_MSG_GETGEN')
      return reply(messages.NFT_MSG_NEWGEN, { header: {}, attributes: { id: 1 } })
    return isDump ? done() : name?.includes('GET') ? failure('ENOENT') : success()
  },
  { interfaces: { lo: 1, eth0: 2, eth1: 3, br0: 4 } },
)

export interface Row {
  readonly name: string
  readonly call: (...args: never[]) => unknown
  readonly args: readonly unknown[]
}

/** The types see that a call is right. */
function row<F extends (...args: never[]) => unknown>(name: string, call: F, ...args: Parameters<F>): Row {
  return { name, call, args }
}

const mac = '02:00:00:00:00:01'
const pair = { original: { protocol: 'tcp', src: '10.0.0.1', dst: '10.0.0.2', sport: 4, dport: 5 } } as const
const inTable = { family: 'ip', table: 't' } as const

const links: Row[] = [
  row('getLink', nl.getLink, 'eth0', { include: ['stats'], bigint: true, netns }),
  row('listLinks', nl.listLinks, {
    kind: 'veth',
    portKind: 'bridge',
    master: 'br0',
    up: true,
    group: 1,
    include: ['stats', 'vfs', 'afSpec'],
    netns,
  }),
  row('createLink', nl.createLink, {
    kind: 'vlan',
    name: 'v0',
    link: 'eth0',
    id: 5,
    protocol: '802.1ad',
    flags: { gvrp: true },
    ingressQos: [{ from: 1, to: 2 }],
    mac,
    mtu: 1400,
    up: true,
    addresses: ['10.0.0.1/24'],
    routes: [{ to: '10.1.0.0/16', via: '10.0.0.2', metric: 3 }],
    txQueueLength: 100,
    netns,
  }),
  row('createLink', nl.createLink, {
    kind: 'vxlan',
    name: 'v0',
    id: 5,
    local: '10.0.0.1',
    remote: '10.0.0.9',
    link: 'eth0',
    portRange: { low: 1000, high: 2000 },
    learning: true,
    ttl: 5,
    netns,
  }),
  row('createLink', nl.createLink, { kind: 'bond', name: 'v0', mode: '802.3ad', miimon: 100, netns }),
  row('createLink', nl.createLink, { kind: 'macvlan', name: 'v0', link: 'eth0', mode: 'source', netns }),
  row('createLink', nl.createLink, { kind: 'wireguard', name: 'v0', netns }),
  row('createLink', nl.createLink, {
    kind: 'gre',
    name: 'v0',
    local: '10.0.0.1',
    remote: '10.0.0.2',
    ttl: 3,
    ikey: 3,
    pmtudisc: true,
    netns,
  }),
  row('createLink', nl.createLink, {
    kind: 'macsec',
    name: 'v0',
    link: 'eth0',
    sci: 5n,
    encrypt: true,
    netns,
  }),
  row('createBridge', nl.createBridge, {
    name: 'br0',
    stp: true,
    forwardDelay: 4,
    helloTime: 2,
    ageingTime: 300,
    vlanFiltering: true,
    up: true,
    addresses: ['10.0.0.1/24'],
    mac,
    netns,
  }),
  row(
    'createVethPair',
    nl.createVethPair,
    {
      name: 'a',
      up: true,
      mtu: 1400,
      mac,
      master: 'br0',
      addresses: [{ address: '10.0.0.1/24', broadcast: '10.0.0.255', label: 'a:1' }],
      queues: 2,
      routes: [{ to: 'default', via: '10.0.0.2' }],
    },
    { name: 'b', netns, up: true, addresses: ['fe80::1/64'] },
    { netns },
  ),
  row('setLink', nl.setLink, 'eth0', {
    up: true,
    mtu: 1400,
    mac,
    name: 'eth5',
    master: 'br0',
    txQueueLength: 10,
    alias: 'x',
    promiscuous: true,
    group: 3,
    addAltNames: ['x'],
    protoDown: true,
    netns,
  }),
  row('setLink', nl.setLink, 'eth0', { kind: 'vlan', flags: { gvrp: true }, netns }),
  row('setLink', nl.setLink, 'eth0', { vfs: [{ vf: 0, mac, vlan: 3 }], xdp: { fd: 4 }, netns }),
  row('moveLink', nl.moveLink, 'eth0', netns, { name: 'eth9', ifindex: 7, netns }),
  row('deleteLink', nl.deleteLink, 'eth0', { netns }),
  row('setLinkGroup', nl.setLinkGroup, 3, { up: true, alias: 'x', protoDownReason: { value: 1 }, netns }),
  row('moveLinkGroup', nl.moveLinkGroup, 3, netns, { netns }),
  row('listLinkStats', nl.listLinkStats, { extended: true, netns }),
  row('createTuntap', nl.createTuntap, {
    name: 'tap0',
    mode: 'tap',
    owner: 5,
    multiQueue: true,
    netns: 'no-such-namespace',
  }),
]

const addresses: Row[] = [
  row('addAddress', nl.addAddress, 'eth0', '10.0.0.1/24', {
    broadcast: '10.0.0.255',
    label: 'eth0:1',
    scope: 'link',
    peer: '10.0.0.3/24',
    flags: ['noprefixroute'],
    validLifetime: 100,
    preferredLifetime: 50,
    metric: 3,
    protocol: 5,
    netns,
  }),
  row('listAddresses', nl.listAddresses, {
    dev: 'eth0',
    family: 'ipv4',
    scope: 'global',
    label: 'eth0',
    flags: ['permanent'],
    up: true,
    within: '10.0.0.0/8',
    netns,
  }),
  row('flushAddresses', nl.flushAddresses, { dev: 'eth0', family: 'ipv4', within: '10.0.0.0/8', netns }),
  row('addAddressLabel', nl.addAddressLabel, { prefix: '2001:db8::/32', label: 99, dev: 'eth0', netns }),
  row('addNeighbour', nl.addNeighbour, {
    to: '10.0.0.1',
    dev: 'eth0',
    mac,
    state: 'permanent',
    flags: ['router'],
    protocol: 5,
    netns,
  }),
  row('listNeighbours', nl.listNeighbours, { dev: 'eth0', family: 'ipv4', state: ['stale'], netns }),
  row('setNeighbourTable', nl.setNeighbourTable, 'arp_cache', { dev: 'eth0', baseReachableTime: 30, netns }),
]

const routes: Row[] = [
  row('addRoute', nl.addRoute, {
    to: '10.0.0.0/8',
    via: '10.0.0.1',
    dev: 'eth0',
    src: '10.0.0.2',
    metric: 3,
    table: 1000,
    scope: 'global',
    onlink: true,
    protocol: 'static',
    type: 'unicast',
    tos: 4,
    metrics: { mtu: 1400, lock: ['mtu'], ccAlgo: 'cubic', features: ['ecn'] },
    realms: { from: 1, to: 2 },
    netns,
  }),
  row('addRoute', nl.addRoute, {
    to: '10.0.0.0/8',
    nexthops: [
      {
        via: '10.0.0.1',
        dev: 'eth0',
        weight: 3,
        onlink: true,
        realms: { from: 1, to: 2 },
        encap: { type: 'mpls', dst: [100], ttl: 3 },
      },
    ],
    netns,
  }),
  row('addRoute', nl.addRoute, {
    to: '2001:db8::/32',
    dev: 'eth0',
    encap: { type: 'seg6', srh: { mode: 'encap', segments: ['2001:db8::1'] } },
    expires: 100,
    preference: 'high',
    from: '2001:db8:1::/48',
    netns,
  }),
  row('listRoutes', nl.listRoutes, {
    family: 'ipv4',
    table: 5,
    dev: 'eth0',
    protocol: 'static',
    scope: 'link',
    type: 'unicast',
    via: '10.0.0.1',
    to: '10.0.0.0/8',
    netns,
  }),
  row('deleteRoute', nl.deleteRoute, { to: '10.0.0.0/8', via: '10.0.0.1', table: 5, metric: 3, netns }),
  row('getRoute', nl.getRoute, '10.0.0.1', {
    from: '10.0.0.2',
    iif: 'eth0',
    mark: 3,
    uid: 5,
    ipProtocol: 'tcp',
    sport: 3,
    dport: 4,
    tos: 4,
    fibmatch: true,
    netns,
  }),
  row('addRule', nl.addRule, {
    family: 'ipv4',
    priority: 5,
    from: '10.0.0.0/8',
    iif: 'eth0',
    fwmark: 3,
    fwmask: 7,
    uidRange: { start: 1, end: 2 },
    ipProtocol: 'tcp',
    sport: { start: 1, end: 2 },
    dport: 5,
    table: 100,
    suppressPrefixLength: 0,
    realms: { from: 1, to: 2 },
    netns,
  }),
  row('addRule', nl.addRule, { family: 'ipv4', priority: 5, goto: 100, invert: true, tunId: 5n, netns }),
  row('listRules', nl.listRules, { priority: 5, table: 3, from: '10.0.0.0/8', netns }),
  row('addNexthop', nl.addNexthop, { id: 5, via: '10.0.0.1', dev: 'eth0', onlink: true, netns }),
  row('addNexthop', nl.addNexthop, {
    id: 5,
    group: [{ id: 1, weight: 2 }],
    groupType: 'resilient',
    resilient: { buckets: 8, idleTimer: 5, unbalancedTimer: 5 },
    netns,
  }),
  row('addMplsRoute', nl.addMplsRoute, { label: 100, via: '10.0.0.1', dev: 'eth0', as: [200], netns }),
]

const bridges: Row[] = [
  row('setBridgePort', nl.setBridgePort, 'eth0', {
    state: 'forwarding',
    priority: 3,
    cost: 5,
    hairpin: true,
    backupPort: 'eth1',
    mcastRouter: 'permanent',
    groupFwdMask: 8,
    netns,
  }),
  row('addBridgeVlan', nl.addBridgeVlan, 'eth0', { vid: [5, 8], untagged: true, tunnelId: 5, netns }),
  row('setGlobalBridgeVlan', nl.setGlobalBridgeVlan, 'br0', { vid: 5, mcastSnooping: true, netns }),
  row('addFdbEntry', nl.addFdbEntry, {
    mac,
    dev: 'eth0',
    self: true,
    dst: '10.0.0.1',
    port: 4789,
    vni: 5,
    via: 'eth1',
    flags: ['sticky'],
    netns,
  }),
  row('flushFdb', nl.flushFdb, 'eth0', { vlan: 5, state: 'dynamic', flags: ['extern_learn'], netns }),
  row('addMdbEntry', nl.addMdbEntry, {
    dev: 'br0',
    port: 'eth0',
    group: '239.1.1.1',
    vid: 5,
    state: 'permanent',
    sources: ['10.0.0.1'],
    filterMode: 'include',
    netns,
  }),
  row('addVxlanVni', nl.addVxlanVni, 'eth0', { vni: [5, 8], group: '239.1.1.1', netns }),
]

const namespaces: Row[] = [
  row('setNsid', nl.setNsid, netns, 5, { netns }),
  row('openNetns', nl.openNetns, { path: '/no/such/file' }),
  row('openNetns', nl.openNetns, { pid: 2 ** 22 + 1 }),
  row('getSysctl', nl.getSysctl, 'net.ipv4.ip_forward', { netns: 'no-such-namespace' }),
  row('setSysctl', nl.setSysctl, 'net.ipv4.ip_forward', 1, { netns: 'no-such-namespace' }),
  row('openSocketInNetns', nl.openSocketInNetns, 'no-such-namespace', {
    family: 'ipv4',
    type: 'stream',
    protocol: 0,
  }),
]

const connections: Row[] = [
  row('listConntrack', conntrack.listConntrack, {
    protocol: 'tcp',
    original: { src: '10.0.0.1', dst: '10.0.0.2', sport: 4, dport: 5 },
    family: 'ipv4',
    zone: 1,
    mark: 3,
    status: ['assured'],
    netns,
  }),
  row('addConntrack', conntrack.addConntrack, {
    ...pair,
    reply: { protocol: 'tcp', src: '10.0.0.2', dst: '10.0.0.1', sport: 5, dport: 4 },
    timeout: 10,
    mark: 3,
    status: ['assured'],
    netns,
  }),
  row('updateConntrack', conntrack.updateConntrack, { ...pair, mark: 3, netns }),
  row('flushConntrackPort', conntrack.flushConntrackPort, { protocol: 'tcp', port: 80, netns }),
]

const networks: Row[] = [
  row('normalizeTopology', topology.normalizeTopology, {
    name: 'lab',
    namespaces: {
      red: {
        loopback: true,
        links: { eth0: { peer: 'blue:eth0', addresses: ['10.0.0.1/24'], mtu: 1400 } },
        routes: [{ to: 'default', via: '10.0.0.2' }],
        rules: [{ family: 'ipv4', priority: 5, table: 100 }],
        neighbours: [{ to: '10.0.0.3', dev: 'eth0', mac }],
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      blue: {},
    },
    bridges: { br0: { addresses: ['192.168.15.5/24'], ports: ['red:eth1'], mtu: 1400 } },
    nat: {
      masquerade: [{ source: '192.168.15.0/24' }],
      publish: [{ protocol: 'tcp', hostPort: 8080, to: '192.168.15.2:80' }],
    },
  }),
  row('star', topology.star, 3, { name: 'c', network: '10.0.0.0/16' }),
  row('ring', topology.ring, 3, { name: 'c', network: '10.0.0.0/16' }),
  row('leafSpine', topology.leafSpine, { leaves: 2, spines: 2, hosts: 1 }),
]

/** A transaction with what one of its methods is given. */
function recorded<K extends 'addTable' | 'addChain' | 'addSet' | 'addElements' | 'addRule' | 'addObject'>(
  name: K,
  ...args: Parameters<nft.Transaction[K]>
): Row {
  const call = (...given: Parameters<nft.Transaction[K]>) =>
    nft.transaction((tx) => (tx[name] as (...args: unknown[]) => void)(...given), { netns })
  return { name, call, args }
}

/** A rule with one statement. */
function ruled<F extends (...args: never[]) => nft.Statement>(
  name: string,
  make: F,
  ...args: Parameters<F>
): Row {
  const call = (...given: Parameters<F>) =>
    nft.transaction(
      (tx) =>
        tx.addRule({
          family: 'inet',
          table: 't',
          chain: 'c',
          rule: nft.rule(nft.tcp.dport(80), make(...given)),
        }),
      {
        netns,
      },
    )
  return { name, call, args }
}

const filters: Row[] = [
  row('masquerade', nft.masquerade, {
    source: '192.168.15.0/24',
    outgoing: 'eth0',
    except: ['10.0.0.0/8'],
    name: 'm',
    netns,
  }),
  row('publishPort', nft.publishPort, {
    protocol: 'tcp',
    hostAddress: '10.0.0.1',
    hostPort: 8080,
    to: '192.168.15.2:80',
    name: 'p',
    netns,
  }),
  row('isolate', nft.isolate, 'br0', { netns }),
  row('blockPort', nft.blockPort, { protocol: 'tcp', port: 80, netns }),
  row('listRules', nft.listRules, { ...inTable, chain: 'c', netns }),
  row('listElements', nft.listElements, { ...inTable, set: 's', netns }),
  recorded('addTable', { family: 'ip', name: 't', flags: ['dormant'], comment: 'c' }),
  recorded('addChain', {
    ...inTable,
    name: 'c',
    type: 'filter',
    hook: 'input',
    priority: 'filter',
    policy: 'accept',
    comment: 'x',
  }),
  recorded('addSet', {
    ...inTable,
    name: 's',
    type: 'ipv4_addr',
    flags: ['interval'],
    timeout: 5,
    gcInterval: 5,
    size: 10,
    comment: 'x',
  }),
  recorded('addSet', { ...inTable, name: 's', type: ['ipv4_addr', 'inet_service'], map: 'verdict' }),
  recorded('addElements', {
    ...inTable,
    set: 's',
    elements: [{ key: '10.0.0.1', timeout: 5, comment: 'x' }],
  }),
  recorded('addRule', { ...inTable, chain: 'c', comment: 'x', after: 5, rule: nft.rule(nft.accept()) }),
  recorded('addObject', { ...inTable, name: 'o', type: 'quota', data: { bytes: 5n, consumed: 3n } }),
  ruled('ip.saddr', (net: string) => nft.ip.saddr(net), '10.0.0.0/8'),
  ruled('ip.saddr', (list: string[]) => nft.ip.saddr(list), ['10.0.0.1', '10.0.0.2-10.0.0.9']),
  ruled('tcp.dport', (ports: number[]) => nft.tcp.dport(ports), [80, 443]),
  ruled('ct.state', (one: 'new', other: 'related') => nft.ct.state(one, other), 'new', 'related'),
  ruled('meta.iifname', (name: string) => nft.meta.iifname(name), 'eth0'),
  ruled('concat', (one: nft.Selector) => nft.concat(one, nft.tcp.dport)(['10.0.0.1', 80]), nft.ip.saddr),
  ruled('inside', (one: nft.Selector) => nft.inside('vxlan', one)('10.0.0.1'), nft.ip.saddr),
  ruled('fib', (flags: 'saddr'[], result: 'type') => nft.fib(flags, result)('local'), ['saddr'], 'type'),
  ruled('counter', nft.counter, { packets: 1n, bytes: 2n }),
  ruled('limit', nft.limit, { rate: 5, per: 'second', burst: 3, over: true }),
  ruled('log', nft.log, { prefix: 'x', group: 3, snaplen: 4 }),
  ruled('reject', nft.reject, 'tcp-reset'),
  ruled('dnat', nft.dnat, '10.0.0.1:80', { random: true }),
  ruled('redirect', nft.redirect, { to: 80 }),
  ruled('queue', nft.queue, { num: 3, bypass: true }),
  ruled('connectionLimit', nft.connectionLimit, 5, { over: true }),
  ruled('dup', nft.dup, { address: '10.0.0.1', dev: 'eth0' }),
  ruled('synproxy', nft.synproxy, { mss: 1460, wscale: 7, sackPerm: true }),
  ruled('jump', nft.jump, 'chain'),
  ruled('extensionHeader', nft.extensionHeader, 'frag', true),
  ruled('tcpOption', nft.tcpOption, 'maxseg', true),
]

export const rows: readonly Row[] = [
  ...links,
  ...addresses,
  ...routes,
  ...bridges,
  ...namespaces,
  ...connections,
  ...networks,
  ...filters,
]
