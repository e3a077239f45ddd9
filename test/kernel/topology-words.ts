/** Namespaces at random of which each part says much: most options that explain() has words for, one with another. */

import fc from 'fast-check'
import type { Topology, TopologyLink, TopologyRoute, TopologyRule } from '../../src/topology.js'
import { bridge, few, macvlan, settings, u32, vxlan } from './topology-word-links.js'

const { constantFrom: one, subarray: some, integer, boolean } = fc
const list = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 5) => fc.array(arbitrary, { maxLength })
const octet = integer({ min: 0, max: 255 })
const PROTOCOLS = [
  'static',
  'boot',
  'ra',
  'zebra',
  'bird',
  'dhcp',
  'bgp',
  'ospf',
  'rip',
  'eigrp',
  'babel',
  4,
  77,
  200,
]
const protocol = one(...PROTOCOLS)
const realms = fc.record({ from: one(0, 1, 10, 16), to: one(1, 10, 16) })
const metrics = few({
  mtu: one(1280, 1400),
  window: u32,
  rtt: one(10, 125, 200),
  rttvar: one(10, 25, 50),
  ssthresh: u32,
  cwnd: u32,
  advmss: one(536, 1200),
  reordering: one(3, 10),
  hoplimit: one(1, 33, 64),
  initcwnd: one(10, 20),
  initrwnd: one(10, 20),
  quickack: one(0, 1),
  features: one(['ecn'], []),
  ccAlgo: one('cubic', 'reno'),
  fastopenNoCookie: one(0, 1),
  lock: some(['mtu', 'window', 'rtt', 'advmss', 'hoplimit', 'cwnd', 'ssthresh', 'reordering']),
})

const common4 = { tos: one(0, 4, 8, 16, 28) }
const common = {
  metric: u32,
  table: one(1, 99, 253, 254, 1000, 0xffffffff),
  protocol,
  metrics,
}
const hop = few({ weight: one(1, 2, 10, 255), onlink: boolean(), realms })
const route4 = fc
  .tuple(
    one('10.10.0.0/16', '10.11.0.1', '10.12.0.0/30', 'default', '0.0.0.0/1'),
    few({
      ...common,
      ...common4,
      scope: one('global', 'link'),
      realms,
      src: one('10.1.0.1'),
    }),
    fc.oneof(
      fc.record({ via: one('10.1.0.9', 'fd00::9'), dev: one('x', 'a.5') }),
      fc.record({ via: one('10.1.0.9') }),
      fc.record({ dev: one('x', 'a.5') }),
      fc.record({
        type: one('unreachable', 'blackhole', 'prohibit', 'throw', 'local', 'broadcast'),
        family: one('ipv4'),
      }),
      fc
        .array(fc.tuple(one('10.1.0.8', '10.1.0.9', 'fd00::7'), hop), { minLength: 1, maxLength: 3 })
        .map((hops) => ({
          nexthops: hops.map(([via, rest]) => ({ via, dev: 'x', ...rest })),
        })),
      fc
        .tuple(fc.array(hop, { minLength: 1, maxLength: 2 }), few({ type: one('local', 'broadcast', 2) }))
        .map(([hops, type]) => ({ ...type, nexthops: hops.map((rest) => ({ dev: 'x', ...rest })) })),
    ),
  )
  .map(([to, ...rest]) => Object.assign({ to }, ...rest) as TopologyRoute)
const route6 = fc
  .tuple(
    one('fd10::/64', 'fd11::1', 'fd12::/30', 'default', '::/1'),
    few({
      ...common,
      expires: one(1000),
      preference: one('low', 'medium', 'high'),
      from: one('fd09::/64', 'fd09::1'),
      src: one('fd00::1'),
    }),
    fc.oneof(
      fc.record({ via: one('fd00::9', 'fe80::9'), dev: one('x', 'a.5') }),
      fc.record({ via: one('fd00::9') }),
      fc.record({ dev: one('x', 'a.5'), family: one('ipv6') }),
      fc.record({
        type: one('unreachable', 'blackhole', 'prohibit', 'throw', 'local', 'anycast'),
        family: one('ipv6'),
      }),
      fc
        .array(
          fc.tuple(
            one('fd00::7', 'fd00::8', 'fe80::8'),
            few({ weight: one(1, 2, 10, 255), onlink: boolean() }),
          ),
          { minLength: 1, maxLength: 3 },
        )
        .map((hops) => ({
          nexthops: hops.map(([via, rest]) => ({ via, dev: 'x', ...rest })),
        })),
    ),
  )
  .map(([to, ...rest]) => Object.assign({ to }, ...rest) as TopologyRoute)

const port = fc.oneof(one(1, 53, 65_534), one({ start: 1, end: 9 }, { start: 80, end: 8080 }))
const selectors = {
  iif: one('lo', 'x', 'all', "it's", 'a.5'),
  oif: one('x', '$HOME', 'a.5', '-x'),
  fwmark: u32,
  fwmask: u32,
  tos: one(0, 4, 8, 16, 28),
  ipProtocol: one(
    'icmp',
    'igmp',
    'tcp',
    'udp',
    'dccp',
    'gre',
    'esp',
    'ah',
    'ipv6-icmp',
    'sctp',
    'udplite',
    4,
    89,
    200,
  ),
  sport: port,
  dport: port,
  uidRange: one({ start: 0, end: 0 }, { start: 1, end: 10 }),
  tunId: one(1, 5, 0xffffffff),
  invert: boolean(),
  protocol,
  suppressPrefixLength: one(0, 1, 32),
  suppressIfgroup: one(0, 1, 10),
  realms,
}
const rule = fc
  .tuple(
    few(selectors),
    fc.oneof(
      fc.record({ table: one(1, 9, 99, 253, 254, 255, 1000, 0xffffffff) }),
      fc.record({ action: one('blackhole', 'unreachable', 'prohibit', 'nop') }),
      fc.record({ goto: one(32_766, 40_000) }),
      fc.record({ l3mdev: one(true) }),
    ),
    fc.oneof(
      fc.record({ family: one('ipv4', 'ipv6') }),
      few({
        family: one('ipv4'),
        from: one('10.0.0.0/8', '10.1.0.1', '0.0.0.0/0'),
        to: one('10.2.0.0/16', '10.2.0.2'),
      }),
      few({ from: one('fd00::/8', 'fd00::1', '::/0'), to: one('fd01::/16', 'fd02::2') }),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as TopologyRule)
  .map((rule) => (rule.from == null && rule.to == null ? { family: 'ipv4' as const, ...rule } : rule))

const address = fc.oneof(
  few({
    broadcast: one('10.9.255.255', '10.9.0.0', true),
    label: one('x:one', 'x: 2', "x:it's", 'x'),
    scope: one('global', 'site', 'link', 'host', 9, 99),
    flags: some(['noprefixroute']),
    metric: u32,
    validLifetime: one(1000, 'forever'),
    preferredLifetime: one(0, 500, 'forever'),
  }).chain((options) =>
    octet.map((n) => ({
      ...options,
      address: `10.9.${n}.1/${n % 7 ? 24 : 32}`,
      ...(n % 7 ? {} : { peer: `10.9.${n}.2${n % 2 ? '' : '/32'}` }),
    })),
  ),
  few({
    flags: some(['nodad', 'home', 'noprefixroute', 'mngtmpaddr', 'optimistic']),
    scope: one('global', 'site', 'link'),
    metric: u32,
    validLifetime: one(1000, 'forever'),
    preferredLifetime: one(0, 500, 'forever'),
  }).chain((options) =>
    octet.map((n) => ({
      ...options,
      address: `fd09:${n}::1/${n % 7 ? 64 : 128}`,
      ...(n % 7 ? {} : { peer: `fd09:${n}::2` }),
    })),
  ),
)

/** Not in the states 'delay' and 'probe', which pass by themselves while a slow machine looks. */
const neighbour = fc
  .tuple(
    one('10.1.0.', 'fd00::'),
    octet,
    few({ protocol, state: one('permanent', 'noarp', 'stale', 'reachable') }),
    boolean(),
  )
  .map(([net, n, rest, proxy]) =>
    proxy
      ? {
          to: `${net}${n % 90}`,
          dev: 'x',
          proxy,
          ...('protocol' in rest ? { protocol: rest['protocol'] } : {}),
        }
      : { to: `${net}${n % 90}`, dev: 'x', mac: '02:00:00:00:00:0a', ...rest },
  )

const NAMES = [
  'dev',
  'type',
  'up',
  'name',
  '-v',
  '$x',
  "it's",
  '~',
  '#n',
  'x;y',
  '*',
  '&',
  '"',
  '\\',
  'a@b',
  'x=1',
  '[',
  '!',
  'é',
  'mtu',
]

/** What a check refuses of some of them: parts that do not go with one another. */
export const REFUSED = new RegExp(
  [
    'is not for IPv6 (rules|routes)',
    'is longer than validLifetime',
    'is down, and a link that is down has no routes',
    'a default route without via and src needs it',
    'the realms of the route',
    'is in the network of no address of this namespace',
    'is not an IPv6 address',
    'does not go with ttlInherit',
    'is there twice',
    ' is there already as ',
    ' excludes it: ',
    'has the MAC address of the interface underneath',
  ].join('|'),
)

/** One namespace with two pairs, of which x has a network, and something more. Of some the kernel refuses a part. */
export const worded: fc.Arbitrary<Topology> = fc
  .tuple(
    fc.record({
      x: settings,
      'a.5': settings,
      y: settings,
    }),
    list(address, 2),
    list(
      fc.tuple(
        one(...NAMES),
        settings,
        fc.oneof(
          bridge.map((of) => ({ bridge: of })),
          macvlan.map((link) => ({ link })),
          vxlan.map((link) => ({ link })),
          few({ port: one(true) }),
        ),
      ),
      1,
    ),
    list(fc.oneof(route4, route6), 2),
    list(rule, 2),
    list(neighbour, 2),
    one('red', 'r;d', "r'd", '$r', '-r', 'r d', '~r'),
    few({
      'net.ipv4.conf.x.rp_filter': one(0, 2),
      'net/ipv4/conf/a.5/forwarding': one(0, 1),
      'net.ipv4.conf.a/5.arp_ignore': one(0, 2),
      'net.ipv4.ip_local_port_range': one('20000 30000', '20000\t30000'),
      'net.ipv6.conf.all.forwarding': one(0, 1),
      'net.ipv4.tcp_congestion_control': one('reno'),
      'net.ipv4.fib_multipath_hash_policy': one(0, 1),
    }),
  )
  .map(([pair, addresses, others, routes, rules, neighbours, name, sysctls]) => {
    const links: Record<string, unknown> = {
      x: {
        peer: 'y',
        ...pair.x,
        addresses: ['10.1.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }, ...addresses],
      },
      y: pair.y,
      'a.5': { peer: 'b.5', ...pair['a.5'] },
    }
    const bridges: Record<string, unknown> = {}
    for (const [n, [name, common, more]] of others.entries()) {
      if ('bridge' in more)
        bridges[name] = { ...common, ...(more.bridge as object), ports: n % 2 ? ['a.5'] : [] }
      else if ('link' in more) links[name] = { ...common, ...(more.link as object) }
      else links[name] = { peer: `${name}2`, ...common }
    }
    for (const name of Object.keys(links)) if (name in bridges) delete bridges[name]
    return {
      name: 'lab',
      namespaces: {
        [name]: { links: links as Record<string, TopologyLink>, bridges, routes, rules, neighbours, sysctls },
      },
    } as Topology
  })
