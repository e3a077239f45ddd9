/** What each kind of link refuses before anything is sent: values out of range, names that there are not, what is missing. */

import { describe, expect, it } from 'vitest'
import { createLink } from '../../src/rtnetlink/link/create.js'
import { kinds } from '../../src/rtnetlink/link/kinds/index.js'
import type { Kind } from '../../src/rtnetlink/link/kinds/kind.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import { ENOUGH, type Loose } from './kinds-enough.js'
import { refusal } from './refusal.js'

type ErrorClass = typeof RangeError | typeof TypeError

interface Bad {
  kind: string
  /** Instead of, or besides, what is enough; undefined takes an option away. */
  options: Record<string, unknown>
  field: string
  error: ErrorClass
}

const range = (kind: string, options: Record<string, unknown>, field = Object.keys(options)[0]!): Bad => ({
  kind,
  options,
  field,
  error: RangeError,
})
const type = (kind: string, options: Record<string, unknown>, field = Object.keys(options)[0]!): Bad => ({
  kind,
  options,
  field,
  error: TypeError,
})
const missing = (kind: string, field: string): Bad => type(kind, { [field]: undefined }, field)

const BAD: Bad[] = [
  missing('amt', 'mode'),
  missing('amt', 'localIp'),
  missing('amt', 'discoveryIp'),
  missing('amt', 'link'),
  range('amt', { localIp: '2001:db8::1' }),
  range('amt', { relayPort: 65536 }),
  missing('bareudp', 'dstport'),
  missing('bareudp', 'ethertype'),
  range('bareudp', { ethertype: 'ipx' }),
  type('bareudp', { multiprotoMode: 1 }),
  type('batadv', { algoName: 4 }),
  range('bond', { mode: 'balance' }),
  range('bond', { mode: 256 }),
  range('bond', { miimon: -1 }),
  range('bond', { miimon: '100' }),
  range('bond', { arpIpTarget: ['192.0.2.1', '2001:db8::1'] }, 'arpIpTarget[1]'),
  type('bond', { arpIpTarget: '192.0.2.1' }),
  range('bond', { nsIp6Target: ['192.0.2.1'] }, 'nsIp6Target[0]'),
  range('bond', { primary: 0 }),
  range('bond', { primary: 'a/b' }),
  range('bond', { adActorSystem: '02:00:00' }),
  range('bond', { xmitHashPolicy: 'layer7' }),
  type('bond', { adInfo: {} }),
  type('can', {}, 'made by their drivers'),
  type('can', { state: 'bus-off' }, 'made by their drivers'),
  type('dsa', {}, 'made by their drivers'),
  type('netdevsim', {}, 'made by their bus'),
  missing('virt_wifi', 'link'),
  missing('wwan', 'linkId'),
  range('wwan', { linkId: 2 ** 32 }),
  type('dummy', { id: 1 }),
  range('erspan', { erspanVer: 3 }),
  range('erspan', { erspanIndex: 0x100000 }),
  range('erspan', { erspanHwid: 0x40 }),
  range('erspan', { ikey: 1024 }),
  range('erspan', { okey: 1024 }),
  type('erspan', { ikey: undefined }),
  range('erspan', { ignoreDf: true }),
  range('ip6erspan', { erspanVer: 0 }),
  range('ip6erspan', { erspanIndex: 0x100000 }),
  range('ip6erspan', { okey: 1024 }),
  range('gre', { ignoreDf: true }),
  range('gretap', { ignoreDf: true, pmtudisc: true }),
  range('gre', { iflags: ['routing'] }),
  range('ip6gre', { oflags: ['key', 'routing'] }),
  range('gre', { oflags: [7] }),
  range('ip6tnl', { proto: 'mpls' }),
  range('macsec', { icvLen: 33 }),
  range('macsec', { icvLen: 7 }),
  range('macsec', { encodingSa: 4 }),
  range('macsec', { es: true, scb: true }, 'scb'),
  range('macsec', { incSci: true, es: true }),
  range('macsec', { incSci: true, scb: true }),
  type('macsec', { replayProtect: true }, 'window'),
  type('macsec', { port: 5, sci: 5n }),
  range('macvlan', { macaddrData: ['02:00:00:00:00:03'], mode: 'bridge' }),
  range('macvtap', { macaddrMode: 'flush', mode: 'vepa' }),
  range('ipvlan', { flags: ['private', 'vepa'] }),
  range('gtp', { fd0: 2 ** 31 }),
  range('gtp', { fd1: 2 ** 32 - 1 }),
  range('bridge', { forwardDelay: 1, stp: true }),
  range('bridge', { forwardDelay: 31, stp: 'user' }),
  range('erspan', { erspanDir: 'both' }),
  missing('geneve', 'id'),
  range('geneve', { id: 0x1000000 }),
  range('geneve', { remote: '192.0.2.256' }),
  range('geneve', { df: 'maybe' }),
  range('geneve', { ttl: 5, ttlInherit: true }),
  range('geneve', { label: 0x100000 }),
  range('gre', { local: '2001:db8::1' }),
  range('gre', { ikey: 2 ** 32 }),
  range('gre', { iflags: ['crc'] }),
  range('gre', { ttl: 256 }),
  type('gre', { flags: ['ign_encap_limit'] }),
  range('gretap', { remote: 'nowhere' }),
  range('gtp', { role: 'hss' }),
  type('gtp', { createSockets: true, fd1: 5 }),
  missing('hsr', 'slave1'),
  missing('hsr', 'slave2'),
  range('hsr', { slave1: 1.5 }),
  range('hsr', { protocol: 'rstp' }),
  range('ip6erspan', { remote: '192.0.2.1' }),
  range('ip6gre', { local: '192.0.2.1' }),
  range('ip6gre', { flags: ['no_such_flag'] }),
  type('ip6gre', { tos: 4 }),
  range('ip6gretap', { encapLimit: 256 }),
  range('ip6tnl', { proto: 'ipx' }),
  range('ip6tnl', { flowinfo: -1 }),
  type('ipip', { sixRdPrefix: '2001:db8::' }),
  type('ipip', { pmtudisc: 'off' }),
  range('ipip', { pmtudisc: false, ttl: 5 }),
  missing('ipoib', 'link'),
  range('ipoib', { pkey: 65536 }),
  range('ipoib', { mode: 'reliable' }),
  missing('ipvlan', 'link'),
  range('ipvlan', { mode: 'l4' }),
  range('ipvlan', { flags: ['bridge'] }),
  missing('ipvtap', 'link'),
  missing('macsec', 'link'),
  range('macsec', { cipherSuite: 'rot13' }),
  type('macsec', { sci: 5 }),
  range('macsec', { validation: 'maybe' }),
  missing('macvlan', 'link'),
  range('macvlan', { mode: 'router' }),
  range('macvlan', { macaddrData: ['02:00:00:00:00:01', '02:00'] }, 'macaddrData[1]'),
  type('macvlan', { macaddr: '02:00:00:00:00:01' }),
  type('macvlan', { macaddrCount: 5 }),
  missing('macvtap', 'link'),
  range('netkit', { policy: 'drop' }),
  range('netkit', { peer: { name: 'a/b' } }, 'peer.name'),
  type('netkit', { primary: true }),
  range('ovpn', { mode: 'tcp' }),
  missing('rmnet', 'muxId'),
  missing('rmnet', 'link'),
  range('rmnet', { muxId: 65536 }),
  type('rmnet', { flags: { no_such: true } }, 'flags.no_such'),
  range('sit', { sixRdPrefix: '192.0.2.1' }),
  range('sit', { flags: ['is_a_tap'] }),
  type('tun', {}, '/dev/net/tun'),
  // As `ip tuntap` has it: what is said is not that there is no such option.
  type('tun', { mode: 'tap', owner: 0 }, '/dev/net/tun'),
  range('veth', { peer: { name: '' } }, 'peer.name'),
  missing('vlan', 'id'),
  missing('vlan', 'link'),
  range('vlan', { id: 4095 }),
  range('vlan', { id: -1 }),
  type('vlan', { id: '100' }),
  range('vlan', { protocol: '802.1X' }),
  type('vlan', { flags: { gvrp: 1 } }, 'flags.gvrp'),
  type('vlan', { flags: { hdr: true } }, 'flags.hdr'),
  type('vlan', { flags: ['gvrp'] }, 'flags'),
  range('vlan', { egressQos: [{ from: -1, to: 1 }] }, 'egressQos[0].from'),
  range('vlan', { egressQos: [{ from: 8, to: 8 }] }, 'egressQos[0].to'),
  range(
    'vlan',
    {
      ingressQos: [
        { from: 0, to: 9 },
        { from: 8, to: 1 },
      ],
    },
    'ingressQos[1].from',
  ),
  type('vlan', { ingressQos: [{ form: 1, to: 1 }] }, 'ingressQos[0].form'),
  missing('vrf', 'table'),
  range('vrf', { table: 2 ** 32 }),
  range('vti', { remote: '2001:db8::1' }),
  range('vti6', { remote: '192.0.2.1' }),
  range('vxcan', { peer: { name: 'x'.repeat(16) } }, 'peer.name'),
  missing('vxlan', 'id'),
  range('vxlan', { id: 0x1000000 }),
  type('vxlan', { id: '42' }),
  range('vxlan', { remote: '192.0.2.1', local: '2001:db8::1' }, 'local'),
  range('vxlan', { dstport: 65536 }),
  range('vxlan', { label: 0x100000 }),
  range('vxlan', { ttl: 5, ttlInherit: true }),
  range('vxlan', { portRange: { low: 1, high: 70_000 } }, 'portRange.high'),
  type('vxlan', { portRange: [1, 2] }),
  range('vxlan', { reservedBits: Uint8Array.of(1, 2) }),
  type('vxlan', { learning: 'off' }),
  type('vxlan', { remote6: '2001:db8::1' }),
  range('vxlan', { link: '' }),
  missing('xfrm', 'ifId'),
  type('xfrm', { ifId: 0 }),
]

/** Of changes alone. */
const BAD_CHANGES: Bad[] = [
  // A flag that is not sent stays.
  type('vxlan', { ttlInherit: false }),
  range('dsa', { conduit: 0 }),
  type('tun', { owner: 0 }),
  type('can', { state: 'bus-off' }),
  type('can', { bittiming: 500_000 }),
  range('can', { bittiming: { bitrate: -1 } }, 'bittiming.bitrate'),
  range('can', { bittiming: { bitrate: 500_000, samplePoint: -0.5 } }, 'bittiming.samplePoint'),
  type('can', { ctrlmode: ['fd'] }, 'ctrlmode'),
  type('can', { ctrlmode: { fd: 1 } }, 'ctrlmode.fd'),
  type('can', { ctrlmode: { xxl: true } }, 'ctrlmode.xxl'),
  type('can', { ctrlmode: { '0x100000000': true } }, 'ctrlmode.0x100000000'),
  range('can', { termination: 65536 }),
  range('can', { tdc: { tdco: 2 ** 32 } }, 'tdc.tdco'),
]

const kindNamed = (name: string): Kind => kinds[name as keyof typeof kinds]() as Kind

describe('createLink refuses, before anything is sent,', () => {
  it.each(BAD)('$kind $options', ({ kind, options, field, error }) => {
    const thrown = refusal(() => createLink({ name: 'new0', kind, ...ENOUGH[kind], ...options } as Loose))
    expect(thrown).toBeInstanceOf(error)
    expect(String(thrown)).toContain(field)
  })

  it('an unknown option of every kind', () => {
    for (const kind of Object.keys(kinds)) {
      if (kindNamed(kind).notMade !== undefined) continue
      const thrown = refusal(() =>
        createLink({ name: 'new0', kind, ...ENOUGH[kind], 'no-such-option': 1 } as Loose),
      )
      expect(String(thrown), kind).toMatch(/TypeError: createLink: unknown option 'no-such-option'/)
    }
  })

  it('nothing of what is enough', () => {
    for (const kind of Object.keys(kinds)) {
      if (kindNamed(kind).notMade !== undefined) continue
      const { value } = createLink({ name: 'new0', kind, ...ENOUGH[kind] } as Loose).next()
      expect(value, kind).toMatchObject({ kind: 'channel' })
    }
  })
})

describe('setLink refuses, before anything is sent,', () => {
  // Nothing is missing where a link is changed, and what has to go together may be there already: those checks are for creation.
  const creation = [
    'peer.name',
    'made by their bus',
    '/dev/net/tun',
    'made by their drivers',
    'link',
    'id',
    'local',
    'ifId',
    'createSockets',
    'ignoreDf',
    'ikey',
    'okey',
    'macaddrData',
    'macaddrMode',
  ]
  const changes = BAD.filter(
    ({ kind, options, field }) =>
      !Object.values(options).includes(undefined) &&
      !creation.includes(field) &&
      !kindNamed(kind).fixed?.includes(field),
  )

  it.each([...changes, ...BAD_CHANGES])('$kind $options', ({ kind, options, field, error }) => {
    const thrown = refusal(() => setLink('new0', { kind, ...options } as Loose))
    expect(thrown).toBeInstanceOf(error)
    expect(String(thrown)).toContain(field)
  })

  const fixed = Object.keys(kinds).flatMap((kind) =>
    (kindNamed(kind).fixed ?? []).map((option) => ({ kind, option })),
  )

  it.each(fixed)('$option of $kind, which the kernel would overlook', ({ kind, option }) => {
    const thrown = refusal(() => setLink('new0', { kind, [option]: 5 } as Loose))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(String(thrown)).toContain(`${option}: 5 comes too late: a link of kind '${kind}'`)
  })
})

it('the group of a VXLAN in the words of ip-link(8) is told to be another thing', () => {
  const thrown = refusal(() =>
    createLink({ kind: 'vxlan', name: 'new0', id: 42, group: '239.1.1.1' } as Loose),
  )
  expect(thrown.message).toBe(
    "group: '239.1.1.1' is not a group of interfaces (a number from 0 to 4294967295)",
  )
})
