/** What a monitor tells of routes: how they came, and which of them go without a word. */

import { describe, expect, it } from 'vitest'
import { type EventOf, listRoutes, monitor, type Route } from '../../src/index.js'
import { eventsUntil, until } from './monitor-support.js'
import { ip, ipJson, withVeth } from './support.js'

type Told = EventOf<'route'>
const isAbout = (to: string) => (event: Told) => event.type === 'route' && event.route.to === to

/** Of IPv6 an event has the nexthops in another order than a list. */
const inOrder = (route: Route) => ({ ...route, nexthops: route.nexthops && new Set(route.nexthops) })

describe('a monitor of routes', () => {
  it.each([
    ['10.9.0.0/24', 'via 10.1.1.', ['add', 'append', 'prepend', 'replace', 'change']],
    ['2001:db8:9::/64', 'via 2001:db8::', ['add', 'append', 'replace', 'change']],
  ])('to %s tells how they came, so that they can be kept', (to, via, commands) =>
    withVeth(async (netns) => {
      ip('address add 10.1.1.1/24 dev eth0', netns)
      ip('address add 2001:db8::1/64 dev eth0', netns)
      await using events = await monitor(['route'], { netns })
      const kept: Route[] = []
      for (const [i, command] of commands.entries()) {
        ip(`route ${command} ${to} ${via}${i + 2}`, netns)
        const told = await until(events, isAbout(to))
        const change = { prepend: 'add', change: 'replace' }[command] ?? command
        expect(told).toMatchObject({ type: 'route', action: 'new', change })
        if (told.type !== 'route') continue
        if (change === 'replace' || told.route.nexthops !== null) kept.shift()
        if (change === 'append') kept.push(told.route)
        else kept.unshift(told.route)
        expect((await listRoutes({ netns, to })).map(inOrder)).toEqual(kept.map(inOrder))
      }
      for (const _ of kept) {
        ip(`route delete ${to}`, netns)
        expect(await until(events, isAbout(to))).toMatchObject({ action: 'delete', change: null })
      }
    }),
  )

  it.each(['link set eth0 down', 'link delete eth0'])(
    'tells nothing of those of IPv4 that go with an interface, and those of IPv6: ip %s',
    (command) =>
      withVeth(async (netns) => {
        for (const address of ['10.1.1.1/24', '2001:db8::1/64']) ip(`address add ${address} dev eth0`, netns)
        ip('route add 10.9.0.0/24 via 10.1.1.2', netns)
        ip('route add 2001:db8:9::/64 via 2001:db8::2', netns)
        await using events = await monitor(['route'], { netns })
        ip(command, netns)
        expect(ipJson('route show 10.9.0.0/24', netns)).toEqual([])
        ip('route add 10.8.0.0/24 dev lo', netns)
        const told = await eventsUntil(events, isAbout('10.8.0.0/24'))
        const gone = told.flatMap((it) => (it.type === 'route' && it.action === 'delete' ? it.route.to : []))
        expect(gone).toContain('2001:db8:9::/64')
        expect(gone).not.toContain('10.9.0.0/24')
      }),
  )
})
