import { describe, expect, it } from 'vitest'
import { ipBatch } from './ip-batch.js'
import { spawnSync } from './programs.js'
import { FACES, ip, ipJson, sysctl, untilReady, withNetns, withoutDad } from './support.js'

const CASES = [
  { family: 'ipv4', to: '10.0.1.1', via: '10.0.0.2', from: '10.0.0.1', flag: '-4' },
  { family: 'ipv6', to: '2001:db8:1::1', via: '2001:db8::2', from: '2001:db8::1', flag: '-6' },
] as const

/** A namespace that has learned the MTU of a path behind a router, 1300. */
function withLearned<T>(work: (netns: string) => Promise<T>): Promise<T> {
  return withNetns((netns) =>
    withNetns(async (router) => {
      withoutDad(netns, router)
      sysctl(router, 'net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1')
      ip(`link add eth0 netns ${netns} type veth peer name eth0 netns ${router}`)
      ip('link add far0 mtu 1300 type veth peer name far1', router)
      ipBatch(
        [
          ...['link set eth0 up', 'link set far0 up', 'link set far1 up'],
          ...['address add 10.0.0.2/24 dev eth0', 'address add 10.0.1.2/24 dev far0'],
          ...['address add 2001:db8::2/64 dev eth0 nodad', 'address add 2001:db8:1::2/64 dev far0 nodad'],
        ],
        router,
      )
      ipBatch(
        [
          ...['link set eth0 up', 'address add 10.0.0.1/24 dev eth0', 'route add default via 10.0.0.2'],
          ...['address add 2001:db8::1/64 dev eth0 nodad', 'route add default via 2001:db8::2'],
        ],
        netns,
      )
      await untilReady('eth0', netns)
      await untilReady('far0', router)
      for (const { to, family } of CASES) {
        const path = family === 'ipv4' ? ['-M', 'do'] : ['-6']
        const ping = ['netns', 'exec', netns, 'ping', ...path, '-c1', '-W5', '-s1400', to]
        const { stdout } = spawnSync('ip', ping)
        expect(stdout).toMatch(/mtu ?= ?1300/)
      }
      return await work(netns)
    }),
  )
}

describe.each(FACES)('what the kernel has learned of destinations, $face', ({ nl }) => {
  it('is listed as ip route show cache does, and apart from the tables', () =>
    withLearned(async (netns) => {
      for (const { family, to, via, flag } of CASES) {
        // The kernel tells of an IPv4 exception only once something uses it.
        const chosen = await nl.getRoute(to, { netns })
        expect(chosen).toMatchObject({ via, metrics: { mtu: 1300 } })
        const listed = await nl.listRoutes({ cache: true, family, netns })
        expect(listed).toMatchObject([
          { family, to, via, dev: 'eth0', table: 254, metrics: { mtu: 1300 }, flags: ['cloned'] },
        ])
        const told = ipJson(`${flag} route show cache`, netns)
        expect(told).toMatchObject([{ dst: to, gateway: via, dev: 'eth0', metrics: [{ mtu: 1300 }] }])
        expect(Math.abs(listed[0]!.expires! - told[0]!['expires'])).toBeLessThan(5)
        // Who holds it changes all the time; ip leaves out what is 0, and parts of a second.
        const toldByIp = () => ({ used: 0, age: 0, error: 0, ...ipJson(`-s route get ${to}`, netns)[0]! })
        const [before, { cacheinfo }, after] = [toldByIp(), await nl.getRoute(to, { netns }), toldByIp()]
        const { users, used, lastUsed, error } = cacheinfo!
        expect(users).toBeGreaterThan(0)
        expect(error).toBe(before.error)
        for (const [told, least, most] of [
          [used, before.used, after.used],
          [Math.floor(lastUsed), before.age, after.age],
        ] as const) {
          expect(told).toBeGreaterThanOrEqual(least)
          expect(told).toBeLessThanOrEqual(most)
        }
        const routes = await nl.listRoutes({ cache: false, family, netns })
        expect(routes).toEqual(await nl.listRoutes({ family, netns }))
        expect(routes.map((route) => route.to)).not.toContain(to)
        expect(await nl.listRoutes({ cache: true, family, within: via, netns })).toEqual([])
      }
    }))

  it('is forgotten: of IPv6 one by one, of IPv4 all at once', () =>
    withLearned(async (netns) => {
      const [v4, v6] = CASES
      const isLearned = async (to: string) => (await nl.getRoute(to, { netns })).metrics?.mtu === 1300
      const [learned] = await nl.listRoutes({ cache: true, family: 'ipv6', netns })
      await nl.deleteRoute({ ...learned!, netns })
      expect([await isLearned(v4.to), await isLearned(v6.to)]).toEqual([true, false])
      expect(ipJson('-6 route show default', netns)).toHaveLength(1)
      await nl.setSysctl('net.ipv4.route.flush', 1, { netns })
      expect(await isLearned(v4.to)).toBe(false)
    }))

  it('is flushed as ip route flush cache does', () =>
    withLearned(async (netns) => {
      const routes = await nl.listRoutes({ family: 'ipv6', netns })
      expect(await nl.flushRoutes({ cache: true, family: 'ipv6', netns })).toBe(1)
      expect(ipJson('-6 route show cache', netns)).toEqual([])
      expect(await nl.listRoutes({ family: 'ipv6', netns })).toEqual(routes)
    }))
})
