/** Batches that the kernel takes as a whole, as netfilter has them (nfnetlink_rcv_batch()). */

import { describe, expect, it } from 'vitest'
import { getU16, getU32, putU16, putU32 } from '../../src/codec/bytes.js'
import { attributes, message, struct, u8, u16, u32 } from '../../src/codec/index.js'
import { NLM_F_ACK, NLMSG_ERROR, NLMSG_NOOP } from '../../src/netlink/constants.js'
import { Exchange } from '../../src/netlink/exchange.js'
import { MAX_BATCH } from '../../src/netlink/outbox.js'
import type { Outcome, Request } from '../../src/netlink/request.js'

const header = struct({ family: u8, version: u8, resId: u16 })
const table = attributes('T', { a: [1, u32] })

function change(number: number, flags = 0): Request {
  return {
    message: message(`M${number}`, number, header, table),
    body: { header: {}, attributes: { a: 1 } },
    flags,
    answer: 'ack',
    subject: `change ${number}`,
  }
}

function batchOf(changes: number): Request {
  const parts = Array.from({ length: changes }, (_, i) => change(100 + i, i === changes - 1 ? NLM_F_ACK : 0))
  return { ...change(16), batch: [...parts, change(17)] }
}

interface Sent {
  type: number
  flags: number
  seq: number
}

function messagesIn(bytes: Uint8Array): Sent[] {
  const found: Sent[] = []
  for (let at = 0; at < bytes.length; at += getU32(bytes, at))
    found.push({ type: getU16(bytes, at + 4), flags: getU16(bytes, at + 6), seq: getU32(bytes, at + 8) })
  return found
}

function answer(exchange: Exchange, seq: number, errno: number): void {
  const bytes = new Uint8Array(36)
  putU32(bytes, 0, 36)
  putU16(bytes, 4, NLMSG_ERROR)
  putU16(bytes, 6, 0x100)
  putU32(bytes, 8, seq)
  putU32(bytes, 16, -errno)
  exchange.receive(bytes, 0, bytes.length)
}

function start(...requests: Request[]) {
  const exchange = new Exchange()
  const outcomes: (Outcome | undefined)[] = []
  const abandon = exchange.add(requests, (index, outcome) => {
    outcomes[index] = outcome
  })
  return { exchange, outcomes, abandon }
}

describe('a batch', () => {
  it('leaves in one send, however long it is, with nothing before or behind it', () => {
    const { exchange } = start(change(50), batchOf(3 * MAX_BATCH), change(51))
    const types = () => messagesIn(exchange.next()).map(({ type }) => type)
    expect(types()).toEqual([50])
    const sent = types()
    expect(sent).toHaveLength(3 * MAX_BATCH + 2)
    expect([sent[0], sent.at(-1)]).toEqual([16, 17])
    expect(types()).toEqual([51])
    expect(exchange.hasUnsent).toBe(false)
  })

  it('keeps a dump waiting, which the kernel would not see behind it', () => {
    const { exchange } = start(batchOf(2), { ...change(60), answer: 'dump' })
    expect(messagesIn(exchange.next()).map(({ type }) => type)).toEqual([16, 100, 101, 17])
    expect(messagesIn(exchange.next()).map(({ type }) => type)).toEqual([60])
  })

  it('has succeeded when the one with NLM_F_ACK is answered', () => {
    const { exchange, outcomes } = start(batchOf(3))
    const sent = messagesIn(exchange.next())
    expect(sent.map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0, 0, NLM_F_ACK, 0])
    answer(exchange, sent[3]!.seq, 0)
    expect(outcomes).toEqual([{ error: null, values: [] }])
    expect(exchange.isWaiting).toBe(false)
  })

  it('fails with the first error, under the name of its message', () => {
    const { exchange, outcomes } = start(batchOf(3))
    const sent = messagesIn(exchange.next())
    answer(exchange, sent[1]!.seq, 17)
    answer(exchange, sent[2]!.seq, 2)
    expect(outcomes).toEqual([])
    answer(exchange, sent[3]!.seq, 0)
    expect(outcomes[0]!.error).toMatchObject({ operation: 'M100', code: 'EEXIST', subject: 'change 100' })
  })

  it('reads what comes back for one of its messages', () => {
    const read: unknown[] = []
    const echoed = {
      ...change(100, NLM_F_ACK),
      read: (bytes: Uint8Array, at: number) => read.push(bytes[at + 8]),
    }
    const { exchange, outcomes } = start({ ...change(16), batch: [echoed, change(17)] })
    const sent = messagesIn(exchange.next())
    const bytes = new Uint8Array(28)
    putU32(bytes, 0, 28)
    putU16(bytes, 4, 100)
    putU32(bytes, 8, sent[1]!.seq)
    bytes[24] = 9
    exchange.receive(bytes, 0, bytes.length)
    answer(exchange, sent[1]!.seq, 0)
    expect(read).toEqual([9])
    expect(outcomes).toHaveLength(1)
  })

  it('is refused as a whole by an error of its first message; what follows is nobody’s', () => {
    const { exchange, outcomes } = start(batchOf(2))
    const sent = messagesIn(exchange.next())
    answer(exchange, sent[0]!.seq, 85)
    expect(outcomes[0]!.error).toMatchObject({ operation: 'M16', code: 'ERESTART' })
    answer(exchange, sent[2]!.seq, 0)
    expect(outcomes).toHaveLength(1)
  })

  it('that is given up before it leaves is passed over by the kernel, all of it', () => {
    const { exchange, abandon } = start(batchOf(2))
    abandon()
    expect(messagesIn(exchange.next()).map(({ type }) => type)).toEqual(Array(4).fill(NLMSG_NOOP))
    expect(exchange.isWaiting).toBe(false)
  })

  it('whose answers are lost keeps the errors that came, and says that some did not', () => {
    const { exchange, outcomes } = start(batchOf(3))
    const sent = messagesIn(exchange.next())
    expect(exchange.overrun()).toBe(true)
    answer(exchange, sent[1]!.seq, 17)
    expect(exchange.drained()).toBe(true)
    expect(outcomes[0]).toMatchObject({ error: { code: 'EEXIST' }, lost: true })
    expect(exchange.drained()).toBe(false)
  })

  it('whose last answer came all the same leaves nothing open', () => {
    const other = start(batchOf(1))
    const sent = messagesIn(other.exchange.next())
    expect(other.exchange.overrun()).toBe(true)
    answer(other.exchange, sent[1]!.seq, 0)
    expect(other.outcomes).toEqual([{ error: null, values: [] }])
    expect(other.exchange.drained()).toBe(false)
  })

  it('does not make up for lost answers of other requests', () => {
    const { exchange } = start(change(50))
    exchange.next()
    expect(exchange.overrun()).toBe(false)
  })
})
