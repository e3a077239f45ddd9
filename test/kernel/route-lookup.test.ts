/** What the kernel answers to getRoute(). */

import { describe, expect, it } from 'vitest'
import type { CallOptions, GetRouteOptions } from '../../src/index.js'
import { asPrinted } from './read-back.js'
import { oracleOf, VIA, withNetwork, withRoutes } from './route-oracle.js'
import { FACES, ip, ipJson, type Printed } from './support.js'

describe.each(FACES)('routes, $face', ({ nl }) => {
  it.each([
    ['10.1.2.3', {}, '10.1.2.3 tos 0'],
    ['10.1.2.3', { tos: 0x10 }, '10.1.2.3 tos 0x10'],
    ['10.4.0.1', {}, '10.4.0.1'],
    ['8.8.8.8', { from: '192.0.3.1' }, '8.8.8.8 from 192.0.3.1'],
    ['8.8.8.8', { oif: 'eth0', mark: 5, uid: 1000 }, '8.8.8.8 oif eth0 mark 5 uid 1000'],
    ['8.8.8.8', { ipProtocol: 'udp', sport: 1024, dport: 53 }, '8.8.8.8 ipproto udp sport 1024 dport 53'],
    ['10.2.3.4', { fibmatch: true }, 'fibmatch 10.2.3.4'],
    ['10.7.0.1', { fibmatch: true }, 'fibmatch 10.7.0.1'],
    ['192.0.2.1', {}, '192.0.2.1'],
    ['2001:db8:1::5', {}, '2001:db8:1::5'],
    ['2001:db8:3::5', { fibmatch: true }, 'fibmatch 2001:db8:3::5'],
    ['2001:db8::5', { oif: 'eth0' }, '2001:db8::5 oif eth0'],
  ] as [string, Omit<GetRouteOptions, keyof CallOptions>, string][])(
    'getRoute(%j, %j) is what ip route get %s tells',
    (to, options, command) =>
      withRoutes(async (netns) => {
        const { iif, mark, uid, ...route } = await nl.getRoute(to, { ...options, netns })
        const [told] = ipJson(`route get ${command}`, netns)
        const { cache, nh_info, ...rest } = told!
        // ip shows neither protocol nor scope of an IPv4 route made for one lookup.
        const ours: Printed = {
          ...asPrinted(oracleOf(route.family), route),
          ...(mark ? { mark } : {}),
          ...(uid === null ? {} : { uid }),
        }
        const { flags, ...fields } = ours
        for (const name of ['protocol', 'scope', 'table']) if (!(name in rest)) delete fields[name]
        expect({ ...fields, flags: [] }).toEqual(rest)
        expect(flags.includes('cloned')).toBe(cache !== undefined)
        expect(flags.includes('local')).toBe((cache as string[] | undefined)?.includes('local') ?? false)
      }),
  )

  it('tells by which interface a packet comes in', () =>
    withRoutes(async (netns) => {
      const route = await nl.getRoute('192.0.2.1', { from: '192.0.2.9', iif: 'eth0', netns })
      expect(route).toMatchObject({ iif: 10, type: 'local', dev: 'lo', from: '192.0.2.9' })
    }))

  it('looks with the source address that a connected socket gets', () =>
    withNetwork(async (netns) => {
      await nl.addRoute({ to: 'default', via: VIA, netns })
      await nl.addRoute({ to: 'default', via: '192.0.2.253', table: 100, netns })
      ip('rule add from 192.0.2.1 lookup 100', netns)
      const { src, via } = await nl.getRoute('8.8.8.8', { netns })
      expect({ src, via }).toEqual({ src: '192.0.2.1', via: VIA })
      const connected = await nl.getRoute('8.8.8.8', { connected: true, netns })
      const [told] = ipJson('route get 8.8.8.8 from 192.0.2.1', netns)
      expect(connected).toMatchObject({ via: told!['gateway'], table: 100, from: '192.0.2.1' })
      expect(connected.via).toBe('192.0.2.253')
      // A source that is given is the one that counts.
      const given = { connected: true, from: '192.0.3.1', netns }
      const alone = await nl.getRoute('8.8.8.8', { from: '192.0.3.1', netns })
      expect(await nl.getRoute('8.8.8.8', given)).toEqual({ ...alone, cacheinfo: expect.anything() })
    }))

  it('asks to be told of changes', () =>
    withRoutes(async (netns) => {
      // First, as the kernel keeps it with what a processor remembers of the destination.
      expect((await nl.getRoute('10.1.2.3', { netns })).flags).not.toContain('cache-notify')
      expect((await nl.getRoute('10.1.2.3', { notify: true, netns })).flags).toContain('cache-notify')
      const [told] = ipJson('route get 10.1.2.3 notify', netns)
      expect(told!['cache']).toContain('notify')
    }))
})
