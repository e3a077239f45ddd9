/** What stops waiting, and what goes on: AbortSignal and close() while the kernel has not answered. */

import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import * as nl from '../../src/index.js'
import { type Answer, dump, fakeKernel, messages, PAUSE, success } from '../../src/testing/index.js'
import { gate, later, link } from './support.js'

const LINKS = { interfaces: { lo: 1, eth0: 2 } }
const table = dump(messages.RTM_NEWLINK, [{ header: { index: 2 }, attributes: { ifname: 'eth0' } }])
const names = async (kernel: nl.NetnsLike) => (await nl.listLinks({ netns: kernel })).map(({ name }) => name)
const reason = new Error('enough')

describe('a single request', () => {
  test('settles at once with the reason; its late answer is drained, and the socket goes on', async () => {
    const { asked, answer, handler } = later()
    const kernel = fakeKernel(({ isDump }) => (isDump ? table : handler()), LINKS)
    const controller = new AbortController()
    const call = nl.getLink('eth0', { netns: kernel, signal: controller.signal })
    await asked
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)

    const next = names(kernel)
    await turn()
    answer(link('eth0'))
    expect(await next).toEqual(['eth0'])
    expect(kernel.sockets).toBe(1)
  })

  test('that waits for a dump to end is not sent any more', async () => {
    const { asked, answer, handler } = later()
    const kernel = fakeKernel(() => (kernel.requests.length === 1 ? handler() : table))
    const first = names(kernel)
    await asked
    const controller = new AbortController()
    const second = nl.listLinks({ netns: kernel, kind: 'veth', signal: controller.signal })
    await turn()
    controller.abort(reason)
    await expect(second).rejects.toBe(reason)
    answer(table)
    expect(await first).toEqual(['eth0'])
    expect(await names(kernel)).toEqual(['eth0'])
    expect(kernel.requests.map((request) => request.body?.attributes)).toEqual([
      { extMask: 8 },
      { extMask: 8 },
    ])
  })

  test('that was not sent yet is never sent', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    await names(kernel)
    const controller = new AbortController()
    const call = nl.addAddress('eth0', '192.0.2.1/24', { netns: kernel, signal: controller.signal })
    const other = nl.addAddress('eth0', '192.0.2.2/24', { netns: kernel })
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    await other
    expect(kernel.requests.slice(1).map(({ body }) => body?.attributes)).toMatchObject([
      { local: '192.0.2.2' },
    ])
  })

  test('with a signal that fired before opens and sends nothing', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    const call = nl.addAddress('eth0', '192.0.2.1/24', { netns: kernel, signal: AbortSignal.abort(reason) })
    await expect(call).rejects.toBe(reason)
    expect([kernel.requests.length, kernel.sockets]).toEqual([0, 0])
  })

  test('that was answered is not hurt by a signal that fires later', async () => {
    const controller = new AbortController()
    const kernel = fakeKernel(() => link('eth0'))
    const { name } = await nl.getLink('eth0', { netns: kernel, signal: controller.signal })
    controller.abort(reason)
    expect(name).toBe('eth0')
    expect(await names(fakeKernel(() => table))).toEqual(['eth0'])
  })

  test('a dump that is given up half-way is drained before the next one is asked for', async () => {
    const rest = gate<Answer>()
    const controller = new AbortController()
    const kernel = fakeKernel(() => (kernel.requests.length === 1 ? rest.opened : table))
    const call = nl.listLinks({ netns: kernel, signal: controller.signal })
    await until(() => kernel.requests.length === 1)
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    const next = names(kernel)
    await turn()
    expect(kernel.requests).toHaveLength(1)
    rest.open([table[0]!, PAUSE, table[0]!, PAUSE, table[1]!])
    expect(await next).toEqual(['eth0'])
    expect(kernel.requests).toHaveLength(2)
  })
})

/** Turns of the event loop until something is so. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await turn()
}

describe('an operation of several steps', () => {
  /** Creates v0 and gives it an address, whose answer is late; v0 is then there. */
  function creating(removed: Answer = success()) {
    const address = later()
    const removal = gate()
    const kernel = fakeKernel((request) => {
      switch (request.name) {
        case 'RTM_NEWLINK':
          kernel.interfaces.set('v0', 7)
          return success()
        case 'RTM_GETLINK':
          return link('v0', 7)
        case 'RTM_NEWADDR':
          return address.handler()
        case 'RTM_DELLINK':
          return removal.opened.then(() => removed)
        default:
          return undefined
      }
    }, LINKS)
    return { kernel, address, removal }
  }

  test('settles when the step under way is answered and what was done is undone', async () => {
    const { kernel, address, removal } = creating()
    const controller = new AbortController()
    let settled = false
    const options = { name: 'v0', addresses: ['192.0.2.1/24'], netns: kernel, signal: controller.signal }
    const call = nl.createBridge(options).finally(() => {
      settled = true
    })
    await address.asked
    controller.abort(reason)
    await turn()
    expect(settled).toBe(false)
    address.answer(success())
    await until(() => kernel.requests.at(-1)?.name === 'RTM_DELLINK')
    await turn()
    expect(settled).toBe(false)
    removal.open()
    await expect(call).rejects.toBe(reason)
    expect(kernel.requests.at(-1)?.decode(messages.RTM_DELLINK).header.index).toBe(7)
  })

  test('that fails and is aborted while it undoes tells of the failure', async () => {
    const { kernel, address, removal } = creating()
    const controller = new AbortController()
    const options = { name: 'v0', addresses: ['192.0.2.1/24'], netns: kernel, signal: controller.signal }
    const call = nl.createBridge(options)
    await address.asked
    address.answer({ error: 'ENOBUFS' })
    await until(() => kernel.requests.at(-1)?.name === 'RTM_DELLINK')
    controller.abort(reason)
    removal.open()
    await expect(call).rejects.toMatchObject({ code: 'ENOBUFS' })
  })

  test('that fails and cannot be undone says so', async () => {
    const { kernel, address, removal } = creating({ error: 'EBUSY' })
    const call = nl.createBridge({ name: 'v0', addresses: ['192.0.2.1/24'], netns: kernel })
    await address.asked
    address.answer({ error: 'ENOBUFS' })
    removal.open()
    await expect(call).rejects.toMatchObject({
      code: 'ENOBUFS',
      message: expect.stringMatching(/interface 'v0' could not be deleted again: .*EBUSY/),
    })
  })

  test('a batch is aborted between its parts', async () => {
    const { asked, answer, handler } = later()
    const kernel = fakeKernel(() => (kernel.requests.length === 1 ? handler() : undefined), LINKS)
    const controller = new AbortController()
    const call = nl.batch(
      (b) => {
        for (let i = 0; i < 2000; i++) b.addAddress('eth0', `10.0.${i >> 8}.${i & 255}/32`)
      },
      { netns: kernel, signal: controller.signal },
    )
    await asked
    controller.abort(reason)
    answer(success())
    await expect(call).rejects.toBe(reason)
    expect(kernel.requests.length).toBeLessThan(2000)
    expect(await names(kernel)).toEqual([])
  })

  test('a batch is aborted within a call that has several requests', async () => {
    const controller = new AbortController()
    const kernel = fakeKernel((request) => {
      if (kernel.requests.length === 3) controller.abort(reason)
      return request.name === 'RTM_GETLINK' ? link('eth0') : undefined
    }, LINKS)
    const call = nl.batch(
      (b) => {
        for (let i = 0; i < 20; i++) b.setLink('a-name-that-is-looked-up', { txQueueLength: i })
      },
      { netns: kernel, signal: controller.signal },
    )
    await expect(call).rejects.toBe(reason)
    expect(kernel.requests.length).toBeLessThan(6)
  })
})

test('a signal that many calls had is let go with the last of them', async () => {
  const controller = new AbortController()
  const { asked, answer, handler } = later()
  const kernel = fakeKernel(({ isDump }) => (isDump ? table : handler()), LINKS)
  const options = { netns: kernel, signal: controller.signal }
  const calls = [nl.getLink('eth0', options), nl.getLink('eth0', options)]
  await asked
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  answer(link('eth0'))
  await Promise.all(calls)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  // Another call listens again.
  const { handler: never } = later()
  const call = nl.getLink('eth0', { ...options, netns: fakeKernel(never, LINKS) })
  await turn()
  controller.abort(reason)
  await expect(call).rejects.toBe(reason)
})

describe('close()', () => {
  test('lets a call under way end, and refuses later ones', async () => {
    const { asked, answer, handler } = later()
    const kernel = fakeKernel(handler)
    const call = nl.getLink('eth0', { netns: kernel })
    await asked
    kernel.close()
    await expect(nl.getLink('eth0', { netns: kernel })).rejects.toMatchObject({ code: 'EBADF' })
    expect(kernel.sockets).toBe(1)
    answer(link('eth0'))
    expect((await call).name).toBe('eth0')
    expect(kernel.sockets).toBe(0)
  })

  test('after an abort frees the socket without waiting for the answer', async () => {
    const { asked, handler } = later()
    const kernel = fakeKernel(handler)
    const controller = new AbortController()
    const call = nl.getLink('eth0', { netns: kernel, signal: controller.signal })
    await asked
    controller.abort(reason)
    kernel.close()
    await expect(call).rejects.toBe(reason)
    await until(() => kernel.sockets === 0)
  })

  test('of a raw socket fails what is under way on it, when the kernel has done with it', async () => {
    const { asked, answer, handler } = later()
    const kernel = fakeKernel(handler)
    const socket = await nl.openNetlinkSocket(0, { netns: kernel })
    const call = socket.request(messages.RTM_GETLINK, { header: {}, attributes: {} })
    await asked
    socket.close()
    answer(link('eth0'))
    await expect(call).rejects.toMatchObject({ code: 'EBADF' })
    await until(() => kernel.sockets === 0)
  })
})
