/** Many verbs at the same time on one handle: each changes what the one before left. */

import { describe, expect, it } from 'vitest'
import { openNetns } from '../../src/index.js'
import { listNat, masquerade, publishPort } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

/** More than a verb is tried again where others change the ruleset. */
const MANY = 120

describe('verbs at once on one handle', () => {
  it('all have their way, in their order', () =>
    withNetns(async (name) => {
      await using netns = await openNetns(name)
      const numbers = Array.from({ length: MANY }, (_, i) => i)
      const target = (i: number) => `192.168.${i >> 7}.${(i & 127) + 1}`
      await Promise.all(
        numbers.flatMap((i) => [
          publishPort({ hostPort: 2000 + i, to: `${target(i)}:80`, dev: 'lo', netns }),
          ...(i < 20 ? [masquerade({ source: `10.${i}.0.0/16`, netns })] : []),
        ]),
      )
      const found = await listNat({ netns })
      expect(found.filter(({ verb }) => verb === 'publishPort')).toHaveLength(MANY)
      expect(found.filter(({ verb }) => verb === 'masquerade')).toHaveLength(20)
      expect(nftIn(name, 'list map inet netlink-ts ports4').match(/tcp \. \d+/g)).toHaveLength(MANY)
    }))

  it('of the same port one makes it, and the last of two names is refused', () =>
    withNetns(async (name) => {
      await using netns = await openNetns(name)
      const port = (own: string) =>
        publishPort({ hostPort: 80, to: '192.168.0.1:80', dev: 'lo', name: own, netns })
      const outcomes = await Promise.allSettled([port('one'), port('one'), port('other')])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
      expect(outcomes[2]).toMatchObject({ reason: { code: 'EEXIST' } })
    }))

  it('one that is given up while it waits makes nothing, and those behind it go on', () =>
    withNetns(async (name) => {
      await using netns = await openNetns(name)
      const controller = new AbortController()
      const reason = new Error('no more')
      const port = (hostPort: number, signal?: AbortSignal) =>
        publishPort({ hostPort, to: '192.168.0.1:80', dev: 'lo', netns, signal })
      const first = port(81)
      const calls = [first, port(82), port(83, controller.signal), port(84)]
      // The second has the turn then.
      first.then(() => controller.abort(reason))
      const outcomes = await Promise.allSettled(calls)
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ])
      expect(outcomes[2]).toMatchObject({ reason })
      const ports = nftIn(name, 'list map inet netlink-ts ports4').match(/(?<=tcp \. )\d+/g)
      expect(ports?.sort()).toEqual(['81', '82', '84'])
    }))

  it('all end where the handle is closed meanwhile', () =>
    withNetns(async (name) => {
      const netns = await openNetns(name)
      const calls = Array.from({ length: 10 }, (_, i) => masquerade({ source: `10.${i}.0.0/16`, netns }))
      await calls[0]
      netns.close()
      const outcomes = await Promise.allSettled(calls)
      const made = (await listNat({ netns: name })).length
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(made)
    }))
})
