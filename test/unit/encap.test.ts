/** Lightweight tunnels: our bytes against iproute2's, and what is read of them. Nothing of this is sent to a kernel. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DecodeError, encodeBody, guarded, Writer } from '../../src/codec/index.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../src/netlink/constants.js'
import { NO_EXTACK } from '../../src/netlink/errors.js'
import { type Channel, request, withChannel } from '../../src/netlink/operation.js'
import { adviceOf, type Request } from '../../src/netlink/request.js'
import { readNexthop } from '../../src/rtnetlink/nexthop/nexthop.js'
import { addNexthop } from '../../src/rtnetlink/nexthop/operations.js'
import type { RouteEncapInput } from '../../src/rtnetlink/route/encap/encap.js'
import { addRoute, type RouteOptions, replaceRoute } from '../../src/rtnetlink/route/operations.js'
import { newRouteRequest } from '../../src/rtnetlink/route/request.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'
import { findGolden, loadGolden } from '../golden/golden.js'
import { hex } from './codec/hex.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { sentBy } from './sent-by.js'

const V4 = { to: '10.9.0.0/24', dev: 'eth0' }
const V6 = { to: '2001:db8:9::/48', dev: 'eth0' }
const SEGMENTS = ['2001:db8::1', '2001:db8::2']

interface Case extends GoldenCase {
  route: RouteOptions
}

function add(name: string, route: RouteOptions, more: Partial<GoldenCase> = {}): Case {
  return { name: `encap-${name}`, route, operation: () => addRoute(route), ...more }
}

const v4 = (name: string, encap: RouteEncapInput, via: string | null = null) =>
  add(name, { ...V4, via, encap })
const v6 = (name: string, encap: RouteEncapInput) => add(name, { ...V6, encap })

/** Options are refused: these messages are built and not sent. */
function unsent({ route, ...rest }: Case): Case {
  return {
    ...rest,
    route,
    operation: () =>
      withChannel(undefined, function* (channel) {
        yield* request(channel, yield* newRouteRequest(channel, route, NLM_F_CREATE | NLM_F_EXCL))
      }),
  }
}

const FLAGS = ['csum', 'key', 'seq'] as const
const DST = { type: 'ip', id: 42n } as const
const dst = '10.0.0.2'
const ZEROS = { packets: 0n, bytes: 0n, errors: 0n }

const options: Case[] = [
  v4('ip-geneve', {
    ...DST,
    opts: { geneve: [{ class: 0x1234, type: 0x42, data: hex('11223344') }] },
    dst,
  }),
  v4('ip-geneve-two', {
    ...DST,
    opts: {
      geneve: [
        { class: 1, type: 2, data: hex('11223344') },
        { class: 3, type: 4, data: hex('55667788') },
      ],
    },
    dst,
  }),
  v4('ip-vxlan', { ...DST, opts: { vxlan: { gbp: 456 } }, dst }),
  v4('ip-erspan', { ...DST, opts: { erspan: { ver: 1, index: 123, dir: 0, hwid: 0 } }, dst }),
  v4('ip-erspan2', { ...DST, opts: { erspan: { ver: 2, index: 0, dir: 1, hwid: 5 } }, dst }),
  v6('ip6-vxlan', { type: 'ip6', id: 42n, opts: { vxlan: { gbp: 456 } }, dst: '2001:db8::2' }),
].map(unsent)

/** iproute2 takes `dev` for its own `link_dev` and sends no RTA_OIF. */
const NO_OIF = (length: number) => ({
  why: 'iproute2 6.1 swallows `dev` behind `encap xfrm` and sends no interface',
  lines: [
    `- header  length ${length}, type 24, flags 0x605, portid 0`,
    `+ header  length ${length + 8}, type 24, flags 0x605, portid 0`,
    '+ 4 (8) 0a000000',
  ],
})

const sent: Case[] = [
  v4('mpls', { type: 'mpls', dst: [100] }, '10.1.1.1'),
  v4('mpls-stack-ttl', { type: 'mpls', dst: [100, 200, 300], ttl: 64 }, '10.1.1.1'),
  v4('ip', { type: 'ip', id: 42n, dst }),
  v4('ip-all', { type: 'ip', id: 42n, src: '10.0.0.1', dst, tos: 0x10, ttl: 64, flags: FLAGS }),
  v6('ip6', { type: 'ip6', id: 42n, dst: '2001:db8::2' }),
  v6('ip6-all', {
    type: 'ip6',
    id: 42n,
    src: '2001:db8::1',
    dst: '2001:db8::2',
    tc: 0x10,
    hoplimit: 64,
    flags: FLAGS,
  }),
  v6('seg6-inline', { type: 'seg6', srh: { mode: 'inline', segments: SEGMENTS } }),
  v6('seg6', { type: 'seg6', srh: { mode: 'encap', segments: SEGMENTS } }),
  v6('seg6-hmac', { type: 'seg6', srh: { mode: 'encap', segments: ['2001:db8::1'], hmac: 7 } }),
  v6('seg6-l2', { type: 'seg6', srh: { mode: 'l2encap', segments: ['2001:db8::1'] } }),
  v6('seg6-reduced', { type: 'seg6', srh: { mode: 'encap.red', segments: SEGMENTS } }),
  v6('seg6-l2-reduced', { type: 'seg6', srh: { mode: 'l2encap.red', segments: ['2001:db8::1'] } }),
  v6('seg6local-end', { type: 'seg6local', action: 'End' }),
  v6('seg6local-count', { type: 'seg6local', action: 'End', counters: ZEROS }),
  v6('seg6local-x', { type: 'seg6local', action: 'End.X', nh6: '2001:db8::1' }),
  v6('seg6local-t', { type: 'seg6local', action: 'End.T', table: 100 }),
  v6('seg6local-dx2', { type: 'seg6local', action: 'End.DX2', oif: 'eth1' }),
  v6('seg6local-dx6', { type: 'seg6local', action: 'End.DX6', nh6: '2001:db8::1' }),
  v6('seg6local-dx4', { type: 'seg6local', action: 'End.DX4', nh4: '10.0.0.1' }),
  v6('seg6local-dt6', { type: 'seg6local', action: 'End.DT6', table: 100 }),
  v6('seg6local-dt6-vrf', { type: 'seg6local', action: 'End.DT6', vrftable: 100 }),
  v6('seg6local-dt4', { type: 'seg6local', action: 'End.DT4', vrftable: 100 }),
  v6('seg6local-dt46', { type: 'seg6local', action: 'End.DT46', vrftable: 100 }),
  v6('seg6local-b6', { type: 'seg6local', action: 'End.B6', srh: { segments: SEGMENTS } }),
  v6('seg6local-b6-encaps', {
    type: 'seg6local',
    action: 'End.B6.Encaps',
    srh: { segments: ['2001:db8::1'], hmac: 7 },
  }),
  v6('rpl', { type: 'rpl', srh: SEGMENTS }),
  v6('ioam6', {
    type: 'ioam6',
    freqK: 1,
    freqN: 1,
    mode: 'inline',
    trace: { type: 0x800000, namespace: 1, size: 12 },
  }),
  v6('ioam6-encap', {
    type: 'ioam6',
    freqK: 1,
    freqN: 3,
    mode: 'encap',
    dst: '2001:db8::2',
    trace: { type: 0xc00000, namespace: 5, size: 24 },
  }),
  v6('ioam6-auto', {
    type: 'ioam6',
    freqK: 1,
    freqN: 1,
    mode: 'auto',
    dst: '2001:db8::2',
    trace: { type: 0x800000, namespace: 1, size: 12 },
  }),
  { ...v4('xfrm', { type: 'xfrm', ifId: 5 }), differs: NO_OIF(56) },
  { ...v4('xfrm-link', { type: 'xfrm', ifId: 5, link: 'eth1' }), differs: NO_OIF(64) },
  add('multipath', {
    to: '10.9.0.0/24',
    nexthops: [
      { via: '10.1.1.1', dev: 'eth0', encap: { type: 'mpls', dst: [100] } },
      { via: '10.1.1.2', dev: 'eth1', weight: 3, encap: { type: 'mpls', dst: [200, 300] } },
    ],
  }),
]

const replace: GoldenCase = {
  name: 'encap-replace',
  operation: () => replaceRoute({ ...V4, via: '10.1.1.1', metric: 5, encap: { type: 'mpls', dst: [100] } }),
}
const nexthop: GoldenCase = {
  name: 'encap-nexthop',
  operation: () => addNexthop({ id: 7, via: '10.1.1.1', dev: 'eth0', encap: { type: 'mpls', dst: [100] } }),
}

describe('routes with lightweight tunnels', () => {
  it.each([...sent, ...options, replace, nexthop])('are sent as iproute2 sends them: $name', (it) => {
    expectGolden('encap', it)
  })

  it('cover every fixture', () => {
    const covered = [...sent, ...options, replace, nexthop].map(({ name }) => name)
    const all = loadGolden('encap').map(({ name }) => name)
    expect(covered.sort()).toEqual(all.filter((name) => name.startsWith('encap-')).sort())
  })

  const IFINDEX: Record<string, number> = { eth0: 10, eth1: 11 }
  const resolved = (encap: RouteEncapInput): unknown =>
    Object.fromEntries(Object.entries(encap).map(([key, value]) => [key, IFINDEX[value as string] ?? value]))

  it.each([...sent, ...options])('are read as they were given: $name', ({ name, route }) => {
    const { bytes } = findGolden('encap', name).messages[0]!
    const found = readRoute(bytes, 16, bytes.length, () => null)
    expect(found.encap).toEqual(route.encap === undefined ? null : resolved(route.encap!))
    expect(found.nexthops?.map(({ encap }) => encap)).toEqual(route.nexthops?.map(({ encap }) => encap))
  })

  it('are read of a nexthop object', () => {
    const { bytes } = findGolden('encap', 'encap-nexthop').messages[0]!
    expect(readNexthop(bytes, 16, bytes.length, () => null).encap).toEqual({ type: 'mpls', dst: [100] })
  })

  // iproute2 loads a program first: these bytes are written by hand, after enum LWT_BPF_* and SEG6_LOCAL_* of the uapi headers.
  it('run programs', () => {
    const encap = {
      type: 'bpf',
      in: { fd: 5, name: 'count' },
      xmitHeadroom: 14,
    } as const
    const [message] = sentBy(addRoute({ ...V4, encap }))
    expect(Buffer.from(message!).toString('hex')).toContain(
      [
        '2400 1680',
        '1800 0180',
        '0800 0100 05000000',
        '0a00 0200 636f756e7400 0000',
        '0800 0400 0e000000',
        '0600 1500 0600',
      ]
        .join('')
        .replaceAll(' ', ''),
    )
    expect(readRoute(message!, 16, message!.length, () => null).encap).toEqual(encap)
  })

  it('have counters, programs and flavors', () => {
    const encap = {
      type: 'seg6local',
      action: 'End.BPF',
      bpf: { prog: 5, name: 'p' },
      flavors: { operation: ['psp', 'next-csid'], lcblockBits: 32, lcnodeFnBits: 16 },
      counters: { packets: 1n, bytes: 2n ** 40n, errors: 3n },
    } as const
    const [message] = sentBy(addRoute({ ...V6, encap }))
    expect(Buffer.from(message!).toString('hex')).toContain('0800010012000000') // 1 << 1 | 1 << 4
    expect(readRoute(message!, 16, message!.length, () => null).encap).toEqual(encap)
  })
})

describe('what is not sent', () => {
  it.each([
    { type: 'ip', opts: { geneve: [] } },
    { type: 'ip', opts: { vxlan: { gbp: 1 } } },
    { type: 'ip6', opts: {} },
    { type: 'ip', unknown: [{ type: 8, data: new Uint8Array(4) }] },
    { type: 2, data: new Uint8Array(4) },
    { type: 4, data: new Uint8Array(4) },
  ])('%j', (encap) => {
    const given = encap as RouteEncapInput
    for (const operation of [
      () => addRoute({ ...V4, encap: given }),
      () => replaceRoute({ ...V4, nexthops: [{ dev: 'eth0' }, { dev: 'eth1', encap: given }] }),
      () => addNexthop({ via: '10.1.1.1', dev: 'eth0', encap: given }),
    ])
      expect(() => sentBy(operation())).toThrow(TypeError)
  })
})

describe('bytes that make no sense', () => {
  const read = (encapType: 'seg6' | 'seg6local' | 'rpl' | 'ioam6' | 'mpls', data: string) => {
    const out = new Writer()
    encodeBody(newRoute, out, { header: { family: 10 }, attributes: { encap: hex(data), encapType } })
    const bytes = out.take()
    return guarded('RTM_NEWROUTE', () => readRoute(bytes, 0, bytes.length, () => null))
  }

  it.each<[Parameters<typeof read>[0], string, string]>([
    ['mpls', '07000100000641', 'encap.dst: 3 bytes where each label has 4'],
    ['seg6', '0600010001000000', 'encap.srh: 2 bytes where a mode has 4'],
    ['seg6', '08000100 01000000', 'encap.srh: 0 bytes where a routing header has 8'],
    ['seg6', '10000100 01000000 0002040101000000', 'encap.srh: 2 segments where 8 bytes are left'],
    ['seg6local', '08000200 00020400', 'encap.srh: 4 bytes where a routing header has 8'],
    ['rpl', '0c000100 0004030200000000', 'encap.srh: 2 segments where 8 bytes are left'],
    ['ioam6', '08000300 00010003', 'encap.trace: 4 bytes where a trace header has 8'],
  ])('are a DecodeError that says where: %s %s', (type, data, message) => {
    const work = () => read(type, data)
    expect(work).toThrow(DecodeError)
    expect(work).toThrow(message)
  })
})

describe('a kernel without a type', () => {
  // It says no more than "lwt encapsulation type not supported".
  const noChannel: Channel = { where: '', ifindex: () => -19, ifname: () => null, release: () => {} }

  it('is said to lack that type', () => {
    const asked = newRouteRequest(
      noChannel,
      { to: V6.to, encap: { type: 'rpl', srh: SEGMENTS } },
      NLM_F_EXCL,
    ).next()
    const advise = (code: string, extack = NO_EXTACK) => adviceOf(asked.value as Request, code, extack)
    expect(advise('EOPNOTSUPP')).toMatch(/lacks encapsulation 'rpl'/)
    expect(advise('EEXIST')).toMatch(/there is a route/)
    // Linux 5.10, of ioam6 and xfrm.
    const message = 'Unknown lwt encapsulation type'
    expect(advise('EINVAL', { ...NO_EXTACK, message })).toMatch(/lacks encapsulation 'rpl'/)
  })
})

describe('the guide', () => {
  const text = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8')
  const section = text.slice(text.indexOf('## Routes through tunnels'), text.indexOf('## Deadlines'))
  const rows = [...section.matchAll(/^\| `(?:encap|via)[^|]*\| `(.+)` \|$/gm)].map(([, options]) => options!)

  it('has routes through tunnels', () => expect(rows).toHaveLength(4))

  it.each(rows)('a route with %s can be sent', (options) => {
    const route = new Function(`return { to: '10.9.0.0/16', ${options} }`)() as RouteOptions
    expect(sentBy(addRoute(route))).toHaveLength(1)
  })
})
