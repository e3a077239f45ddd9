import { beforeEach, describe, expect, it } from 'vitest'
import { type MplsRouteFilter, streamMplsRoutes } from '../../src/index.js'
import { noteFeature } from './feature.js'
import { expectRefused, hasMpls, NO_MPLS } from './needs.js'
import { spawnSync } from './programs.js'
import { FACES, ip, ipJson, sysctl, withVeth } from './support.js'

const ROUTES = [
  { label: 100, as: [200], via: '10.1.1.2', dev: 'eth0' },
  { label: 101, as: [200, 300], via: '2001:db8::2', dev: 'eth0' },
  { label: 102, via: '02:00:00:00:00:09', dev: 'eth1', protocol: 'static' },
  {
    label: 103,
    nexthops: [
      { as: [200], via: '10.1.1.2', dev: 'eth0' },
      { via: '2001:db8::2', dev: 'eth0' },
    ],
  },
  { label: 104, ttlPropagate: false, via: '10.1.1.2', dev: 'eth0' },
] as const

const has = hasMpls()
beforeEach((context) => noteFeature(context, { group: 'route', name: 'MPLS', lacks: !has }))

/** A namespace whose interfaces take MPLS. */
function withMpls(work: (netns: string) => Promise<void>): Promise<void> {
  return withVeth(async (netns) => {
    for (const setting of ['platform_labels=1000', 'conf.eth0.input=1', 'conf.eth1.input=1'])
      sysctl(netns, `net.mpls.${setting}`)
    ip('address add 10.1.1.1/24 dev eth0', netns)
    ip('address add 2001:db8::1/64 dev eth0 nodad', netns)
    await work(netns)
  })
}

if (!has) {
  describe.each(FACES)('MPLS routes of a kernel without them, $face', ({ nl }) => {
    it('are none, and can be neither made nor deleted', () =>
      withVeth(async (netns) => {
        ip('address add 10.1.1.1/24 dev eth0', netns)
        expect(await nl.listMplsRoutes({ netns })).toEqual([])
        await expectRefused(() => nl.addMplsRoute({ ...ROUTES[0], netns }), NO_MPLS)
        await expectRefused(() => nl.replaceMplsRoute({ ...ROUTES[0], netns }), NO_MPLS)
        await expectRefused(() => nl.changeMplsRoute({ ...ROUTES[0], netns }), NO_MPLS)
        expect(await nl.flushMplsRoutes({ all: true, netns })).toBe(0)
        await expectRefused(() => nl.deleteMplsRoute({ label: 100, netns }), NO_MPLS)
        await expectRefused(() => nl.getMplsRoute(100, { netns }), NO_MPLS)
      }))
  })
} else {
  describe.each(FACES)('MPLS routes, $face', ({ nl }) => {
    it('are made as ip shows them, listed, replaced and deleted', () =>
      withMpls(async (netns) => {
        for (const route of ROUTES) await nl.addMplsRoute({ ...route, netns })
        const printed = ipJson('-f mpls route show', netns)
        expect(printed.map(({ dst }) => dst)).toEqual(['100', '101', '102', '103', '104'])
        expect(printed[0]).toMatchObject({
          to: '200',
          via: { family: 'inet', host: '10.1.1.2' },
          dev: 'eth0',
        })
        const listed = await nl.listMplsRoutes({ netns })
        expect(listed).toMatchObject(ROUTES)
        const streamed = []
        for await (const route of streamMplsRoutes({ netns })) streamed.push(route)
        expect(streamed).toEqual(listed)
        expect((await nl.listMplsRoutes({ dev: 'eth1', netns })).map(({ label }) => label)).toEqual([102])
        const told = (args: string) => ipJson(`-f mpls route get ${args}`, netns)[0]!
        expect(told('101')).toMatchObject({ dst: '101', to: '200/300', dev: 'eth0' })
        expect(await nl.getMplsRoute(101, { netns })).toMatchObject(ROUTES[1])
        const chosen = await nl.getMplsRoute(103, { as: [200], netns })
        expect(ROUTES[3].nexthops.map(({ via }) => via)).toContain(chosen.via)
        expect(chosen).toMatchObject({ dev: 'eth0', nexthops: null, via: told('103 as 200')['via'].host })
        expect(await nl.getMplsRoute(103, { fibmatch: true, netns })).toEqual(listed[3])
        await expectRefused(() => nl.getMplsRoute(105, { netns }), {
          code: 'ENETUNREACH',
          advice: 'no route',
        })
        await nl.replaceMplsRoute({ label: 100, via: '10.1.1.3', dev: 'eth0', netns })
        expect((await nl.listMplsRoutes({ netns }))[0]).toMatchObject({
          label: 100,
          via: '10.1.1.3',
          as: null,
        })
        await expect(async () => nl.addMplsRoute({ ...ROUTES[0], netns })).rejects.toMatchObject({
          code: 'EEXIST',
        })
        await expect(async () => nl.addMplsRoute({ ...ROUTES[0], label: 5000, netns })).rejects.toMatchObject(
          {
            code: 'EINVAL',
            extack: { message: expect.stringContaining('platform_labels') },
            advice: null,
          },
        )
        await expect(async () =>
          nl.addMplsRoute({ label: 105, via: '02:00:00:01', dev: 'eth0', netns }),
        ).rejects.toMatchObject({
          code: 'EINVAL',
          extack: { message: null },
          advice: expect.stringContaining('a link-layer via as long as its addresses'),
        })
        // Without an interface the kernel finds one for an address, and none otherwise.
        await nl.addMplsRoute({ label: 106, via: '10.1.1.2', netns })
        expect(await nl.listMplsRoutes({ label: 106, netns })).toMatchObject([{ dev: 'eth0' }])
        await nl.deleteMplsRoute({ label: 106, netns })
        for (const way of ['', 'via link 02:00:00:00:00:09'])
          expect(
            spawnSync('ip', `-n ${netns} -f mpls route add 107 ${way}`.trim().split(' ')).status,
          ).not.toBe(0)
        for (const route of listed) await nl.deleteMplsRoute({ ...route, netns })
        expect(await nl.listMplsRoutes({ netns })).toEqual([])
        await nl.deleteMplsRoute({ label: 100, netns })
      }))

    it('are changed where they are there, listed and flushed by filters', () =>
      withMpls(async (netns) => {
        const told = (args = '') => ipJson(`-f mpls route show${args}`, netns).map(({ dst }) => Number(dst))
        for (const route of ROUTES) await nl.addMplsRoute({ ...route, netns })
        await nl.changeMplsRoute({ label: 100, via: '10.1.1.3', dev: 'eth0', netns })
        expect(ipJson('-f mpls route show 100', netns)).toMatchObject([{ via: { host: '10.1.1.3' } }])
        await expectRefused(() => nl.changeMplsRoute({ ...ROUTES[0], label: 105, netns }), {
          code: 'ENOENT',
          advice: 'there is no route for this label',
        })
        const labels = async (filter: MplsRouteFilter) =>
          (await nl.listMplsRoutes({ ...filter, netns })).map(({ label }) => label)
        expect(await labels({ label: 103 })).toEqual(told(' 103'))
        expect(await labels({ protocol: 'static' })).toEqual(told(' proto static'))
        expect(await labels({ via: '2001:db8:0::2' })).toEqual([101, 103])
        expect(await labels({ dev: 'eth0', protocol: 'boot' })).toEqual([100, 101, 103, 104])
        expect(await nl.flushMplsRoutes({ protocol: 'static', netns })).toBe(1)
        expect(await nl.flushMplsRoutes({ via: '2001:db8::2', netns })).toBe(2)
        expect(told()).toEqual([100, 104])
        expect(await nl.flushMplsRoutes({ all: true, netns })).toBe(2)
        expect(told()).toEqual([])
      }))

    it('made by ip are read', () =>
      withMpls(async (netns) => {
        ip('-f mpls route add 200 as 300/400 via inet 10.1.1.2 dev eth0', netns)
        expect(await nl.listMplsRoutes({ netns })).toEqual([
          {
            label: 200,
            as: [300, 400],
            via: '10.1.1.2',
            dev: 'eth0',
            ifindex: 10,
            nexthops: null,
            ttlPropagate: null,
            protocol: 'boot',
            flags: [],
          },
        ])
        // Nor are they among other routes.
        expect(
          (await nl.listRoutes({ netns })).every(({ family }) => family === 'ipv4' || family === 'ipv6'),
        ).toBe(true)
      }))
  })
}
