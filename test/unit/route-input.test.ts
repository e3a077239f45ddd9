/** What the route operations refuse before anything is sent. */

import { describe, expect, it } from 'vitest'
import { checkRouteInput } from '../../src/rtnetlink/route/check.js'
import {
  addRoute,
  deleteRoute,
  flushRoutes,
  getRoute,
  listRoutes,
} from '../../src/rtnetlink/route/operations.js'
import { refusal } from './refusal.js'
import { read } from './route-message.js'

const V4 = { to: '10.0.0.0/8' }
const V6 = { to: '2001:db8::/32' }

/** Routes that are wrong, and what the error says. */
const wrong: readonly [object, new () => Error, string][] = [
  [{}, TypeError, "to: undefined is not a string such as '192.168.15.1/24'"],
  [{ to: '10.0.0.256/24' }, RangeError, "to: '10.0.0.256/24' is not an address"],
  [{ to: '10.0.0.1/33' }, RangeError, "to: '10.0.0.1/33' has a prefix length that is not from 0 to 32"],
  [{ to: 'fe80::1/129' }, RangeError, "to: 'fe80::1/129' has a prefix length that is not from 0 to 128"],
  [
    { to: '10.0.0.1/24' },
    RangeError,
    "to: '10.0.0.1/24' has bits after its prefix length of 24: the network is '10.0.0.0/24'",
  ],
  [
    { to: '2001:db8::1/64' },
    RangeError,
    "to: '2001:db8::1/64' has bits after its prefix length of 64: the network is '2001:db8::/64'",
  ],
  [
    { to: '10.255.255.255/13' },
    RangeError,
    "to: '10.255.255.255/13' has bits after its prefix length of 13: the network is '10.248.0.0/13'",
  ],
  [
    { to: '255.0.0.1/0' },
    RangeError,
    "to: '255.0.0.1/0' has bits after its prefix length of 0: the network is '0.0.0.0/0'",
  ],
  [{ to: 'default' }, TypeError, "family: a default route without via and src needs it ('ipv4' or 'ipv6')"],
  [{ to: 'default', dev: 'eth0' }, TypeError, 'family: a default route'],
  [{ to: 'default', via: 5 }, RangeError, 'via: 5 is not an IPv4 or IPv6 address'],
  [{ to: 'default', src: ['10.0.0.1'] }, RangeError, "src: ['10.0.0.1'] is not an IPv4 or IPv6"],
  [{ to: 'default', nexthops: [{ via: {} }] }, RangeError, 'nexthops[0].via: {} is not an IPv4 or IPv6'],
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
  [{ ...V6, scope: 'host' }, RangeError, "scope: 'host' is not for IPv6 routes"],
  [{ ...V6, preference: 'invalid' }, RangeError, "preference: 'invalid' is not one of low, medium, high"],
  [{ ...V6, preference: 7 }, RangeError, 'preference: 7 is not one of'],
  [{ ...V4, metrics: { mtu: 65521 } }, RangeError, 'metrics.mtu: 65521 is not an integer from 0 to 65520'],
  [{ ...V4, metrics: { advmss: 65496 } }, RangeError, 'metrics.advmss: 65496 is not'],
  [{ ...V6, metrics: { hoplimit: 256 } }, RangeError, 'metrics.hoplimit: 256 is not'],
  [
    { ...V4, nexthops: [{ dev: 1 }], encap: { type: 'mpls', dst: [5] } },
    TypeError,
    'nexthops: a route has either nexthops or encap',
  ],
  [
    { ...V4, nexthops: [{ dev: 1 }], ifindex: 2 },
    TypeError,
    'nexthops: a route has either nexthops or ifindex',
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
