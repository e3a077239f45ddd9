import { describe, expect, it } from 'vitest'
import type { Route, RouteInput } from '../../src/index.js'
import { ROUTES } from './made-by-ip.js'
import { expectReadBack } from './read-back.js'
import { oracleOf, printedRoutes, VIA, VIA6, withNetwork, withRoutes } from './route-oracle.js'
import { FACES, ip, type Printed } from './support.js'

interface Made {
  route: RouteInput
  /** What ip prints of it, besides the defaults below. */
  told: Printed
  /** Where ip's JSON leaves something out: what stands in its text. */
  text?: string
}

const V4 = { protocol: 'boot', scope: 'global', table: 'main', type: 'unicast', flags: [] }
const V6 = { ...V4, metric: 1024, pref: 'medium' }

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
  return printedRoutes(netns).map(({ nh_info, ...route }) => route)
}

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
      const told = printedRoutes(netns)
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

  it('does not take a multicast lookup for a failed offload', () =>
    withNetwork(async (netns) => {
      await nl.addRoute({ to: '224.0.0.0/4', dev: 'eth0', type: 'unicast', netns })
      const { flags, type } = await nl.getRoute('239.1.1.1', { netns })
      expect({ flags, type }).toEqual({ flags: ['cloned', 'multicast'], type: 'multicast' })
    }))
})

/** The dump of IPv4 puts routes with one destination in the order of their making. */
function byText(routes: readonly Route[]): string[] {
  return routes.map((route) => JSON.stringify(route)).sort()
}
