/** Why the kernel refuses routes, and what the error says about it. */

import { describe, expect, it } from 'vitest'
import { since } from './needs.js'
import { VIA, withNetwork } from './route-oracle.js'
import { FACES, ip, sysctl } from './support.js'
import { failure } from './thrown.js'

describe.each(FACES)('routes, $face', ({ nl }) => {
  it('tells why the kernel refuses', () =>
    withNetwork(async (netns) => {
      const route = { to: '10.1.0.0/16', via: VIA, netns }
      await nl.addRoute(route)
      expect(await failure(() => nl.addRoute(route))).toMatchObject({
        code: 'EEXIST',
        operation: 'RTM_NEWROUTE',
        subject: 'route to 10.1.0.0/16 via 192.0.2.254',
        advice: expect.stringContaining('replaceRoute'),
      })
      expect(
        await failure(() => nl.addRoute({ to: '10.2.0.0/16', via: '203.0.113.1', netns })),
      ).toMatchObject({
        code: 'ENETUNREACH',
        extack: { message: 'Nexthop has invalid gateway' },
        advice: expect.stringContaining('onlink'),
      })
      expect(
        await failure(() => nl.addRoute({ to: '10.2.0.0/16', via: '2001:db8:9::1', netns })),
      ).toMatchObject({ code: 'EHOSTUNREACH', advice: expect.stringContaining('onlink') })
      expect(await failure(() => nl.addRoute({ to: '10.2.0.0/16', netns }))).toMatchObject({
        code: 'ENODEV',
        advice:
          'the route leads to no interface: give dev or via (an ifindex has to be of this namespace), for IPv6 one that has IPv6 (its MTU is 1280 or more)',
      })
      const from = { to: '10.2.0.0/16', via: VIA, src: '203.0.113.7', netns }
      const refused = {
        code: 'EINVAL',
        extack: { message: 'Invalid prefsrc address' },
        advice: 'src has to be an address of this namespace',
      }
      expect(await failure(() => nl.addRoute(from))).toMatchObject(refused)
      ip('link add v7 type veth peer name v8', netns)
      ip('address add 203.0.113.7/32 dev v7', netns)
      await nl.addRoute(from)
      ip('link delete v7', netns)
      // The kernel's own words are enough.
      expect(
        await failure(() => nl.addRoute({ to: '10.2.0.0/16', via: '192.0.2.1', onlink: true, netns })),
      ).toMatchObject({
        code: 'ENODEV',
        extack: { message: expect.stringContaining('onlink') },
        advice: null,
      })
      expect(await failure(() => nl.addRoute({ to: '10.2.0.0/16', dev: 'eth7', netns }))).toMatchObject({
        code: 'ENODEV',
        advice: expect.stringContaining(`in namespace '${netns}'`),
      })
      expect(await failure(() => nl.deleteRoute({ to: '10.3.0.0/16', netns }))).toMatchObject({
        code: 'ESRCH',
      })
      expect(await failure(() => nl.listRoutes({ dev: 'eth7', netns }))).toMatchObject({ code: 'ENODEV' })
      ip('route add 198.51.100.0/24 via 192.0.2.254', netns)
      const through = { from: '192.0.2.9', iif: 'eth0', netns }
      sysctl(netns, 'net.ipv4.conf.eth0.forwarding=0')
      expect(await failure(() => nl.getRoute('198.51.100.1', through))).toMatchObject({
        code: 'EHOSTUNREACH',
        advice: expect.stringMatching(/^the route or rule .* unreachable, or forwarding is off/),
      })
      sysctl(netns, 'net.ipv4.conf.eth0.forwarding=1')
      expect(await nl.getRoute('198.51.100.1', through)).toMatchObject({ via: '192.0.2.254' })
      expect(await failure(() => nl.getRoute('203.0.113.1', { netns }))).toMatchObject({
        code: 'ENETUNREACH',
        subject: 'route to 203.0.113.1',
      })
      await nl.addRoute({ to: '203.0.113.0/24', type: 'prohibit', netns })
      expect(await failure(() => nl.getRoute('203.0.113.1', { netns }))).toMatchObject({ code: 'EACCES' })
    }))

  it('tells why no packet from an address would be sent or taken', () =>
    withNetwork(async (netns) => {
      const refusal = (to: string, options: object) => failure(() => nl.getRoute(to, { ...options, netns }))
      const NOT_OURS = {
        code: 'ENETUNREACH',
        advice: expect.stringMatching(/^no route leads there, or from is no address of this machine/),
      }
      expect(await refusal(VIA, { from: '198.51.100.9' })).toMatchObject(NOT_OURS)
      expect(await refusal(VIA, { from: '224.0.0.1' })).toMatchObject({
        code: 'EINVAL',
        advice: expect.stringContaining('no packet comes from such an address'),
      })
      // IPv6 sends from any.
      expect(await nl.getRoute('2001:db8::9', { from: '2001:db8:9::9', netns })).toMatchObject({
        dev: 'eth0',
      })

      sysctl(netns, 'net.ipv4.conf.eth0.forwarding=1 net.ipv4.conf.eth0.rp_filter=1')
      const NO_SOURCE = {
        code: 'EINVAL',
        advice: expect.stringMatching(/^no packet comes in by iif from such/),
      }
      for (const from of [undefined, '192.0.2.1', '127.0.0.1'])
        expect(await refusal(VIA, { from, iif: 'eth0' }), from).toMatchObject(NO_SOURCE)
      expect(await refusal(VIA, { from: '198.51.100.9', iif: 'eth0' })).toMatchObject({
        code: since(6, 18) ? 'EINVAL' : expect.stringMatching(/^(EINVAL|EXDEV)$/),
        advice: expect.stringContaining('rp_filter is 1'),
      })
      sysctl(netns, 'net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0')
      const foreign = { from: '198.51.100.9', iif: 'eth0', netns }
      expect(await nl.getRoute(VIA, foreign)).toMatchObject({ dev: 'eth0' })

      await nl.addRoute({ to: '203.0.113.0/24', type: 'blackhole', netns })
      await nl.addRoute({ to: '2001:db8:b::/48', type: 'blackhole', netns })
      const BLACKHOLE = { code: 'EINVAL', advice: 'the route or rule that leads there is of type blackhole' }
      expect(await refusal('203.0.113.1', {})).toMatchObject(BLACKHOLE)
      expect(await refusal('2001:db8:b::1', { from: '2001:db8::1', iif: 'eth0' })).toMatchObject(BLACKHOLE)
      // The kernel's own words are enough.
      expect(await refusal(VIA, { flowlabel: 1 })).toMatchObject({
        code: 'EINVAL',
        extack: { message: expect.any(String) },
        advice: null,
      })
    }))
})
