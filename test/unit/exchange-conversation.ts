/** An Exchange in conversation with a kernel that a test plays. */

import { expect } from 'vitest'
import { align, getU16, getU32, putU16, putU32 } from '../../src/codec/bytes.js'
import { Writer } from '../../src/codec/index.js'
import * as nl from '../../src/netlink/constants.js'
import type { NetlinkError } from '../../src/netlink/errors.js'
import { Exchange, type Trace } from '../../src/netlink/exchange.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import type { Answer, Outcome, Request } from '../../src/netlink/request.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { getLinkMessage, newLink } from '../../src/rtnetlink/link/table.js'
import { type Part, reply } from '../../src/testing/reply.js'

export const PORTID = 4711

export function request(answer: Answer, name = 'v0', more: Partial<Request> = {}): Request {
  const message = answer === 'ack' ? newLink : getLinkMessage
  const body = { header: {}, attributes: { ifname: name } }
  return { message, body, flags: 0, answer, read: (b, s, e) => readLink(b, s, e).name, ...more }
}

/** The messages in what is to be sent. */
export function split(bytes: Uint8Array) {
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
export function conversation(trace: Trace | null = null) {
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

export function receive(exchange: Exchange, datagrams: Uint8Array[]) {
  const out = new Writer()
  for (const datagram of datagrams) {
    out.reserve(align(out.length) - out.length)
    out.raw(datagram)
  }
  exchange.receive(out.take(), 0, out.length)
}

export const link = (ifname: string, flags = nl.NLM_F_MULTI) =>
  reply(newLink, { header: { index: 1 }, attributes: { ifname } }, flags)

export const errorOf = (outcome: Outcome | undefined) => outcome?.error as NetlinkError

export function encoded(asked: Request, seq: number, flags = 0): Uint8Array {
  const out = new Writer()
  writeRequest(asked, seq, out)
  putU16(out.bytes, 6, getU16(out.bytes, 6) | flags)
  return out.take()
}

export function bare(type: number, seq: number, length = 16): Uint8Array {
  const bytes = new Uint8Array(length)
  putU32(bytes, 0, length)
  putU16(bytes, 4, type)
  putU32(bytes, 8, seq)
  putU32(bytes, 12, PORTID)
  return bytes
}
