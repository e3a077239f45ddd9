import { describe, expect, it } from 'vitest'
import type {
  CallOptions,
  GetRouteOptions,
  Route,
  RouteFilter,
  RouteInput,
  RouteNexthop,
} from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { NETWORK, ROUTES } from './made-by-ip.js'
import { asPrinted, expectReadBack, hex, type Oracle, tableName, unlessNull } from './read-back.js'
import { FACES, ip, ipJson, type Printed, sysctl, withVeth } from './support.js'

/** Two interfaces with addresses, and two nexthop objects. */
function withNetwork<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withVeth((netns) => {
    ipBatch(NETWORK, netns)
    // The kernel enters its own addresses a moment later: that of lo, one of ours, two link-local ones.
    while (ipJson('-6 route show table local type local', netns).length < 4);
    return work(netns)
  })
}

interface Made {
  route: RouteInput
  /** What ip prints of it, besides the defaults below. */
  told: Printed
  /** Where ip's JSON leaves something out: what stands in its text. */
  text?: string
}

const V4 = { protocol: 'boot', scope: 'global', table: 'main', type: 'unicast', flags: [] }
const V6 = { ...V4, metric: 1024, pref: 'medium' }
const VIA = '192.0.2.254'
const VIA6 = '2001:db8::fe'

const made: Made[] = [
  { route: { to: 'default', via: VIA }, told: { ...V4, dst: 'default', gateway: VIA, dev: 'eth0' } },
  {
    route: { to: '10.1.0.0/16', dev: 'eth1' },
    told: { ...V4, dst: '10.1.0.0/16', dev: 'eth1', scope: 'link' },
  },
  {
    route: { to: '10.1.2.3', via: VIA, dev: 10 },
    told: { ...V4, dst: '10.1.2.3', gateway: VIA, dev: 'eth0' },
  },
  {
    route: { to: '10.1.0.0/16', via: VIA, src: '192.0.2.1', metric: 50, table: 1000, protocol: 'static' },
    told: {
      ...V4,
      dst: '10.1.0.0/16',
      gateway: VIA,
      dev: 'eth0',
      prefsrc: '192.0.2.1',
      metric: 50,
      table: '1000',
      protocol: 'static',
    },
  },
  {
    route: { to: '10.1.0.0/16', via: VIA, table: 100, tos: 0x10, realms: { from: 3, to: 4 }, protocol: 99 },
    told: {
      ...V4,
      dst: '10.1.0.0/16',
      gateway: VIA,
      dev: 'eth0',
      table: '100',
      tos: '0x10',
      flow: { from: '3', to: '4' },
      protocol: 'openr',
    },
  },
  {
    route: { to: '10.1.0.0/16', via: '203.0.113.1', dev: 'eth0', onlink: true },
    told: { ...V4, dst: '10.1.0.0/16', gateway: '203.0.113.1', dev: 'eth0', flags: ['onlink'] },
  },
  {
    route: { to: '10.1.0.0/16', via: 'fe80::fe', dev: 'eth0' },
    told: { ...V4, dst: '10.1.0.0/16', via: { family: 'inet6', host: 'fe80::fe' }, dev: 'eth0' },
  },
  {
    route: { to: '10.1.0.0/16', dev: 'eth0', scope: 'global' },
    told: { ...V4, dst: '10.1.0.0/16', dev: 'eth0' },
  },
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).map(
    (type): Made => ({ route: { to: '10.1.0.0/16', type }, told: { ...V4, dst: '10.1.0.0/16', type } }),
  ),
  {
    route: { to: '10.1.0.1', type: 'local', dev: 'lo' },
    told: { ...V4, dst: '10.1.0.1', type: 'local', dev: 'lo', scope: 'host', table: 'local' },
  },
  {
    route: { to: '10.1.0.255', type: 'broadcast', dev: 'eth0' },
    told: { ...V4, dst: '10.1.0.255', type: 'broadcast', dev: 'eth0', scope: 'link', table: 'local' },
  },
  {
    route: { to: '239.1.1.0/24', type: 'multicast', dev: 'eth0' },
    told: { ...V4, dst: '239.1.1.0/24', type: 'multicast', dev: 'eth0', scope: 'link' },
  },
  {
    route: {
      to: '10.1.0.0/16',
      via: VIA,
      metrics: {
        mtu: 1400,
        advmss: 1360,
        window: 65535,
        rtt: 100,
        rttvar: 50,
        rtoMin: 200,
        hoplimit: 32,
        initcwnd: 20,
        initrwnd: 40,
        quickack: 1,
        features: ['ecn'],
        ccAlgo: 'reno',
        lock: ['mtu', 'hoplimit'],
      },
    },
    told: {
      ...V4,
      dst: '10.1.0.0/16',
      gateway: VIA,
      dev: 'eth0',
      metrics: [
        {
          mtu: 1400,
          advmss: 1360,
          window: 65535,
          rtt: 100,
          rttvar: 50,
          rto_min: 200,
          hoplimit: 32,
          initcwnd: 20,
          initrwnd: 40,
          quickack: 1,
          ecn: null,
          congestion: 'reno',
        },
      ],
    },
    text: 'mtu lock 1400 window 65535 rtt 100ms rttvar 50ms advmss 1360 hoplimit lock 32',
  },
  {
    route: {
      to: '10.1.0.0/16',
      metrics: { mtu: 1300 },
      nexthops: [
        { via: VIA, weight: 10, realms: { from: 0, to: 7 } },
        { dev: 'eth1' },
        { via: 'fe80::fe', dev: 'eth0', onlink: true, weight: 256 },
      ],
    },
    told: {
      ...V4,
      dst: '10.1.0.0/16',
      metrics: [{ mtu: 1300 }],
      nexthops: [
        { gateway: VIA, flow: { to: '7' }, dev: 'eth0', weight: 10, flags: [] },
        { dev: 'eth1', weight: 1, flags: [] },
        { via: { family: 'inet6', host: 'fe80::fe' }, dev: 'eth0', weight: 256, flags: ['onlink'] },
      ],
    },
  },
  {
    route: { to: '10.1.0.0/16', nhid: 1 },
    told: { ...V4, dst: '10.1.0.0/16', nhid: 1, gateway: VIA, dev: 'eth0' },
  },
  { route: { to: 'default', via: VIA6 }, told: { ...V6, dst: 'default', gateway: VIA6, dev: 'eth0' } },
  {
    route: { to: 'default', family: 'ipv6', dev: 'eth1', metric: 7 },
    told: { ...V6, dst: 'default', dev: 'eth1', metric: 7 },
  },
  {
    route: { to: '2001:db8:1::/64', via: VIA6, preference: 'high', src: '2001:db8::1', table: 1000 },
    told: {
      ...V6,
      dst: '2001:db8:1::/64',
      gateway: VIA6,
      dev: 'eth0',
      pref: 'high',
      prefsrc: '2001:db8::1',
      table: '1000',
    },
  },
  {
    route: { to: '2001:db8:1::/64', from: '2001:db8:2::/64', via: 'fe80::fe', dev: 'eth1' },
    told: { ...V6, dst: '2001:db8:1::/64', from: '2001:db8:2::/64', gateway: 'fe80::fe', dev: 'eth1' },
  },
  {
    route: {
      to: '2001:db8:1::7',
      via: '2001:db8:9::1',
      dev: 'eth0',
      onlink: true,
      metrics: { hoplimit: 32 },
    },
    told: {
      ...V6,
      dst: '2001:db8:1::7',
      gateway: '2001:db8:9::1',
      dev: 'eth0',
      flags: ['onlink'],
      metrics: [{ hoplimit: 32 }],
    },
  },
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).map(
    (type): Made => ({
      route: { to: '2001:db8:1::/64', type, metric: 7 },
      told: { ...V6, dst: '2001:db8:1::/64', type, metric: 7, dev: 'lo' },
    }),
  ),
  {
    route: { to: '2001:db8:1::7', type: 'local', dev: 'lo' },
    told: { ...V6, dst: '2001:db8:1::7', type: 'local', dev: 'lo', table: 'local' },
  },
  {
    route: {
      to: '2001:db8:1::/64',
      nexthops: [{ via: VIA6 }, { via: '2001:db8::fd', dev: 'eth0', weight: 3 }],
    },
    told: {
      ...V6,
      dst: '2001:db8:1::/64',
      nexthops: [
        { gateway: VIA6, dev: 'eth0', weight: 1, flags: [] },
        { gateway: '2001:db8::fd', dev: 'eth0', weight: 3, flags: [] },
      ],
    },
  },
  {
    route: { to: '2001:db8:1::/64', nhid: 2 },
    told: { ...V6, dst: '2001:db8:1::/64', nhid: 2, gateway: VIA6, dev: 'eth0' },
  },
]

/** All routes of all tables as ip prints them. */
function printed(netns: string): Printed[] {
  return ipJson('route show table all', netns).map(({ nh_info, ...route }) => route)
}

const METRICS: Readonly<Record<string, string>> = { rtoMin: 'rto_min', ccAlgo: 'congestion' }

function metricsPrinted(metrics: Route['metrics']): unknown {
  if (metrics === null) return undefined
  const { lock, features = [], ...numbers } = metrics
  const told: Printed = Object.fromEntries(features.map((name) => [name, null]))
  for (const [name, value] of Object.entries(numbers)) told[METRICS[name] ?? name] = value
  return [told]
}

type Hop = Pick<RouteNexthop, 'via' | 'dev' | 'realms'>

/** Where a route of a family leads: the gateway of another family has a key of its own. */
const leading = (family: Route['family'] | undefined): Oracle<Hop>['keys'] => ({
  gateway: ({ via }) => (isForeign(via, family) ? undefined : unlessNull(via)),
  via: ({ via }) => (isForeign(via, family) ? { family: 'inet6', host: via } : undefined),
  dev: ({ dev }) => unlessNull(dev),
  flow: ({ realms }) =>
    realms === null
      ? undefined
      : { ...(realms.from === 0 ? {} : { from: String(realms.from) }), to: String(realms.to) },
})

const isForeign = (via: string | null, family: Route['family'] | undefined) =>
  family === 'ipv4' && (via?.includes(':') ?? false)

const hopOf = (family: Route['family']): Oracle<RouteNexthop> => ({
  keys: { ...leading(family), weight: ({ weight }) => weight, flags: ({ flags }) => flags },
})

const oracleOf = (family: Route['family']): Oracle<Route> => ({
  keys: {
    ...(leading(family) as Oracle<Route>['keys']),
    type: ({ type }) => type,
    dst: ({ to }) => to,
    from: ({ from }) => unlessNull(from),
    tos: ({ tos }) => (tos === 0 ? undefined : hex(tos)),
    table: ({ table }) => tableName(table),
    protocol: ({ protocol }) => protocol,
    scope: ({ scope }) => scope,
    flags: ({ flags }) => flags,
    nhid: ({ nhid }) => unlessNull(nhid),
    prefsrc: ({ src }) => unlessNull(src),
    metric: ({ metric }) => unlessNull(metric),
    expires: ({ expires }) => unlessNull(expires),
    pref: ({ preference }) => unlessNull(preference),
    metrics: ({ metrics }) => metricsPrinted(metrics),
    nexthops: ({ nexthops }) => nexthops?.map((hop) => asPrinted(hopOf(family), hop)),
    nh_info: 'what ip looks up of the nexthop object besides',
  },
  notPrinted: {
    family: 'ip tells it by the addresses',
    ifindex: 'ip prints the name',
    onlink: 'one of the flags',
    cacheinfo: 'compared by the tests of what is learned',
    encap: 'tunnels are read back in guests (encap.test.ts)',
    'nexthops[].encap': 'tunnels are read back in guests (encap.test.ts)',
    ...{ 'nexthops[].ifindex': 'ip prints the name', 'nexthops[].onlink': 'one of the flags' },
    'metrics.lock': 'the JSON of ip does not tell which are locked',
  },
})

function withRoutes<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withNetwork((netns) => {
    ipBatch(ROUTES, netns)
    return work(netns)
  })
}

/** Filters, and what ip shows under the same; null where ip has no such filter. */
const FILTERS: readonly [RouteFilter, string | null, (route: Route) => boolean][] = [
  [{ family: 'ipv4' }, '-4 route show table all', (it) => it.family === 'ipv4'],
  [{ family: 'ipv6' }, '-6 route show table all', (it) => it.family === 'ipv6'],
  [{ table: 1000 }, null, (it) => it.table === 1000],
  [{ table: 254, family: 'ipv4' }, '-4 route show', (it) => it.table === 254 && it.family === 'ipv4'],
  [{ table: 4711 }, null, () => false],
  [{ table: 4711, family: 'ipv4' }, null, () => false],
  [{ table: 4711, family: 'ipv6' }, null, () => false],
  [{ dev: 'lo' }, 'route show table all dev lo', (it) => it.dev === 'lo'],
  [
    { dev: 'eth1' },
    null,
    (it) => it.dev === 'eth1' || (it.nexthops?.some(({ dev }) => dev === 'eth1') ?? false),
  ],
  [{ type: 'blackhole' }, 'route show table all type blackhole', (it) => it.type === 'blackhole'],
  [{ protocol: 'static' }, 'route show table all proto static', (it) => it.protocol === 'static'],
  [{ protocol: 99, family: 'ipv4' }, '-4 route show table all proto 99', (it) => it.protocol === 'openr'],
  [{ scope: 'host', family: 'ipv4' }, '-4 route show table all scope host', (it) => it.scope === 'host'],
  [{ to: 'default' }, 'route show table all exact default', (it) => it.to === 'default'],
  [{ to: '0.0.0.0/0' }, '-4 route show default', (it) => it.to === 'default' && it.family === 'ipv4'],
  [{ to: '10.3.0.0/16' }, 'route show table all exact 10.3.0.0/16', (it) => it.to === '10.3.0.0/16'],
  [{ to: '10.4.0.1/32' }, 'route show table all exact 10.4.0.1', (it) => it.to === '10.4.0.1'],
  [
    { to: '2001:0db8:8:0::/64' },
    'route show table all exact 2001:db8:8::/64',
    (it) => it.to === '2001:db8:8::/64',
  ],
  [
    { via: '2001:db8::FE' },
    null,
    ({ via, nexthops }) =>
      via === '2001:db8::fe' || (nexthops?.some((hop) => hop.via === '2001:db8::fe') ?? false),
  ],
  [{ within: '10.0.0.0/8' }, 'route show table all root 10.0.0.0/8', (it) => it.to.startsWith('10.')],
  [{ within: '10.3.255.255/16' }, 'route show table all root 10.3.0.0/16', (it) => /^10\.3\./.test(it.to)],
  [
    { within: '10.2.0.0/15', table: 254 },
    'route show root 10.2.0.0/15',
    (it) => /^10\.[23]\./.test(it.to) && it.table === 254,
  ],
  [{ within: '10.4.0.1' }, 'route show table all root 10.4.0.1', (it) => it.to === '10.4.0.1'],
  [{ within: '0.0.0.0/0' }, '-4 route show table all', (it) => it.family === 'ipv4'],
  [
    { within: '2001:db8:8::/45' },
    'route show table all root 2001:db8:8::/45',
    (it) => /^2001:db8:[89a-f]:/.test(it.to),
  ],
  [
    { covers: '10.3.0.7' },
    'route show table all match 10.3.0.7',
    (it) => ['default', '10.3.0.0/16'].includes(it.to) && it.family === 'ipv4',
  ],
  [
    { covers: '10.0.0.0/15' },
    'route show table all match 10.0.0.0/15',
    (it) => it.to === 'default' && it.family === 'ipv4',
  ],
  [
    { covers: '2001:db8:8::/64', family: 'ipv6' },
    'route show table all match 2001:db8:8::/64',
    (it) => ['default', '2001:db8:8::/64'].includes(it.to) && it.family === 'ipv6',
  ],
  [{ src: '192.0.2.1' }, 'route show table all src 192.0.2.1', (it) => it.src === '192.0.2.1'],
  [{ from: '2001:db8::/64' }, 'route show table all from 2001:db8::/64', (it) => it.from === '2001:db8::/64'],
  [{ from: 'default' }, null, (it) => it.family === 'ipv6' && it.from === null],
  [
    { realms: { from: 3, to: 4 } },
    'route show table all realms 3/4',
    (it) => it.realms?.from === 3 && it.realms.to === 4,
  ],
  [{ realms: { from: 0, to: 7 } }, null, (it) => it.nexthops?.[0]?.realms?.to === 7],
  [{ metric: 9 }, null, (it) => it.metric === 9],
  [{ metric: 0, family: 'ipv4' }, null, (it) => it.metric === null && it.family === 'ipv4'],
  [{ tos: 0x10 }, 'route show table all tos 0x10', (it) => it.tos === 0x10],
  [{ table: 1000, dev: 'eth0', via: 'fe80::fe' }, null, (it) => it.via === 'fe80::fe' && it.table === 1000],
]

describe.each(FACES)('routes, $face', ({ nl }) => {
  it.each(made)('$route.to $route.type: ip prints what addRoute made', ({ route, told, text }) =>
    withNetwork(async (netns) => {
      const before = printed(netns)
      await nl.addRoute({ ...route, netns })
      const after = printed(netns)
      const added = after.filter((it) => !before.some((old) => JSON.stringify(old) === JSON.stringify(it)))
      expect(added).toEqual([told])
      if (text !== undefined) expect(ip(`route show ${route.to}`, netns)).toContain(text)
      await nl.deleteRoute({ ...route, netns })
      expect(printed(netns)).toEqual(before)
    }),
  )

  it('reads what ip made, field by field', () =>
    withRoutes(async (netns) => {
      const routes = await nl.listRoutes({ netns })
      const told = ipJson('route show table all', netns)
      expect(routes).toHaveLength(told.length)
      for (const family of ['ipv4', 'ipv6'] as const) {
        const isOurs = (_: unknown, index: number) => routes[index]!.family === family
        expectReadBack(oracleOf(family), routes.filter(isOurs), told.filter(isOurs))
      }
    }))

  it('reads realms, locks and weights that ip tells in text only', () =>
    withRoutes(async (netns) => {
      const [first] = await nl.listRoutes({ to: '10.1.0.0/16', netns })
      expect(first).toMatchObject({
        realms: { from: 3, to: 4 },
        metrics: { mtu: 1400, lock: ['mtu'], rtt: 100 },
      })
    }))

  it('tells how long a route lasts', () =>
    withNetwork(async (netns) => {
      await nl.addRoute({ to: '2001:db8:1::/64', via: VIA6, expires: 600, netns })
      const [told] = ipJson('-6 route show 2001:db8:1::/64', netns)
      const [route] = await nl.listRoutes({ to: '2001:db8:1::/64', netns })
      // ip rounds down, and ours was read later.
      expect(told!['expires']).toBeGreaterThan(500)
      expect(route!.expires! - told!['expires']).toBeLessThanOrEqual(1)
      expect(route!.expires).toBeGreaterThan(500)
      await nl.replaceRoute({ ...route!, expires: null, netns })
      expect(await nl.listRoutes({ to: '2001:db8:1::/64', netns })).toMatchObject([{ expires: null }])
    }))

  it('takes back every route that it listed', () =>
    withRoutes(async (netns) => {
      const before = await nl.listRoutes({ netns })
      // The kernel looks after its own: with their gateways gone, others cannot be made again.
      const routes = before.filter(({ protocol }) => protocol !== 'kernel')
      expect(routes).toHaveLength(ROUTES.length)
      for (const route of routes) await nl.deleteRoute({ ...route, netns })
      expect(await nl.listRoutes({ netns })).toEqual(before.filter(({ protocol }) => protocol === 'kernel'))
      const direct = routes.filter(({ via, nexthops }) => (via ?? nexthops) === null)
      for (const route of new Set([...direct, ...routes])) await nl.addRoute({ ...route, netns })
      expect(byText(await nl.listRoutes({ netns }))).toEqual(byText(before))
    }))

  it('lists what each filter lets through', () =>
    withRoutes(async (netns) => {
      const all = await nl.listRoutes({ netns })
      for (const [filter, command, expected] of FILTERS) {
        const found = await nl.listRoutes({ ...filter, netns })
        expect(found, JSON.stringify(filter)).toEqual(all.filter(expected))
        if (command === null) continue
        const told = ipJson(command, netns).map(({ dst }) => dst)
        expect(
          found.map(({ to }) => to),
          command,
        ).toEqual(told)
      }
    }))

  it('replaces the route with the same destination and metric', () =>
    withNetwork(async (netns) => {
      await nl.replaceRoute({ to: '10.1.0.0/16', via: VIA, netns })
      await nl.replaceRoute({ to: '10.1.0.0/16', via: '192.0.2.253', netns })
      await nl.replaceRoute({ to: '10.1.0.0/16', via: '192.0.2.252', metric: 9, netns })
      expect(ipJson('route show 10.1.0.0/16', netns).map((it) => it['gateway'])).toEqual([
        '192.0.2.253',
        '192.0.2.252',
      ])
    }))

  it('changes a route that is there, and adds none', () =>
    withNetwork(async (netns) => {
      for (const [flag, to, via, other] of [
        ['-4', '10.1.0.0/16', VIA, '192.0.2.253'],
        ['-6', '2001:db8:1::/64', VIA6, '2001:db8::fd'],
      ] as const) {
        await expect(async () => nl.changeRoute({ to, via, netns })).rejects.toMatchObject({
          code: 'ENOENT',
          advice: 'there is no route with this destination and metric: replaceRoute adds it',
        })
        await nl.addRoute({ to, via, netns })
        await nl.changeRoute({ to, via: other, netns })
        expect(ipJson(`${flag} route show ${to}`, netns).map((it) => it['gateway'])).toEqual([other])
      }
    }))

  it('prepends a route before those there are', () =>
    withNetwork(async (netns) => {
      for (const via of [VIA, '192.0.2.253']) await nl.prependRoute({ to: '10.1.0.0/16', via, netns })
      expect(ipJson('route show 10.1.0.0/16', netns).map((it) => it['gateway'])).toEqual(['192.0.2.253', VIA])
      expect((await nl.getRoute('10.1.0.1', { netns })).via).toBe('192.0.2.253')
    }))

  it('appends a route behind those there are, or to their nexthops', () =>
    withNetwork(async (netns) => {
      for (const via of [VIA, '192.0.2.253']) await nl.appendRoute({ to: '10.1.0.0/16', via, netns })
      expect(ipJson('route show 10.1.0.0/16', netns).map((it) => it['gateway'])).toEqual([VIA, '192.0.2.253'])
      for (const via of [VIA6, '2001:db8::fd']) await nl.appendRoute({ to: '2001:db8:1::/64', via, netns })
      const [route] = ipJson('-6 route show 2001:db8:1::/64', netns)
      expect((route!['nexthops'] as Printed[]).map((it) => it['gateway'])).toEqual([VIA6, '2001:db8::fd'])
    }))

  it('makes nexthops of IPv6 routes with gateways, and leaves those without beside them', () =>
    withNetwork(async (netns) => {
      const to = '2001:db8:1::/64'
      const [third, fourth] = ['2001:db8::fd', '2001:db8::fc']
      const gateways = () =>
        ipJson(`-6 route show ${to}`, netns).map(({ gateway, nexthops }) =>
          nexthops === undefined ? (gateway ?? null) : (nexthops as Printed[]).map((hop) => hop['gateway']),
        )
      await nl.addRoute({ to, via: VIA6, netns })
      await nl.prependRoute({ to, via: third, netns })
      // Last: one between two nexthops is passed over by dumps (fib6_dump_node() of net/ipv6/ip6_fib.c).
      await nl.appendRoute({ to, dev: 'eth0', netns })
      expect(gateways()).toEqual([[VIA6, third], null])
      const advice = 'the same route is there already, or of an IPv6 one a nexthop is, or is given twice'
      for (const call of [
        () => nl.appendRoute({ to, nexthops: [{ via: fourth }, { via: third }], netns }),
        () => nl.replaceRoute({ to, nexthops: [{ via: fourth }, { via: fourth }], netns }),
      ])
        await expect(async () => call()).rejects.toMatchObject({ code: 'EEXIST', advice })
      expect(gateways()).toEqual([[VIA6, third], null])
      await nl.changeRoute({ to, via: fourth, netns })
      expect(gateways()).toEqual([fourth, null])
    }))

  it.each([
    ['10.1.2.3', {}, '10.1.2.3 tos 0'],
    ['10.1.2.3', { tos: 0x10 }, '10.1.2.3 tos 0x10'],
    ['10.4.0.1', {}, '10.4.0.1'],
    ['8.8.8.8', { from: '192.0.3.1' }, '8.8.8.8 from 192.0.3.1'],
    ['8.8.8.8', { oif: 'eth0', mark: 5, uid: 1000 }, '8.8.8.8 oif eth0 mark 5 uid 1000'],
    ['8.8.8.8', { ipProtocol: 'udp', sport: 1024, dport: 53 }, '8.8.8.8 ipproto udp sport 1024 dport 53'],
    ['10.2.3.4', { fibmatch: true }, 'fibmatch 10.2.3.4'],
    ['10.7.0.1', { fibmatch: true }, 'fibmatch 10.7.0.1'],
    ['192.0.2.1', {}, '192.0.2.1'],
    ['2001:db8:1::5', {}, '2001:db8:1::5'],
    ['2001:db8:3::5', { fibmatch: true }, 'fibmatch 2001:db8:3::5'],
    ['2001:db8::5', { oif: 'eth0' }, '2001:db8::5 oif eth0'],
  ] as [string, Omit<GetRouteOptions, keyof CallOptions>, string][])(
    'getRoute(%j, %j) is what ip route get %s tells',
    (to, options, command) =>
      withRoutes(async (netns) => {
        const { iif, mark, uid, ...route } = await nl.getRoute(to, { ...options, netns })
        const [told] = ipJson(`route get ${command}`, netns)
        const { cache, nh_info, ...rest } = told!
        // ip shows neither protocol nor scope of an IPv4 route made for one lookup.
        const ours: Printed = {
          ...asPrinted(oracleOf(route.family), route),
          ...(mark ? { mark } : {}),
          ...(uid === null ? {} : { uid }),
        }
        const { flags, ...fields } = ours
        for (const name of ['protocol', 'scope', 'table']) if (!(name in rest)) delete fields[name]
        expect({ ...fields, flags: [] }).toEqual(rest)
        expect(flags.includes('cloned')).toBe(cache !== undefined)
        expect(flags.includes('local')).toBe((cache as string[] | undefined)?.includes('local') ?? false)
      }),
  )

  it('tells by which interface a packet comes in', () =>
    withRoutes(async (netns) => {
      const route = await nl.getRoute('192.0.2.1', { from: '192.0.2.9', iif: 'eth0', netns })
      expect(route).toMatchObject({ iif: 10, type: 'local', dev: 'lo', from: '192.0.2.9' })
    }))

  it('looks with the source address that a connected socket gets', () =>
    withNetwork(async (netns) => {
      await nl.addRoute({ to: 'default', via: VIA, netns })
      await nl.addRoute({ to: 'default', via: '192.0.2.253', table: 100, netns })
      ip('rule add from 192.0.2.1 lookup 100', netns)
      const { src, via } = await nl.getRoute('8.8.8.8', { netns })
      expect({ src, via }).toEqual({ src: '192.0.2.1', via: VIA })
      const connected = await nl.getRoute('8.8.8.8', { connected: true, netns })
      const [told] = ipJson('route get 8.8.8.8 from 192.0.2.1', netns)
      expect(connected).toMatchObject({ via: told!['gateway'], table: 100, from: '192.0.2.1' })
      expect(connected.via).toBe('192.0.2.253')
      // A source that is given is the one that counts.
      const given = { connected: true, from: '192.0.3.1', netns }
      const alone = await nl.getRoute('8.8.8.8', { from: '192.0.3.1', netns })
      expect(await nl.getRoute('8.8.8.8', given)).toEqual({ ...alone, cacheinfo: expect.anything() })
    }))

  it('asks to be told of changes', () =>
    withRoutes(async (netns) => {
      // First, as the kernel keeps it with what a processor remembers of the destination.
      expect((await nl.getRoute('10.1.2.3', { netns })).flags).not.toContain('cache-notify')
      expect((await nl.getRoute('10.1.2.3', { notify: true, netns })).flags).toContain('cache-notify')
      const [told] = ipJson('route get 10.1.2.3 notify', netns)
      expect(told!['cache']).toContain('notify')
    }))

  it('does not take a multicast lookup for a failed offload', () =>
    withNetwork(async (netns) => {
      await nl.addRoute({ to: '224.0.0.0/4', dev: 'eth0', type: 'unicast', netns })
      const { flags, type } = await nl.getRoute('239.1.1.1', { netns })
      expect({ flags, type }).toEqual({ flags: ['cloned', 'multicast'], type: 'multicast' })
    }))

  it('flushes what a filter lets through, in the main table, and counts it', () =>
    withRoutes(async (netns) => {
      const all = await nl.listRoutes({ netns })
      const isGone = (it: Route) => it.table === 254 && it.protocol === 'boot'
      expect(await nl.flushRoutes({ protocol: 'boot', netns })).toBe(all.filter(isGone).length)
      expect(await nl.listRoutes({ netns })).toEqual(all.filter((it) => !isGone(it)))
      expect(await nl.flushRoutes({ protocol: 'boot', netns })).toBe(0)
      expect(await nl.flushRoutes({ table: 1000, netns })).toBe(3)
      expect(await nl.flushRoutes({ table: 4711, family: 'ipv4', netns })).toBe(0)
      const rest = await nl.listRoutes({ table: 'all', netns })
      expect(rest).toEqual(await nl.listRoutes({ netns }))
      const isStatic = (it: Route) => it.protocol === 'static'
      expect(await nl.flushRoutes({ table: 'all', protocol: 'static', netns })).toBe(
        rest.filter(isStatic).length,
      )
      expect(await nl.listRoutes({ netns })).toEqual(rest.filter((it) => !isStatic(it)))
    }))

  it('flushes more routes than go into one batch', () =>
    withNetwork(async (netns) => {
      const routes = Array.from(
        { length: 2500 },
        (_, n) => `route add 10.${n >> 8}.${n & 255}.0/24 via ${VIA}`,
      )
      ipBatch(routes, netns)
      expect(await nl.flushRoutes({ via: VIA, netns })).toBe(2500)
      expect(ipJson('route show proto boot', netns)).toEqual([])
    }))

  it('tells why the kernel refuses', () =>
    withNetwork(async (netns) => {
      const route = { to: '10.1.0.0/16', via: VIA, netns }
      await nl.addRoute(route)
      const refused = (work: () => unknown) =>
        Promise.resolve()
          .then(work)
          .then(
            () => null,
            (error) => error,
          )
      expect(await refused(() => nl.addRoute(route))).toMatchObject({
        code: 'EEXIST',
        operation: 'RTM_NEWROUTE',
        subject: 'route to 10.1.0.0/16 via 192.0.2.254',
        advice: expect.stringContaining('replaceRoute'),
      })
      expect(
        await refused(() => nl.addRoute({ to: '10.2.0.0/16', via: '203.0.113.1', netns })),
      ).toMatchObject({
        code: 'ENETUNREACH',
        extack: { message: 'Nexthop has invalid gateway' },
        advice: expect.stringContaining('onlink'),
      })
      expect(
        await refused(() => nl.addRoute({ to: '10.2.0.0/16', via: '2001:db8:9::1', netns })),
      ).toMatchObject({ code: 'EHOSTUNREACH', advice: expect.stringContaining('onlink') })
      expect(await refused(() => nl.addRoute({ to: '10.2.0.0/16', netns }))).toMatchObject({
        code: 'ENODEV',
        advice: 'the route leads to no interface: give dev or via (an ifindex has to be of this namespace)',
      })
      // The kernel's own words are enough.
      expect(
        await refused(() => nl.addRoute({ to: '10.2.0.0/16', via: '192.0.2.1', onlink: true, netns })),
      ).toMatchObject({
        code: 'ENODEV',
        extack: { message: expect.stringContaining('onlink') },
        advice: null,
      })
      expect(await refused(() => nl.addRoute({ to: '10.2.0.0/16', dev: 'eth7', netns }))).toMatchObject({
        code: 'ENODEV',
        advice: expect.stringContaining(`in namespace '${netns}'`),
      })
      expect(await refused(() => nl.deleteRoute({ to: '10.3.0.0/16', netns }))).toMatchObject({
        code: 'ESRCH',
      })
      expect(await refused(() => nl.listRoutes({ dev: 'eth7', netns }))).toMatchObject({ code: 'ENODEV' })
      ip('route add 198.51.100.0/24 via 192.0.2.254', netns)
      const through = { from: '192.0.2.9', iif: 'eth0', netns }
      sysctl(netns, 'net.ipv4.conf.eth0.forwarding=0')
      expect(await refused(() => nl.getRoute('198.51.100.1', through))).toMatchObject({
        code: 'EHOSTUNREACH',
        advice: expect.stringMatching(/^the route or rule .* unreachable, or forwarding is off/),
      })
      sysctl(netns, 'net.ipv4.conf.eth0.forwarding=1')
      expect(await nl.getRoute('198.51.100.1', through)).toMatchObject({ via: '192.0.2.254' })
      expect(await refused(() => nl.getRoute('203.0.113.1', { netns }))).toMatchObject({
        code: 'ENETUNREACH',
        subject: 'route to 203.0.113.1',
      })
      await nl.addRoute({ to: '203.0.113.0/24', type: 'prohibit', netns })
      expect(await refused(() => nl.getRoute('203.0.113.1', { netns }))).toMatchObject({ code: 'EACCES' })
    }))
})

/** The dump of IPv4 puts routes with one destination in the order of their making. */
function byText(routes: readonly Route[]): string[] {
  return routes.map((route) => JSON.stringify(route)).sort()
}
