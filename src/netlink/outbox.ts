/** Requests that wait to be sent, encoded one behind the other, and how they are parted into sendmsg. */

import { getU16, putU16 } from '../codec/bytes.js'
import { Writer } from '../codec/index.js'
import { NLM_F_ACK } from './constants.js'
import type { Entry } from './entry.js'
import { skipMessages } from './nlmsg.js'

/** Requests that leave in one sendmsg: their answers must fit into the receive buffer of the socket. */
export const MAX_BATCH = 64
const MAX_BATCH_BYTES = 96 * 1024
/** So many sendmsg are handed over at once, so that the thread which sends them need not come back for each. */
const MAX_PARTS = 16
/** A buffer whose taken part is shorter than this is not worth copying the rest of. */
const RECYCLE_BYTES = 1 << 20

export class Outbox {
  /** What waits lies here, from `#from` on. */
  #queue = new Writer(512)
  /** What was taken last, which may still be under way. */
  #other = new Writer(512)
  #from = 0
  #unsent: Entry[] = []
  #taken = 0
  /** The sendmsg that were taken so far, also where nothing waited: a dump may be all that is in it. */
  parts = 0
  /** Whether nothing may follow what was taken last in its sendmsg: the kernel takes it as a whole. */
  whole = false

  /** `refusedAsOne`: see Entry.lead. */
  constructor(readonly refusedAsOne: boolean) {}

  get isEmpty(): boolean {
    return this.#taken === this.#unsent.length
  }

  /** Where to encode what is added next. */
  get writer(): Writer {
    return this.#queue
  }

  /** Adds a request whose bytes have been encoded, up to `entry.end`. */
  push(entry: Entry): void {
    this.#unsent.push(entry)
  }

  /**
   * The bytes of the next sendmsg; they stay as they are until the call after the next. With `ends` those of up to `MAX_PARTS`, and all their
   * ends but the last are put there. `taken` gets the requests, also those that were abandoned, which the kernel passes over.
   */
  take(taken: Entry[], ends: number[] | null): Uint8Array {
    const { bytes } = this.#queue
    const start = this.#from
    this.#part(taken)
    while (ends !== null && ends.length < MAX_PARTS - 1 && !this.isEmpty) {
      ends.push(this.#from - start)
      this.#part(taken)
    }
    const chunk = bytes.subarray(start, this.#from)
    this.#recycle()
    return chunk
  }

  #part(taken: Entry[]): void {
    const { bytes } = this.#queue
    const start = this.#from
    let first: Entry | null = null
    let last: Entry | null = null
    let lastStart = start
    this.whole = false
    this.parts++
    for (let count = 0; count < MAX_BATCH && !this.isEmpty && !this.whole; count++) {
      const entry = this.#unsent[this.#taken]!
      const whole = entry.request.batch !== undefined
      // What the kernel takes as a whole has to begin and to end a sendmsg.
      if (count > 0 && (whole || entry.end - start > MAX_BATCH_BYTES)) break
      // A refusal that comes as the answer to a request which was given up would be the answer to nobody.
      this.whole = whole || (count === 0 && this.refusedAsOne && entry.abandoned)
      if (count === 0) first = entry
      else if (this.refusedAsOne) entry.lead = first
      entry.part = this.parts
      this.#taken++
      taken.push(entry)
      if (entry.abandoned) {
        skipMessages(bytes, this.#from, entry.end)
      } else {
        last = entry
        lastStart = this.#from
      }
      this.#from = entry.end
    }
    if (last?.silent) {
      last.silent = false
      putU16(bytes, lastStart + 6, getU16(bytes, lastStart + 6) | NLM_F_ACK)
    }
  }

  /** Changes buffers when all is taken, or when what was taken is the larger part of a long queue. */
  #recycle(): void {
    if (!this.isEmpty && (this.#from < RECYCLE_BYTES || this.#queue.length > 2 * this.#from)) return
    const queue = this.#queue
    this.#other.length = 0
    if (!this.isEmpty) this.#other.raw(queue.bytes.subarray(this.#from, queue.length))
    this.#unsent = this.#unsent.slice(this.#taken)
    for (const entry of this.#unsent) entry.end -= this.#from
    this.#taken = 0
    this.#from = 0
    this.#queue = this.#other
    this.#other = queue
  }

  /** Empties it; returns what waited. */
  clear(): Entry[] {
    const unsent = this.#unsent.slice(this.#taken)
    this.#taken = this.#unsent.length
    this.#from = this.#queue.length
    this.#recycle()
    return unsent
  }
}
