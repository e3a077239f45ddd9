import { describe, expect, test, vi } from 'vitest'
import { align, getU16, getU32, putU16, putU32 } from '../../src/codec/bytes.js'
import { DecodeError, Writer } from '../../src/codec/index.js'
import * as nl from '../../src/netlink/constants.js'
import { DumpInterruptedError, NetlinkError } from '../../src/netlink/errors.js'
import { Exchange, type Trace } from '../../src/netlink/exchange.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import { MAX_BATCH } from '../../src/netlink/outbox.js'
import type { Answer, Outcome, Request } from '../../src/netlink/request.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { getLinkMessage, newLink } from '../../src/rtnetlink/link/table.js'
import { done, failure, type Part, reply, success } from '../../src/testing/reply.js'

const PORTID = 4711

function request(answer: Answer, name = 'v0', more: Partial<Request> = {}): Request {
  const message = answer === 'ack' ? newLink : getLinkMessage
  const body = { header: {}, attributes: { ifname: name } }
  return { message, body, flags: 0, answer, read: (b, s, e) => readLink(b, s, e).name, ...more }
}

/** The messages in what is to be sent. */
function split(bytes: Uint8Array) {
  const messages: { type: number; flags: number; seq: number; bytes: Uint8Array }[] = []
  for (let at = 0; at < bytes.length; at += align(getU32(bytes, at))) {
    const message = new Uint8Array(bytes.subarray(at, at + getU32(bytes, at)))
    messages.push({
      type: getU16(message, 4),
      flags: getU16(message, 6),
      seq: getU32(message, 8),
      bytes: message,
    })
  }
  return messages
}

/** An Exchange, what came out of it, and a kernel that answers single messages. */
function conversation(trace: Trace | null = null) {
  const exchange = new Exchange('', trace, PORTID)
  const outcomes: (Outcome | undefined)[] = []
  return {
    exchange,
    outcomes,
    add(...requests: Request[]) {
      const base = outcomes.length
      outcomes.length += requests.length
      return exchange.add(requests, (index, outcome) => {
        expect(outcomes[base + index]).toBeUndefined()
        outcomes[base + index] = outcome
      })
    },
    send: () => split(exchange.next()),
    answer(seq: number, ...parts: Part[]) {
      receive(
        exchange,
        parts.map((part) => part({ seq, portid: PORTID, flags: nl.NLM_F_ACK, bytes: new Uint8Array(16) })),
      )
    },
  }
}

function receive(exchange: Exchange, datagrams: Uint8Array[]) {
  const out = new Writer()
  for (const datagram of datagrams) {
    out.reserve(align(out.length) - out.length)
    out.raw(datagram)
  }
  exchange.receive(out.take(), 0, out.length)
}

const link = (ifname: string, flags = nl.NLM_F_MULTI) =>
  reply(newLink, { header: { index: 1 }, attributes: { ifname } }, flags)
const errorOf = (outcome: Outcome | undefined) => outcome?.error as NetlinkError
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

function encoded(asked: Request, seq: number, flags = 0): Uint8Array {
  const out = new Writer()
  writeRequest(asked, seq, out)
  putU16(out.bytes, 6, getU16(out.bytes, 6) | flags)
  return out.take()
}

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

function bare(type: number, seq: number, length = 16): Uint8Array {
  const bytes = new Uint8Array(length)
  putU32(bytes, 0, length)
  putU16(bytes, 4, type)
  putU32(bytes, 8, seq)
  putU32(bytes, 12, PORTID)
  return bytes
}

describe('errors', () => {
  test('name the operation, its subject, the attribute, and carry the request', () => {
    const { add, send, answer, outcomes } = conversation()
    const asked = request('ack', 'v0', { subject: "interface 'v0'", advise: (code) => `advice for ${code}` })
    add(asked)
    send()
    answer(1, failure('ERANGE', { message: 'too long', offset: 32, policy: { maxLength: 15 } }))
    const error = errorOf(outcomes[0])
    expect(error).toBeInstanceOf(NetlinkError)
    expect(error).toMatchObject({
      code: 'ERANGE',
      errno: 34,
      operation: 'RTM_NEWLINK',
      subject: "interface 'v0'",
    })
    expect(error.extack).toMatchObject({ message: 'too long', path: 'ifname', policy: { maxLength: 15 } })
    expect(error.advice).toBe('advice for ERANGE')
    expect(error.request).toEqual(encoded(asked, 1))
  })

  test('name a missing attribute and the nest that lacks it', () => {
    const { add, send, answer, outcomes } = conversation()
    const body = { header: {}, attributes: { linkinfo: { kind: 'veth' } } }
    add(request('ack', '', { body }))
    send()
    answer(1, failure('EINVAL', { missingType: 2, missingNest: 32 }))
    expect(errorOf(outcomes[0]).extack.missing).toBe('linkinfo.data')
  })

  test('an error number without a name', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'))
    send()
    answer(1, (to) => {
      const bytes = failure('EPERM')(to)
      putU32(bytes, 16, -524)
      return bytes
    })
    expect(outcomes[0]?.error).toMatchObject({ code: 'errno 524', errno: 524 })
  })
})

describe('malformed bytes', () => {
  test.each([
    ['less than a header', [1, 2, 3, 4], 'nlmsghdr: 4 bytes left where a header has 16 (at byte 0)'],
    ['a length below the header', bare(3, 1).fill(8, 0, 1), 'a message of length 8 where 16 bytes are left'],
    ['a length beyond the end', bare(3, 1).fill(20, 0, 1), 'a message of length 20 where 16 bytes are left'],
  ])('%s', (_, bytes, text) => {
    const { add, send, exchange } = conversation()
    add(request('ack'))
    send()
    expect(() => receive(exchange, [Uint8Array.from(bytes)])).toThrow(DecodeError)
    expect(() => receive(exchange, [Uint8Array.from(bytes)])).toThrow(text)
  })

  test('a message that cannot be read fails its own request, at its end; the others go on', () => {
    const { add, send, answer, outcomes, exchange } = conversation()
    add(request('dump'), request('reply'))
    send()
    answer(1, link('a'), () => bare(16, 1), link('b'))
    answer(2, link('c', 0))
    expect(outcomes).toEqual([undefined, { error: null, values: ['c'] }])
    answer(1, done())
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
    expect(outcomes[0]?.error?.message).toBe('RTM_GETLINK: 0 bytes where 16 are fixed (at byte 16)')
    expect(exchange.isWaiting).toBe(false)
  })

  test.each([
    [
      'without number',
      () => bare(nl.NLMSG_ERROR, 1),
      'NLMSG_ERROR: 16 bytes where an error has 20 (at byte 0)',
    ],
    [
      'with a number above 0, which would pass for success',
      (to: Parameters<Part>[0]) => {
        const bytes = failure('EPERM')(to)
        putU32(bytes, 16, 1)
        return bytes
      },
      'NLMSG_ERROR: 1 where an error is below 0 (at byte 16)',
    ],
  ])('an error %s fails its own request alone', (_, bytes, text) => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('ack'))
    send()
    answer(1, bytes)
    answer(2, success())
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
    expect(outcomes[0]?.error?.message).toBe(text)
    expect(outcomes[1]?.error).toBeNull()
  })

  test('attributes of an error that cannot be read fail its own request alone', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('ack'))
    send()
    answer(1, (to) => {
      const bytes = failure('EPERM', { message: 'no' })(to)
      putU16(bytes, 36, 500)
      return bytes
    })
    answer(2, success())
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
    expect(outcomes[1]?.error).toBeNull()
  })
})

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
