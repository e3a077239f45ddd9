import { describe, expect, test } from 'vitest'
import { getU16 } from '../../src/codec/bytes.js'
import { DecodeError } from '../../src/codec/index.js'
import * as nl from '../../src/netlink/constants.js'
import { DumpInterruptedError, type NetlinkError } from '../../src/netlink/errors.js'
import { MAX_BATCH } from '../../src/netlink/outbox.js'
import type { Outcome, Request } from '../../src/netlink/request.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { done, failure, success } from '../../src/testing/reply.js'
import {
  bare,
  conversation,
  encoded,
  errorOf,
  link,
  PORTID,
  receive,
  request,
  split,
} from './exchange-conversation.js'

const codeOf = (outcome: Outcome | undefined) => (outcome?.error as NetlinkError | null)?.code ?? null

describe('what is sent', () => {
  test('requests leave in order, numbered, and only the last change of a send asks for an acknowledgement', () => {
    const { add, send, exchange } = conversation()
    add(request('ack', 'a'), request('ack', 'b'))
    add(request('ack', 'c'))
    const sent = send()
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(sent.map(({ flags }) => flags)).toEqual([
      nl.NLM_F_REQUEST,
      nl.NLM_F_REQUEST,
      nl.NLM_F_REQUEST | nl.NLM_F_ACK,
    ])
    expect(sent.map(({ type }) => type)).toEqual([16, 16, 16])
    expect(exchange.hasUnsent).toBe(false)
    expect(exchange.isWaiting).toBe(true)
  })

  test('a get asks for no acknowledgement, several replies do, a dump asks for a dump', () => {
    const { add, send } = conversation()
    add(request('reply'), request('replies'), request('dump'))
    expect(send().map(({ flags }) => flags)).toEqual([
      nl.NLM_F_REQUEST,
      nl.NLM_F_REQUEST | nl.NLM_F_ACK,
      nl.NLM_F_REQUEST | nl.NLM_F_DUMP,
    ])
  })

  test.each<[number, Request[]]>([
    [1, [request('reply')]],
    [1, [request('ack'), request('ack')]],
    [3, [request('ack'), request('reply'), request('reply'), request('ack')]],
    [0, [request('reply'), request('replies')]],
    [0, [request('ack'), request('dump')]],
    [0, [request('ack', 'a', { batch: [request('ack')] })]],
  ])('%i datagrams are said to answer it', (answers, requests) => {
    const { add, send, exchange } = conversation()
    add(...requests)
    send()
    expect(exchange.answers).toBe(answers)
  })

  test('while a dump is under way nobody knows how many datagrams come; what was given up is not answered', () => {
    const { add, send, answer, exchange } = conversation()
    add(request('dump'))
    add(request('reply'))
    send()
    add(request('reply'))
    send()
    expect(exchange.answers).toBe(0)
    answer(1, done())
    add(request('reply'))()
    add(request('reply'))
    send()
    expect(exchange.answers).toBe(1)
  })

  test('the flags of the request are kept', () => {
    const { add, send } = conversation()
    add(request('ack', 'a', { flags: nl.NLM_F_CREATE | nl.NLM_F_EXCL }))
    expect(send()[0]!.flags).toBe(nl.NLM_F_REQUEST | nl.NLM_F_ACK | nl.NLM_F_CREATE | nl.NLM_F_EXCL)
  })

  test(`${MAX_BATCH} requests leave in one send, each send ends with an acknowledgement`, () => {
    const { add, send, exchange } = conversation()
    add(...Array.from({ length: MAX_BATCH + 2 }, () => request('ack')))
    const first = send()
    expect(first).toHaveLength(MAX_BATCH)
    expect(first.filter(({ flags }) => flags & nl.NLM_F_ACK)).toEqual([first.at(-1)])
    expect(exchange.hasUnsent).toBe(true)
    expect(send().map(({ flags }) => flags & nl.NLM_F_ACK)).toEqual([0, nl.NLM_F_ACK])
  })

  test('long requests leave in smaller sends, one that is too long for any alone', () => {
    const { add, send } = conversation()
    const long = (size: number) => {
      const attributes = {
        unknown: Array.from({ length: size }, () => ({ type: 9999, data: new Uint8Array(60_000) })),
      }
      return request('ack', '', { body: { header: {}, attributes } })
    }
    add(long(1), long(1), long(3), long(1))
    expect(send()).toHaveLength(1)
    expect(send()).toHaveLength(1)
    expect(send()).toHaveLength(1)
    expect(send()).toHaveLength(1)
  })

  test('one dump at a time: the next leaves when the first is over, and other requests overtake it', () => {
    const { add, send, answer, exchange } = conversation()
    add(request('dump', 'a'), request('dump', 'b'), request('ack', 'c'))
    const first = send()
    expect(first.map(({ seq }) => seq)).toEqual([3, 1])
    expect(exchange.hasUnsent).toBe(false)
    expect(send()).toEqual([])
    add(request('ack', 'd'))
    expect(send().map(({ seq }) => seq)).toEqual([4])
    answer(1, done())
    expect(exchange.hasUnsent).toBe(true)
    expect(send().map(({ seq }) => seq)).toEqual([2])
  })

  test('a value that does not fit is refused when it is added, together with all that was added with it', () => {
    const { add, send, exchange, outcomes } = conversation()
    add(request('ack', 'a'))
    expect(() => add(request('ack', 'b'), request('ack', 'a name of more than fifteen bytes'))).toThrow(
      RangeError,
    )
    expect(send().map(({ bytes }) => bytes)).toEqual([encoded(request('ack', 'a'), 1, nl.NLM_F_ACK)])
    expect(exchange.hasUnsent).toBe(false)
    expect(outcomes[0]).toBeUndefined()
  })

  test('what is queued over many sends leaves complete, in order, and unchanged by what is queued later', () => {
    const { add, exchange } = conversation()
    const names: string[] = []
    const sent: string[] = []
    let under: { chunk: Uint8Array; copy: Uint8Array } | null = null
    for (let round = 0; round < 900; round++) {
      // So many that the queue is moved while a part of it is unsent.
      const count = round === 0 ? 30_000 : round % 3
      for (let i = 0; i < count; i++) {
        names.push(`v${names.length}`)
        add(request('ack', names.at(-1)))
      }
      // The chunk of the last send may still be under way while more is queued.
      if (under !== null) expect(Buffer.compare(under.chunk, under.copy)).toBe(0)
      const chunk = exchange.next()
      under = { chunk, copy: new Uint8Array(chunk) }
      for (const { bytes } of split(chunk))
        sent.push(String.fromCharCode(...bytes.subarray(36, bytes.length)).replace(/\0+$/, ''))
    }
    while (exchange.hasUnsent)
      for (const { bytes } of split(exchange.next()))
        sent.push(String.fromCharCode(...bytes.subarray(36)).replace(/\0+$/, ''))
    expect(sent).toEqual(names)
  })
})

describe('changes', () => {
  test('all have succeeded when the last is acknowledged', () => {
    const { add, send, answer, outcomes, exchange } = conversation()
    add(request('ack'), request('ack'), request('ack'))
    send()
    answer(3, success())
    expect(outcomes.map((outcome) => outcome?.error)).toEqual([null, null, null])
    expect(exchange.isWaiting).toBe(false)
  })

  const failing: [string, number[]][] = [
    ['the first', [1]],
    ['one in the middle', [2]],
    ['the last', [4]],
    ['two', [2, 3]],
    ['the first and the last', [1, 4]],
    ['all', [1, 2, 3, 4]],
  ]
  test.each(failing)('a failure is matched to its own request: %s', (_, seqs) => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('ack'), request('ack'), request('ack'))
    send()
    for (const seq of seqs) answer(seq, failure('EEXIST'))
    if (!seqs.includes(4)) {
      expect(outcomes.at(-1)).toBeUndefined()
      answer(4, success())
    }
    expect(outcomes.map(codeOf)).toEqual([1, 2, 3, 4].map((seq) => (seqs.includes(seq) ? 'EEXIST' : null)))
  })

  test('a reply to what was sent later is the success of the changes before it', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('reply'))
    send()
    answer(2, link('v0', 0))
    expect(outcomes).toEqual([
      { error: null, values: [] },
      { error: null, values: ['v0'] },
    ])
  })

  test('a failure of what was sent later is, too', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('reply'))
    send()
    answer(2, failure('ENODEV'))
    expect(outcomes.map(codeOf)).toEqual([null, 'ENODEV'])
  })

  test('an answer says nothing of changes sent after it', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'))
    send()
    add(request('ack'), request('ack'))
    send()
    answer(1, success())
    expect(outcomes).toEqual([{ error: null, values: [] }, undefined, undefined])
  })
})

describe('answers', () => {
  test('values are read up to the end; what the reader leaves out is left out', () => {
    const { add, send, answer, outcomes } = conversation()
    const read: Request['read'] = (b, s, e) =>
      readLink(b, s, e).name === 'b' ? undefined : readLink(b, s, e).name
    add(request('dump', '', { read }), request('replies'))
    send()
    answer(1, link('a'), link('b'))
    answer(2, link('x'), link('y'))
    answer(1, link('c'))
    expect(outcomes).toEqual([undefined, undefined])
    answer(2, success())
    answer(1, done())
    expect(outcomes).toEqual([
      { error: null, values: ['a', 'c'] },
      { error: null, values: ['x', 'y'] },
    ])
  })

  test('a get that is only acknowledged has no value', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('reply'))
    send()
    answer(1, success())
    expect(outcomes).toEqual([{ error: null, values: [] }])
  })

  test('a dump can be refused at its start, and at its end with a reason', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('dump'), request('dump'))
    send()
    answer(1, failure('EINVAL', { message: 'Invalid header' }))
    send()
    answer(2, done({ error: 'ENOENT', extack: { message: 'FIB table does not exist' } }))
    expect(outcomes.map(codeOf)).toEqual(['EINVAL', 'ENOENT'])
    expect(errorOf(outcomes[1]).extack.message).toBe('FIB table does not exist')
  })

  test.each([
    ['an entry', [link('a'), link('b', nl.NLM_F_MULTI | nl.NLM_F_DUMP_INTR), done()]],
    ['the end', [link('a'), done({ interrupted: true })]],
  ])('a dump that the kernel marks as interrupted at %s has failed', (_, parts) => {
    const { add, send, answer, outcomes } = conversation()
    add(request('dump'))
    send()
    answer(1, ...parts)
    expect(outcomes[0]?.error).toBeInstanceOf(DumpInterruptedError)
  })

  test('messages for other numbers and other sockets are passed over', () => {
    const { add, send, outcomes, exchange, answer } = conversation()
    add(request('reply'))
    send()
    const to = { seq: 1, portid: PORTID, flags: nl.NLM_F_ACK, bytes: new Uint8Array(16) }
    receive(exchange, [
      link('other', 0)({ ...to, seq: 77 }),
      failure('EPERM')({ ...to, seq: 0 }),
      link('other', 0)({ ...to, portid: PORTID + 1 }),
    ])
    expect(outcomes).toEqual([undefined])
    answer(1, link('v0', 0))
    answer(1, link('late', 0))
    expect(outcomes).toEqual([{ error: null, values: ['v0'] }])
  })

  test('what is addressed to 0 counts, as some protocols answer', () => {
    const { add, send, outcomes, exchange } = conversation()
    add(request('reply'))
    send()
    receive(exchange, [link('v0', 0)({ seq: 1, portid: 0, flags: 0, bytes: new Uint8Array(16) })])
    expect(outcomes).toEqual([{ error: null, values: ['v0'] }])
  })

  test('NLMSG_NOOP says nothing, NLMSG_OVERRUN is a failure', () => {
    const { add, send, outcomes, exchange } = conversation()
    add(request('dump'))
    send()
    receive(exchange, [bare(nl.NLMSG_NOOP, 1)])
    expect(outcomes).toEqual([undefined])
    receive(exchange, [bare(nl.NLMSG_OVERRUN, 1)])
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
  })
})

test('the trace sees every message in both directions, with the table it is read by', () => {
  const seen: string[] = []
  const { add, send, answer } = conversation((direction, bytes, start, _end, message) => {
    seen.push(`${direction} ${getU16(bytes, start + 4)} ${message?.name ?? 'unknown'}`)
  })
  add(request('ack'), request('dump'))
  send()
  answer(1, success())
  answer(9, success())
  answer(2, link('a'), done())
  expect(seen).toEqual([
    'send 16 RTM_NEWLINK',
    'send 18 RTM_GETLINK',
    'receive 2 RTM_NEWLINK',
    'receive 2 unknown',
    'receive 16 RTM_GETLINK',
    'receive 3 RTM_GETLINK',
  ])
})
