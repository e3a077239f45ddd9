import { describe, expect, it } from 'vitest'
import { getU16 } from '../../src/codec/bytes.js'
import { encodeBody, Fault, Writer } from '../../src/codec/index.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import type { Operation } from '../../src/netlink/operation.js'
import type { Outcome } from '../../src/netlink/request.js'
import { checkRouteInput } from '../../src/rtnetlink/route/check.js'
import { readLookup } from '../../src/rtnetlink/route/lookup.js'
import {
  addRoute,
  deleteRoute,
  flushRoutes,
  getRoute,
  listRoutes,
} from '../../src/rtnetlink/route/operations.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'
import { refusal } from './refusal.js'

const V4 = { to: '10.0.0.0/8' }
const V6 = { to: '2001:db8::/32' }

/** Routes that are wrong, and what the error says. */
const wrong: readonly [object, new () => Error, string][] = [
  [{}, TypeError, "to: undefined is not a string such as '192.168.15.1/24'"],
  [{ to: '10.0.0.256/24' }, RangeError, "to: '10.0.0.256/24' is not an address"],
  [{ to: '10.0.0.1/33' }, RangeError, "to: '10.0.0.1/33' has a prefix length that is not from 0 to 32"],
  [{ to: 'fe80::1/129' }, RangeError, "to: 'fe80::1/129' has a prefix length that is not from 0 to 128"],
  [{ to: '10.0.0.1/24' }, RangeError, "to: '10.0.0.1/24' has bits after its prefix length of 24"],
  [{ to: '2001:db8::1/64' }, RangeError, "to: '2001:db8::1/64' has bits after its prefix length of 64"],
  [{ to: 'default' }, TypeError, "family: a default route without via and src needs it ('ipv4' or 'ipv6')"],
  [{ to: 'default', dev: 'eth0' }, TypeError, 'family: a default route'],
  [{ to: 'default', family: 'inet' }, RangeError, "family: 'inet' is not 'ipv4' or 'ipv6'"],
  [{ ...V4, family: 'ipv6' }, RangeError, "to: '10.0.0.0/8' is not IPv6"],
  [{ ...V4, gateway: '10.0.0.1' }, TypeError, "unknown option 'gateway'"],
  [{ ...V4, via: '10.0.0.1/8' }, RangeError, "via: '10.0.0.1/8' is not an IPv4 or IPv6 address"],
  [{ ...V4, via: 5 }, RangeError, 'via: 5 is not'],
  [{ ...V6, via: '10.0.0.1' }, RangeError, "via: '10.0.0.1' is not an IPv6 address"],
  [{ ...V4, src: '2001:db8::1' }, RangeError, "src: '2001:db8::1' is not an IPv4 address"],
  [{ ...V6, from: '10.0.0.0/8' }, RangeError, "from: '10.0.0.0/8' is not IPv6"],
  [{ ...V4, dev: 'a/b' }, RangeError, "dev: 'a/b' is not an interface name"],
  [{ ...V4, dev: 0 }, RangeError, 'dev: 0 is not an ifindex'],
  [{ ...V4, ifindex: 1.5 }, RangeError, 'ifindex: 1.5 is not an ifindex'],
  [{ ...V4, metric: -1 }, RangeError, 'metric: -1 is not an integer from 0 to 4294967295'],
  [{ ...V4, metric: 2 ** 32 }, RangeError, 'metric: 4294967296 is not'],
  [{ ...V4, metric: Number.NaN }, RangeError, 'metric: NaN is not'],
  [{ ...V4, metric: '5' }, TypeError, "metric: '5' is not"],
  [{ ...V4, table: 0 }, RangeError, 'table: 0 is not an integer from 1'],
  [{ ...V4, table: 'main' }, TypeError, "table: 'main' is not"],
  [{ ...V4, protocol: 'statik' }, RangeError, "protocol: 'statik' is not one of unspec, redirect, kernel"],
  [{ ...V4, protocol: 256 }, RangeError, 'protocol: 256 is not'],
  [{ ...V4, scope: 'universe' }, RangeError, "scope: 'universe' is not one of global"],
  [{ ...V4, type: 'constructor' }, RangeError, "type: 'constructor' is not one of"],
  [{ ...V4, type: true }, TypeError, 'type: true is not a name or a number'],
  [{ ...V4, tos: 256 }, RangeError, 'tos: 256 is not'],
  [{ ...V4, onlink: 1 }, TypeError, 'onlink: 1 is not true or false'],
  [{ ...V4, metrics: { mtu: -1 } }, RangeError, 'metrics.mtu: -1 is not'],
  [{ ...V4, metrics: { mut: 1400 } }, TypeError, 'metrics.mut: no such attribute'],
  [{ ...V4, metrics: { rtt: '1s' } }, TypeError, "metrics.rtt: '1s' is not a number of milliseconds"],
  [{ ...V4, metrics: { rtt: 2 ** 32 } }, RangeError, 'metrics.rtt: 4294967296 is not'],
  [{ ...V4, metrics: { lock: ['mtu', 'via'] } }, RangeError, "metrics.lock: 'via' is not one of mtu"],
  [{ ...V4, metrics: 1400 }, TypeError, 'metrics: 1400 is not an object'],
  [{ ...V4, nexthops: [] }, TypeError, 'nexthops: [] is not an array of nexthops'],
  [{ ...V4, nexthops: [{ dev: 'eth0' }], via: '10.0.0.1' }, TypeError, 'nexthops: a route has either'],
  [{ ...V4, nexthops: [{ via: '10.0.0.1' }, { via: 'x' }] }, RangeError, "nexthops[1].via: 'x' is not"],
  [{ ...V4, nexthops: [{ weight: 257 }] }, RangeError, 'nexthops[0].weight: 257 is not'],
  [{ ...V4, nexthops: [{ metric: 5 }] }, TypeError, "nexthops[0]: unknown option 'metric'"],
  [{ ...V6, nexthops: [{ via: '10.0.0.1' }] }, RangeError, "nexthops[0].via: '10.0.0.1' is not an IPv6"],
  [{ ...V4, nexthops: [{ realms: { from: 1 } }] }, TypeError, 'nexthops[0].realms.to: undefined is not'],
  [{ ...V4, nhid: 0 }, RangeError, 'nhid: 0 is not'],
  [{ ...V6, preference: 'higher' }, RangeError, "preference: 'higher' is not one of low"],
  [{ ...V6, expires: 0.5 }, RangeError, 'expires: 0.5 is not'],
  [{ ...V4, realms: { from: 0, to: 65536 } }, RangeError, 'realms.to: 65536 is not'],
  [{ ...V4, from: '10.0.0.0/8' }, RangeError, "from: '10.0.0.0/8' is not for IPv4 routes"],
  [{ ...V4, preference: 'high' }, RangeError, "preference: 'high' is not for IPv4 routes"],
  [{ to: 'default', via: '10.0.0.1', expires: 60 }, RangeError, 'expires: 60 is not for IPv4 routes'],
  [{ ...V6, realms: { from: 1, to: 2 } }, RangeError, 'realms: { from, to } is not for IPv6 routes'],
  [
    { ...V6, nexthops: [{ dev: 1, realms: { from: 1, to: 2 } }] },
    RangeError,
    'nexthops[0].realms: { from, to } is not for IPv6 routes',
  ],
  [{ ...V4, encap: { type: 'mpsl' } }, RangeError, "encap.type: 'mpsl' is not one of mpls, ip, ip6"],
  [{ ...V4, encap: 'mpls' }, TypeError, "encap: 'mpls' is not an object with a type"],
  [
    { ...V4, encap: { type: 1, data: new Uint8Array(4) } },
    TypeError,
    'encap.type: 1 has a name and attributes',
  ],
  [{ ...V4, encap: { type: 3 } }, TypeError, 'encap.data: undefined is not a Uint8Array'],
  [{ ...V4, encap: { type: 3, data: new Uint8Array(4), ttl: 1 } }, TypeError, "encap: unknown option 'ttl'"],
  [
    { ...V4, encap: { type: 'mpls', dst: [1 << 20] } },
    RangeError,
    'encap: dst[0]: 1048576 is not an MPLS label',
  ],
  [{ ...V4, encap: { type: 'mpls', label: 5 } }, TypeError, 'encap: label: no such attribute'],
  [{ ...V4, encap: { type: 'xfrm', link: '' } }, RangeError, 'encap.link: an interface name cannot be empty'],
  [
    { ...V4, nexthops: [{ encap: { type: 'rpl', srh: [] } }] },
    TypeError,
    'nexthops[0].encap: srh.segments: []',
  ],
]

describe('input of the route operations', () => {
  it.each(wrong)('addRoute refuses %j', (route, type, message) => {
    const error = refusal(() => addRoute(route as never))
    expect(error).toBeInstanceOf(type)
    expect(error.message).toContain(message)
  })

  it.each(wrong)('as one of several routes, the place is named: %j', (route, type, message) => {
    const error = refusal(() => checkRouteInput(route as never, 'routes[3]'))
    expect(error).toBeInstanceOf(type)
    expect(error.message).toContain(
      message.startsWith('unknown') ? `routes[3]: ${message}` : `routes[3].${message}`,
    )
  })

  it('takes null for what is left out, as a listed route has it', () => {
    const route = read({ dst: '10.0.0.0', oif: 3, table: 254 }, { dstLen: 8 })
    expect(() => addRoute(route).next()).not.toThrow()
    expect(() => deleteRoute(route).next()).not.toThrow()
  })

  it('deletes a route with a tunnel that it would not send', () => {
    const encap = { type: 'ip', opts: { vxlan: { gbp: 5 } } } as const
    expect(() => deleteRoute({ ...V4, encap }).next()).not.toThrow()
    expect(() => deleteRoute({ ...V4, nexthops: [{ dev: 'eth0', encap }] }).next()).not.toThrow()
  })

  it.each([
    [() => getRoute('10.0.0.0/8'), "to: '10.0.0.0/8' is not an IPv4 or IPv6 address"],
    [() => getRoute('default'), "to: 'default' is not"],
    [() => getRoute('10.0.0.1', { from: '::1' }), "from: '::1' is not an IPv4 address"],
    [() => getRoute('10.0.0.1', { iif: '' }), 'iif: an interface name cannot be empty'],
    [() => getRoute('10.0.0.1', { mark: -1 }), 'mark: -1 is not'],
    [() => getRoute('10.0.0.1', { dport: 0 }), 'dport: 0 is not'],
    [() => getRoute('10.0.0.1', { ipProtocol: 'tpc' as never }), "ipProtocol: 'tpc' is not one of"],
    [() => getRoute('10.0.0.1', { fibmatch: 1 as never }), 'fibmatch: 1 is not true or false'],
    [() => getRoute('10.0.0.1', { connected: 1 as never }), 'connected: 1 is not true or false'],
    [() => getRoute('10.0.0.1', { notify: 'no' as never }), "notify: 'no' is not true or false"],
    [() => getRoute('2001:db8::1', { notify: true }), 'notify: the kernel knows it of IPv4 alone'],
    [() => getRoute('10.0.0.1', { fibMatch: true } as never), "getRoute: unknown option 'fibMatch'"],
    [() => listRoutes({ tabel: 5 } as never), "listRoutes: unknown option 'tabel'"],
    [() => listRoutes({ table: 0 }), "table: 0 is not 'all' or the number of a table"],
    [() => flushRoutes({ table: 'main' as never }), "table: 'main' is not 'all' or"],
    [() => listRoutes({ to: '10.0.0.1/8' }), "to: '10.0.0.1/8' has bits after"],
    [() => listRoutes({ to: '10.0.0.0/8', family: 'ipv6' }), "to: '10.0.0.0/8' is not IPv6"],
    [() => listRoutes({ type: 'black' as never }), "type: 'black' is not one of"],
    [() => listRoutes({ within: '10.0.0.0', family: 'ipv6' }), "within: '10.0.0.0' is not IPv6"],
    [() => listRoutes({ within: '10.0.0.0/8', covers: '::1' }), "covers: '::1' is not IPv4"],
    [() => listRoutes({ within: '10.0.0.0/8', to: '::/0' }), "to: '::/0' is not IPv4"],
    [() => listRoutes({ covers: '10.0.0' }), "covers: '10.0.0' is not an address"],
    [() => listRoutes({ cache: 1 as never }), 'cache: 1 is not true or false'],
    [() => listRoutes({ vrf: '' }), 'vrf: an interface name cannot be empty'],
    [() => listRoutes({ vrf: 'red', table: 5 }), 'vrf: not with table'],
    [() => flushRoutes({ vrf: 'red', table: 'all' }), 'vrf: not with table'],
    [() => addRoute({ ...V4, vrf: 0 }), 'vrf: 0 is not'],
    [() => deleteRoute({ ...V4, vrf: 'red', table: 5 }), 'vrf: not with table'],
    [() => listRoutes({ from: '10.0.0.0/8' }), "from: '10.0.0.0/8' is not IPv6"],
    [
      () => listRoutes({ from: '::/0', family: 'ipv4' }),
      "from: '::/0' is not for IPv4 routes, and family is 'ipv4'",
    ],
    [
      () => listRoutes({ from: 'default', to: '10.0.0.0/8' }),
      "from: 'default' is not for IPv4 routes, and to is '10.0.0.0/8'",
    ],
    [
      () => flushRoutes({ from: '2001:db8::/32', within: '10.0.0.0/8' }),
      "from: '2001:db8::/32' is not for IPv4 routes, and within is '10.0.0.0/8'",
    ],
    [
      () => listRoutes({ realms: { from: 1, to: 2 }, family: 'ipv6' }),
      "realms: not for IPv6 routes, and family is 'ipv6'",
    ],
    [
      () => listRoutes({ realms: { from: 1, to: 2 }, to: '2001:db8::/32' }),
      "realms: not for IPv6 routes, and to is '2001:db8::/32'",
    ],
    [
      () => listRoutes({ realms: { from: 1, to: 2 }, from: '2001:db8::/32' }),
      "realms: { from, to } is not for IPv6 routes, which alone have from: '2001:db8::/32'",
    ],
    [() => listRoutes({ realms: { from: 1 } as never }), 'realms.to: undefined is not'],
    [() => flushRoutes({ cache: true }), "cache: only with family 'ipv6'"],
    [() => flushRoutes({ cache: true, within: '10.0.0.0/8' }), "cache: only with family 'ipv6'"],
    [() => flushRoutes({}), 'flushRoutes: which routes? Give at least one of family, table'],
    [() => flushRoutes({ cache: false }), 'flushRoutes: which routes?'],
    [() => flushRoutes({ all: true, table: 'all' }), 'not those by table:'],
    [() => flushRoutes({ netns: 'red' }), 'flushRoutes: which routes?'],
  ])('refuses other calls: %#', (call, text) => {
    expect(refusal(call).message).toContain(text)
  })
})

const NO_CACHE = { clntref: 0, lastuse: 0, expires: 0, error: 0, used: 0, id: 0, ts: 0, tsage: 0 }

type Attributes = Parameters<typeof encodeBody<typeof newRoute>>[2]['attributes']
type Header = Parameters<typeof encodeBody<typeof newRoute>>[2]['header']

/** A route as the kernel would send it, from its struct rtmsg on. */
function message(attributes: Attributes, header: Header = {}): Uint8Array {
  const out = new Writer()
  encodeBody(newRoute, out, { header: { family: 2, ...header }, attributes })
  return out.take()
}

function read(attributes: Attributes, header: Header = {}) {
  const bytes = message(attributes, header)
  return readRoute(bytes, 0, bytes.length, () => null)
}

/** Where a message can end: behind an attribute, and in its padding. */
function attributeEnds(bytes: Uint8Array): Set<number> {
  const ends = new Set([12])
  for (let at = 12; at < bytes.length; ) {
    const length = getU16(bytes, at)
    const next = at + Math.ceil(length / 4) * 4
    for (let end = at + length; end <= next; end++) ends.add(end)
    at = next
  }
  return ends
}

describe('a route that the kernel sends', () => {
  const rich: Attributes = {
    dst: '10.0.0.0',
    table: 1000,
    oif: 3,
    gateway: '10.9.9.9',
    priority: 4278198272,
    prefsrc: '10.1.1.1',
    metrics: { mtu: 1400, lock: ['mtu'] },
    multipath: [{ flags: 0x14, hops: 255, ifindex: 4, attributes: { gateway: '10.8.8.8', flow: 0x30004 } }],
    flow: 0xffff0001,
    cacheinfo: { clntref: 3, lastuse: 150, expires: 101, error: 0xffffff9b, used: 7, id: 0, ts: 0, tsage: 0 },
    via: '2001:db8::1',
    pref: 'high',
    encapType: 3,
    encap: new Uint8Array([1, 2, 3]),
    nhId: 7,
  }

  it('has every attribute', () => {
    expect(
      read(rich, { dstLen: 8, tos: 16, protocol: 'bird', scope: 'link', type: 'unicast', flags: ['onlink'] }),
    ).toEqual({
      family: 'ipv4',
      to: '10.0.0.0/8',
      via: '2001:db8::1',
      dev: null,
      ifindex: 3,
      src: '10.1.1.1',
      from: null,
      metric: 4278198272,
      table: 1000,
      protocol: 'bird',
      scope: 'link',
      type: 'unicast',
      tos: 16,
      onlink: true,
      metrics: { mtu: 1400, lock: ['mtu'] },
      nexthops: [
        {
          via: '10.8.8.8',
          dev: null,
          ifindex: 4,
          weight: 256,
          onlink: true,
          realms: { from: 3, to: 4 },
          encap: null,
          flags: ['onlink', 'linkdown'],
        },
      ],
      nhid: 7,
      preference: 'high',
      expires: 2,
      cacheinfo: { users: 3, used: 7, lastUsed: 1.5, error: -101 },
      realms: { from: 0xffff, to: 1 },
      flags: ['onlink'],
      encap: { type: 3, data: new Uint8Array([1, 2, 3]) },
    })
  })

  it('keeps numbers that have no name yet', () => {
    const route = read(
      { unknown: [{ type: 99, data: new Uint8Array(4) }] },
      { type: 77, scope: 7, protocol: 250, flags: ['dead', 0x40000000] },
    )
    expect(route).toMatchObject({
      type: 77,
      scope: 7,
      protocol: 250,
      flags: ['dead', 0x40000000],
      to: 'default',
    })
  })

  it('has the table of the header where it has no other', () => {
    expect(read({}, { table: 253 }).table).toBe(253)
  })

  it('tells routes that have expired, or never will, from others', () => {
    expect(read({ cacheinfo: { ...NO_CACHE, expires: -5 } }).expires).toBeNull()
    expect(read({ cacheinfo: NO_CACHE }).expires).toBeNull()
    expect(read({ cacheinfo: NO_CACHE }).cacheinfo).toBeNull()
    expect(read({ cacheinfo: { ...NO_CACHE, expires: 60000 } }).expires).toBe(600)
  })

  it('is told from the next one, whose gateway may be the same', () => {
    const via = ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.2', '0.0.0.0'].map(
      (gateway) => read({ gateway }).via,
    )
    expect(via).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.2', '0.0.0.0'])
  })

  it('has what the lookup was asked with', () => {
    const bytes = message(
      { dst: '10.0.0.1', iif: 3, mark: 5, uid: 0 },
      { dstLen: 32, flags: ['cloned', 0x80000000] },
    )
    expect(readLookup(bytes, 0, bytes.length, () => null)).toMatchObject({
      iif: 3,
      mark: 5,
      uid: 0,
      flags: ['cloned', 'local'],
    })
  })

  it('is refused where it is cut, never read past its end', () => {
    const whole = message(rich, { dstLen: 8 })
    const ends = attributeEnds(whole)
    for (let end = 12; end < whole.length; end++) {
      // What lies behind is the next message; here it is noise.
      const bytes = new Uint8Array(whole.length + 64).fill(0xaa)
      bytes.set(whole.subarray(0, end))
      const work = () => readRoute(bytes, 0, end, () => null)
      if (ends.has(end)) expect(work, `cut at ${end}`).not.toThrow()
      else expect(refusal(work), `cut at ${end}`).toBeInstanceOf(Fault)
    }
  })

  it('is refused where an attribute or a nexthop does not have its form', () => {
    const raw = (type: number, ...data: number[]) =>
      refusal(() => read({ unknown: [{ type, data: Uint8Array.from(data) }] })) as Fault
    expect(raw(1, 10, 0, 0)).toMatchObject({ path: 'dst', detail: 'an address of 3 bytes' })
    expect(raw(5)).toMatchObject({ path: 'gateway', detail: 'an address of 0 bytes' })
    expect(raw(4, 1, 0)).toMatchObject({ path: 'oif', detail: '2 bytes where u32 has 4' })
    expect(raw(18, 2, 0, 10)).toMatchObject({ path: 'via', detail: '3 bytes where rtvia has 6' })
    expect(raw(9, 0, 0, 0, 0, 0, 0, 0, 0)).toMatchObject({ path: 'multipath[0]' })
    expect(raw(9, 8, 0, 0, 0, 1, 0, 0, 0, 8, 0)).toMatchObject({ path: 'multipath[1]' })
    expect(raw(9, 16, 0, 0, 0, 1, 0, 0, 0)).toMatchObject({ path: 'multipath[0]' })
  })
})

const channel = { where: '', ifindex: () => 3, ifname: () => 'eth0', release: () => {} }

/** Runs an operation; each exchange gets the next of the answers. */
function answered<T>(operation: Operation<T>, ...answers: readonly Outcome[][]): T {
  const left = [...answers]
  let step = operation.next()
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'channel') step = operation.next(channel)
    else step = operation.next(left.shift())
  }
  expect(left).toEqual([])
  return step.value
}

function failed(errno: number): Outcome {
  return { error: new NetlinkError({ operation: 'RTM_DELROUTE', errno }), values: [] }
}
const done: Outcome = { error: null, values: [] }

describe('what goes wrong on the way', () => {
  const routes = ['10.0.0.0', '10.1.0.0', '10.2.0.0'].map((dst) => read({ dst }, { dstLen: 16 }))
  const listed: Outcome = { error: null, values: routes }

  it('any other error of a dump is thrown', () => {
    expect(refusal(() => answered(listRoutes(), [failed(1)]))).toMatchObject({ code: 'EPERM' })
  })

  it('a route that vanished while it was flushed is not counted', () => {
    const flush = flushRoutes({ protocol: 'bird' })
    expect(answered(flush, [listed], [done, failed(3), done])).toBe(2)
  })

  it('a route that cannot be deleted is an error', () => {
    const flush = flushRoutes({ protocol: 'bird' })
    expect(refusal(() => answered(flush, [listed], [done, failed(1), done]))).toMatchObject({ code: 'EPERM' })
  })
})
