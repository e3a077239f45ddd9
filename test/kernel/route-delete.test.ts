import { describe, expect, it } from 'vitest'
import type { RouteInput } from '../../src/public.js'
import { FACES, ip, ipJson, withVeth } from './support.js'
import { failure } from './thrown.js'

const TO = '2001:db8:9::/64'
const GIVEN = [
  'address add 2001:db8::1/64 dev eth1 nodad',
  `route add ${TO} dev eth0 metric 100`,
  `route add unreachable ${TO} metric 200`,
  `route add ${TO} dev eth1 src 2001:db8::1 metric 300`,
  `route add ${TO} via 2001:db8::2 metric 400 protocol static`,
  `route append prohibit ${TO} metric 400`,
  `route add ${TO} dev eth0 metric 100 table 77`,
  `route add blackhole ${TO} metric 200 table 77`,
  'route add default dev eth0 metric 100',
  'route add unreachable default metric 200',
]

/** What goes of an IPv6 route's table, and null where there is no such route. */
const DELETIONS: [RouteInput, string | null][] = [
  [{ to: TO, type: 'unreachable' }, 'unreachable 200'],
  [{ to: TO, type: 'prohibit' }, 'prohibit 400'],
  [{ to: TO, src: '2001:db8:0::1' }, 'unicast 300'],
  [{ to: TO, type: 'unicast', via: '2001:db8::2' }, 'unicast 400'],
  [{ to: TO, type: 'unicast', protocol: 'static' }, 'unicast 400'],
  [{ to: TO, type: 'unicast', dev: 'eth1' }, 'unicast 300'],
  [{ to: TO, type: 'unicast' }, 'unicast 100'],
  [{ to: TO }, 'unicast 100'],
  [{ to: TO, type: 'blackhole' }, null],
  [{ to: TO, src: '2001:db8::7' }, null],
  [{ to: TO, type: 'blackhole', table: 77 }, 'blackhole 200'],
  [{ to: 'default', family: 'ipv6', type: 'unreachable' }, 'unreachable 200'],
]

const TO4 = '198.51.100.0/24'
const TWO6 = 'nexthop via 2001:db8::2 weight 2 nexthop via 2001:db8::3'

/** A route as ip adds it, one of the same destination before it, what tells it and what would tell another. */
const UNCOMPARED: { added: string; other?: string; given: Partial<RouteInput>; kept: RouteInput }[] = [
  {
    added: 'via 192.0.2.2 realm 1/2',
    other: 'via 192.0.2.3 realm 3/4',
    given: { realms: { from: 1, to: 2 } },
    kept: { to: TO4, realms: { from: 3, to: 4 } },
  },
  {
    added: 'via 192.0.2.2 dev eth0 onlink',
    other: 'via 192.0.2.3',
    given: { onlink: true },
    kept: { to: TO4, onlink: true, via: '192.0.2.3' },
  },
  {
    added: 'nexthop via 192.0.2.2 weight 2 nexthop via 192.0.2.3',
    given: { nexthops: [{ via: '192.0.2.2', weight: 2 }, { via: '192.0.2.3' }] },
    kept: { to: TO4, nexthops: [{ via: '192.0.2.2', weight: 9 }, { via: '192.0.2.3' }] },
  },
  { added: 'via 192.0.2.2 dev eth0', given: { via: '192.0.2.2' }, kept: { to: TO4, onlink: true } },
  {
    added: 'via 2001:db8::2 metric 5 pref high',
    other: 'via 2001:db8::3 metric 4',
    given: { preference: 'high' },
    kept: { to: TO, preference: 'low' },
  },
  { added: 'dev eth0', given: { preference: 'medium' }, kept: { to: TO, preference: 'low' } },
  {
    added: 'dev eth0 metric 5 mtu 1400 rtt 100ms',
    other: 'dev eth0 metric 4 mtu 1300',
    given: { metrics: { mtu: 1400, rtt: 100 } },
    kept: { to: TO, metrics: { mtu: 1300 } },
  },
  {
    added: 'via 2001:db8::2 dev eth0 onlink metric 5',
    other: 'via 2001:db8::3 metric 4',
    given: { onlink: true },
    kept: { to: TO, onlink: true, via: '2001:db8::3' },
  },
  { added: 'dev eth0', given: { dev: 'eth0' }, kept: { to: TO, from: '2001:db8:1::/48' } },
  {
    added: TWO6,
    given: { nexthops: [{ via: '2001:DB8::2', weight: 2 }, { via: '2001:db8::3' }] },
    kept: { to: TO, nexthops: [{ via: '2001:db8::2', weight: 9 }] },
  },
]

describe.each(FACES)('deleteRoute, $face', ({ nl }) => {
  it('deletes the IPv6 route that has everything that is given, also what the kernel does not compare', () =>
    withVeth(async (netns) => {
      for (const dev of ['eth0', 'eth1']) ip(`link set ${dev} addrgenmode none`, netns)
      for (const command of GIVEN) ip(`-6 ${command}`, netns)
      for (const [route, gone] of DELETIONS) {
        const shown = () =>
          ipJson(`-6 route show ${route.to} table ${route.table ?? 'main'}`, netns).map(
            ({ type = 'unicast', metric }) => `${type} ${metric}`,
          )
        const before = shown()
        if (gone === null)
          expect(await failure(() => nl.deleteRoute({ ...route, netns }))).toMatchObject({
            code: 'ESRCH',
            operation: 'RTM_DELROUTE',
            subject: `route to ${route.to}`,
            advice: 'there is no such route in that table',
          })
        else await nl.deleteRoute({ ...route, netns })
        expect(shown(), JSON.stringify(route)).toEqual(before.filter((line) => line !== gone))
        ip('-6 route flush table all protocol boot', netns)
        ip('-6 route flush table all protocol static', netns)
        for (const command of GIVEN.slice(1)) ip(`-6 ${command}`, netns)
      }
    }))

  it.each(UNCOMPARED)(
    'deletes by what the kernel does not compare: $given',
    ({ added, other, given, kept }) =>
      withVeth(async (netns) => {
        ip('address add 192.0.2.1/24 dev eth0', netns)
        ip('address add 2001:db8::1/64 dev eth0 nodad', netns)
        const to = kept.to
        const family = to.includes(':') ? '-6' : '-4'
        const shown = () => ipJson(`${family} route show ${to}`, netns).length
        ip(`${family} route add ${to} ${added}`, netns)
        const refused = await failure(() => nl.deleteRoute({ ...kept, netns }))
        expect(refused).toMatchObject({ code: 'ESRCH', operation: 'RTM_DELROUTE' })
        expect(shown()).toBe(1)
        if (other !== undefined) ip(`${family} route prepend ${to} ${other}`, netns)
        await nl.deleteRoute({ to, ...given, netns })
        expect(shown()).toBe(other === undefined ? 0 : 1)
        if (other !== undefined) await nl.deleteRoute({ to, netns })
        ip(`${family} route add ${to} ${added}`, netns)
        const [listed] = await nl.listRoutes({ to, netns })
        await nl.deleteRoute({ ...listed!, netns })
        expect(shown()).toBe(0)
      }),
  )
})
