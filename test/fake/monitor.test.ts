/** What a monitor makes of events that are lost, malformed, foreign or too many. */

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { putU16, putU32 } from '../../src/codec/bytes.js'
import * as nl from '../../src/index.js'
import {
  type Answer,
  fakeKernel,
  messages,
  PAUSE,
  type Part,
  reply,
  success,
} from '../../src/testing/index.js'
import { link } from './support.js'

const RTNLGRP_LINK = 1
const RTNLGRP_IPV4_ROUTE = 7

async function watching(options: nl.MonitorOptions = {}) {
  const kernel = fakeKernel(() => undefined, { interfaces: { lo: 1, eth0: 2 } })
  const events = await nl.monitor(['link', 'route'], { netns: kernel, ...options })
  return { kernel, events, send: (answer: Answer) => kernel.multicast(RTNLGRP_LINK, answer) }
}

/** What the next events are, in short. */
async function next(events: nl.Monitor<'link' | 'route'>, count: number): Promise<unknown[]> {
  const seen: unknown[] = []
  while (seen.length < count) {
    const { value } = await events.next()
    seen.push(value?.type === 'link' ? value.link.name : value?.type === 'resync' ? value.reason : value)
  }
  return seen
}

describe('events that are lost', () => {
  test.each(['ENOBUFS', 'EMSGSIZE'])('are told (%s), and what comes later is read', async (code) => {
    const { events, send } = await watching()
    send([link('a'), { error: code }, link('b')])
    expect(await next(events, 3)).toEqual(['a', 'b', code])
    send(link('c'))
    expect(await next(events, 1)).toEqual(['c'])
  })

  test('are told once, after all that was kept, however often the kernel said so meanwhile', async () => {
    const { events, send } = await watching()
    send([{ error: 'ENOBUFS' }, link('a'), { error: 'ENOBUFS' }, link('b'), { error: 'ENOBUFS' }])
    expect(await next(events, 3)).toEqual(['a', 'b', 'ENOBUFS'])
    send([link('c'), { error: 'ENOBUFS' }])
    expect(await next(events, 2)).toEqual(['c', 'ENOBUFS'])
  })

  test('are told where the queue here was full when they were lost', async () => {
    const { events, send } = await watching({ queueLimit: 1 })
    send([link('a'), { error: 'ENOBUFS' }, PAUSE, link('b'), PAUSE, link('c')])
    expect(await next(events, 2)).toEqual(['a', 'ENOBUFS'])
    expect(await next(events, 2)).toEqual(['b', 'c'])
  })

  test('longer than any buffer', async () => {
    const { events, send } = await watching()
    send([link('a'), new Uint8Array((1 << 20) + 4), link('b')])
    expect(await next(events, 3)).toEqual(['a', 'b', 'EMSGSIZE'])
  })
})

test('an error of the socket ends the monitor, after what came before it', async () => {
  const { events, send } = await watching()
  send([link('a'), { error: 'ENOMEM' }])
  expect(await next(events, 1)).toEqual(['a'])
  await expect(events.next()).rejects.toMatchObject({
    code: 'ENOMEM',
    syscall: 'recvmsg',
    message: 'recvmsg: ENOMEM (Cannot allocate memory)',
  })
})

describe('messages that are no events', () => {
  test('are passed over: control messages, types of no group asked for, the state of bridge ports', async () => {
    const { events, send } = await watching()
    const port = { header: { family: 7, index: 2 }, attributes: { ifname: 'port' } }
    send([
      success(),
      reply(messages.RTM_NEWNSID, { header: {}, attributes: { nsid: 1 } }),
      reply(messages.RTM_GETLINK, { header: {}, attributes: { ifname: 'asked' } }),
      reply(messages.RTM_DELLINK, port),
      link('a'),
    ])
    expect(await next(events, 1)).toEqual(['a'])
  })

  test('are passed over: what the Wi-Fi stack tells, with nothing of the link but its name', async () => {
    const { events, send } = await watching()
    // As rtnetlink_ifinfo_prep() and wireless_send_event() of net/wireless/wext-core.c write it: IWEVEXPIRED (0x8C04).
    const told = [
      ...[60, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ...[0, 0, 1, 0, 2, 0, 0, 0, 0x43, 0x10, 1, 0, 0, 0, 0, 0],
      ...[10, 0, 3, 0, ...Buffer.from('wlan0\0'), 0, 0],
      ...[16, 0, 11, 0, 12, 0, 4, 0x8c, 1, 0, 2, 0, 0, 0, 0, 9],
    ]
    send([Uint8Array.from(told), link('a')])
    expect(await next(events, 1)).toEqual(['a'])
  })

  const bent = (bend: (bytes: Uint8Array) => void, length?: number): Part => {
    return (to) => {
      const bytes = link('bent')(to).slice(0, length)
      bend(bytes)
      return bytes
    }
  }
  const malformed: [string, Answer, string][] = [
    ['half a header', Uint8Array.of(1, 2, 3, 4), '4 bytes left where a header has 16'],
    ['a length of nothing', new Uint8Array(16), 'a message of length 0'],
    ['a length beyond the datagram', bent((bytes) => putU32(bytes, 0, 999)), 'a message of length 999'],
    ['an attribute beyond its message', bent((bytes) => putU16(bytes, 32, 60)), 'an attribute of length 60'],
    [
      'no fixed struct',
      bent((bytes) => putU32(bytes, 0, 16), 16),
      'RTM_NEWLINK: 0 bytes where 16 are fixed (at byte 16)',
    ],
  ]
  test.each(malformed)('are told as a DecodeError: %s; the socket is closed', async (_, answer, says) => {
    const { kernel, events, send } = await watching()
    send([link('a'), answer, PAUSE, link('b')])
    expect(await next(events, 1)).toEqual(['a'])
    const error: unknown = await events.next().catch((it: unknown) => it)
    expect(error).toBeInstanceOf(nl.DecodeError)
    expect(String(error)).toContain(says)
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(kernel.sockets).toBe(0)
  })

  test('a failure of the socket is told after what came before it', async () => {
    const { kernel, events, send } = await watching()
    send([link('a'), PAUSE, { error: 'EBADF' }])
    expect(await next(events, 1)).toEqual(['a'])
    await expect(events.next()).rejects.toMatchObject({ name: 'SystemError', code: 'EBADF' })
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(kernel.sockets).toBe(0)
  })
})

describe('reading', () => {
  test('by several at once: each gets the next, in the order of asking', async () => {
    const { events, send } = await watching()
    const asked = [next(events, 1), next(events, 1), next(events, 1)]
    send([link('a'), PAUSE, link('b'), link('c')])
    expect(await Promise.all(asked)).toEqual([['a'], ['b'], ['c']])
  })

  test('of a datagram with several messages, in one part or in many', async () => {
    const { events, send } = await watching()
    send([link('a'), link('bcd'), link('ef'), PAUSE, link('g'), link('h')])
    expect(await next(events, 5)).toEqual(['a', 'bcd', 'ef', 'g', 'h'])
  })

  test('lets timers and signals fire, however many events are there', async () => {
    const controller = new AbortController()
    const { events, send } = await watching({ signal: controller.signal })
    send(Array.from({ length: 5000 }, (_, i) => link(`v${i}`)))
    let seen = 0
    const reading = (async () => {
      for await (const _ of events) if (++seen === 1) setImmediate(() => controller.abort())
    })()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    expect(seen).toBeLessThan(5000)
  })

  test('waits for what is left of a queue that is longer than its limit', async () => {
    const { events, send } = await watching({ queueLimit: 100 })
    const names = Array.from({ length: 50 }, (_, i) => `v${i}`)
    for (const name of names) send([link(name), PAUSE])
    for (let i = 0; i < 10; i++) await turn()
    expect(await next(events, 50)).toEqual(names)
  })

  test('names the interfaces as they are called when the event is read', async () => {
    const { kernel, events } = await watching()
    const route = reply(messages.RTM_NEWROUTE, {
      header: { family: 2, dstLen: 24, table: 254 },
      attributes: { dst: '192.0.2.0', oif: 2 },
    })
    kernel.multicast(RTNLGRP_IPV4_ROUTE, route)
    expect((await events.next()).value).toMatchObject({ route: { to: '192.0.2.0/24', dev: 'eth0' } })
    kernel.interfaces.clear()
    kernel.interfaces.set('new', 2)
    kernel.multicast(RTNLGRP_IPV4_ROUTE, route)
    expect((await events.next()).value).toMatchObject({ route: { dev: 'new' } })
    kernel.interfaces.clear()
    kernel.multicast(RTNLGRP_IPV4_ROUTE, route)
    expect((await events.next()).value).toMatchObject({ route: { ifindex: 2, dev: null } })
  })

  test('a raw subscription has the same', async () => {
    const kernel = fakeKernel(() => undefined)
    await using socket = await nl.openNetlinkSocket(0, { netns: kernel })
    await using events = await socket.subscribe([RTNLGRP_LINK], [messages.RTM_NEWLINK])
    kernel.multicast(RTNLGRP_LINK, [
      reply(messages.RTM_DELLINK, { header: {}, attributes: {} }),
      link('a'),
      { error: 'ENOBUFS' },
    ])
    expect((await events.next()).value).toMatchObject({ event: 'message', attributes: { ifname: 'a' } })
    expect((await events.next()).value).toEqual({ event: 'resync', reason: 'ENOBUFS' })
  })
})
