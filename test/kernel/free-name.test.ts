/** Names with a number that is left open ('br%d'): the same number as the kernel chooses for ip, and told. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { namesIn } from './link-oracle.js'
import { expectRefused, hasTun, NO_TUN } from './needs.js'
import { FACES, ip, ipJson, withNetns } from './support.js'
import { failure } from './thrown.js'

/** Names with gaps: one is an alternative name, others only begin or end as the pattern does. */
function takeSome(netns: string): void {
  for (const name of ['br0', 'br2', 'br03', 'br5x', 'x-br4']) ip(`link add ${name} type bridge`, netns)
  ip('link property add dev x-br4 altname br3', netns)
}

const addressesOf = (dev: string, netns: string) =>
  (ipJson(`-4 address show dev ${dev}`, netns)[0]!['addr_info'] as { local: string }[]).map(
    ({ local }) => local,
  )

describe.each(FACES as readonly { face: string; nl: typeof promises }[])('$face', ({ nl }) => {
  it('get the first number that is free, as the kernel chooses it', () =>
    withNetns((twin) =>
      withNetns(async (netns) => {
        for (const where of [netns, twin]) takeSome(where)
        const made: string[] = []
        for (const name of ['br%d', 'br%d', 'br%d', 'br%dx', 'eth%d'])
          made.push((await nl.createBridge({ name, netns })).name)
        for (const name of ['br%d', 'br%d', 'br%d', 'br%dx', 'eth%d'])
          ip(`link add ${name} type bridge`, twin)
        expect(namesIn(netns).sort()).toEqual(namesIn(twin).sort())
        expect(made).toEqual(['br1', 'br4', 'br5', 'br0x', 'eth0'])
      }),
    ))

  it('are those of what the link gets besides, and of what is undone', () =>
    withNetns(async (netns) => {
      ip('link add br0 type bridge', netns)
      const settings = { name: 'br%d', kind: 'bridge', up: true, addresses: ['192.0.2.1/24'], netns } as const
      expect((await nl.createLink({ ...settings, mtu: 1400 })).name).toBe('br1')
      expect(addressesOf('br1', netns)).toEqual(['192.0.2.1'])
      const routes = [{ to: '198.51.100.0/24', via: '203.0.113.9' }]
      expect(await failure(() => nl.createLink({ ...settings, routes }))).toMatchObject({
        code: 'ENETUNREACH',
      })
      expect(namesIn(netns).sort()).toEqual(['br0', 'br1'])
    }))

  it('are two for the ends of a pair, each free where it is', () =>
    withNetns((red) =>
      withNetns(async (netns) => {
        ip('link add veth1 type bridge', netns)
        ip('link add eth0 type bridge', red)
        const near = { name: 'veth%d', netns }
        const pairs = [
          await nl.createVethPair(near, near),
          await nl.createVethPair(near, { name: 'eth%d', netns: red, up: true, addresses: ['192.0.2.1/24'] }),
          await nl.createVethPair({ name: 'veth4' }, { name: 'veth%d' }, { netns }),
          await nl.createVethPair({ name: 'veth%d' }, { name: 'veth6' }, { netns }),
        ]
        expect(pairs.map((pair) => pair.map(({ name }) => name))).toEqual([
          ['veth0', 'veth2'],
          ['veth3', 'eth1'],
          ['veth4', 'veth5'],
          ['veth7', 'veth6'],
        ])
        expect(addressesOf('eth1', red)).toEqual(['192.0.2.1'])
        const links = ipJson('link show', netns)
        expect(links.find(({ ifname }) => ifname === 'veth4')!['link']).toBe('veth5')
        const taken = await failure(() => nl.createVethPair(near, { name: 'eth0', netns: red }))
        expect(taken).toMatchObject({ code: 'EEXIST', advice: expect.stringContaining("'eth0'") })
      }),
    ))

  it('are free where each end is, also with the name that the other one has elsewhere', () =>
    withNetns((red) =>
      withNetns(async (netns) => {
        const [near] = await nl.createVethPair({ name: 'eth%d' }, { name: 'eth0', netns: red }, { netns })
        expect([near.name, namesIn(netns), namesIn(red)]).toEqual(['eth0', ['eth0'], ['eth0']])
        // Two sockets in one namespace.
        const ends = [
          { name: 'a0', netns: red },
          { name: 'a%d', netns: red },
        ] as const
        const pair = await nl.createVethPair(...ends, { netns })
        expect(pair.map(({ name }) => name)).toEqual(['a0', 'a1'])
        expect(namesIn(red).sort()).toEqual(['a0', 'a1', 'eth0'])
      }),
    ))

  it('are refused where the number makes them too long, with what was asked for', () =>
    withNetns(async (netns) => {
      ip('link add br0 type bridge', netns)
      const names = Array.from({ length: 100 }, (_, number) => `altname abcdefghijklm${number}`)
      // ip has a kilobyte for a message.
      for (const some of [names.slice(0, 50), names.slice(50)])
        ip(`link property add dev br0 ${some.join(' ')}`, netns)
      const far = { name: 'abcdefghijklm%d' }
      await expect(async () => nl.createVethPair({ name: 'near' }, far, { netns })).rejects.toThrow(
        "far.name ('abcdefghijklm%d'): 'abcdefghijklm100' has 16 bytes",
      )
      expect(namesIn(netns)).toEqual(['br0'])
    }))

  it('are those of TUN and TAP devices, too', () =>
    withNetns(async (netns) => {
      const make = () => nl.createTuntap({ name: 'tap%d', mode: 'tap', mtu: 1400, netns })
      if (!hasTun()) return await expectRefused(make, NO_TUN)
      expect([(await make()).name, (await make()).name]).toEqual(['tap0', 'tap1'])
      expect(namesIn(netns).sort()).toEqual(['tap0', 'tap1'])
    }))
})

it('differ where several are made at once', () =>
  withNetns(async (netns) => {
    const { nl } = FACES[0] as { nl: typeof promises }
    const made = await Promise.all(
      Array.from({ length: 8 }, () => nl.createVethPair({ name: 'v%d' }, { name: 'w%d' }, { netns })),
    )
    const numbered = (letter: string) => Array.from({ length: 8 }, (_, i) => `${letter}${i}`)
    expect(namesIn(netns).sort()).toEqual([...numbered('v'), ...numbered('w')])
    expect(made.map(([{ name }]) => name).sort()).toEqual(numbered('v'))
  }))

it('are found at the second try by calls that each have a channel of their own', () =>
  withNetns(async (netns) => {
    const { nl } = FACES[0] as { nl: typeof promises }
    let asked = 0
    const count = (timing: unknown) => {
      asked += Number((timing as { operation: string }).operation === 'RTM_NEWLINK')
    }
    subscribe('netlink-ts:request', count)
    try {
      const made = await Promise.all(
        Array.from({ length: 20 }, () => nl.createBridge({ name: 'b%d', netns })),
      )
      const numbered = Array.from({ length: 20 }, (_, i) => `b${i}`)
      expect(made.map(({ name }) => name).sort()).toEqual(numbered.sort())
    } finally {
      unsubscribe('netlink-ts:request', count)
    }
    expect(asked).toBeGreaterThanOrEqual(20)
    // Some meet again where one has its answer before another one's second try.
    expect(asked).toBeLessThan(80)
  }))
