/** Routes by VRF; routes of tables are those of route.test.ts. */

import { describe, expect, it } from 'vitest'
import { expectRefused, noKind } from './needs.js'
import { execIn, FACES, hasKind, ip, ipJson, withVeth } from './support.js'

const ROUTE = { to: '10.9.0.0/16', via: '192.0.2.9' } as const

describe.each(FACES)('routes of a VRF ($face)', ({ nl }) => {
  it('cannot be had of what is none', () =>
    withVeth(async (netns) => {
      const none = { code: 'ENODEV', advice: 'found by looking: the interface is there, but is no VRF' }
      for (const call of [
        () => nl.listRoutes({ vrf: 'eth0', netns }),
        () => nl.flushRoutes({ vrf: 10, netns }),
        () => nl.addRoute({ ...ROUTE, vrf: 'eth0', netns }),
        () => nl.deleteRoute({ ...ROUTE, vrf: 'eth0', netns }),
      ])
        await expectRefused(call, none)
      await expectRefused(() => nl.listRoutes({ vrf: 'red', netns }), {
        code: 'ENODEV',
        advice: 'no such interface',
      })
    }))

  if (!hasKind('vrf'))
    it('are none where the kernel has no VRF', () =>
      withVeth((netns) =>
        expectRefused(() => nl.createLink({ name: 'red', kind: 'vrf', table: 100, netns }), noKind('vrf')),
      ))
  else
    it('are those that ip shows, added, listed, looked up, deleted and flushed', () =>
      withVeth(async (netns) => {
        ip('link add red up type vrf table 100', netns)
        ip('link set eth0 master red', netns)
        ip('address add 192.0.2.1/24 dev eth0', netns)
        const printed = () => ipJson('-4 route show vrf red', netns).map(({ dst }) => dst)
        const listed = async () =>
          (await nl.listRoutes({ vrf: 'red', family: 'ipv4', netns })).map(({ to }) => to)
        await nl.addRoute({ ...ROUTE, vrf: 'red', netns })
        expect(printed()).toContain(ROUTE.to)
        expect(await listed()).toEqual(printed())
        expect(await nl.getRoute('10.9.0.1', { oif: 'red', netns })).toMatchObject({
          via: ROUTE.via,
          table: 100,
        })
        await nl.deleteRoute({ ...ROUTE, vrf: 'red', netns })
        expect(await listed()).not.toContain(ROUTE.to)
        ip(`route add vrf red ${ROUTE.to} via ${ROUTE.via} proto static`, netns)
        expect(await nl.flushRoutes({ vrf: 'red', protocol: 'static', netns })).toBe(1)
        expect(printed()).not.toContain(ROUTE.to)
      }))

  if (hasKind('vrf'))
    it('are changed in each way, and in a batch', () =>
      withVeth(async (netns) => {
        ip('link add red index 20 up type vrf table 100', netns)
        ip('link set eth0 master red', netns)
        ip('address add 192.0.2.1/24 dev eth0', netns)
        const gateways = () =>
          ipJson(`-4 route show vrf red ${ROUTE.to}`, netns).map(({ gateway, metric }) => [gateway, metric])
        const by = (last: number, metric = 5) => ({
          to: ROUTE.to,
          via: `192.0.2.${last}`,
          metric,
          vrf: 20,
          netns,
        })
        await nl.replaceRoute(by(2))
        await nl.changeRoute(by(3))
        expect(gateways()).toEqual([['192.0.2.3', 5]])
        await nl.appendRoute(by(4))
        await nl.prependRoute(by(2))
        expect(gateways()).toEqual([2, 3, 4].map((last) => [`192.0.2.${last}`, 5]))
        const { netns: _, ...inside } = by(6, 6)
        const results = await nl.batch(
          (b) => {
            b.addRoute(inside)
            b.addRoute({ ...inside, metric: 7, vrf: 'eth0' })
            b.addRoute({ ...inside, metric: 8, vrf: 'red' })
            b.deleteRoute(inside)
          },
          { netns },
        )
        expect(results).toMatchObject([
          { status: 'fulfilled' },
          { status: 'rejected', reason: { code: 'ENODEV', subject: "interface 'eth0'" } },
          { status: 'fulfilled' },
          { status: 'fulfilled' },
        ])
        expect(gateways().slice(3)).toEqual([['192.0.2.6', 8]])
        expect(ipJson('-4 route show table main', netns)).toEqual([])
      }))

  if (hasKind('vrf'))
    it('leave a VRF its addresses, as ip does', () =>
      withVeth(async (netns) => {
        ip('link add red index 20 up type vrf table 100', netns)
        ip('link set eth0 master red', netns)
        const table = () => ipJson('-4 route show table 100', netns)
        const left: unknown[] = []
        for (const flush of [
          () => ip('-4 route flush vrf red', netns),
          () => nl.flushRoutes({ vrf: 'red', netns }),
          () => nl.flushRoutes({ vrf: 20, family: 'ipv4', netns }),
        ]) {
          ip('address flush dev eth0', netns)
          ip('address add 192.0.2.1/24 broadcast 192.0.2.255 dev eth0', netns)
          ip(`route add vrf red ${ROUTE.to} via ${ROUTE.via}`, netns)
          await flush()
          left.push(table())
          // -I: `ip vrf exec` takes BPF and a file system of cgroups.
          execIn(netns, 'ping', '-c', '1', '-W', '5', '-I', 'red', '192.0.2.1')
        }
        expect(left[0]).toMatchObject([
          { type: 'local', dst: '192.0.2.1' },
          { type: 'broadcast', dst: '192.0.2.255' },
        ])
        expect(left.slice(1)).toEqual([left[0], left[0]])
        expect(await nl.listRoutes({ vrf: 'red', family: 'ipv4', netns })).toEqual([])
        expect((await nl.listRoutes({ vrf: 'red', type: 'local', netns })).map(({ to }) => to)).toContain(
          '192.0.2.1',
        )
        await nl.flushRoutes({ vrf: 'red', type: 'local', family: 'ipv4', netns })
        expect(table().map(({ type }) => type)).toEqual(['broadcast'])
      }))
})
