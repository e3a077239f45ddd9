/** Routes with an end. */

import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { VIA6, withNetwork } from './route-oracle.js'
import { FACES, ipJson } from './support.js'

describe.each(FACES)('expires of routes, $face', ({ nl }) => {
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

  it('tells that the time of a route is over, and takes such a one back as it is', () =>
    withNetwork(async (netns) => {
      const to = '2001:db8:1::/64'
      await nl.addRoute({ to, via: VIA6, expires: 0, netns })
      const over = async () => {
        // The kernel counts it in ticks of 10 ms, and not at all in the first.
        await setTimeout(50)
        const [route] = await nl.listRoutes({ to, netns })
        expect(ipJson(`-6 route show ${to}`, netns)[0]!['expires']).toBeLessThanOrEqual(0)
        expect(route).toMatchObject({ expires: 0 })
        return route!
      }
      const route = await over()
      await nl.replaceRoute({ ...route, netns })
      await over()
    }))
})
