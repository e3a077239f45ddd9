/** Routes that take the place of others, or go beside them. */

import { describe, expect, it } from 'vitest'
import { VIA, VIA6, withNetwork } from './route-oracle.js'
import { FACES, ipJson, type Printed } from './support.js'

describe.each(FACES)('routes, $face', ({ nl }) => {
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
})
