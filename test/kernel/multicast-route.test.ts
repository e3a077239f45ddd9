import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ListMulticastRoutesOptions, type MulticastRoute, monitor } from '../../src/index.js'
import { withMulticastRouter } from './multicast-router.js'
import { expectReadBack, type Oracle, tableName, unlessNull } from './read-back.js'
import { FACES, ipJson, withVeth } from './support.js'

const ROUTE: Oracle<MulticastRoute> = {
  keys: {
    src: ({ source }) => unlessNull(source),
    dst: ({ group }) => group,
    iif: ({ iif }) => unlessNull(iif),
    multipath: ({ nexthops }) => nexthops.map(({ dev, ttl }) => ({ oif: dev, ...(ttl > 1 ? { ttl } : {}) })),
    state: ({ flags }) => (flags.includes('unresolved') ? 'unresolved' : 'resolved'),
    // ip leaves out that of IPv4; IPv6 has 254.
    table: ({ table }) => (table === 253 ? undefined : tableName(table)),
    packets: ({ packets }) => packets,
    bytes: ({ bytes }) => bytes,
    wrong_if: ({ wrongInterface }) => wrongInterface || undefined,
    expires: 'runs on',
  },
  notPrinted: {
    'nexthops[].ifindex': 'ip prints the name',
    family: 'ip is asked for one at a time',
    iifindex: 'ip prints the name',
    protocol: 'ip has no key for it',
    lastUsed: 'runs on',
  },
}

type Filter = Omit<ListMulticastRoutesOptions, 'netns' | 'signal'>

/** Filters, and the groups that they let through; ip takes no prefix here (it asks for one of the family RTNL_FAMILY_IPMR). */
const FILTERS: readonly [Filter, string[]][] = [
  [{ family: 'ipv6' }, ['ff0e::1:2:3']],
  [{ table: 253 }, ['239.1.2.3']],
  [{ iif: 'eth0' }, ['239.1.2.3', 'ff0e::1:2:3']],
  [{ iif: 'eth1' }, []],
  [{ group: '239.1.2.3' }, ['239.1.2.3']],
  [{ group: '239.1.0.0/16' }, ['239.1.2.3']],
  [{ group: '239.2.0.0/16' }, []],
  [{ source: '192.0.2.0/24' }, ['239.1.2.3']],
  [{ source: '192.0.2.8' }, []],
  [{ source: '2001:db8::/32', group: 'ff0e::/16' }, ['ff0e::1:2:3']],
  [{ source: '2001:db8:1::/64' }, []],
]

const routed = existsSync('/proc/net/ip_mr_vif') && existsSync('/proc/net/ip6_mr_vif')

describe.each(FACES)('multicast routes, $face', ({ nl }) => {
  it('are what ip shows', async ({ skip }) => {
    skip(!routed, 'cannot be installed: this kernel has no multicast routing')
    await withVeth((netns) =>
      withMulticastRouter(netns, async () => {
        const routes = await nl.listMulticastRoutes({ netns })
        expect(routes).toMatchObject([
          {
            family: 'ipv4',
            source: '192.0.2.7',
            group: '239.1.2.3',
            iif: 'eth0',
            iifindex: 10,
            nexthops: [{ ifindex: 11, dev: 'eth1', ttl: 5 }],
            table: 253,
            packets: 0,
            bytes: 0,
            wrongInterface: 0,
            flags: [],
          },
          {
            family: 'ipv6',
            source: '2001:db8::7',
            group: 'ff0e::1:2:3',
            iif: 'eth0',
            nexthops: [{ dev: 'eth1' }],
          },
        ])
        expect(routes.every(({ lastUsed }) => lastUsed !== null && lastUsed >= 0)).toBe(true)
        const groups = async (options: object) =>
          (await nl.listMulticastRoutes({ ...options, netns })).map(({ group }) => group)
        const printed = ['-4', '-6'].flatMap((family) => ipJson(`-s ${family} mroute show`, netns))
        expectReadBack(ROUTE, routes, printed)
        for (const [filter, expected] of FILTERS)
          expect(await groups(filter), JSON.stringify(filter)).toEqual(expected)
        // Nor are they among other routes.
        expect((await nl.listRoutes({ netns })).filter(({ to }) => to.startsWith('239.'))).toEqual([])
      }),
    )
  })

  it('are none where nobody routes, or in a table that is not there', async () => {
    await withVeth(async (netns) => {
      expect(await nl.listMulticastRoutes({ netns })).toEqual([])
      expect(await nl.listMulticastRoutes({ table: 77, netns })).toEqual([])
      await expect(async () => nl.listMulticastRoutes({ iif: 'eth7', netns })).rejects.toMatchObject({
        code: 'ENODEV',
      })
      await expect(async () => nl.listMulticastRoutes({ group: '239.1.2.3', source: '::1' })).rejects.toThrow(
        "source: '::1' is not IPv4",
      )
      await expect(async () => nl.listMulticastRoutes({ table: 0 })).rejects.toThrow(/table: 0/)
      await expect(async () => nl.listMulticastRoutes({ to: '::' } as never)).rejects.toThrow(
        /unknown option 'to'/,
      )
    })
  })
})

describe('a monitor', () => {
  it('tells when a multicast route comes and goes, and other routes apart', async ({ skip }) => {
    skip(!routed, 'cannot be installed: this kernel has no multicast routing')
    await withVeth(async (netns) => {
      await using events = await monitor(['multicastRoute', 'route'], { netns })
      await withMulticastRouter(netns, async () => {})
      const seen: string[] = []
      for await (const event of events) {
        if (event.type === 'route') expect(event.route.to).not.toMatch(/^239|^ff0e::1/)
        if (event.type !== 'multicastRoute') continue
        seen.push(`${event.action} ${event.multicastRoute.group} ${event.multicastRoute.iif}`)
        if (seen.filter((one) => one.startsWith('delete')).length === 2) break
      }
      expect(seen).toEqual(
        expect.arrayContaining([
          'new 239.1.2.3 eth0',
          'new ff0e::1:2:3 eth0',
          expect.stringMatching(/^delete 239.1.2.3 /),
          expect.stringMatching(/^delete ff0e::1:2:3 /),
        ]),
      )
    })
  })
})
