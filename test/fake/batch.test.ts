/** Changes without an acknowledgement of their own: what the last answer says of those before it, in both faces. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { NLM_F_ACK } from '../../src/netlink/constants.js'
import { done, failure, fakeKernel, messages } from '../../src/testing/index.js'
import { FACES, thrown } from './support.js'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const LINKS = { interfaces: { eth0: 2 } }
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`
const numberOf = (local: string) => {
  const [, high, middle, low] = local.split('.').map(Number)
  return (high! << 16) | (middle! << 8) | low!
}

describe.each(FACES)('batch() ($face)', ({ face, nl }) => {
  /** Adds `count` addresses of which some are refused; the status of each. */
  async function run(count: number, refused: readonly number[], options = {}) {
    const kernel = fakeKernel((request) => {
      const { local } = request.decode(messages.RTM_NEWADDR).attributes
      return refused.includes(numberOf(local!))
        ? failure('EEXIST', { message: `exists: ${local}` })
        : undefined
    }, LINKS)
    const results = await nl.batch(
      (b) => {
        for (let i = 0; i < count; i++) b.addAddress('eth0', address(i))
      },
      { netns: kernel, ...options },
    )
    return { kernel, results }
  }

  const range = (count: number) => Array.from({ length: count }, (_, i) => i)
  const cases: [string, number, number[]][] = [
    ['no error', 100, []],
    ['an error at the start', 100, [0]],
    ['an error in the middle', 100, [50]],
    ['an error at the end', 100, [99]],
    ['errors on both sides of a send', 200, [63, 64, 127, 128]],
    ['all errors', 100, range(100)],
    ['one, which fails', 1, [0]],
    ['one, which succeeds', 1, []],
    ['none at all', 0, []],
  ]
  test.each(cases)('%s: each call gets its own answer', async (_, count, refused) => {
    const { kernel, results } = await run(count, refused)
    expect(results.map(({ status }) => status)).toEqual(
      range(count).map((i) => (refused.includes(i) ? 'rejected' : 'fulfilled')),
    )
    for (const i of refused) {
      const local = address(i).replace('/32', '')
      expect(results[i]).toMatchObject({
        reason: { code: 'EEXIST', extack: { message: `exists: ${local}` } },
      })
    }
    expect(kernel.requests).toHaveLength(count)
  })

  test('64 leave in one send, of which the last asks for an acknowledgement', async () => {
    const { kernel } = await run(150, [])
    expect(kernel.requests.map(({ send }) => send)).toEqual(range(150).map((i) => Math.floor(i / 64)))
    const asking = kernel.requests.flatMap(({ flags }, i) => (flags & NLM_F_ACK ? [i] : []))
    expect(asking).toEqual([63, 127, 149])
  })

  test('with stopOnError nothing is sent after the first that fails', async () => {
    const { kernel, results } = await run(5, [2], { stopOnError: true })
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'skipped',
      'skipped',
    ])
    expect(kernel.requests).toHaveLength(3)
  })

  test('what is lost on the way fails all that was under way', async () => {
    const kernel = fakeKernel(() => (kernel.requests.length === 64 ? { error: 'ENOBUFS' } : undefined), LINKS)
    const call = async () =>
      await nl.batch(
        (b) => {
          for (let i = 0; i < 64; i++) b.addAddress('eth0', address(i))
        },
        { netns: kernel },
      )
    const results = await call()
    expect(results.map((result) => (result.status === 'rejected' ? result.reason : null))).toEqual(
      range(64).map(() =>
        expect.objectContaining({
          code: 'ENOBUFS',
          advice: expect.stringContaining('may have carried the request out'),
        }),
      ),
    )
    expect((await call()).every(({ status }) => status === 'fulfilled')).toBe(true)
  })

  test('a dump between two batches, and after one that failed', async () => {
    const kernel = fakeKernel(({ isDump }) => (isDump ? done() : failure('EPERM')), LINKS)
    const record = (b: { addAddress(dev: string, to: string): void }) => b.addAddress('eth0', address(1))
    for (let i = 0; i < 2; i++) {
      expect(await nl.batch(record, { netns: kernel })).toMatchObject([{ reason: { code: 'EPERM' } }])
      expect(await nl.listAddresses({ netns: kernel })).toEqual([])
    }
  })

  test('50,000 calls, one of which fails', async () => {
    let seen = 0
    let sends = 0
    const kernel = fakeKernel(({ send }) => {
      sends = send + 1
      return seen++ === 12_345 ? failure('EEXIST') : undefined
    }, LINKS)
    const results = await nl.batch(
      (b) => {
        for (let i = 0; i < 50_000; i++) b.addAddress('eth0', '10.0.0.1/32')
      },
      { netns: kernel },
    )
    expect(results.flatMap(({ status }, i) => (status === 'fulfilled' ? [] : [i]))).toEqual([12_345])
    // The first 96 of a long batch are twelve waves, of which two leave together where they are queued meanwhile.
    const short = face === 'promises' ? 11 : 12
    expect(sends).toBe(short + Math.ceil((50_000 - 96) / 64))
  })

  test('200,000 calls take no memory besides their arguments and an answer for each', async () => {
    const used: number[] = []
    const measure = () => {
      collectGarbage()
      const { heapUsed, external } = process.memoryUsage()
      used.push(heapUsed + external)
    }
    const kernel = fakeKernel(() => {
      if (kernel.requests.length >= 20_000) {
        kernel.requests.length = 0
        measure()
      }
      return undefined
    }, LINKS)
    measure()
    const results = await nl.batch(
      (b) => {
        for (let i = 0; i < 200_000; i++) b.addAddress('eth0', '10.0.0.1/32')
      },
      { netns: kernel },
    )
    expect(results).toHaveLength(200_000)
    expect(results.every(({ status }) => status === 'fulfilled')).toBe(true)
    measure()
    expect(used).toHaveLength(12)
    const perCall = used.map((bytes) => (bytes - used[0]!) / 200_000)
    // A call that is recorded is an object, an array and its place in a list; of each that has been answered a place is left.
    expect(Math.max(...perCall)).toBeLessThan(200)
    // Once all are recorded, sending and being answered take nothing more, however many there are.
    expect(Math.max(...perCall.slice(2))).toBeLessThanOrEqual(perCall[1]! + 2)
    // When all have been answered, and when it is over.
    expect(perCall.at(-2)).toBeLessThan(70)
    expect(perCall.at(-1)).toBeLessThan(40)
  })
})

test('an abort in a batch: what was sent is done, the rest is not sent, and the socket goes on', async () => {
  const nl = FACES.find(({ face }) => face === 'promises')!.nl as typeof import('../../src/index.js')
  const controller = new AbortController()
  const kernel = fakeKernel(() => {
    if (kernel.requests.length === 700) controller.abort(new Error('enough'))
    return undefined
  }, LINKS)
  const record = (b: { addAddress(dev: string, to: string): void }) => {
    for (let i = 0; i < 5000; i++) b.addAddress('eth0', address(i))
  }
  await expect(nl.batch(record, { netns: kernel, signal: controller.signal })).rejects.toThrow('enough')
  expect(kernel.requests.length).toBeGreaterThanOrEqual(700)
  expect(kernel.requests.length).toBeLessThan(2000)
  const [result] = await nl.batch((b) => b.addAddress('eth0', '10.0.0.1/32'), { netns: kernel })
  expect(result).toEqual({ status: 'fulfilled', value: undefined })
})

describe.each(FACES)('an operation of several requests ($face)', ({ nl }) => {
  const create = async (refused: string) => {
    const kernel = fakeKernel((request) => {
      if (request.name === 'RTM_NEWLINK' && request.body?.attributes && 'linkinfo' in request.body.attributes)
        kernel.interfaces.set('br0', 7)
      if (request.name === refused) return failure('EPERM')
      if (request.name === 'RTM_GETLINK') return failure('ENODEV')
      return undefined
    })
    const error = await thrown(() =>
      nl.createBridge({ name: 'br0', addresses: ['192.0.2.1/24'], netns: kernel }),
    )
    return { error, names: kernel.requests.map(({ name }) => name) }
  }

  test('that fails leaves nothing behind: what it made is deleted', async () => {
    const { error, names } = await create('RTM_NEWADDR')
    expect(error).toMatchObject({ code: 'ENODEV' })
    expect(names.at(-1)).toBe('RTM_DELLINK')
  })

  test('whose first request fails deletes nothing that it did not make', async () => {
    const { error, names } = await create('RTM_NEWLINK')
    expect(error).toMatchObject({ code: 'EPERM' })
    expect(names).not.toContain('RTM_DELLINK')
  })
})
