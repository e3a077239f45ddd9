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
})
