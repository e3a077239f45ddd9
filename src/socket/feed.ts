/** What subscribers hold: the events of an EventSocket as an asynchronous iterable. */

import type { EventSocket, Loss } from './event-socket.js'

/** Turns what the socket has stepped to into an event; undefined for what the subscriber did not ask for. */
export type ReadEvent<E> = (source: EventSocket, loss: Loss | null) => E | undefined

type Result<E> = IteratorResult<E, undefined>

/** Events in a row that need no turn of the event loop: timers, signals and the socket itself must not starve. */
const TURN = 1024

const unclosed = /* @__PURE__ */ new FinalizationRegistry<{ source: EventSocket; label: string }>(
  ({ source, label }) => {
    process.emitWarning(`${label} was collected without close(): it is closed now`, {
      type: 'NetlinkWarning',
    })
    source.close()
  },
)

/**
 * Events as they come, for `for await`. Leaving the loop, `return()`, `close()`, `await using` and the signal end it at once and
 * close the socket; what was not read by then is dropped. Until it is closed it keeps the process running.
 */
export class EventStream<E>
  implements AsyncIterableIterator<E, undefined, undefined>, AsyncDisposable, Disposable
{
  readonly #source: EventSocket
  readonly #read: ReadEvent<E>
  readonly #signal: AbortSignal | undefined
  readonly #aborted = () => this.#end(() => Promise.reject(this.#signal?.reason))
  /** What next() answers after the end; null while there is none. */
  #ended: (() => Promise<Result<E>>) | null = null
  readonly #waiting: ((result: Promise<Result<E>>) => void)[] = []
  #served = 0

  /** @internal */
  constructor(source: EventSocket, read: ReadEvent<E>, label: string, signal: AbortSignal | undefined) {
    this.#source = source
    this.#read = read
    this.#signal = signal
    signal?.addEventListener('abort', this.#aborted)
    unclosed.register(this, { source, label }, this)
    if (signal?.aborted) this.#aborted()
  }

  /**
   * The next event, when it comes. Calls are answered in their order.
   *
   * @throws DecodeError where the kernel sent what the library cannot read, SystemError where the socket failed, the signal's
   * reason: each once, and then the stream has ended
   */
  next(): Promise<Result<E>> {
    if (this.#waiting.length === 0 && this.#served < TURN) {
      const result = this.#take()
      if (result !== null) {
        this.#served++
        return result
      }
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#await()
    })
  }

  /** Ends the stream at once; a next() that waits is answered with the end. */
  return(): Promise<Result<E>> {
    this.close()
    return done()
  }

  /** Closes the socket; idempotent. */
  close(): void {
    if (this.#ended === null) this.#end(done)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #take(): Promise<Result<E>> | null {
    if (this.#ended !== null) {
      const answer = this.#ended()
      this.#ended = done
      return answer
    }
    try {
      for (let step = this.#source.step(); step !== null; step = this.#source.step()) {
        const value = this.#read(this.#source, step === 'message' ? null : step)
        if (value !== undefined) return Promise.resolve({ done: false, value })
      }
      if (this.#source.error === null) return null
      throw this.#source.error
    } catch (error) {
      this.#close(done)
      return Promise.reject(error)
    }
  }

  #await(): void {
    if (this.#served < TURN) this.#source.wake = () => this.#serve()
    else setImmediate(() => this.#serve())
  }

  #serve(): void {
    this.#served = 0
    this.#source.wake = null
    while (this.#waiting.length > 0) {
      const result = this.#take()
      if (result === null) {
        this.#await()
        return
      }
      this.#waiting.shift()!(result)
    }
  }

  #end(answer: () => Promise<Result<E>>): void {
    this.#close(answer)
    this.#serve()
  }

  #close(answer: () => Promise<Result<E>>): void {
    this.#ended = answer
    this.#source.close()
    this.#signal?.removeEventListener('abort', this.#aborted)
    unclosed.unregister(this)
  }
}

function done(): Promise<IteratorResult<never, undefined>> {
  return Promise.resolve({ done: true, value: undefined })
}
