/** What `netlink-ts:request` publishes, with a clock that is told the time. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { Exchange } from '../../src/netlink/exchange.js'
import type { Request } from '../../src/netlink/request.js'
import { type Clock, type RequestTiming, Timing } from '../../src/netlink/timing.js'
import { deleteLinkRequest, getLinkRequest } from '../../src/rtnetlink/link/request.js'
import { newLink } from '../../src/rtnetlink/link/table.js'
import { publishTimings, clock as realClock } from '../../src/socket/clock.js'
import { failure, type Part, reply, success } from '../../src/testing/reply.js'

/** An exchange whose clock stands still unless it is moved. */
function timed() {
  let time = 100
  const published: RequestTiming[] = []
  const clock: Clock = {
    start: (operation, where) =>
      new Timing(
        operation,
        where,
        () => time,
        (timing) => published.push(timing),
      ),
  }
  const exchange = new Exchange("in namespace 'red'", null, 0, clock)
  return {
    published,
    pass(milliseconds: number) {
      time += milliseconds
    },
    add: (request: Request) => exchange.add([request], () => {}),
    send: () => exchange.next().slice(),
    answer(seq: number, part: Part) {
      const bytes = part({ seq, portid: 0, flags: 4, bytes: new Uint8Array(16) })
      exchange.receive(bytes, 0, bytes.length)
      return bytes.length
    },
    fail: (error: Error) => exchange.fail(() => error),
  }
}

describe('the timing of a request', () => {
  it('tells the queue from the kernel and from the reading', () => {
    const line = timed()
    line.add({
      ...getLinkRequest(1),
      read() {
        line.pass(3)
        return undefined as never
      },
    })
    line.pass(5)
    const sentBytes = line.send().length
    line.pass(20)
    const receivedBytes = line.answer(
      1,
      reply(newLink, { header: { index: 1 }, attributes: { ifname: 'lo' } }),
    )
    expect(line.published).toEqual([
      {
        operation: 'RTM_GETLINK',
        where: "in namespace 'red'",
        code: null,
        encode: 0,
        send: 5,
        wait: 20,
        decode: 3,
        sentBytes,
        receivedBytes,
      },
    ])
  })

  it('tells each request of a batch, the silent ones too, and what one failed with', () => {
    const line = timed()
    for (const ifindex of [1, 2, 3]) line.add(deleteLinkRequest(ifindex, `interface ${ifindex}`))
    line.send()
    line.pass(2)
    line.answer(2, failure('ENODEV'))
    line.answer(3, success())
    expect(line.published.map(({ operation, code, wait }) => ({ operation, code, wait }))).toEqual([
      { operation: 'RTM_DELLINK', code: null, wait: 2 },
      { operation: 'RTM_DELLINK', code: 'ENODEV', wait: 2 },
      { operation: 'RTM_DELLINK', code: null, wait: 2 },
    ])
  })

  it('tells of a request that never left', () => {
    const line = timed()
    line.add(deleteLinkRequest(1, 'interface 1'))
    line.pass(7)
    line.fail(new RangeError('gone'))
    expect(line.published).toMatchObject([{ code: 'RangeError', wait: 0 }])
  })
})

describe('the diagnostics channel', () => {
  it('keeps no time while nobody listens', () => {
    expect(realClock.start('RTM_GETLINK', '')).toBeNull()
  })

  it('publishes to who listens', () => {
    const heard: unknown[] = []
    const listener = (message: unknown) => heard.push(message)
    subscribe('netlink-ts:request', listener)
    realClock.start('RTM_GETLINK', '')?.publish(null)
    expect(heard).toEqual([])
    publishTimings()
    unsubscribe('netlink-ts:request', listener)
    expect(heard).toMatchObject([{ operation: 'RTM_GETLINK', code: null }])
    expect(realClock.start('RTM_GETLINK', '')).toBeNull()
  })
})
