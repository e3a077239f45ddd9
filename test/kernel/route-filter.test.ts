/** Routes that are listed and flushed by what they have. */

import { describe, expect, it } from 'vitest'
import type { Route, RouteFilter } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { VIA, withNetwork, withRoutes } from './route-oracle.js'
import { FACES, ipJson } from './support.js'

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
})
