import { align, getU16 } from '../codec/bytes.js'
import { NLMSG_MIN_TYPE } from '../netlink/constants.js'
import { EAGAIN } from '../netlink/errno.js'
import { messageLength } from '../netlink/nlmsg.js'
import type { Outcome, Request } from '../netlink/request.js'
import { publishTimings } from './clock.js'
import { requestError, SocketFailure } from './failure.js'
import { LARGE, NOTHING, PART_SIZE } from './settings.js'
import { SocketChannel } from './socket-channel.js'

/**
 * Bytes that are decoded at once. Values that are taken soon die young; the more of them live when V8 collects its young generation, the
 * larger it lets that become (a million routes: peaks of 19 MB, with 8 KiB 25, with 32 KiB 39).
 */
const SLICE = 4 * 1024

interface Received {
  readonly buffer: Uint8Array
  readonly length: number
  readonly failure: SocketFailure | null
}

/** A socket of one stream: it receives when it is told to, so that a reader who waits makes the kernel wait. */
export class StreamChannel extends SocketChannel {
  /** Two: one is received into while the other is decoded. */
  readonly #buffers = [new Uint8Array(PART_SIZE), new Uint8Array(PART_SIZE)]
  /** What it is busy with, for an error of the socket. */
  #asked!: Request

  async perform(requests: readonly Request[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    this.#asked = requests[0]!
    this.exchange.add(requests, (index, outcome) => {
      outcomes[index] = outcome
    })
    while (this.exchange.hasUnsent || this.exchange.isWaiting) this.#give(await this.#receive())
    return outcomes
  }

  /**
   * Dumps a table, part by part: the next is received while `take` has the last one, and no further before `take` is done with it.
   *
   * @throws at once what the reader throws, and DumpInterruptedError
   */
  async dump(request: Request, take: (values: unknown[]) => Promise<void>): Promise<Outcome> {
    this.#asked = request
    // TypeScript does not see that the callback changes it.
    let ended = null as Outcome | null
    const entry = this.exchange.follow(request, (_, outcome) => {
      ended = outcome
    })
    let next = this.#receive()
    for (;;) {
      const { buffer, length, failure } = await next
      if (failure !== null) throw this.#error(failure)
      const ahead = length >= LARGE && !isEnd(buffer, length)
      if (ahead) next = this.#receive()
      for (let at = 0; at < length; ) {
        const end = sliceEnd(buffer, at, length)
        this.exchange.receive(buffer, at, end)
        at = end
        const values = entry.take()
        if (values.length > 0) await take(values)
      }
      publishTimings()
      if (ended !== null) return { error: ended.error, values: [] }
      if (!ahead) next = this.#receive()
    }
  }

  /** Sends what is unsent and receives the next part, waiting for it. */
  async #receive(): Promise<Received> {
    const buffer = this.#buffers.reverse()[0]!
    let bytes = this.exchange.hasUnsent ? this.exchange.next() : NOTHING
    for (;;) {
      const [error, length] = await new Promise<[error: number, received: number]>((resolve) => {
        this.socket.submit(bytes, bytes.length, buffer, (error, received) => resolve([error, received]))
      })
      // EAGAIN too: the thread that sends could not be started.
      if (error < 0) return failed(buffer, error, 'send')
      if (length >= 0) return { buffer, length, failure: null }
      if (length !== -EAGAIN) return failed(buffer, length, 'receive')
      bytes = NOTHING
      const status = await this.#readable()
      if (status < 0) return failed(buffer, status, 'receive')
    }
  }

  /** 0 or -errno: nobody may be waiting any more for what is received ahead, so that it cannot be an exception. */
  #readable(): Promise<number> {
    return new Promise((resolve) => {
      const status = this.socket.watch(() => {
        this.socket.unwatch()
        resolve(0)
      })
      if (status < 0) resolve(status)
    })
  }

  #give({ buffer, length, failure }: Received): void {
    if (failure !== null) throw this.#error(failure)
    this.exchange.receive(buffer, 0, length)
    publishTimings()
  }

  #error(failure: SocketFailure): Error {
    return requestError(failure)(this.#asked)
  }

  override release(): void {
    this.close()
  }
}

function failed(buffer: Uint8Array, error: number, at: SocketFailure['at']): Received {
  return { buffer, length: 0, failure: new SocketFailure(-error, at) }
}

/** Where the first messages from `at` on end, as many as are decoded at once. */
function sliceEnd(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end && next - at < SLICE) next += align(messageLength(bytes, next, end))
  return Math.min(next, end)
}

/** Whether a part ends with the end of a dump: who received ahead then would take what is answered to the next request. */
function isEnd(bytes: Uint8Array, end: number): boolean {
  let type = 0
  for (let at = 0; at < end; at += align(messageLength(bytes, at, end))) type = getU16(bytes, at + 4)
  return type < NLMSG_MIN_TYPE
}
