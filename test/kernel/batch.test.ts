/** Batches on the real kernel: the twins of test/fake/batch.test.ts and of what test/fake/channel.test.ts says of them. */

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import { printedLink } from './link-oracle.js'
import { FACES, ip, ipJson, type Printed, withVeth } from './support.js'

const COUNT = 150
const address = (i: number) => `10.0.${i >> 8}.${i & 255}`
const numberOf = (local: string) => {
  const [, , high, low] = local.split('.').map(Number)
  return high! * 256 + low!
}
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

interface Recorder {
  addAddress(dev: string, to: string): void
}
const adding = (count: number) => (b: Recorder) => {
  for (let i = 0; i < count; i++) b.addAddress('eth0', `${address(i)}/32`)
}

/** Which of the addresses the kernel has, in the order in which it got them. */
function held(netns: string): number[] {
  const [link] = ipJson('-4 address show dev eth0', netns) as [{ addr_info: { local: string }[] }?]
  return (link?.addr_info ?? []).map(({ local }) => numberOf(local))
}

describe.each(FACES)('batch() ($face)', ({ nl }) => {
  const statuses = (results: readonly { status: string }[]) => results.map(({ status }) => status)

  it('is recorded while the function runs, and not later', () =>
    withVeth(async (netns) => {
      let kept: Recorder | undefined
      const keep = (b: Recorder) => {
        kept = b
      }
      await nl.batch(keep, { netns })
      expect(() => kept!.addAddress('eth0', '10.0.0.1/32')).toThrow(
        new TypeError('batch: addAddress() comes after the batch has left'),
      )
      await expect(async () =>
        nl.batch(async (b) => b.addAddress('eth0', '10.0.0.1/32'), { netns }),
      ).rejects.toThrow(
        new TypeError('batch: the function must make its calls at once; it returned a promise'),
      )
      expect(held(netns)).toEqual([])
    }))

  // 64 leave in one send.
  it.each<[string, number, number[]]>([
    ['no error', COUNT, []],
    ['an error at the start', COUNT, [0]],
    ['an error in the middle', COUNT, [70]],
    ['an error at the end', COUNT, [COUNT - 1]],
    ['errors on both sides of a send', COUNT, [63, 64, 127, 128]],
    ['all errors', COUNT, range(COUNT)],
    ['one, which fails', 1, [0]],
    ['one, which succeeds', 1, []],
    ['none at all', 0, []],
  ])('%s: each call gets its own answer', (_, count, refused) =>
    withVeth(async (netns) => {
      for (const i of refused) ip(`address add ${address(i)}/32 dev eth0`, netns)
      const results = await nl.batch(adding(count), { netns })
      expect(statuses(results)).toEqual(
        range(count).map((i) => (refused.includes(i) ? 'rejected' : 'fulfilled')),
      )
      for (const i of refused)
        expect(results[i]).toMatchObject({
          // Linux 6.1 has no words of its own for it.
          reason: { code: 'EEXIST', subject: expect.stringContaining(`${address(i)}/32`) },
        })
      expect(held(netns).sort((a, b) => a - b)).toEqual(range(count))
    }),
  )

  it('with stopOnError nothing is done after the first that fails', () =>
    withVeth(async (netns) => {
      ip(`address add ${address(2)}/32 dev eth0`, netns)
      const results = await nl.batch(adding(5), { stopOnError: true, netns })
      expect(statuses(results)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'skipped', 'skipped'])
      expect(held(netns)).toEqual([2, 0, 1])
    }))

  it('a dump between two batches, and after one that failed', () =>
    withVeth(async (netns) => {
      ip(`address add ${address(0)}/32 dev eth0`, netns)
      for (let i = 0; i < 2; i++) {
        expect(await nl.batch(adding(1), { netns })).toMatchObject([{ reason: { code: 'EEXIST' } }])
        expect(await nl.listAddresses({ family: 'ipv4', dev: 'eth0', netns })).toHaveLength(1)
      }
    }))

  it('10,000 calls, one of which fails', () =>
    withVeth(async (netns) => {
      const to = (i: number) => `20.0.${i >> 8}.${i & 255}/32`
      ip(`route add ${to(1234)} dev eth0`, netns)
      const results = await nl.batch(
        (b) => {
          for (let i = 0; i < 10_000; i++) b.addRoute({ to: to(i), dev: 'eth0' })
        },
        { netns },
      )
      expect(results.flatMap(({ status }, i) => (status === 'fulfilled' ? [] : [i]))).toEqual([1234])
      expect(ipJson('route show dev eth0', netns)).toHaveLength(10_000)
    }))

  it('takes a call that changes nothing for done', () =>
    withVeth(async (netns) => {
      const results = await nl.batch((b) => b.setLink('eth0', {}), { netns })
      expect(results).toEqual([{ status: 'fulfilled', value: undefined }])
    }))

  it('looks a long name up when what stands before it has been done', () =>
    withVeth(async (netns) => {
      const long = 'a-name-of-more-than-fifteen-bytes'
      const results = await nl.batch(
        (b) => {
          b.setLink('eth0', { addAltNames: [long] })
          b.addAddress(long, `${address(1)}/32`)
          b.addAddress('eth0', `${address(2)}/32`)
        },
        { netns },
      )
      expect(statuses(results)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
      expect(held(netns)).toEqual([1, 2])
    }))

  it.each([
    { how: 'name', first: { name: 'was' }, second: { name: 'eth0' } },
    { how: 'name with more', first: { name: 'was', addAltNames: ['more'] }, second: { name: 'eth0' } },
    { how: 'alternative name', first: { removeAltNames: ['alt'] }, second: { addAltNames: ['alt'] } },
  ])('takes a name for that of the interface that has it by then: $how', ({ first, second }) =>
    withVeth(async (netns) => {
      ip('link property add dev eth0 altname alt', netns)
      // One that is up has no other name before Linux 6.2.
      for (const dev of ['eth0', 'eth1']) ip(`link set ${dev} down`, netns)
      const moving = 'name' in second ? 'eth0' : 'alt'
      const results = await nl.batch(
        (b) => {
          b.addAddress(moving, `${address(1)}/32`)
          b.setLink('eth0', first)
          b.addAddress(moving, `${address(2)}/32`)
          b.setLink('eth1', second)
          b.addAddress(moving, `${address(3)}/32`)
        },
        { netns },
      )
      expect(statuses(results)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
      expect(results[2]).toMatchObject({ reason: { code: 'ENODEV' } })
      const heldBy = (ifindex: number) =>
        ipJson('-4 address', netns)
          .filter((link) => link['ifindex'] === ifindex)
          .flatMap(({ addr_info }) => (addr_info as Printed[]).map(({ local }) => local as string))
      expect([heldBy(10), heldBy(11)]).toEqual([[address(1)], [address(3)]])
    }),
  )

  it('carries out a call of two requests, and gives its second error', () =>
    withVeth(async (netns) => {
      ip('link property add dev eth1 altname other', netns)
      const results = await nl.batch(
        (b) => {
          b.setLink('eth0', { mtu: 1400, addAltNames: ['other'] })
          b.setLink('eth1', { mtu: 1300 })
        },
        { netns },
      )
      expect(results).toMatchObject([
        { status: 'rejected', reason: { code: 'EEXIST', operation: 'RTM_NEWLINKPROP' } },
        { status: 'fulfilled' },
      ])
      expect(['eth0', 'eth1'].map((name) => printedLink(name, netns)['mtu'])).toEqual([1400, 1300])
    }))

  it('leaves a namespace named in a call to that call', () =>
    withVeth(async (netns) => {
      const { signal } = new AbortController()
      const results = await nl.batch(
        (b) => {
          b.addAddress('eth0', `${address(1)}/32`, { netns: netns as never })
          b.addAddress('eth0', `${address(2)}/32`)
          b.addRoute({ to: '198.51.100.0/24', dev: 'eth0', signal: signal as never })
        },
        { netns },
      )
      const said = (option: string) => ({
        status: 'rejected',
        reason: { message: `${option}: say it once, in the options of the batch` },
      })
      expect(results).toMatchObject([said('netns'), { status: 'fulfilled' }, said('signal')])
      expect(held(netns)).toEqual([2])
      expect(ipJson('route show 198.51.100.0/24', netns)).toEqual([])
    }))

  it('gives what a call gives', () =>
    withVeth(async (netns) => {
      const results = await nl.batch((b) => b.addNexthop({ id: 7, family: 'ipv4', dev: 'eth0' }), { netns })
      expect(results).toEqual([{ status: 'fulfilled', value: 7 }])
      expect(ipJson('nexthop show', netns)).toMatchObject([{ id: 7, dev: 'eth0' }])
    }))
})

it('a dump that is asked for between two batches, none of which has ended', () =>
  withVeth(async (netns) => {
    const to = (first: number) => (b: { addRoute(route: { to: string; dev: string }): void }) => {
      for (let i = first; i < first + 300; i++)
        b.addRoute({ to: `20.0.${i >> 8}.${i & 255}/32`, dev: 'eth0' })
    }
    const [first, listed, second] = await Promise.all([
      promises.batch(to(0), { netns }),
      promises.listAddresses({ family: 'ipv4', netns }),
      promises.batch(to(300), { netns }),
    ])
    expect([...first, ...second].map(({ status }) => status)).toEqual(Array(600).fill('fulfilled'))
    expect(listed).toHaveLength(ipJson('-4 address show', netns).flatMap(({ addr_info }) => addr_info).length)
    expect(ipJson('route show dev eth0', netns)).toHaveLength(600)
  }))

it('an abort in a batch: what was sent is done, the rest is not sent, and the socket goes on', () =>
  withVeth(async (netns) => {
    await using handle = await promises.openNetns(netns)
    const reason = new Error('enough')
    let aborted = 0
    for (let round = 0; round < 12; round++) {
      const controller = new AbortController()
      const call = handle.batch(adding(1000), { signal: controller.signal })
      for (let i = 0; i < round; i++) await turn()
      controller.abort(reason)
      const [outcome] = await Promise.allSettled([call])
      if (outcome.status === 'rejected') {
        aborted++
        expect(outcome.reason).toBe(reason)
      }
      // Sends are done or not, each as a whole and in order. The answer to this one comes behind one that is under way.
      await handle.getLink('eth0')
      const done = held(netns)
      expect(done).toEqual(range(done.length))
      expect(done.length === 1000 || done.length % 64 === 0).toBe(true)
      await handle.flushAddresses({ dev: 'eth0', family: 'ipv4' })
    }
    expect(aborted).toBeGreaterThan(0)
    expect(await handle.batch((b) => b.addAddress('eth0', '10.0.0.1/32'))).toMatchObject([
      { status: 'fulfilled' },
    ])
  }))
