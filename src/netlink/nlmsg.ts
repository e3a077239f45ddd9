/** Messages with their struct nlmsghdr (linux/netlink.h). */

import { align, getU16, getU32, putU16, putU32 } from '../codec/bytes.js'
import { malformed } from '../codec/fault.js'
import { DecodeError, encodeBody, type Message, type Writer } from '../codec/index.js'
import * as nl from './constants.js'
import type { Request } from './request.js'

/** The length of the message at `at`, its header included. Throws DecodeError where it does not lie before `end`. */
export function messageLength(bytes: Uint8Array, at: number, end: number): number {
  const left = end - at
  if (left < nl.NLMSG_HDRLEN)
    throw new DecodeError('nlmsghdr', '', at, `${left} bytes left where a header has 16`)
  const length = getU32(bytes, at)
  if (length < nl.NLMSG_HDRLEN || length > left)
    throw new DecodeError('nlmsghdr', '', at, `a message of length ${length} where ${left} bytes are left`)
  return length
}

/** Where the fixed struct of a message begins that lies from `start` to `end`. Throws a Fault where it is shorter than that. */
export function bodyStart({ header }: Message, start: number, end: number): number {
  const body = start + nl.NLMSG_HDRLEN
  if (end - body < header.size) throw malformed(`${end - body} bytes where ${header.size} are fixed`, body)
  return body
}

/** nlmsg_flags of the message whose fixed struct begins at `body`. */
export function flagsOf(bytes: Uint8Array, body: number): number {
  return getU16(bytes, body - nl.NLMSG_HDRLEN + 6)
}

/** Turns messages that nobody wants any more into ones that the kernel passes over (netlink_rcv_skb). */
export function skipMessages(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at += align(getU32(bytes, at))) {
    putU16(bytes, at + 4, nl.NLMSG_NOOP)
    putU16(bytes, at + 6, 0)
  }
}

/** Writes the whole message, struct nlmsghdr included. */
export function writeRequest(request: Request, seq: number, out: Writer): void {
  const { message, answer, flags } = request
  const start = out.reserve(nl.NLMSG_HDRLEN)
  encodeBody(message, out, request.body)
  const extra = answer === 'dump' ? nl.NLM_F_DUMP : answer === 'replies' ? nl.NLM_F_ACK : 0
  putU32(out.bytes, start, out.length - start)
  putU16(out.bytes, start + 4, message.number)
  putU16(out.bytes, start + 6, flags | extra | nl.NLM_F_REQUEST)
  putU32(out.bytes, start + 8, seq)
}
