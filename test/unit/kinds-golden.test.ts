import { describe, expect, it } from 'vitest'
import { setLink } from '../../src/rtnetlink/link/set.js'
import { loadGolden } from '../golden/golden.js'
import {
  defaults,
  ETH0,
  GRE,
  INFO_DATA,
  IPTUN,
  made,
  noEncapFlags,
  set,
  V4,
  V6,
  ZERO8,
  ZERO16,
  ZERO32,
} from './kinds-golden.js'
import { at, type Difference, expectSame, type LinkCase, masterNamed, order } from './link-golden.js'

/** The elements of a list in IFLA_INFO_DATA: the kernel looks at their order, not at their numbers. */
function listFromOne(type: number): Difference {
  return {
    why: 'the elements of a list are numbered from 1, as most lists are; iproute2 starts at 0 here',
    same(tree) {
      for (const [index, node] of at(tree, [...INFO_DATA, type]).entries()) node.type = index
      return tree
    },
  }
}
const LEARNING = defaults({ 7: '01' })
const GENEVE = defaults({ 11: ZERO32, 3: ZERO8, 4: ZERO8 })
const NO_KEYS = { 4: ZERO32, 5: ZERO32, 2: ZERO16, 3: ZERO16 }
const VLAN = { name: 'eth0.100', kind: 'vlan', ...ETH0, id: 100 } as const
const MAC0 = { name: 'mac0', kind: 'macvlan', ...ETH0 } as const
const IPV0 = { name: 'ipv0', kind: 'ipvlan', ...ETH0 } as const
const VX0 = { name: 'vx0', kind: 'vxlan', id: 42 } as const
const GEN0 = { name: 'gen0', kind: 'geneve', id: 42 } as const
const GRE1 = { name: 'gre1', kind: 'gre', ...V4 } as const
const BOND0 = { name: 'bond0', kind: 'bond' } as const

const kinds: LinkCase[] = [
  made('dummy', { name: 'dummy0', kind: 'dummy' }),
  made('dummy-up-address', { name: 'dummy0', kind: 'dummy', mac: '02:00:00:00:00:0a', up: true }),
  made('ifb', { name: 'ifb0', kind: 'ifb' }),
  made('ifb-queues', { name: 'ifb0', kind: 'ifb', queues: 4 }),
  made('wireguard', { name: 'wg0', kind: 'wireguard' }),
  made('nlmon', { name: 'nlmon0', kind: 'nlmon' }),
  made('vcan', { name: 'vcan0', kind: 'vcan' }),
  made('vrf', { name: 'vrf-red', kind: 'vrf', table: 10 }),
  made('vrf-table-above-255', { name: 'vrf-red', kind: 'vrf', table: 1001 }),

  made('vlan', VLAN),
  made('vlan-8021q', { name: 'eth0.100', kind: 'vlan', link: 'eth0', protocol: '802.1Q', id: 100 }),
  made('vlan-8021ad', { name: 'eth0.100', kind: 'vlan', link: 10, protocol: '802.1ad', id: 100 }),
  made('vlan-reorder-hdr-off', { ...VLAN, flags: { reorder_hdr: false } }),
  made('vlan-flags', {
    ...VLAN,
    flags: { gvrp: true, mvrp: true, loose_binding: true, bridge_binding: true },
  }),
  set('vlan-set-flags', 'eth0', { kind: 'vlan', flags: { reorder_hdr: false, gvrp: true } }),
  made('vlan-qos-maps', {
    ...VLAN,
    ingressQos: [
      { from: 0, to: 1 },
      { from: 7, to: 2 },
    ],
    egressQos: [
      { from: 1, to: 7 },
      { from: 2, to: 6 },
    ],
  }),

  made('macvlan', MAC0),
  made('macvlan-private', { ...MAC0, mode: 'private' }),
  made('macvlan-vepa', { ...MAC0, mode: 'vepa' }),
  made('macvlan-bridge', { ...MAC0, mac: '02:00:00:00:00:0a', mode: 'bridge' }, [order]),
  made('macvlan-passthru', { ...MAC0, mode: 'passthru' }),
  made('macvlan-passthru-nopromisc', { ...MAC0, mode: 'passthru', flags: ['nopromisc'] }),
  made('macvlan-source', { ...MAC0, mode: 'source' }),
  made(
    'macvlan-source-set',
    {
      ...MAC0,
      macaddrData: ['02:00:00:00:00:01', '02:00:00:00:00:02'],
      mode: 'source',
    },
    [order],
  ),
  made('macvlan-bcqueuelen', { ...MAC0, bcQueueLen: 5000, mode: 'bridge' }),
  made('macvlan-link-netnsid', { ...MAC0, link: 10, linkNetnsid: 10 }, [order]),
  made('macvlan-in-netns', { ...MAC0, mode: 'bridge', netns: 'red', linkNetns: { pid: process.pid } }),
  set('macvlan-source-add', 'mac0', { kind: 'macvlan', macaddrMode: 'add', macaddr: '02:00:00:00:00:03' }),
  set('macvlan-set-mode', 'mac0', { kind: 'macvlan', mode: 'vepa' }),
  made('macvtap', { name: 'tap0', kind: 'macvtap', ...ETH0, mode: 'bridge' }),

  made('ipvlan', IPV0),
  made('ipvlan-l2', { ...IPV0, mode: 'l2', flags: [] }),
  made('ipvlan-l3', { ...IPV0, mode: 'l3', flags: ['private'] }),
  made('ipvlan-l3s', { ...IPV0, mode: 'l3s', flags: ['vepa'] }),
  made('ipvtap', { name: 'tap0', kind: 'ipvtap', ...ETH0, mode: 'l2', flags: [] }),

  made('vxlan-v4', { ...VX0, local: '192.0.2.1', remote: '192.0.2.2', dstport: 4789 }, [LEARNING]),
  made('vxlan-v6', { ...VX0, local: '2001:db8::1', remote: '2001:db8::2', dstport: 4789 }, [LEARNING]),
  made('vxlan-group', { ...VX0, link: 'eth0', remote: '239.1.1.1', dstport: 4789 }, [LEARNING, order]),
  made('vxlan-group-v6', { ...VX0, link: 'eth0', remote: 'ff05::100', dstport: 4789 }, [LEARNING, order]),
  made('vxlan-without-dstport', { ...VX0, remote: '192.0.2.2' }, [LEARNING]),
  made('vxlan-options-on', {
    name: 'vx0',
    kind: 'vxlan',
    proxy: true,
    rsc: true,
    l2miss: true,
    l3miss: true,
    udpCsum: true,
    udpZeroCsum6Tx: true,
    udpZeroCsum6Rx: true,
    gbp: true,
    id: 42,
    learning: true,
    dstport: 4789,
  }),
  made('vxlan-options-off', {
    name: 'vx0',
    kind: 'vxlan',
    proxy: false,
    rsc: false,
    l2miss: false,
    l3miss: false,
    udpCsum: false,
    udpZeroCsum6Tx: false,
    udpZeroCsum6Rx: false,
    id: 42,
    learning: false,
    dstport: 4789,
  }),
  made(
    'vxlan-numbers',
    {
      name: 'vx0',
      kind: 'vxlan',
      portRange: { low: 1024, high: 2048 },
      ttl: 64,
      tos: 0x10,
      ageing: 600,
      limit: 1000,
      id: 0xffffff,
      dstport: 8472,
    },
    [LEARNING],
  ),
  made(
    'vxlan-inherit',
    { name: 'vx0', kind: 'vxlan', ttlInherit: true, tos: 1, df: 'set', id: 42, dstport: 4789 },
    [LEARNING],
  ),
  made(
    'vxlan-remcsum',
    { name: 'vx0', kind: 'vxlan', remcsumTx: true, remcsumRx: true, id: 42, dstport: 4789 },
    [LEARNING],
  ),
  set('vxlan-set', 'vx0', { kind: 'vxlan', ageing: 100, learning: false }),
  made(
    'vxlan-flowlabel',
    { name: 'vx0', kind: 'vxlan', label: 0x12345, id: 42, remote: '2001:db8::2', dstport: 4789 },
    [LEARNING],
  ),

  made('geneve-v4', { ...GEN0, remote: '192.0.2.2' }, [GENEVE]),
  made(
    'geneve-v6',
    {
      name: 'gen0',
      kind: 'geneve',
      df: 'set',
      id: 42,
      remote: '2001:db8::2',
      ttl: 64,
      tos: 0x10,
      dstport: 6082,
    },
    [defaults({ 11: ZERO32 })],
  ),
  made(
    'geneve-checksums',
    { ...GEN0, remote: '2001:db8::2', udpCsum: true, udpZeroCsum6Tx: true, udpZeroCsum6Rx: false },
    [GENEVE],
  ),
  made('geneve-inner-protocol', { ...GEN0, remote: '192.0.2.2', innerProtoInherit: true }, [GENEVE]),

  made('gre', GRE1, [defaults({ ...GRE, ...NO_KEYS })]),
  made(
    'gre-keys',
    {
      name: 'gre1',
      kind: 'gre',
      ikey: 7,
      okey: 8,
      iflags: ['seq'],
      oflags: ['csum'],
      ...V4,
      tos: 0x10,
      ttl: 64,
    },
    [defaults(GRE)],
  ),
  made(
    'gre-key-dev',
    {
      name: 'gre1',
      kind: 'gre',
      ikey: 42,
      okey: 42,
      ...V4,
      pmtudisc: false,
      ignoreDf: true,
      link: 'eth0',
      fwmark: 9,
    },
    [defaults(GRE), order],
  ),
  made('gretap', { name: 'tap1', kind: 'gretap', ikey: 0x01020304, okey: 0x01020304, ...V4 }, [
    defaults(GRE),
    order,
  ]),
  made(
    'ip6gre',
    {
      name: 'gre6',
      kind: 'ip6gre',
      ikey: 42,
      okey: 42,
      ...V6,
      ttl: 32,
      oflags: ['key'],
      iflags: ['key'],
    },
    [
      defaults({ 12: ZERO32, 13: ZERO32, 20: ZERO32, 22: '01', 14: ZERO16, 16: ZERO16, 17: ZERO16 }),
      noEncapFlags(15),
      order,
    ],
  ),

  made('ipip', { name: 'ipip1', kind: 'ipip', ...V4 }, [defaults(IPTUN), order]),
  made('ipip-options', { name: 'ipip1', kind: 'ipip', ...V4, pmtudisc: false, tos: 1 }, [
    defaults(IPTUN),
    order,
  ]),
  made('sit', { name: 'sit1', kind: 'sit', ...V4, ttl: 64 }, [defaults({ ...IPTUN, 8: ZERO16 }), order]),
  made(
    'sit-6rd',
    {
      name: 'sit1',
      kind: 'sit',
      local: '192.0.2.1',
      sixRdPrefix: '2001:db8::',
      sixRdPrefixLength: 32,
      sixRdRelayPrefix: '198.51.100.0',
      sixRdRelayPrefixLength: 24,
    },
    [defaults({ ...IPTUN, 8: ZERO16 }), order],
  ),
  made('ip6tnl', { name: 'tnl6', kind: 'ip6tnl', proto: 'ipv6', ...V6 }, [
    defaults({ 7: ZERO32, 8: ZERO32, 1: ZERO32, 20: ZERO32, 15: ZERO16, 17: ZERO16, 18: ZERO16 }),
    noEncapFlags(16),
    order,
  ]),
  made('vti', { name: 'vti1', kind: 'vti', ikey: 5, okey: 5, ...V4 }, [defaults({ 6: ZERO32 })]),

  made('bond', BOND0),
  made('bond-active-backup', { ...BOND0, mode: 'active-backup', miimon: 0.1, updelay: 0.2, downdelay: 0.3 }),
  made('bond-mode-by-number', { ...BOND0, mode: 1 }),
  made('bond-primary', {
    ...BOND0,
    mode: 'active-backup',
    miimon: 0.1,
    primary: 'eth0',
    primaryReselect: 'better',
    failOverMac: 'active',
    numPeerNotif: 3,
  }),
  made(
    'bond-arp',
    {
      ...BOND0,
      mode: 'active-backup',
      arpInterval: 1,
      arpValidate: 'all',
      arpAllTargets: 'any',
      arpIpTarget: ['192.0.2.1', '192.0.2.2'],
      missedMax: 3,
    },
    [listFromOne(8)],
  ),
  made(
    'bond-ns',
    { ...BOND0, mode: 'active-backup', arpInterval: 1, nsIp6Target: ['2001:db8::1', '2001:db8::2'] },
    [listFromOne(31)],
  ),
  made('bond-8023ad', {
    ...BOND0,
    mode: '802.3ad',
    miimon: 0.1,
    adLacpRate: 'fast',
    adSelect: 'bandwidth',
    xmitHashPolicy: 'layer3+4',
    minLinks: 1,
    adActorSysPrio: 100,
    adActorSystem: '02:00:00:00:00:0a',
    adUserPortKey: 5,
    adLacpActive: false,
  }),
  made('bond-balance', {
    ...BOND0,
    mode: 'balance-tlb',
    tlbDynamicLb: false,
    lpInterval: 2,
    resendIgmp: 2,
    allSlavesActive: true,
    useCarrier: true,
    peerNotifDelay: 0.1,
  }),
  made('bond-balance-rr', { ...BOND0, mode: 'balance-rr', packetsPerSlave: 3 }),
  {
    name: 'bond-slave-queue',
    operation: () => setLink('eth0', { port: { kind: 'bond', queueId: 2 } }),
    differs: [masterNamed],
    lookups: 1,
    values: [[{ portKind: 'bond' }], []],
  },
]

describe('kinds of link', () => {
  it.each(kinds)('$name', (link) => {
    expectSame('kinds', link)
  })

  it('are all compared', () => {
    const compared = kinds.map(({ name }) => name)
    const recorded = loadGolden('kinds').map(({ name }) => name)
    expect(recorded.filter((name) => !compared.includes(name))).toEqual([])
  })
})
