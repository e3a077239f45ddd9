import { describe, expect, test } from 'vitest'
import { align, getU16, getU32 } from '../../src/codec/bytes.js'
import * as nl from '../../src/netlink/constants.js'
import type { NetlinkError } from '../../src/netlink/errors.js'
import { Exchange } from '../../src/netlink/exchange.js'
import type { Outcome, Request } from '../../src/netlink/request.js'
import { getLinkMessage, newLink } from '../../src/rtnetlink/link/table.js'
import { failure, type Part, reply } from '../../src/testing/reply.js'

const change = (ifname: string): Request => ({
  message: newLink,
  body: { header: {}, attributes: { ifname } },
  flags: 0,
  answer: 'ack',
})
const question = (ifname: string, answer: 'reply' | 'dump' = 'reply'): Request => ({
  message: getLinkMessage,
  body: { header: {}, attributes: { ifname } },
  flags: 0,
  answer,
  read: () => ifname,
})
const there = reply(newLink, { header: { index: 1 }, attributes: {} })

/** A socket of nfnetlink, and the numbers of what leaves in each sendmsg. */
function conversation(refusedAsOne = true) {
  const exchange = new Exchange('', null, 1, null, refusedAsOne)
  const outcomes: Outcome[] = []
  return {
    add: (...requests: Request[]) =>
      exchange.add(requests, (index, outcome) => {
        outcomes[index] = outcome
      }),
    send() {
      const bytes = exchange.next()
      const numbers: number[] = []
      for (let at = 0; at < bytes.length; at += align(getU32(bytes, at)))
        numbers.push(getU16(bytes, at + 4) === nl.NLMSG_NOOP ? 0 : getU32(bytes, at + 8))
      return numbers
    },
    answer(seq: number, part: Part) {
      const bytes = part({ seq, portid: 1, flags: nl.NLM_F_ACK, bytes: new Uint8Array(16) })
      exchange.receive(bytes, 0, bytes.length)
    },
    codes: () => outcomes.map(({ error }) => (error as NetlinkError | null)?.code ?? null),
    outcomes,
    exchange,
  }
}

describe('a sendmsg of which EPERM is the only answer', () => {
  test('is refused as a whole, each request by its own name', () => {
    const { add, send, answer, codes, outcomes, exchange } = conversation()
    add({ ...question('a'), subject: 'a' }, { ...question('b'), subject: 'b' }, question('c', 'dump'))
    expect(send()).toEqual([1, 2, 3])
    answer(1, failure('EPERM'))
    expect(codes()).toEqual(['EPERM', 'EPERM', 'EPERM'])
    expect(outcomes.map(({ error }) => (error as NetlinkError).subject)).toEqual(['a', 'b', null])
    expect(exchange.isWaiting).toBe(false)
  })

  test('does not speak of what left in another', () => {
    const { add, send, answer, codes, exchange } = conversation()
    add(question('a'))
    send()
    add(question('b'))
    send()
    answer(1, failure('EPERM'))
    expect(codes()).toEqual(['EPERM'])
    expect(exchange.isWaiting).toBe(true)
  })

  test('does not speak of what came before its own request', () => {
    const { add, send, answer, codes } = conversation()
    add(question('a'), question('b'), question('c'))
    send()
    answer(1, there)
    answer(2, failure('EPERM'))
    answer(3, there)
    expect(codes()).toEqual([null, 'EPERM', null])
  })

  test('leaves no change taken for done that asked for no acknowledgement', () => {
    const { add, send, answer, codes } = conversation()
    add(change('a'), change('b'), change('c'))
    send()
    answer(1, failure('EPERM'))
    expect(codes()).toEqual(['EPERM', 'EPERM', 'EPERM'])
  })

  test('lets the next dump go', () => {
    const { add, send, answer } = conversation()
    add(question('a'), question('b', 'dump'), question('c', 'dump'))
    expect(send()).toEqual([1, 2])
    answer(1, failure('EPERM'))
    expect(send()).toEqual([3])
  })

  test('does not begin with a request that was given up, whose answer nobody waits for', () => {
    const { add, send } = conversation()
    const abandon = add(question('a'))
    abandon()
    add(question('b'), question('c', 'dump'))
    expect([send(), send()]).toEqual([[0], [2, 3]])
  })
})

test('any other error is about its own request', () => {
  const { add, send, answer, codes } = conversation()
  add(question('a'), question('b'))
  send()
  answer(1, failure('ENOENT'))
  expect(codes()).toEqual(['ENOENT'])
  answer(2, there)
  expect(codes()).toEqual(['ENOENT', null])
})

test('EPERM is about its own request where the kernel answers each', () => {
  const { add, send, answer, codes } = conversation(false)
  add(question('a'), question('b'))
  send()
  answer(1, failure('EPERM'))
  expect(codes()).toEqual(['EPERM'])
})
