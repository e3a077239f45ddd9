/** Requests that are given up, and what they hold until they are answered. */

import { describe, expect, test, vi } from 'vitest'
import * as nl from '../../src/netlink/constants.js'
import { done, failure, success } from '../../src/testing/reply.js'
import { conversation, link, request } from './exchange-conversation.js'

describe('giving up', () => {
  test('what was not yet sent reaches nobody: the kernel passes over its bytes', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack', 'a'))
    const abandon = add(request('ack', 'b'))
    const abandonDump = add(request('dump', 'c'))
    abandon()
    abandonDump()
    const sent = send()
    expect(sent.map(({ type, flags }) => [type, flags])).toEqual([
      [16, nl.NLM_F_REQUEST | nl.NLM_F_ACK],
      [nl.NLMSG_NOOP, 0],
    ])
    answer(1, success())
    expect(outcomes).toEqual([{ error: null, values: [] }, undefined, undefined])
  })

  test('what was sent is drained, and nobody hears of it', () => {
    const { add, send, answer, outcomes, exchange } = conversation()
    const abandon = add(request('dump'))
    send()
    answer(1, link('a'))
    abandon()
    add(request('dump'))
    expect(send()).toEqual([])
    answer(1, link('b'), done())
    expect(send()).toHaveLength(1)
    answer(2, link('c'), done())
    expect(outcomes).toEqual([undefined, { error: null, values: ['c'] }])
    expect(exchange.isWaiting).toBe(false)
  })

  test('a failure of the socket settles everything, and the exchange goes on', () => {
    const { add, send, answer, outcomes, exchange } = conversation()
    add(request('ack'), request('dump'))
    send()
    add(request('ack'), request('dump'))
    const cause = new Error('ENOBUFS')
    exchange.fail(() => cause)
    expect(outcomes.map((outcome) => outcome?.error)).toEqual([cause, cause, cause, cause])
    expect([exchange.isWaiting, exchange.hasUnsent]).toEqual([false, false])
    answer(1, success())
    add(request('dump'))
    expect(send().map(({ seq }) => seq)).toEqual([5])
    answer(5, link('a'), done())
    expect(outcomes.at(-1)).toEqual({ error: null, values: ['a'] })
  })
})

describe('holds', () => {
  function held() {
    let holds = 0
    const hold = { retain: () => void holds++, release: () => void holds-- }
    return { count: () => holds, asked: request('ack', 'a', { holds: [hold, hold] }) }
  }

  test('last from the call to the answer', () => {
    const { add, send, answer } = conversation()
    const { count, asked } = held()
    add(asked)
    expect(count()).toBe(2)
    send()
    expect(count()).toBe(2)
    answer(1, failure('EPERM'))
    expect(count()).toBe(0)
  })

  test('last until the answer of what was given up after it was sent', () => {
    const { add, send, answer } = conversation()
    const { count, asked } = held()
    const abandon = add(asked)
    send()
    abandon()
    expect(count()).toBe(2)
    answer(1, success())
    expect(count()).toBe(0)
  })

  test('end when what was given up is not sent, when the socket fails, and are not taken for what is refused', () => {
    const { add, send, exchange } = conversation()
    const { count, asked } = held()
    add(asked)()
    send()
    expect(count()).toBe(0)
    add(asked)
    exchange.fail(() => new Error('gone'))
    expect(count()).toBe(0)
    expect(() => add(asked, request('ack', 'a name of more than fifteen bytes'))).toThrow(RangeError)
    expect(count()).toBe(0)
  })

  test('are let go of once where the answer to another request closes the socket', () => {
    const { exchange, answer } = conversation()
    const { asked, count } = held()
    const closed = vi.fn(() => exchange.fail(() => new Error('closed')))
    exchange.add([request('ack')], closed)
    const abandon = [1, 2].map(() => exchange.add([asked], () => {}))
    exchange.next()
    for (const one of abandon) one()
    answer(3, success())
    expect(closed).toHaveBeenCalledOnce()
    expect(count()).toBe(0)
  })
})
