/** Neighbours of an interface that has no link-layer addresses. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { NeighbourInput, NeighbourState } from '../../src/index.js'
import { hasTun } from './needs.js'
import { FACES, ip, ipJson, withNetns, withVeth } from './support.js'
import { thrown } from './thrown.js'

const has = hasTun()
beforeEach((context) => context.skip(!has, 'cannot be installed: /dev/net/tun is not there for this user'))

const STATES: NeighbourState[] = ['permanent', 'noarp', 'reachable', 'stale']
const to = (at: number) => `2001:db8::${at + 1}`

/** ip reads an address of no bytes as one of whatever follows it. */
const printed = (netns: string, dev: string) =>
  ipJson(`-6 neighbour show nud all dev ${dev}`, netns)
    .map(({ dst, state }) => `${dst} ${state}`)
    .filter((one) => !one.startsWith('ff02::'))
    .sort()

async function withTun(work: (netns: string) => Promise<void>): Promise<void> {
  await withNetns(async (netns) => {
    ip('tuntap add tun0 mode tun', netns)
    await work(netns)
  })
}

describe.each(FACES)('neighbours without link-layer addresses, $face', ({ nl }) => {
  it('are added in every state, as ip adds them', () =>
    withTun((netns) =>
      withTun(async (other) => {
        for (const [at, state] of STATES.entries()) {
          await nl.addNeighbour({ to: to(at), dev: 'tun0', state, netns })
          ip(`neighbour add ${to(at)} dev tun0 nud ${state}`, other)
        }
        expect(printed(netns, 'tun0')).toHaveLength(STATES.length)
        expect(printed(netns, 'tun0')).toEqual(printed(other, 'tun0'))
        await expect(async () =>
          nl.addNeighbour({ to: to(0), dev: 'tun0', state: 'noarp', netns }),
        ).rejects.toMatchObject({ code: 'EEXIST' })
      }),
    ))

  it('are added again as they were listed, in a batch too', () =>
    withTun(async (netns) => {
      for (const [at, state] of STATES.entries()) ip(`neighbour add ${to(at)} dev tun0 nud ${state}`, netns)
      const before = printed(netns, 'tun0')
      const listed = (await nl.listNeighbours({ family: 'ipv6', dev: 'tun0', netns })).filter(
        ({ to }) => !to.startsWith('ff02::'),
      )
      expect(listed.map(({ mac }) => mac)).toEqual(STATES.map(() => null))
      const [first, ...others] = listed
      for (const one of listed) await nl.deleteNeighbour({ ...one, netns })
      expect(printed(netns, 'tun0')).toEqual([])
      await nl.addNeighbour({ ...first!, netns })
      const results = await nl.batch((b) => others.forEach((one) => void b.addNeighbour(one)), { netns })
      expect(results.map(({ status }) => status)).toEqual(others.map(() => 'fulfilled'))
      expect(printed(netns, 'tun0')).toEqual(before)
    }))

  it('are refused on an interface that has them, and leave nothing behind', () =>
    withVeth(async (netns) => {
      const input: NeighbourInput = { to: '2001:db8::1', dev: 'eth0', state: 'permanent' }
      const error = await thrown(() => nl.addNeighbour({ ...input, netns }))
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toBe("mac: state 'permanent' needs one on interface 'eth0'")
      const [result] = await nl.batch((b) => b.addNeighbour(input), { netns })
      expect(result).toMatchObject({ status: 'rejected', reason: { message: (error as Error).message } })
      expect(printed(netns, 'eth0')).toEqual([])
      for (const dev of ['nope', 99])
        expect(await thrown(() => nl.addNeighbour({ ...input, dev, netns }))).toMatchObject({
          code: 'ENODEV',
        })
    }))
})
