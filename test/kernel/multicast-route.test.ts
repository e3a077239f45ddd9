import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { monitor } from '../../src/index.js'
import { withMulticastRouter } from './multicast-router.js'
import { FACES, ipJson, withVeth } from './support.js'

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
        const printed = ['-4', '-6'].flatMap((family) => ipJson(`${family} mroute show`, netns))
        expect(routes.map(({ source, group, iif }) => ({ src: source, dst: group, iif }))).toEqual(
          printed.map(({ src, dst, iif }) => ({ src, dst, iif })),
        )
        const groups = async (options: object) =>
          (await nl.listMulticastRoutes({ ...options, netns })).map(({ group }) => group)
        expect(await groups({ family: 'ipv6' })).toEqual(['ff0e::1:2:3'])
        expect(await groups({ table: 253 })).toEqual(['239.1.2.3'])
        expect(await groups({ iif: 'eth0' })).toEqual(['239.1.2.3', 'ff0e::1:2:3'])
        expect(await groups({ iif: 'eth1' })).toEqual([])
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
