/** Topologies at random: one namespace or two, bridges, links on others, and most of what a value can have. */

import fc from 'fast-check'
import type {
  Topology,
  TopologyBridge,
  TopologyLink,
  TopologyNamespace,
  TopologyNat,
  TopologyPlace,
} from '../../src/topology.js'
import { lacksNat } from './needs.js'
import { hasKind, isRoot } from './support.js'

const { constantFrom: one, subarray: some } = fc
/** A record any key of which may be missing. */
const perhaps = <T extends object>(keys: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(keys, { requiredKeys: [] }) as unknown as fc.Arbitrary<Partial<T>>

const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length })

/** An ordinary user's user namespace has but one, and one group: it takes no rule of others. */
const USER = isRoot() ? 5 : 0

/** The networks that routes lead to; what else there may be lies in them, or apart. */
const FIRST = ['10.1.0.1/24', '10.2.0.1/24', 'fd00:1::1/64', 'fd00:2::1/64']
const ADDRESSES = [
  '10.1.0.2/24',
  '10.1.0.3/16',
  '10.2.0.2/24',
  { address: '10.2.0.7/24', metric: 50, label: 'eth0:x' },
  { address: '10.3.0.1/32', peer: '10.3.0.2/32' },
  // A route from another one would be waited for.
  { address: 'fd00:1::2/64', flags: ['nodad'] },
  { address: '10.4.0.2/24', flags: ['noprefixroute'], broadcast: '10.4.0.255' },
  { address: '10.5.0.2/24', broadcast: true as const, metric: 9 },
  { address: 'fd03::1/128', peer: 'fd03::2/128', flags: ['nodad'] },
  { address: 'fd04::1/64', metric: 77, flags: ['noprefixroute', 'nodad'] },
]
const ROUTES = [
  { to: 'default', via: '10.1.0.254' },
  { to: 'default', via: '10.2.0.254', metric: 7 },
  { to: '10.9.0.0/24', via: '10.1.0.9' },
  { to: '10.8.0.0/16', dev: 'eth0' },
  { to: '10.8.0.0/16', dev: 'eth0', metric: 9, src: '10.1.0.2' },
  { to: '10.66.0.0/16', type: 'blackhole' as const },
  { to: '10.67.0.0/16', table: 100, dev: 'eth0', scope: 'link' as const },
  { to: '10.7.0.0/16', nexthops: [{ via: '10.1.0.33' }, { via: '10.2.0.33', weight: 3 }] },
  { to: '10.6.0.0/16', via: '10.1.0.9', realms: { from: 1, to: 2 } },
  { to: '10.11.0.0/16', via: '192.0.2.9', dev: 'eth0', onlink: true },
  { to: '10.12.0.0/16', via: '10.1.0.9', metrics: { mtu: 1300, advmss: 1200 }, protocol: 'static' as const },
  { to: '10.12.0.0/16', via: '10.1.0.9', tos: 8 },
  { to: '10.13.0.1', type: 'throw' as const, table: 300 },
  { to: '10.14.0.0/16', via: 'fe80::9', dev: 'eth0' },
  {
    to: '10.15.0.0/16',
    nexthops: [{ dev: 'eth0' }, { via: '192.0.2.1', dev: 'eth0', onlink: true, weight: 2 }],
  },
  { to: 'default', via: 'fd00:1::fe', preference: 'high' as const },
  { to: 'default', via: 'fd00:2::fe', metric: 5 },
  { to: 'fd0a::/64', type: 'unreachable' as const, metric: 3 },
  { to: 'fd0b::/64', type: 'prohibit' as const, table: 300 },
  { to: 'fd0c::/64', via: 'fe80::9', dev: 'eth0', metrics: { hoplimit: 9 } },
  { to: 'fd0d::1', dev: 'eth0', protocol: 99 },
  { to: 'fd09::/64', via: 'fd00:1::9', expires: 9_000 },
  { to: 'fd08::/64', dev: 'eth0' },
  { to: 'fd08:1::/64', dev: 'eth0', src: 'fd00:1::2' },
  { to: 'fd07::/64', nexthops: [{ via: 'fd00:1::3' }, { via: 'fd00:2::3' }] },
]
const RULES = [
  { priority: 100, from: '10.1.0.0/24', table: 100 },
  { priority: 101, family: 'ipv4' as const, fwmark: 7, table: 100 },
  { priority: 101, family: 'ipv4' as const, fwmark: 8, table: 100 },
  { priority: 102, family: 'ipv6' as const, iif: 'eth0', table: 100 },
  { priority: 103, family: 'ipv4' as const, fwmark: 4, fwmask: 12, table: 300 },
  { priority: 103, to: '10.9.0.0/24', invert: true, oif: 'eth0', table: 100 },
  { priority: 104, family: 'ipv4' as const, table: 254, suppressPrefixLength: 0 },
  { priority: 105, from: 'fd00:1::/64', action: 'blackhole' as const },
  {
    priority: 106,
    from: '10.2.0.0/24',
    ipProtocol: 'tcp' as const,
    dport: { start: 80, end: 90 },
    table: 100,
  },
  {
    priority: 107,
    family: 'ipv6' as const,
    uidRange: { start: USER, end: USER },
    sport: 53,
    table: 300,
    protocol: 99,
  },
  { priority: 107, from: '10.2.0.0/16', tunId: 7, table: 100 },
  { priority: 107, from: '10.2.0.0/16', tunId: 8, table: 100 },
  { priority: 108, from: '10.2.0.1', tos: 8, action: 'prohibit' as const },
]
const NEIGHBOURS = [
  { to: '10.1.0.9', dev: 'eth0', mac: '02:00:00:00:aa:01' },
  { to: '10.2.0.9', dev: 'eth0', mac: '02:00:00:00:aa:02' },
  { to: '10.1.0.10', dev: 'eth0', proxy: true },
  { to: 'fd00:1::9', dev: 'eth0', mac: '02:00:00:00:aa:03' },
  { to: 'fd00:1::10', dev: 'eth0', proxy: true },
  { to: 'fe80::9', dev: 'eth0', mac: '02:00:00:00:aa:04', state: 'noarp' as const },
  { to: '10.1.0.11', dev: 'eth0', mac: '02:00:00:00:aa:05', protocol: 99 },
]
const MASQUERADES = [
  { source: '10.1.0.0/24' },
  { source: '10.2.0.0/24' },
  { source: '10.2.0.0/24', outgoing: 'eth*', except: '10.1.0.0/24' },
  { source: 'fd00:1::/64', except: ['fd00:2::/64', 'fd00:1::/64'] },
]
const PORTS = [
  { protocol: 'tcp' as const, hostPort: 80, to: '10.1.0.2:80' },
  { protocol: 'udp' as const, hostPort: 53, to: '10.1.0.2:53' },
  { hostPort: '8000-8010', to: '10.1.0.3:9000-9010', dev: 'eth0' },
  { hostPort: 443, hostAddress: 'fd00:1::1', to: '[fd00:2::2]:443' },
]

const up = fc.oneof({ weight: 4, arbitrary: one(true) }, { weight: 1, arbitrary: one(false) })
const common = {
  addresses: some([...FIRST, ...ADDRESSES]),
  mac: one('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'),
  txQueueLength: one(100, 1000),
  group: one(0, 7),
  arp: one(true, false),
  addrGenMode: one('none' as const, 'eui64' as const),
  multicast: one(true, false),
  allMulticast: one(true, false),
  promiscuous: one(true, false),
  gsoMaxSize: one(30_000, 65_536),
  gsoMaxSegs: one(8, 65_535),
  queues: one(1, { tx: 2, rx: 2 }),
}
const mtu = one(1400, 1450, 1500)
const eth0 = fc
  .tuple(
    perhaps({ ...common, mtu }),
    some(ADDRESSES).chain((more) => shuffled([...FIRST, ...more])),
  )
  .map(([settings, addresses]) => ({ ...settings, addresses }))
const bridge: fc.Arbitrary<TopologyBridge> = perhaps({
  ...common,
  up,
  mtu,
  stp: one(true, false),
  ageingTime: one(100, 300),
  priority: one(100, 32768),
  forwardDelay: one(4, 15),
  mcastSnooping: one(true, false),
  mcastQuerier: one(true, false),
  groupFwdMask: one(0, 8),
  nfCallIptables: one(true, false),
})
/** Of links on another, whose MTU theirs may not exceed; with less than 1280 they have no IPv6. */
const small = { ...common, up, mtu: one(1280, 1300) }
const vxlan = {
  learning: one(true, false),
  ageing: one(100, 300),
  ttl: one(0, 9),
  proxy: one(true, false),
  local: one('10.1.0.1', '10.2.0.1'),
  udpCsum: one(true, false),
}
/** `n` keeps apart what would be refused as the same in two namespaces. */
const others = (n: number, below: readonly string[]) =>
  perhaps<Record<string, TopologyLink>>({
    mv: fc
      .tuple(
        perhaps({ ...small, mac: one(`02:00:00:00:0${n}:01`, `02:00:00:00:0${n}:02`) }),
        one('bridge', 'private', 'vepa'),
        one(...below),
      )
      .map(([settings, mode, link]) => ({ kind: 'macvlan', mode, link, ...settings }) as TopologyLink),
    vx: fc
      .tuple(perhaps({ ...small, ...vxlan }), one(10 * n, 10 * n + 1), one(undefined, ...below))
      .map(([settings, id, link]) => ({
        kind: 'vxlan',
        id,
        dstport: 4789,
        ...(link && { link }),
        ...settings,
      })),
    ...ofKernel('ifb', {
      sink: perhaps({ ...common, up, mtu }).map((settings) => ({ kind: 'ifb', ...settings })),
    }),
    ...ofKernel('vlan', {
      v5: fc.tuple(perhaps(small), one(5, 6), fc.boolean()).map(([settings, id, loose]) => ({
        kind: 'vlan' as const,
        link: 'eth0',
        id,
        ...(loose && { flags: { loose_binding: true } }),
        ...settings,
      })),
    }),
    ...ofKernel('dummy', {
      d: perhaps({ ...common, mtu }).map((settings) => ({ kind: 'dummy', ...settings })),
    }),
    ...ofKernel('vrf', {
      vrf: perhaps({ up }).map((settings) => ({ kind: 'vrf', table: 77, ...settings })),
      port: fc
        .tuple(perhaps(common), fc.boolean())
        .map(([settings, isPort]) => ({ kind: 'dummy', ...settings, ...(isPort && { master: 'vrf' }) })),
    }),
  }).map(({ port, ...links }) =>
    port === undefined || links['vrf'] === undefined ? links : { ...links, port },
  )

/** What some kernels lack. */
function ofKernel<T extends object>(kind: string, links: T): Partial<T> {
  return hasKind(kind) ? links : {}
}

/** A namespace with eth0 and, maybe, a bridge that eth0 is a port of. `elsewhere` are links of others. */
const place = (n: number, ...elsewhere: string[]): fc.Arbitrary<TopologyPlace> =>
  fc
    .tuple(
      eth0,
      others(n, ['eth0', ...elsewhere]),
      perhaps({ br: fc.tuple(bridge, some(['eth0'])).map(([own, ports]) => ({ ...own, ports })) }),
      some(ROUTES),
      perhaps<TopologyNamespace>({
        loopback: one(true, false),
        rules: some(RULES),
        neighbours: some(NEIGHBOURS),
        sysctls: perhaps<Record<string, number>>({
          'net.ipv4.ip_forward': one(0, 1),
          'net.ipv4.conf.eth0.promote_secondaries': one(0, 1),
          'net.ipv6.conf.eth0.keep_addr_on_down': one(0, 1),
          'net.ipv6.conf.all.forwarding': one(0, 1),
          'net.ipv4.conf.all.rp_filter': one(0, 1, 2),
          'net.ipv4.conf.default.arp_announce': one(0, 2),
          'net.ipv4.neigh.eth0.gc_stale_time': one(30, 60),
          // The kernel's own value, 1 0, has an id that an ordinary user has not, and could not be put back.
          ...(isRoot() && { 'net.ipv4.ping_group_range': one('1 0', '0 100') as never }),
        }) as never,
        ...(!lacksNat() && {
          nat: perhaps<TopologyNat>({ masquerade: some(MASQUERADES), publish: some(PORTS) }),
        }),
      }),
    )
    .map(([near, links, bridges, routes, rest]) => ({
      ...rest,
      links: { eth0: near, ...links },
      bridges,
      routes: routes.filter(({ src }) => src === undefined || JSON.stringify(near).includes(`"${src}/`)),
    }))

/** One namespace or two, each on a pair of its own, on that of the other, or on one of two bridges. */
export const topology: fc.Arbitrary<Topology> = fc
  .tuple(place(1), fc.option(place(2, 'red:eth0')), one('apart', 'pair', 'bridge', 'bridges'), bridge, bridge)
  .map(([red, blue, wiring, br0, br1]) => {
    const peer = { pair: 'blue:eth0', apart: 'other' }[wiring as string]
    const alone = blue === null
    // A port can carry no macvlan.
    const carriesMacvlan = [red, blue].some((one, n) =>
      ['eth0', 'red:eth0'].slice(0, n + 1).includes((one?.links?.['mv'] as { link?: string })?.link ?? ''),
    )
    const link = (from: TopologyPlace, far: string | undefined): TopologyPlace => ({
      ...from,
      bridges: carriesMacvlan ? {} : from.bridges,
      links: { ...from.links, eth0: { ...from.links!['eth0'], ...(far && { peer: far }) } as TopologyLink },
    })
    const ends = alone ? ['red:eth0'] : ['red:eth0', 'blue:eth0']
    const bridges = {
      bridge: { br0: { ...br0, ports: ends } },
      bridges: { br0: { ...br0, ports: ends.slice(0, 1) }, br1: { ...br1, ports: ends.slice(1) } },
    }[wiring as string]
    return {
      name: 'lab',
      namespaces: {
        red: link(red, alone && wiring === 'pair' ? 'other' : peer),
        ...(!alone && { blue: link(blue, wiring === 'apart' ? 'other' : undefined) }),
      },
      ...(bridges && { bridges }),
    }
  })
