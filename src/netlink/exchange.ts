/**
 * The conversation on one netlink socket, without the socket: requests go in, bytes to send come out, received bytes go in,
 * outcomes come out. One state machine for the synchronous and the asynchronous face and for the fake kernel.
 */

import { align, getU16, getU32, putU16, putU32 } from '../codec/bytes.js'
import { Fault, guarded, malformed } from '../codec/fault.js'
import { DecodeError, encodeBody, type Message, Writer } from '../codec/index.js'
import { advise } from './advice.js'
import * as nl from './constants.js'
import { ENOENT, errnoCode } from './errno.js'
import { DumpInterruptedError, NetlinkError } from './errors.js'
import { readErrorAttributes, resolveExtack } from './extack.js'
import type { Outcome, Request } from './request.js'
import type { Clock, Timing } from './timing.js'

/** Requests that leave in one sendmsg: their answers must fit into the receive buffer of the socket. */
export const MAX_BATCH = 64
const MAX_BATCH_BYTES = 96 * 1024
/** So many sendmsg are handed over at once, so that the thread which sends them need not come back for each. */
const MAX_PARTS = 16
/** A buffer whose taken part is shorter than this is not worth copying the rest of. */
const RECYCLE_BYTES = 1 << 20

/** Sees every message: for the debug log. */
export type Trace = (
  direction: 'send' | 'receive',
  bytes: Uint8Array,
  start: number,
  end: number,
  message: Message | null,
) => void

class Entry {
  seq = 0
  /** Where its bytes end in the buffer that it waits in. */
  end = 0
  /** A dump's own bytes: it does not wait in the common buffer. */
  bytes: Uint8Array | null = null
  error: Error | null = null
  readonly values: unknown[] = []
  interrupted = false
  abandoned = false
  /** Sent without NLM_F_ACK: succeeded when a later one of the same batch is answered without an error for this one. */
  silent = false
  /** Of a batch that the kernel takes as a whole: the number of its last message, and of the one that answers for all. */
  last = 0
  acked = 0
  /** Kept only while somebody wants to know. */
  timing: Timing | null = null

  constructor(
    readonly request: Request,
    readonly index: number,
    readonly settled: Settled,
  ) {}
}

/** Called once for each request, with its place among those that were added together. */
export type Settled = (index: number, outcome: Outcome) => void

/** Lets go of requests: what was sent is still answered, and the answers dropped. */
export type Abandon = () => void

export class Exchange {
  #seq = 0
  /** Requests that wait to be sent lie in `#queue`, encoded, from `#from` on; the other buffer may be under way. */
  #queue = new Writer(512)
  #other = new Writer(512)
  #from = 0
  #unsent: Entry[] = []
  #taken = 0
  /** One dump at a time: a second would be refused (EBUSY). Other requests overtake those that wait. */
  readonly #dumps: Entry[] = []
  #dumping = false
  #overrun = false
  /** In the order of sending, which is the order in which the kernel works. */
  readonly #awaited = new Map<number, Entry>()

  constructor(
    readonly where: string = '',
    readonly trace: Trace | null = null,
    /** The socket's address (nl_pid): messages for another one are passed over. 0: not known. */
    readonly portid: number = 0,
    readonly clock: Clock | null = null,
    /** Requests that may leave in one sendmsg. */
    readonly batchSize: number = MAX_BATCH,
  ) {}

  get hasUnsent(): boolean {
    return this.#taken < this.#unsent.length || (this.#dumps.length > 0 && !this.#dumping)
  }

  get isWaiting(): boolean {
    return this.#awaited.size > 0
  }

  /**
   * Queues requests that belong together. `settled` is called for each from receive() or fail().
   *
   * @throws RangeError or TypeError if a value of any of them does not fit; then none of them is queued
   */
  add(requests: readonly Request[], settled: Settled): Abandon {
    const entries = requests.map((request, index) => new Entry(request, index, settled))
    const before = this.#queue.length
    try {
      for (const entry of entries) this.#encode(entry)
    } catch (error) {
      this.#queue.length = before
      throw error
    }
    for (const entry of entries) {
      if (entry.request.answer === 'dump') this.#dumps.push(entry)
      else this.#unsent.push(entry)
      for (const hold of entry.request.holds ?? []) hold.retain()
    }
    return () => this.#abandon(entries)
  }

  #encode(entry: Entry): void {
    const { batch } = entry.request
    if (this.#seq + 1 + (batch?.length ?? 0) > 0xffffffff) this.#seq = 0
    entry.seq = ++this.#seq
    entry.last = entry.seq
    entry.silent = entry.request.answer === 'ack' && batch === undefined
    const isDump = entry.request.answer === 'dump'
    const out = isDump ? new Writer(128) : this.#queue
    const start = out.length
    const timing = this.clock?.start(entry.request.message.name, this.where) ?? null
    writeRequest(entry.request, entry.seq, out)
    if (batch !== undefined) this.#encodeBatch(entry, batch, out)
    entry.end = out.length
    timing?.encoded(out.length - start)
    entry.timing = timing
    if (isDump) entry.bytes = out.take()
  }

  #encodeBatch(entry: Entry, batch: readonly Request[], out: Writer): void {
    for (const part of batch) {
      entry.last = ++this.#seq
      if (part.flags & nl.NLM_F_ACK) entry.acked = entry.last
      writeRequest(part, entry.last, out)
    }
  }

  #abandon(entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.abandoned = true
      const waiting = this.#dumps.indexOf(entry)
      if (waiting >= 0) {
        this.#dumps.splice(waiting, 1)
        this.#release(entry)
      }
    }
  }

  /**
   * The bytes to send now; empty if there is nothing. They stay as they are until the call after the next. With `ends` they are for up to
   * `MAX_PARTS` sendmsg, and all their ends but the last are put there.
   */
  next(ends: number[] | null = null): Uint8Array {
    const { bytes } = this.#queue
    const start = this.#from
    let whole = this.#part()
    while (ends !== null && ends.length < MAX_PARTS - 1 && this.#taken < this.#unsent.length) {
      ends.push(this.#from - start)
      whole = this.#part()
    }
    let chunk = bytes.subarray(start, this.#from)
    this.#recycle()
    if (!whole && !this.#dumping && this.#dumps.length > 0) chunk = this.#withDump(chunk)
    if (this.trace !== null) this.#traceSent(chunk)
    return chunk
  }

  /** Takes what leaves in the next sendmsg; whether the kernel takes it as a whole. */
  #part(): boolean {
    const { bytes } = this.#queue
    const start = this.#from
    let last: Entry | null = null
    let lastStart = start
    let whole = false
    for (let count = 0; count < this.batchSize && this.#taken < this.#unsent.length && !whole; count++) {
      const entry = this.#unsent[this.#taken]!
      whole = entry.request.batch !== undefined
      // What the kernel takes as a whole has to begin and to end a sendmsg.
      if (count > 0 && (whole || entry.end - start > MAX_BATCH_BYTES)) {
        whole = false
        break
      }
      this.#taken++
      const entryStart = this.#from
      this.#from = entry.end
      if (entry.abandoned) {
        skipMessages(bytes, entryStart, entry.end)
        this.#release(entry)
      } else {
        this.#awaited.set(entry.seq, entry)
        entry.timing?.left()
        last = entry
        lastStart = entryStart
      }
    }
    if (last?.silent) {
      last.silent = false
      putU16(bytes, lastStart + 6, getU16(bytes, lastStart + 6) | nl.NLM_F_ACK)
    }
    return whole
  }

  /** Changes buffers when all is taken, or when what was taken is the larger part of a long queue. */
  #recycle(): void {
    const all = this.#taken === this.#unsent.length
    if (!all && (this.#from < RECYCLE_BYTES || this.#queue.length > 2 * this.#from)) return
    const queue = this.#queue
    this.#other.length = 0
    if (!all) this.#other.raw(queue.bytes.subarray(this.#from, queue.length))
    this.#unsent = this.#unsent.slice(this.#taken)
    for (const entry of this.#unsent) entry.end -= this.#from
    this.#taken = 0
    this.#from = 0
    this.#queue = this.#other
    this.#other = queue
  }

  #withDump(chunk: Uint8Array): Uint8Array {
    const entry = this.#dumps.shift()!
    const bytes = entry.bytes!
    this.#awaited.set(entry.seq, entry)
    entry.timing?.left()
    this.#dumping = true
    if (chunk.length === 0) return bytes
    const both = new Uint8Array(chunk.length + bytes.length)
    both.set(chunk)
    both.set(bytes, chunk.length)
    return both
  }

  #traceSent(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const length = getU32(bytes, at)
      this.trace?.('send', bytes, at, at + length, this.#messageOf(getU32(bytes, at + 8)))
      at += align(length)
    }
  }

  /** The request of a number, of a batch's messages too. */
  #entryOf(seq: number): Entry | undefined {
    const entry = this.#awaited.get(seq)
    if (entry !== undefined) return entry
    for (const one of this.#awaited.values()) if (seq > one.seq && seq <= one.last) return one
    return undefined
  }

  #messageOf(seq: number): Message | null {
    const entry = this.#entryOf(seq)
    return entry === undefined ? null : requestOf(entry, seq).message
  }

  /** Takes what was received: any number of datagrams, each starting at a multiple of four bytes. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const length = messageLength(bytes, at, end)
      this.#message(bytes, at, at + length)
      at += align(length)
    }
  }

  #message(bytes: Uint8Array, start: number, end: number): void {
    const type = getU16(bytes, start + 4)
    const seq = getU32(bytes, start + 8)
    const entry = this.#isOurs(bytes, start) ? this.#entryOf(seq) : undefined
    this.trace?.('receive', bytes, start, end, entry === undefined ? null : this.#messageOf(seq))
    // The answer to a request that was given up, or nobody's.
    if (entry === undefined) return
    entry.timing?.arrived(end - start)
    if (getU16(bytes, start + 6) & nl.NLM_F_DUMP_INTR) entry.interrupted = true
    if (type === nl.NLMSG_ERROR || type === nl.NLMSG_DONE) {
      if (end - start < nl.NLMSG_HDRLEN + 4 && type === nl.NLMSG_ERROR) {
        throw new DecodeError('NLMSG_ERROR', '', start, `${end - start} bytes where an error has 20`)
      }
      const errno = end - start < nl.NLMSG_HDRLEN + 4 ? 0 : -(getU32(bytes, start + nl.NLMSG_HDRLEN) | 0)
      const absent = errno === ENOENT && entry.request.mayBeAbsent === true
      const error = errno > 0 && !absent ? this.#refused(entry, errno, bytes, start, end) : null
      if (entry.request.batch === undefined) this.#answered(entry, error)
      else this.#partAnswered(entry, seq, error)
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

  /** Notifications can carry the number of somebody else's request; those for everybody are addressed to 0. */
  #isOurs(bytes: Uint8Array, start: number): boolean {
    const portid = getU32(bytes, start + 12)
    return portid === this.portid || portid === 0 || this.portid === 0
  }

  #read(entry: Entry, bytes: Uint8Array, start: number, end: number, type: number): void {
    const { read, message } = requestOf(entry, getU32(bytes, start + 8))
    if (read === undefined) return
    try {
      const body = start + nl.NLMSG_HDRLEN
      if (end - body < message.header.size)
        throw malformed(`${end - body} bytes where ${message.header.size} are fixed`, body)
      const value = read(bytes, body, end, type)
      entry.timing?.decoded()
      if (value !== undefined) entry.values.push(value)
    } catch (error) {
      // The rest of the answer is still read off the socket; the caller gets the error, never a short list.
      entry.error = error instanceof Fault ? error.toError(message.name, start) : (error as Error)
    }
  }

  #refused(entry: Entry, errno: number, bytes: Uint8Array, start: number, end: number): Error {
    const seq = getU32(bytes, start + 8)
    const request = requestOf(entry, seq)
    try {
      const copy = new Writer()
      writeRequest(request, seq, copy)
      const sent = copy.take()
      const said = guarded('NLMSG_ERROR', () => readErrorAttributes(bytes, start, end), start)
      const extack = resolveExtack(said, request.message, sent)
      return new NetlinkError({
        operation: request.message.name,
        errno,
        subject: request.subject,
        extack,
        // Where the kernel has words of its own it is not about what a number alone means.
        advice:
          request.advise?.(errnoCode(errno), extack) ??
          (extack.message === null ? advise(errno, this.where) : undefined),
        request: sent,
      })
    } catch (error) {
      // It belongs to this request alone: the others must not fail with it.
      return error as Error
    }
  }

  /** The kernel answers a batch when it has gone through all of it, in order; an error of its first message is about the whole. */
  #partAnswered(entry: Entry, seq: number, error: Error | null): void {
    if (error !== null) entry.error ??= error
    if (seq === entry.acked || (seq === entry.seq && error !== null)) this.#answered(entry, null)
  }

  /**
   * The socket lost answers (ENOBUFS). True where all that is outstanding are batches: the errors that are still there are worth
   * reading, up to `drained`.
   */
  overrun(): boolean {
    for (const { request } of this.#awaited.values()) if (request.batch === undefined) return false
    this.#overrun = this.#awaited.size > 0
    return this.#overrun
  }

  /** Nothing is left to read: true if that ends what an overrun left open. */
  drained(): boolean {
    if (!this.#overrun) return false
    for (const entry of [...this.#awaited.values()]) this.#finish(entry, null, true)
    return true
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

  #finish(entry: Entry, error: Error | null, lost = false): void {
    this.#awaited.delete(entry.seq)
    if (this.#awaited.size === 0) this.#overrun = false
    this.#release(entry)
    if (entry.abandoned) return
    const { request, values, interrupted } = entry
    const failure =
      error ?? entry.error ?? (interrupted ? new DumpInterruptedError(request.message.name, 1) : null)
    entry.timing?.publish(failure)
    entry.settled(entry.index, lost ? { error: failure, values, lost } : { error: failure, values })
  }

  #release(entry: Entry): void {
    for (const hold of entry.request.holds ?? []) hold.release()
  }

  /** The socket failed: nothing that was asked will be answered. Each request gets an error of its own. */
  fail(errorOf: (request: Request) => Error): void {
    this.#dumping = false
    this.#overrun = false
    const unsent = this.#unsent.slice(this.#taken)
    this.#taken = this.#unsent.length
    this.#from = this.#queue.length
    this.#recycle()
    for (const entry of [...this.#awaited.values(), ...unsent, ...this.#dumps.splice(0)])
      this.#finish(entry, errorOf(entry.request))
  }
}

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

/** The request that was sent with a number: the one of the entry, or one of its batch. */
function requestOf({ request, seq: first }: Entry, seq: number): Request {
  return seq === first ? request : request.batch![seq - first - 1]!
}

/** Turns messages that nobody wants any more into ones that the kernel passes over (netlink_rcv_skb). */
function skipMessages(bytes: Uint8Array, start: number, end: number): void {
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
