/** More kinds of link next to iproute2, and settings of network cards. */

import { describe, expect, it } from 'vitest'
import { setLink } from '../../src/rtnetlink/link/set.js'
import type { SetLinkOptions } from '../../src/rtnetlink/link/set-options.js'
import { loadGolden } from '../golden/golden.js'
import {
  defaults,
  ETH0,
  GRE,
  IPTUN,
  made,
  noEncapFlags,
  set,
  V4,
  V6,
  ZERO16,
  ZERO32,
} from './kinds-golden.js'
import { at, type Difference, expectSame, type LinkCase, masterNamed, order } from './link-golden.js'

const IP6GRE = [
  defaults({ 12: ZERO32, 13: ZERO32, 20: ZERO32, 22: '01', 14: ZERO16, 16: ZERO16, 17: ZERO16 }),
  noEncapFlags(15),
]
const ERSPAN = { ikey: 30, okey: 30, iflags: ['key', 'seq'], oflags: ['key', 'seq'] } as const

const more: LinkCase[] = [
  made('erspan', { name: 'ers0', kind: 'erspan', ...ERSPAN, ...V4, erspanVer: 1, erspanIndex: 123 }, [
    defaults(GRE),
  ]),
  made(
    'erspan-version-2',
    { name: 'ers0', kind: 'erspan', ...ERSPAN, ...V4, erspanVer: 2, erspanDir: 'egress', erspanHwid: 17 },
    [defaults(GRE)],
  ),
  made(
    'ip6gre-options',
    {
      name: 'gre6',
      kind: 'ip6gre',
      ikey: 7,
      okey: 8,
      iflags: ['csum', 'key'],
      oflags: ['key', 'seq'],
      ...V6,
      link: 'eth0',
      flowinfo: 0x01012345,
      flags: ['ign_encap_limit', 'rcv_dscp_copy'],
      fwmark: 9,
    },
    [...IP6GRE, order],
  ),
  made('ip6gretap', { name: 'tap6', kind: 'ip6gretap', ikey: 42, okey: 42, ...V6 }, [...IP6GRE, order]),
  made(
    'ip6erspan',
    {
      name: 'ers6',
      kind: 'ip6erspan',
      ...ERSPAN,
      ...V6,
      erspanVer: 1,
      erspanIndex: 123,
    },
    [
      defaults({ 12: ZERO32, 13: ZERO32, 20: ZERO32, 14: ZERO16, 16: ZERO16, 17: ZERO16 }),
      noEncapFlags(15),
      order,
    ],
  ),
  made(
    'ip6tnl-options',
    {
      name: 'tnl6',
      kind: 'ip6tnl',
      proto: 'any',
      ...V6,
      ttl: 32,
      encapLimit: 7,
      flowinfo: 0x01012345,
      link: 'eth0',
      fwmark: 9,
    },
    [defaults({ 8: ZERO32, 15: ZERO16, 17: ZERO16, 18: ZERO16 }), noEncapFlags(16), order],
  ),
  made(
    'ip6tnl-inherit',
    {
      name: 'tnl6',
      kind: 'ip6tnl',
      proto: 'ipv4',
      ...V6,
      flags: ['ign_encap_limit', 'use_orig_tclass', 'rcv_dscp_copy'],
    },
    [
      defaults({ 7: ZERO32, 1: ZERO32, 20: ZERO32, 15: ZERO16, 17: ZERO16, 18: ZERO16 }),
      noEncapFlags(16),
      order,
    ],
  ),
  made(
    'ip6tnl-fou',
    { name: 'tnl6', kind: 'ip6tnl', proto: 'any', ...V6, encapType: 'fou', encapDport: 5555 },
    [defaults({ 7: ZERO32, 8: ZERO32, 1: ZERO32, 20: ZERO32, 17: ZERO16 }), order],
  ),
  made('ipip-dev', { name: 'ipip1', kind: 'ipip', proto: 'ipv4', ...V4, ttl: 64, link: 'eth0', fwmark: 9 }, [
    defaults(IPTUN),
    order,
  ]),
  made('sit-isatap', { name: 'sit1', kind: 'sit', local: '192.0.2.1', flags: ['isatap'] }, [
    defaults(IPTUN),
    order,
  ]),
  made('vti-keys-dev', { name: 'vti1', kind: 'vti', ikey: 5, okey: 6, ...V4, fwmark: 9, link: 'eth0' }),
  made('vti6', { name: 'vti6', kind: 'vti6', ikey: 5, okey: 5, ...V6 }, [defaults({ 6: ZERO32 })]),
  made('xfrm', { name: 'xfrm0', kind: 'xfrm', link: 'eth0', ifId: 0x1234 }),
  made('bareudp', {
    name: 'bud0',
    kind: 'bareudp',
    dstport: 6635,
    ethertype: 'mpls_uc',
    srcportMin: 1024,
    multiprotoMode: true,
  }),
  made('gtp', { name: 'gtp0', kind: 'gtp', role: 'sgsn', pdpHashsize: 1024, restartCount: 5 }, [order]),
  made(
    'amt-gateway',
    {
      name: 'amt0',
      kind: 'amt',
      mode: 'gateway',
      localIp: '192.0.2.1',
      discoveryIp: '192.0.2.2',
      link: 'eth0',
      gatewayPort: 2268,
      relayPort: 2269,
    },
    [order],
  ),
  made(
    'amt-relay',
    { name: 'amt0', kind: 'amt', mode: 'relay', localIp: '192.0.2.1', link: 'eth0', maxTunnels: 8 },
    [order],
  ),
  made('macsec', { name: 'macsec0', kind: 'macsec', ...ETH0 }),
  made('macsec-options', {
    name: 'macsec0',
    kind: 'macsec',
    ...ETH0,
    port: 11,
    encrypt: true,
    protect: true,
    incSci: true,
    es: false,
    scb: false,
    validation: 'strict',
    offload: 'off',
    cipherSuite: 'gcm-aes-256',
    icvLen: 16,
    window: 32,
    replayProtect: true,
    encodingSa: 2,
  }),
  made('macsec-sci', {
    name: 'macsec0',
    kind: 'macsec',
    ...ETH0,
    sci: 0x0200000000000001n,
    validation: 'check',
  }),
  made('hsr', { name: 'hsr0', kind: 'hsr', slave1: 'eth0', slave2: 'eth1' }),
  made('hsr-prp', {
    name: 'hsr0',
    kind: 'hsr',
    slave1: 10,
    slave2: 11,
    multicastSpec: 5,
    version: 0,
    protocol: 'prp',
  }),
  {
    ...made('vxcan', { name: 'vxcan0', kind: 'vxcan', peer: { name: 'vxcan1' } }),
    readings: 2,
    values: [[], [{ ifindex: 77, link: 78 }]],
  },
  {
    ...made('vxcan-in-netns', { name: 'vxcan0', kind: 'vxcan', peer: { name: 'vxcan1', netns: 'red' } }),
    readings: 2,
    values: [[], [{ ifindex: 77, link: 78 }]],
  },
  set(
    'can-bitrate',
    'eth0',
    {
      kind: 'can',
      bittiming: { bitrate: 500_000, samplePoint: 0.875 },
      dataBittiming: { bitrate: 2_000_000 },
      ctrlmode: { fd: true, loopback: true, one_shot: false },
      restartMs: 100,
      termination: 120,
    },
    [order],
  ),
  set('can-segments', 'eth0', {
    kind: 'can',
    bittiming: { tq: 125, propSeg: 6, phaseSeg1: 7, phaseSeg2: 2, sjw: 1 },
    ctrlmode: {
      listenonly: true,
      '3_samples': true,
      berr_reporting: true,
      presume_ack: true,
      cc_len8_dlc: true,
      fd_non_iso: true,
    },
  }),
  set('can-tdc', 'eth0', {
    kind: 'can',
    bittiming: { bitrate: 500_000 },
    dataBittiming: { bitrate: 2_000_000 },
    ctrlmode: { fd: true, tdc_manual: true },
    tdc: { tdcv: 33, tdco: 16, tdcf: 3 },
  }),
  set('can-restart', 'eth0', { kind: 'can', restart: true }),
  made('ipoib', {
    name: 'ib0.8001',
    kind: 'ipoib',
    ...ETH0,
    pkey: 0x8001,
    mode: 'connected',
    umcast: 1,
  }),
  made('batadv', { name: 'bat0', kind: 'batadv', algoName: 'BATMAN_V' }),
  made('team', { name: 'team0', kind: 'team' }),
  made('rmnet', { name: 'rmnet0', kind: 'rmnet', ...ETH0, muxId: 5 }),
  set('dsa-conduit', 'eth0', { kind: 'dsa', conduit: 'eth1' }),
  made('wwan', {
    name: 'wwan0-2',
    kind: 'wwan',
    parentDev: 'wwan0',
    linkId: 2,
  }),
  {
    name: 'bond-slave-prio',
    operation: () => setLink('eth0', { port: { kind: 'bond', prio: 7 } }),
    differs: [masterNamed],
    lookups: 1,
    values: [[{ portKind: 'bond' }], []],
  },
]

const GUID = 0x0011223344556677n

const cards: LinkCase[] = [
  card('vf-mac', { vfs: [{ vf: 1, mac: '02:00:00:00:00:0a' }] }),
  card('vf-vlan', { vfs: [{ vf: 1, vlan: 100, qos: 3 }] }),
  card('vf-vlan-8021ad', { vfs: [{ vf: 1, vlan: 100, qos: 3, vlanProtocol: '802.1ad' }] }),
  card('vf-rates', { vfs: [{ vf: 1, minTxRate: 100, maxTxRate: 200 }] }),
  // The kernel sets both; iproute2 asks for the other one, too.
  ...[{ minTxRate: 100 }, { maxTxRate: 200 }].map(
    (rate): LinkCase => ({
      ...card('vf-rates', { vfs: [{ vf: 1, ...rate }] }),
      lookups: 1,
      values: [[{ vfs: [{ vf: 1, minTxRate: 100, maxTxRate: 200 }] }], []],
    }),
  ),
  card('vf-spoofchk', { vfs: [{ vf: 1, spoofCheck: true }] }),
  card('vf-query-rss', { vfs: [{ vf: 1, rssQuery: true }] }),
  card('vf-trust', { vfs: [{ vf: 1, trust: false }] }),
  card('vf-state', { vfs: [{ vf: 1, linkState: 'disable' }] }),
  card('vf-node-guid', { vfs: [{ vf: 1, nodeGuid: GUID }] }),
  card('vf-port-guid', { vfs: [{ vf: 1, portGuid: GUID }] }),
  {
    ...card('xdp-off', { xdp: null }, [
      {
        why: 'iproute2 takes a program away from where it would attach one; ours looks for it, and names the place',
        same(tree) {
          for (const node of at(tree, [43])) if (node.type === 3) node.payload = ''
          return tree
        },
      },
    ]),
    lookups: 1,
    values: [[{ attached: 'driver', drvProgId: 7 }]],
  },
  card('protodown-reason', { protoDown: true, protoDownReason: { mask: 8, value: 8 } }),
]

function card(name: string, options: SetLinkOptions, differs: readonly Difference[] = []): LinkCase {
  return { name, operation: () => setLink('eth0', options), differs }
}

describe('kinds of link', () => {
  it.each([...more, ...cards])('$name', (link) => {
    expectSame('more-kinds', link)
  })

  it('more are all compared', () => {
    const compared = [...more, ...cards].map(({ name }) => name)
    const recorded = loadGolden('more-kinds').map(({ name }) => name)
    expect(recorded.filter((name) => !compared.includes(name))).toEqual([])
  })
})
