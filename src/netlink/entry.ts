/** A request on its way, with what is known of its answer. */

import { Fault } from '../codec/fault.js'
import { DumpInterruptedError } from './errors.js'
import { bodyStart } from './nlmsg.js'
import type { Outcome, Request } from './request.js'
import type { Timing } from './timing.js'

/** Called once for each request, with its place among those that were added together. */
export type Settled = (index: number, outcome: Outcome) => void

/** Lets go of requests: what was sent is still answered, and the answers dropped. */
export type Abandon = () => void

export class Entry {
  seq = 0
  /** Which sendmsg of the socket it left with, or was to leave with. */
  part = 0
  /** Where its bytes end in the buffer that it waits in. */
  end = 0
  /** A dump's own bytes: it does not wait in the common buffer. */
  bytes: Uint8Array | null = null
  error: Error | null = null
  values: unknown[] = []
  interrupted = false
  abandoned = false
  finished = false
  /** Sent without NLM_F_ACK: succeeded when a later one of the same batch is answered without an error for this one. */
  silent = false
  /** Of a batch that the kernel takes as a whole: the number of its last message, and of the one that answers for all. */
  last = 0
  acked = 0
  /** On sockets where a refusal of the first request of a sendmsg is all that the others of it hear: that first one. */
  lead: Entry | null = null
  /** Kept only while somebody wants to know. */
  timing: Timing | null = null

  constructor(
    readonly request: Request,
    readonly index: number,
    readonly settled: Settled,
  ) {}

  /** Reads a message of the answer, unless nobody wants to have it any more. */
  read(seq: number, bytes: Uint8Array, start: number, end: number, type: number): void {
    if (this.abandoned || this.error !== null) return
    const { read, several, message } = requestOf(this, seq)
    if (read === undefined) return
    try {
      const value = read(bytes, bodyStart(message, start, end), end, type)
      this.timing?.decoded()
      if (several) for (const one of value as readonly unknown[]) this.values.push(one)
      else if (value !== undefined) this.values.push(value)
    } catch (error) {
      // The rest of the answer is still read off the socket; the caller gets the error, never a short list.
      this.error = error instanceof Fault ? error.toError(message.name, start) : (error as Error)
    }
  }

  /** What is wrong with the answer as far as it has come. */
  failure(): Error | null {
    if (this.error !== null || !this.interrupted) return this.error
    return new DumpInterruptedError(this.request.message.name, 1, this.values)
  }

  /** What was read since the last call. Throws at once what the outcome would tell at the end. */
  take(): unknown[] {
    const failure = this.failure()
    if (failure !== null) throw failure
    const { values } = this
    this.values = []
    return values
  }
}

/** The request that was sent with a number: the one of the entry, or one of its batch. */
export function requestOf({ request, seq: first }: Entry, seq: number): Request {
  return seq === first ? request : request.batch![seq - first - 1]!
}

/** The datagrams that requests are answered by where none of them fails; 0: not known. */
export function answersTo(entries: readonly Entry[]): number {
  let answers = 0
  for (const { request, silent, abandoned } of entries) {
    if (request.answer === 'replies' || request.batch !== undefined) return 0
    if (!silent && !abandoned) answers++
  }
  return answers
}
