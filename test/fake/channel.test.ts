/** Channels between calls that do not know of each other: errors, signals and calls made from inside others. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { attributes, message, string, struct, u32 } from '../../src/codec/index.js'
import * as promises from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { dump, failure, fakeKernel, messages, success } from '../../src/testing/index.js'
import { FACES, later, link, thrown } from './support.js'

const NLM_F_MULTI = 2
const twoLinks = dump(
  messages.RTM_NEWLINK,
  ['a', 'b'].map((ifname, i) => ({ header: { index: i + 1 }, attributes: { ifname } })),
)

describe.each(FACES)('a socket that fails ($face)', ({ nl }) => {
  test('behind a datagram of a dump: the error is reported, nothing waits for ever', async () => {
    let asked = 0
    const kernel = fakeKernel(() =>
      asked++ === 0 ? [link('a', 1, NLM_F_MULTI), { error: 'ENOBUFS' }] : twoLinks,
    )
    const error = await thrown(() => nl.listLinks({ netns: kernel }))
    expect(error).toMatchObject({ code: 'ENOBUFS', subject: 'RTM_GETLINK' })
    expect((await nl.listLinks({ netns: kernel })).map(({ name }) => name)).toEqual(['a', 'b'])
  })
})

describe('errors of a socket', () => {
  test('each call gets its own, with what it was about', async () => {
    const kernel = fakeKernel(() => ({ error: 'ENOBUFS' }))
    const results = await Promise.allSettled(
      ['a', 'b'].map((name) => promises.getLink(name, { netns: kernel })),
    )
    const reasons = results.map((result) => (result as PromiseRejectedResult).reason as promises.SystemError)
    expect(reasons[0]).not.toBe(reasons[1])
    expect(reasons.map(({ subject }) => subject)).toEqual([
      "RTM_GETLINK interface 'a'",
      "RTM_GETLINK interface 'b'",
    ])
  })
})

describe('while the kernel works on a request', () => {
  test('what is asked in many turns leaves together in the next send', async () => {
    const first = later()
    let asked = 0
    const kernel = fakeKernel(() => (asked++ === 0 ? first.handler() : success()), {
      interfaces: { eth0: 2 },
    })
    const add = (i: number) => promises.addAddress('eth0', `192.0.2.${i}/24`, { netns: kernel })
    const added = [add(1)]
    await first.asked
    for (const i of [2, 3, 4]) {
      added.push(add(i))
      await turn()
    }
    expect(asked).toBe(1)
    first.answer(success())
    await Promise.all(added)
    expect(kernel.requests.map(({ send }) => send)).toEqual([0, 1, 1, 1])
  })
})

describe('a signal', () => {
  test('can be shared by many calls without a warning', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error) => warnings.push(warning)
    process.on('warning', listener)
    const { signal } = new AbortController()
    const kernel = fakeKernel(() => link('a'))
    await Promise.all(Array.from({ length: 50 }, () => promises.getLink('a', { netns: kernel, signal })))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listener)
    expect(warnings).toEqual([])
  })
})

describe('a call made from inside another', () => {
  test('of the synchronous face, on the same channel, ends', () => {
    const kernel = fakeKernel((request) => (request.isGet ? twoLinks : failure('EEXIST')), {
      interfaces: { eth0: 2 },
    })
    const listed: number[] = []
    const listener = (timing: unknown) => {
      if ((timing as sync.RequestTiming).operation === 'RTM_NEWADDR')
        listed.push(sync.listLinks({ netns: kernel }).length)
    }
    subscribe('netlink-ts:request', listener)
    try {
      const results = sync.batch(
        (b) => {
          for (let i = 0; i < 200; i++) b.addAddress('eth0', `10.0.0.${i}/32`)
        },
        { netns: kernel },
      )
      expect(results.map(({ status }) => status)).toEqual(Array(200).fill('rejected'))
    } finally {
      unsubscribe('netlink-ts:request', listener)
    }
    expect(listed).toEqual(Array(200).fill(2))
  })
})

describe('a dump', () => {
  test('is sent as it was asked, whatever becomes of its body before its turn', async () => {
    const header = struct({ index: u32 })
    const getThing = message('GETTHING', 100, header, attributes('THING', { name: [1, string] }))
    const kernel = fakeKernel((request) => {
      const { index } = request.decode(getThing).header as { index: number }
      seen.push(index)
      return dump(getThing, [{ header: { index }, attributes: {} }])
    })
    const seen: number[] = []
    const socket = await promises.openNetlinkSocket(0, { netns: kernel })
    const body = { header: { index: 1 }, attributes: {} }
    const all: Promise<unknown>[] = []
    for (const index of [1, 2, 3]) {
      body.header.index = index
      all.push(socket.dump(getThing, body))
    }
    body.header.index = -1
    await Promise.all(all)
    socket.close()
    expect(seen).toEqual([1, 2, 3])
  })
})

describe.each(FACES)('a batch ($face)', ({ nl }) => {
  const INTERFACES = { interfaces: { eth0: 2 } }

  test('takes a call that changes nothing for done', async () => {
    const kernel = fakeKernel(() => success(), INTERFACES)
    const results = await nl.batch((b) => b.setLink('eth0', {}), { netns: kernel })
    expect(results).toEqual([{ status: 'fulfilled', value: undefined }])
    expect(kernel.requests).toEqual([])
  })

  test('looks a long name up when what stands before it has been done', async () => {
    const long = 'a-name-of-more-than-fifteen-bytes'
    const kernel = fakeKernel((request) => (request.isGet ? link('eth0', 2) : success()), INTERFACES)
    const results = await nl.batch(
      (b) => {
        b.setLink('eth0', { addAltNames: [long] })
        b.addAddress(long, '10.0.0.1/32')
        b.addAddress('eth0', '10.0.0.2/32')
      },
      { netns: kernel },
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(kernel.requests.map(({ name }) => name)).toEqual([
      'RTM_NEWLINKPROP',
      'RTM_GETLINK',
      'RTM_NEWADDR',
      'RTM_NEWADDR',
    ])
  })

  test('carries out a call of two requests, and gives its second error', async () => {
    const kernel = fakeKernel(
      (request) => (request.name === 'RTM_NEWLINKPROP' ? failure('EEXIST') : success()),
      INTERFACES,
    )
    const results = await nl.batch(
      (b) => {
        b.setLink('eth0', { mtu: 1400, addAltNames: ['other'] })
        b.setLink('eth0', { mtu: 1500 })
      },
      { netns: kernel },
    )
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'EEXIST', operation: 'RTM_NEWLINKPROP' } },
      { status: 'fulfilled' },
    ])
  })

  test('leaves a namespace named in a call to that call', async () => {
    const kernel = fakeKernel(() => success(), INTERFACES)
    const results = await nl.batch(
      (b) => {
        b.addAddress('eth0', '10.0.0.1/32', { netns: kernel as never })
        b.addAddress('eth0', '10.0.0.2/32')
      },
      { netns: kernel },
    )
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  test('gives what a call gives', async () => {
    const kernel = fakeKernel(() => success(), INTERFACES)
    const results = await nl.batch((b) => b.addNexthop({ id: 7, family: 'ipv4', dev: 'eth0' }), {
      netns: kernel,
    })
    expect(results).toEqual([{ status: 'fulfilled', value: 7 }])
  })
})
