/**
 * The conversation on one netlink socket, without the socket: requests go in, bytes to send come out, received bytes go in,
 * outcomes come out. One state machine for the synchronous and the asynchronous face and for the fake kernel.
 */

import { align, getU16, getU32, putU16, putU32 } from '../codec/bytes.js'
import { guarded, malformed } from '../codec/fault.js'
import { DecodeError, encodeBody, Writer } from '../codec/index.js'
import { advise } from './advice.js'
import * as nl from './constants.js'
import { errnoCode } from './errno.js'
import { DumpInterruptedError, NetlinkError } from './errors.js'
import { readErrorAttributes, resolveExtack } from './extack.js'
import type { Outcome, Request } from './request.js'

/** Requests that leave in one sendmsg: their answers must fit into the receive buffer of the socket. */
export const MAX_BATCH = 64
const MAX_BATCH_BYTES = 96 * 1024

/** Sees every message: for the debug log. */
export type Trace = (
  direction: 'send' | 'receive',
  bytes: Uint8Array,
  start: number,
  end: number,
  request: Request | null,
) => void

class Entry {
  seq = 0
  error: Error | null = null
  readonly values: unknown[] = []
  interrupted = false
  abandoned = false
  /** Sent without NLM_F_ACK: succeeded when a later one of the same batch is answered without an error for this one. */
  silent = false

  constructor(
    readonly request: Request,
    readonly settled: (outcome: Outcome) => void,
  ) {}
}

/** Lets go of a request: its answer is still read, and dropped. */
export type Abandon = () => void

export class Exchange {
  #seq = 0
  readonly #unsent: Entry[] = []
  /** In the order of sending, which is the order in which the kernel works. */
  readonly #awaited = new Map<number, Entry>()
  #dumping = false
  readonly #out = new Writer(8192)

  constructor(
    readonly where: string = '',
    readonly trace: Trace | null = null,
  ) {}

  get hasUnsent(): boolean {
    const next = this.#unsent[0]
    return next !== undefined && !(this.#dumping && next.request.answer === 'dump')
  }

  get isWaiting(): boolean {
    return this.#awaited.size > 0
  }

  /** Queues a request. `settled` is called once, from receive() or fail(). */
  add(request: Request, settled: (outcome: Outcome) => void): Abandon {
    const entry = new Entry(request, settled)
    this.#unsent.push(entry)
    for (const hold of request.holds ?? []) hold.retain()
    return () => {
      entry.abandoned = true
      const queued = this.#unsent.indexOf(entry)
      if (queued >= 0) {
        this.#unsent.splice(queued, 1)
        this.#release(entry)
      }
    }
  }

  /** Encodes what can be sent now: a view of `length` bytes in `bytes`, valid until the next call. */
  next(): Writer {
    const out = this.#out
    out.length = 0
    let last: Entry | null = null
    let lastStart = 0
    for (let count = 0; count < MAX_BATCH && out.length < MAX_BATCH_BYTES && this.hasUnsent; count++) {
      const entry = this.#unsent.shift()!
      const start = out.length
      try {
        this.#encode(entry, out)
      } catch (error) {
        // The value does not fit: nothing of it is sent.
        out.length = start
        this.#finish(entry, error as Error)
        continue
      }
      last = entry
      lastStart = start
      this.#awaited.set(entry.seq, entry)
      if (entry.request.answer === 'dump') {
        this.#dumping = true
        break
      }
    }
    if (last?.silent) {
      last.silent = false
      const flags = getU16(out.bytes, lastStart + 6)
      putU16(out.bytes, lastStart + 6, flags | nl.NLM_F_ACK)
    }
    if (this.trace !== null) this.#traceSent(out)
    return out
  }

  #encode(entry: Entry, out: Writer): void {
    const { request } = entry
    this.#seq = (this.#seq + 1) >>> 0 || 1
    entry.seq = this.#seq
    entry.silent = request.answer === 'ack'
    writeRequest(request, this.#seq, out)
  }

  #traceSent(out: Writer): void {
    for (let at = 0; at < out.length; ) {
      const length = getU32(out.bytes, at)
      this.trace?.(
        'send',
        out.bytes,
        at,
        at + length,
        this.#awaited.get(getU32(out.bytes, at + 8))?.request ?? null,
      )
      at += align(length)
    }
  }

  /** Takes what was received: any number of datagrams, each starting at a multiple of four bytes. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      if (at + nl.NLMSG_HDRLEN > end)
        throw new DecodeError('nlmsghdr', '', at, `${end - at} bytes left where a header has 16`)
      const length = getU32(bytes, at)
      if (length < nl.NLMSG_HDRLEN || at + length > end) {
        throw new DecodeError(
          'nlmsghdr',
          '',
          at,
          `a message of length ${length} where ${end - at} bytes are left`,
        )
      }
      this.#message(bytes, at, at + length)
      at += align(length)
    }
  }

  #message(bytes: Uint8Array, start: number, end: number): void {
    const type = getU16(bytes, start + 4)
    const entry = this.#awaited.get(getU32(bytes, start + 8))
    this.trace?.('receive', bytes, start, end, entry?.request ?? null)
    // The answer to a request that was given up, or nobody's.
    if (entry === undefined) return
    if (getU16(bytes, start + 6) & nl.NLM_F_DUMP_INTR) entry.interrupted = true
    if (type === nl.NLMSG_ERROR || type === nl.NLMSG_DONE) {
      if (end - start < nl.NLMSG_HDRLEN + 4 && type === nl.NLMSG_ERROR) {
        throw new DecodeError('NLMSG_ERROR', '', start, `${end - start} bytes where an error has 20`)
      }
      const errno = end - start < nl.NLMSG_HDRLEN + 4 ? 0 : -(getU32(bytes, start + nl.NLMSG_HDRLEN) | 0)
      this.#answered(entry, errno > 0 ? this.#refused(entry, errno, bytes, start, end) : null)
      return
    }
    if (type === nl.NLMSG_NOOP) return
    if (type === nl.NLMSG_OVERRUN) {
      this.#answered(entry, new DecodeError('NLMSG_OVERRUN', '', start, 'data lost'))
      return
    }
    if (!entry.abandoned && entry.error === null) this.#read(entry, bytes, start, end, type)
    if (entry.request.answer === 'reply') this.#answered(entry, entry.error)
  }

  #read(entry: Entry, bytes: Uint8Array, start: number, end: number, type: number): void {
    const { read, message } = entry.request
    if (read === undefined) return
    try {
      const value = guarded(message.name, () => {
        const body = start + nl.NLMSG_HDRLEN
        if (end - body < message.header.size)
          throw malformed(`${end - body} bytes where ${message.header.size} are fixed`, body)
        return read(bytes, body, end, type)
      })
      if (value !== undefined) entry.values.push(value)
    } catch (error) {
      // The rest of the answer is still read off the socket; the caller gets the error, never a short list.
      entry.error = error as Error
    }
  }

  #refused(entry: Entry, errno: number, bytes: Uint8Array, start: number, end: number): Error {
    const { request } = entry
    const copy = new Writer()
    writeRequest(request, entry.seq, copy)
    const sent = copy.take()
    const extack = guarded(request.message.name, () =>
      resolveExtack(readErrorAttributes(bytes, start, end), request.message, sent),
    )
    return new NetlinkError({
      operation: request.message.name,
      errno,
      subject: request.subject,
      extack,
      advice: request.advise?.(errnoCode(errno)) ?? advise(errno, this.where),
      request: sent,
    })
  }

  #answered(entry: Entry, error: Error | null): void {
    // The kernel works in order: what was sent before, and had nothing to complain about, has succeeded.
    for (const earlier of this.#awaited.values()) {
      if (earlier === entry) break
      if (earlier.silent) this.#finish(earlier, null)
    }
    if (entry.request.answer === 'dump') this.#dumping = false
    this.#finish(entry, error)
  }

  #finish(entry: Entry, error: Error | null): void {
    this.#awaited.delete(entry.seq)
    this.#release(entry)
    if (entry.abandoned) return
    const { request, values, interrupted } = entry
    const failure =
      error ?? entry.error ?? (interrupted ? new DumpInterruptedError(request.message.name, 1) : null)
    entry.settled({ error: failure, values })
  }

  #release(entry: Entry): void {
    for (const hold of entry.request.holds ?? []) hold.release()
  }

  /** The socket failed: nothing that was asked will be answered. */
  fail(error: Error): void {
    this.#dumping = false
    for (const entry of [...this.#awaited.values(), ...this.#unsent.splice(0)]) this.#finish(entry, error)
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
