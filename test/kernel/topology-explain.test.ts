/**
 * Every option of every part of a topology: what was made is read as it was written, and the commands that explain() tells make it, change it
 * and take it away again.
 */

import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { TopologyKindLink, TopologyLink, TopologyNamespace } from '../../src/topology/value.js'
import { normalizeTopology, type Topology } from '../../src/topology.js'
import { noKind } from './needs.js'
import { execFileSync } from './programs.js'
import { hasKind } from './support.js'
import { cleanAll, stateOfAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

/** An ordinary user is the only one in a namespace of his own. */
const LAST_ID = Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2]) > 1000 ? 1000 : 0

const X: TopologyLink = { peer: 'y', addresses: ['10.1.0.1/24', 'fd00::1/64'] }

/** Two ends of a pair, and something more. */
function red(more: Omit<TopologyNamespace, 'links'>, links: { [name: string]: TopologyLink } = {}): Topology {
  return {
    name: 'p',
    namespaces: { red: { links: { x: X, y: { addrGenMode: 'none' }, ...links }, ...more } },
  }
}

/** Each in a pair of its own. */
const settings = (list: readonly TopologyLink[]) =>
  red({}, Object.fromEntries(list.flatMap((link, i) => [[`a${i}`, { ...link, peer: `b${i}` }]])))

const bridges = (list: readonly object[]) =>
  red({ bridges: Object.fromEntries(list.map((bridge, i) => [`br${i}`, bridge])) })

const links = (list: readonly TopologyKindLink[]) =>
  red({}, Object.fromEntries(list.map((link, i) => [`z${i}`, link])))

/** Iproute2 6.1 knows no words for gsoIpv4MaxSize, groIpv4MaxSize, an address's protocol, dscp, fdbMaxLearned, bcCutoff. */
const CASES: [string, Topology][] = [
  [
    'settings of links',
    settings([
      { arp: false, multicast: false, allMulticast: true, promiscuous: true },
      { trailers: false, dynamic: true, mtu: 1400, txQueueLength: 5, group: 7 },
      { gsoMaxSize: 60_000, gsoMaxSegs: 100, groMaxSize: 60_000, linkMode: 'dormant' },
      { addrGenMode: 'random', mac: '02:00:00:00:00:AA', broadcast: 'ff:ff:ff:ff:ff:fe' },
      { queues: 4, linkMode: 1, addrGenMode: 0 },
      { queues: { tx: 2, rx: 3 } },
      { up: false, addresses: ['10.2.0.1/24'] },
    ]),
  ],
  [
    'names that are words of ip(8) as well',
    red(
      { bridges: { br: {}, up: { ports: ['dev', 'type'] } } },
      { dev: { peer: 'mtu' }, type: { peer: 'name' } },
    ),
  ],
  [
    'addresses',
    red(
      {},
      {
        a: {
          peer: 'b',
          addresses: [
            { address: '10.9.0.1/24', broadcast: '10.9.0.255' },
            { address: '10.9.1.1/24', broadcast: true },
            { address: '10.9.2.1/24', label: 'a:one' },
            { address: '10.9.3.1/24', label: 'a: 2' },
            { address: '10.9.4.1/24', scope: 'link' },
            { address: '10.9.5.1/24', scope: 254 },
            { address: '10.9.6.1/24', scope: 99 },
            { address: '10.9.7.1/24', peer: '10.9.7.77' },
            { address: '10.9.8.1/24', metric: 50 },
            { address: '10.9.9.1/24', validLifetime: 1000, preferredLifetime: 500 },
            { address: '10.9.10.1/24', preferredLifetime: 0 },
            { address: '10.9.11.1/24', flags: ['noprefixroute'] },
            { address: 'FD09::1/64', peer: 'FD09::0:77' },
            { address: 'fd09:1::1/64', metric: 50 },
            { address: 'fd09:2::1/64', flags: ['nodad', 'home'] },
            { address: 'fd09:3::1/64', flags: ['mngtmpaddr'] },
            { address: 'fd09:4::1/64', validLifetime: 1000, preferredLifetime: 0 },
          ],
        },
      },
    ),
  ],
  [
    'routes',
    red({
      routes: [
        { to: '10.10.0.0/16', via: '10.1.0.9' },
        { to: '10.11.0.1', dev: 'x' },
        {
          ...{ to: '10.12.0.0/16', via: '10.1.0.9', metric: 5, table: 200, protocol: 'static' },
          ...{ src: '10.1.0.1', scope: 'global', tos: 8 },
        },
        { to: '10.13.0.0/16', dev: 'x', scope: 'link', protocol: 4 },
        { to: '10.14.0.0/16', via: '10.9.9.9', dev: 'x', onlink: true },
        { to: '10.15.0.0/16', via: 'FD00::0:9', dev: 'x' },
        { to: '10.16.0.0/16', type: 'unreachable' },
        { to: '10.17.0.0/16', type: 8, metric: 9 },
        { to: '10.18.0.0/16', type: 'throw', table: 99 },
        { to: 'default', family: 'ipv4', type: 'blackhole' },
        { to: 'default', family: 'ipv6', type: 'unreachable' },
        { to: '10.19.0.0/16', type: 'local', dev: 'x' },
        { to: 'fd10::/64', type: 'blackhole' },
        { to: '10.20.0.0/16', via: '10.1.0.9', metrics: { mtu: 1300, advmss: 1200, lock: ['mtu'] } },
        {
          to: '10.21.0.0/16',
          via: '10.1.0.9',
          metrics: {
            ...{ initcwnd: 20, initrwnd: 30, rtt: 200, rttvar: 50, rtoMin: 300, window: 1000, ssthresh: 50 },
            ...{
              cwnd: 9,
              hoplimit: 33,
              quickack: 1,
              features: ['ecn'],
              ccAlgo: 'cubic',
              fastopenNoCookie: 1,
            },
            reordering: 5,
          },
        },
        { to: '10.22.0.0/16', via: '10.1.0.9', realms: { from: 2, to: 3 } },
        { to: 'fd11::/64', via: 'fd00::9', preference: 'high', metric: 77 },
        { to: 'fd12::/64', via: 'fd00::9', expires: 1000 },
        { to: 'fd13::/64', from: 'fd09::/64', dev: 'x' },
        {
          to: '10.23.0.0/16',
          nexthops: [
            { via: '10.1.0.8', weight: 3 },
            { via: '10.1.0.9', dev: 'x', onlink: true },
          ],
        },
        {
          to: 'fd14::/64',
          nexthops: [
            { via: 'fd00::8', weight: 3 },
            { via: 'fd00::9', dev: 'x' },
          ],
        },
      ],
    }),
  ],
  [
    'rules',
    red({
      rules: [
        { from: '10.0.0.0/8', table: 9 },
        { to: '10.0.0.0/8', table: 9, priority: 1 },
        { from: '10.0.0.0/8', table: 9, invert: true, priority: 2 },
        { family: 'ipv4', iif: 'lo', table: 9, priority: 3 },
        { family: 'ipv6', oif: 'nowhere', table: 1000, priority: 4 },
        { family: 'ipv4', fwmark: 5, table: 9, priority: 5 },
        { family: 'ipv4', fwmark: 5, fwmask: 15, table: 9, priority: 6 },
        { family: 'ipv4', tos: 8, table: 9, priority: 7 },
        { family: 'ipv4', ipProtocol: 'udp', sport: { start: 1, end: 9 }, dport: 53, table: 9, priority: 8 },
        { family: 'ipv4', ipProtocol: 47, uidRange: { start: 0, end: LAST_ID }, table: 9, priority: 9 },
        { family: 'ipv4', action: 'blackhole', priority: 10 },
        { family: 'ipv4', action: 8, priority: 11 },
        { from: '10.0.0.0/8', action: 'unreachable', priority: 12 },
        { family: 'ipv4', goto: 32766, priority: 13 },
        { family: 'ipv4', action: 'nop', priority: 14 },
        { family: 'ipv4', l3mdev: true, priority: 15 },
        { family: 'ipv4', table: 254, suppressPrefixLength: 0, priority: 16 },
        { family: 'ipv4', table: 254, suppressIfgroup: 3, priority: 17 },
        { from: '10.0.0.0/8', table: 9, protocol: 'static', priority: 18 },
        { from: '10.0.0.0/8', table: 9, realms: { from: 1, to: 2 }, priority: 19 },
        { from: 'FD00:0::/8', table: 9, priority: 20 },
      ],
    }),
  ],
  [
    'neighbours',
    red({
      neighbours: [
        { to: '10.1.0.2', mac: '02:00:00:00:00:AA', dev: 'x' },
        { to: 'FD00:0::9', mac: '02:00:00:00:00:09', dev: 'x', state: 'noarp' },
        { to: '10.1.0.3', mac: '02:00:00:00:00:09', dev: 'x', state: 'permanent', protocol: 'static' },
        { to: '10.1.0.4', mac: '02:00:00:00:00:09', dev: 'x', state: 'stale' },
        { to: '10.1.0.5', mac: '02:00:00:00:00:09', dev: 'x', state: 2, protocol: 4 },
        { to: '10.1.0.6', proxy: true, dev: 'x' },
        { to: 'fd00::7', proxy: true, dev: 'x' },
      ],
    }),
  ],
  [
    'parameters, and no loopback',
    red({
      loopback: false,
      sysctls: {
        'net.ipv4.conf.x.rp_filter': 2,
        'net.ipv4.ip_local_port_range': '20000 30000',
        'net/ipv4/conf/x/forwarding': 1,
      },
    }),
  ],
  [
    'bridges',
    bridges([
      { forwardDelay: 4, helloTime: 1, maxAge: 10, ageingTime: 100, stp: true, priority: 4096 },
      { ageingTime: 0, groupFwdMask: 8, groupAddress: '01:80:c2:00:00:04', mtu: 1400 },
      {
        mcastRouter: 'permanent',
        mcastSnooping: false,
        mcastQueryUseIfaddr: true,
        mcastQuerier: true,
        mcastHashMax: 512,
      },
      { mcastLastMemberCount: 3, mcastStartupQueryCount: 3, mcastLastMemberInterval: 2 },
      { mcastMembershipInterval: 100, mcastQuerierInterval: 100, mcastQueryInterval: 100 },
      { mcastQueryResponseInterval: 5, mcastStartupQueryInterval: 20, mcastStats: true },
      { mcastIgmpVersion: 3, mcastMldVersion: 2, multiBoolopt: { no_ll_learn: true } },
      { nfCallIptables: true, nfCallIp6tables: true, nfCallArptables: true, mac: '02:00:00:00:00:07' },
    ]),
  ],
  [
    'macvlan',
    links([
      { kind: 'macvlan', link: 'x', mode: 'vepa', bcQueueLen: 500 },
      { kind: 'macvlan', link: 'x', mode: 'source', macaddrMode: 'set', macaddrData: ['02:00:00:00:00:05'] },
      { kind: 'macvlan', link: 'y', mode: 'passthru', flags: ['nopromisc'] },
      { kind: 'macvtap', link: 'x', mode: 'bridge', flags: ['nodst'] },
    ]),
  ],
  [
    'VXLAN',
    links([
      {
        kind: 'vxlan',
        id: 1,
        local: '10.1.0.1',
        remote: '10.1.0.2',
        dstport: 4789,
        learning: false,
        ttl: 5,
        tos: 4,
      },
      {
        kind: 'vxlan',
        id: 2,
        local: 'fd00::1',
        remote: 'FD00::0:2',
        dstport: 4790,
        udpZeroCsum6Tx: true,
        udpZeroCsum6Rx: true,
      },
      { kind: 'vxlan', id: 3, dstport: 8472, remote: '239.1.1.1', link: 'x' },
      {
        kind: 'vxlan',
        id: 4,
        dstport: 8473,
        ageing: 100,
        limit: 500,
        portRange: { low: 1000, high: 2000 },
        ttlInherit: true,
      },
      {
        kind: 'vxlan',
        id: 5,
        dstport: 8474,
        proxy: true,
        rsc: true,
        l2miss: true,
        l3miss: true,
        udpCsum: false,
      },
      { kind: 'vxlan', id: 6, dstport: 8475, gbp: true, remcsumTx: true, remcsumRx: true, df: 'set' },
      { kind: 'vxlan', dstport: 8476, collectMetadata: true, vnifilter: true },
    ]),
  ],
  ['IFB', links([{ kind: 'ifb', txQueueLength: 10, mac: '02:00:00:00:00:66', queues: 2 }])],
  ['dummy', links([{ kind: 'dummy', mtu: 9000 }])],
  [
    'VLAN',
    links([
      { kind: 'vlan', link: 'x', id: 5, protocol: '802.1ad' },
      {
        kind: 'vlan',
        link: 'x',
        id: 6,
        flags: { reorder_hdr: false, gvrp: true },
        egressQos: [
          { from: 1, to: 7 },
          { from: 2, to: 3 },
        ],
        ingressQos: [{ from: 3, to: 1 }],
      },
    ]),
  ],
  [
    'bond',
    links([
      {
        kind: 'bond',
        mode: 'active-backup',
        miimon: 0.1,
        updelay: 0.2,
        downdelay: 0.1,
        primaryReselect: 'failure',
        failOverMac: 'active',
        numPeerNotif: 3,
      },
      {
        kind: 'bond',
        mode: '802.3ad',
        miimon: 0.1,
        adLacpRate: 'fast',
        xmitHashPolicy: 'layer3+4',
        minLinks: 2,
        adSelect: 'count',
        adActorSysPrio: 77,
        adUserPortKey: 3,
        adActorSystem: '02:00:00:00:00:99',
      },
      {
        kind: 'bond',
        mode: 'balance-rr',
        arpInterval: 0.5,
        arpIpTarget: ['10.1.0.9', '10.1.0.8'],
        arpAllTargets: 'all',
        packetsPerSlave: 3,
        resendIgmp: 4,
        lpInterval: 2,
        allSlavesActive: true,
      },
      { kind: 'bond', mode: 'balance-tlb', tlbDynamicLb: false },
      { kind: 'bond', mode: 1, miimon: 0.069, xmitHashPolicy: 4 },
    ]),
  ],
  ['ipvlan', links([{ kind: 'ipvlan', link: 'x', mode: 'l3', flags: ['private'] }])],
  ['ipvtap', links([{ kind: 'ipvtap', link: 'x', mode: 'l2', flags: ['vepa'] }])],
  ['VRF', links([{ kind: 'vrf', table: 1001 }])],
  [
    'Geneve',
    links([
      { kind: 'geneve', id: 7, remote: '10.1.0.2', ttl: 5, tos: 4, dstport: 6082, udpCsum: true, df: 'set' },
    ]),
  ],
  [
    'GRE',
    links([
      { kind: 'gre', local: '10.1.0.1', remote: '10.1.0.2', ttl: 64, ikey: 5, okey: 6, link: 'x' },
      { kind: 'gretap', local: '10.1.0.1', remote: '10.1.0.3', oflags: ['seq', 'csum'], iflags: ['seq'] },
      { kind: 'gre', remote: '10.1.0.4', tos: 16, ikey: 5, okey: 6, iflags: ['seq'], oflags: [] },
      { kind: 'gre', remote: '10.1.0.5', iflags: ['key', 'csum'], okey: 6, oflags: ['key'] },
    ]),
  ],
  ['ipip', links([{ kind: 'ipip', local: '10.1.0.1', remote: '10.1.0.4', ttl: 9 }])],
  [
    'sit',
    links([
      { kind: 'sit', local: '10.1.0.1', remote: '10.1.0.5', ttl: 9 },
      { kind: 'sit', local: '10.1.0.1', flags: ['isatap'] },
    ]),
  ],
  ['HSR', links([{ kind: 'hsr', slave1: 'x', slave2: 'y', multicastSpec: 10, protocol: 'prp' }])],
  [
    'ip6tnl',
    links([
      { kind: 'ip6tnl', local: 'fd00::1', remote: 'fd00::2', ttl: 9 },
      {
        ...{ kind: 'ip6tnl', local: 'fd00::1', remote: 'fd00::3', flowinfo: 0x01012345 },
        ...{ encapLimit: 7, flags: ['ign_encap_limit', 'rcv_dscp_copy'] },
      },
    ]),
  ],
]

const sh = (commands: readonly string[]) => execFileSync('sh', ['-e'], { input: commands.join('\n') })

/** The first of the kinds of link in a topology that this kernel is built without. */
function lackingKind({ namespaces = {} }: Topology): string | undefined {
  const links = Object.values(namespaces).flatMap(({ links = {} }) => Object.values(links))
  return links.flatMap((link) => ('kind' in link ? [String(link.kind)] : [])).find((kind) => !hasKind(kind))
}

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it.for(CASES)('%s', async ([, value]) => {
    const normal = normalizeTopology(value)
    const change = async () => (await tp.planTopology(value)).explain()
    const is = async () => {
      expect(await tp.readTopology(value)).toEqual(normal)
      expect(await change()).toEqual([])
    }
    const lacking = lackingKind(value)
    if (lacking !== undefined) {
      const before = stateOfAll()
      const { code, advice } = noKind(lacking)
      const refusal = { code, message: expect.stringContaining(advice) }
      await expect(async () => tp.createTopology(value)).rejects.toMatchObject(refusal)
      expect(stateOfAll()).toEqual(before)
      return
    }
    await tp.createTopology(value)
    await is()
    await tp.deleteTopology('p')
    sh(await change())
    await is()
    cleanAll()
    const base = red({})
    await tp.createTopology(base)
    sh(await change())
    await is()
    await tp.deleteTopology('p')
    cleanAll()
    await tp.createTopology(base)
    await tp.applyTopology(value)
    await is()
    sh((await tp.planTopology(base)).explain())
    expect((await tp.planTopology(base)).explain()).toEqual([])
    await tp.applyTopology(base)
    expect(await tp.readTopology(base)).toEqual(normalizeTopology(base))
    await tp.deleteTopology('p')
  })
})
