/**
 * The conversation on one netlink socket, without the socket: requests go in, bytes to send come out, received bytes go in,
 * outcomes come out. One state machine for the synchronous and the asynchronous face and for the fake kernel.
 */

import { align, concatenated, getU16, getU32 } from '../codec/bytes.js'
import { DecodeError, type Message, Writer } from '../codec/index.js'
import * as nl from './constants.js'
import { type Abandon, answersTo, Entry, requestOf, type Settled } from './entry.js'
import { ENOENT, EPERM } from './errno.js'
import { messageLength, writeRequest } from './nlmsg.js'
import { Outbox } from './outbox.js'
import { Outstanding } from './outstanding.js'
import { noError, refusal } from './refusal.js'
import type { Request } from './request.js'
import type { Clock } from './timing.js'

/** Sees every message: for the debug log. */
export type Trace = (
  direction: 'send' | 'receive',
  bytes: Uint8Array,
  start: number,
  end: number,
  message: Message | null,
) => void

export class Exchange {
  #seq = 0
  readonly #outbox: Outbox
  /** One dump at a time: a second would be refused (EBUSY). Other requests overtake those that wait. */
  readonly #dumps: Entry[] = []
  #dumping = false
  #overrun = false
  readonly #awaited = new Outstanding()
  #answers = 0

  constructor(
    readonly where: string = '',
    readonly trace: Trace | null = null,
    /** The socket's address (nl_pid): messages for another one are passed over. 0: not known. */
    readonly portid: number = 0,
    readonly clock: Clock | null = null,
    /** NETLINK_NETFILTER: where a sendmsg may not change anything its first message alone is answered, with EPERM. */
    readonly refusedAsOne: boolean = false,
  ) {
    this.#outbox = new Outbox(refusedAsOne)
  }

  get hasUnsent(): boolean {
    return !this.#outbox.isEmpty || (this.#dumps.length > 0 && !this.#dumping)
  }

  get isWaiting(): boolean {
    return this.#awaited.size > 0
  }

  /**
   * Queues requests that belong together. `settled` is called for each from receive(), drained(), unsent() or fail().
   *
   * @throws RangeError or TypeError if a value of any of them does not fit; then none of them is queued
   */
  add(requests: readonly Request[], settled: Settled): Abandon {
    const entries = requests.map((request, index) => new Entry(request, index, settled))
    this.#queue(entries)
    return () => {
      for (const entry of entries) this.abandon(entry)
    }
  }

  /** Queues one request, whose values can be taken from its entry while they come. Otherwise as add(). */
  follow(request: Request, settled: Settled): Entry {
    const entry = new Entry(request, 0, settled)
    this.#queue([entry])
    return entry
  }

  #queue(entries: readonly Entry[]): void {
    const { writer } = this.#outbox
    const before = writer.length
    try {
      for (const entry of entries) this.#encode(entry)
    } catch (error) {
      writer.length = before
      throw error
    }
    for (const entry of entries) {
      if (entry.request.answer === 'dump') this.#dumps.push(entry)
      else this.#outbox.push(entry)
      for (const hold of entry.request.holds ?? []) hold.retain()
    }
  }

  #encode(entry: Entry): void {
    const { batch } = entry.request
    if (this.#seq + 1 + (batch?.length ?? 0) > 0xffffffff) this.#seq = 0
    entry.seq = ++this.#seq
    entry.last = entry.seq
    entry.silent = entry.request.answer === 'ack' && batch === undefined
    const isDump = entry.request.answer === 'dump'
    const out = isDump ? new Writer(128) : this.#outbox.writer
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

  /** See Abandon. */
  abandon(entry: Entry): void {
    entry.abandoned = true
    const waiting = this.#dumps.indexOf(entry)
    if (waiting >= 0) {
      this.#dumps.splice(waiting, 1)
      this.#release(entry)
    }
  }

  /** How many datagrams answer what next() gave last, where nothing of it fails; 0 where that is not known. */
  get answers(): number {
    return this.#dumping ? 0 : this.#answers
  }

  /** The bytes to send now; empty if there is nothing. See Outbox.take(). */
  next(ends: number[] | null = null): Uint8Array {
    const taken: Entry[] = []
    let chunk = this.#outbox.take(taken, ends)
    for (const entry of taken) {
      if (entry.abandoned) this.#release(entry)
      else this.#sent(entry)
    }
    this.#answers = answersTo(taken) // and not the entries, which hold what was read
    if (!this.#outbox.whole && !this.#dumping && this.#dumps.length > 0) chunk = this.#withDump(chunk, taken)
    if (this.trace !== null) this.#traceSent(chunk)
    return chunk
  }

  #sent(entry: Entry): void {
    this.#awaited.add(entry)
    entry.timing?.left()
  }

  #withDump(chunk: Uint8Array, taken: readonly Entry[]): Uint8Array {
    const entry = this.#dumps.shift()!
    const bytes = entry.bytes!
    entry.part = this.#outbox.parts
    this.#sent(entry)
    this.#dumping = true
    if (chunk.length === 0) return bytes
    const last = taken.at(-1)!
    if (this.refusedAsOne) entry.lead = last.lead ?? last
    return concatenated([chunk, bytes])
  }

  #traceSent(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const length = getU32(bytes, at)
      this.trace?.('send', bytes, at, at + length, this.#messageOf(getU32(bytes, at + 8)))
      at += align(length)
    }
  }

  #messageOf(seq: number): Message | null {
    const entry = this.#awaited.find(seq)
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
    const entry = this.#isOurs(bytes, start) ? this.#awaited.find(seq) : undefined
    this.trace?.('receive', bytes, start, end, entry === undefined ? null : this.#messageOf(seq))
    // The answer to a request that was given up, or nobody's.
    if (entry === undefined) return
    entry.timing?.arrived(end - start)
    if (getU16(bytes, start + 6) & nl.NLM_F_DUMP_INTR) entry.interrupted = true
    if (type === nl.NLMSG_ERROR || type === nl.NLMSG_DONE) {
      const number = end - start < nl.NLMSG_HDRLEN + 4 ? null : getU32(bytes, start + nl.NLMSG_HDRLEN) | 0
      if (type === nl.NLMSG_ERROR && (number === null || number > 0)) {
        // Of a batch, too: what the kernel did with it cannot be told.
        this.#answered(entry, noError(number, start, end))
        return
      }
      const errno = -(number ?? 0)
      const absent = errno === ENOENT && entry.request.mayBeAbsent === true
      const error =
        errno > 0 && !absent
          ? refusal(requestOf(entry, seq), seq, this.where, errno, bytes, start, end)
          : null
      if (errno === EPERM && this.refusedAsOne) this.#refuseBehind(entry, errno, bytes, start, end)
      if (entry.request.batch === undefined) this.#answered(entry, error)
      else this.#partAnswered(entry, seq, error)
      return
    }
    if (type === nl.NLMSG_NOOP) return
    if (type === nl.NLMSG_OVERRUN) {
      this.#answered(entry, new DecodeError('NLMSG_OVERRUN', '', start, 'data lost'))
      return
    }
    entry.read(seq, bytes, start, end, type)
    if (entry.request.answer === 'reply') this.#answered(entry, entry.error)
  }

  /** nfnetlink_rcv() passes over what follows in the same sendmsg: nobody else would ever answer that. */
  #refuseBehind(first: Entry, errno: number, bytes: Uint8Array, start: number, end: number): void {
    for (const entry of this.#awaited.all()) {
      if (entry.lead !== first) continue
      const { request, seq } = entry
      this.#finish(entry, refusal(request, seq, this.where, errno, bytes, start, end))
    }
  }

  /** Notifications can carry the number of somebody else's request; those for everybody are addressed to 0. */
  #isOurs(bytes: Uint8Array, start: number): boolean {
    const portid = getU32(bytes, start + 12)
    return portid === this.portid || portid === 0 || this.portid === 0
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
    for (const { request } of this.#awaited.all()) if (request.batch === undefined) return false
    this.#overrun = this.#awaited.size > 0
    return this.#overrun
  }

  /** Nothing is left to read: true if that ends what an overrun left open. */
  drained(): boolean {
    if (!this.#overrun) return false
    for (const entry of this.#awaited.all()) this.#finish(entry, null, true)
    return true
  }

  #answered(entry: Entry, error: Error | null): void {
    // The kernel works in order: what was sent before, and had nothing to complain about, has succeeded.
    for (const earlier of this.#awaited.before(entry)) if (earlier.silent) this.#finish(earlier, null)
    this.#finish(entry, error)
  }

  /** Nothing where it is finished: who is told of one may close the socket, which finishes all others. */
  #finish(entry: Entry, error: Error | null, lost = false): void {
    if (entry.finished) return
    entry.finished = true
    this.#awaited.remove(entry)
    if (entry.request.answer === 'dump') this.#dumping = false
    if (this.#awaited.size === 0) this.#overrun = false
    this.#release(entry)
    if (entry.abandoned) return
    const { values } = entry
    const failure = error ?? entry.failure()
    entry.timing?.publish(failure)
    entry.settled(entry.index, lost ? { error: failure, values, lost } : { error: failure, values })
  }

  #release(entry: Entry): void {
    for (const hold of entry.request.holds ?? []) hold.release()
  }

  /** The last `count` sendmsg of what next() gave last have not left: the kernel has not seen their requests, and goes on with the others. */
  unsent(count: number, errorOf: (request: Request) => Error): void {
    const from = this.#outbox.parts - count
    for (const entry of this.#awaited.all())
      if (entry.part > from) this.#finish(entry, errorOf(entry.request))
  }

  /** The socket failed: nothing that was asked will be answered. Each request gets an error of its own. */
  fail(errorOf: (request: Request) => Error): void {
    this.#dumping = false
    this.#overrun = false
    for (const entry of [...this.#awaited.all(), ...this.#outbox.clear(), ...this.#dumps.splice(0)])
      this.#finish(entry, errorOf(entry.request))
  }
}
