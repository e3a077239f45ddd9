/** What subscribers and readers of long tables hold: values as they come, as an asynchronous iterable. */

/** Where values come from. It must not refer to the feed except by `wake`, so that a feed that is forgotten can be collected. */
export interface Source<T> {
  /** The next value, null where there is none yet, 'end' after the last. Throws what went wrong; then the feed closes it. */
  take(): T | null | 'end'
  /** To be called when take() has something to tell. Set only while somebody waits. */
  wake: (() => void) | null
  /** Frees what the source holds; idempotent. */
  close(): void
}

type Result<T> = IteratorResult<T, undefined>

/** Values in a row that need no turn of the event loop: timers, signals and the socket itself must not starve. */
const TURN = 1024

/** What is left of a feed that was collected. */
interface Left {
  readonly source: Source<unknown>
  readonly label: string | null
  readonly stopListening: () => void
}

const unclosed = /* @__PURE__ */ new FinalizationRegistry<Left>(({ source, label, stopListening }) => {
  if (label !== null) {
    const text = `${label} was collected without close(): it is closed now`
    process.emitWarning(text, { type: 'NetlinkWarning' })
  }
  stopListening()
  source.close()
})

/**
 * Values for `for await`. Leaving the loop, `return()`, `close()`, `await using` and the signal end it at once and close its socket; what
 * was not read by then is dropped.
 */
export class Feed<T extends object>
  implements AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable, Disposable
{
  readonly #source: Source<T>
  readonly #stopListening: () => void
  /** What next() answers after the end; null while there is none. */
  #ended: (() => Promise<Result<T>>) | null = null
  readonly #waiting: ((result: Promise<Result<T>>) => void)[] = []
  #served = 0

  /**
   * `label` is for the warning when the feed is collected unclosed; null: in silence.
   *
   * @internal
   */
  constructor(source: Source<T>, label: string | null, signal: AbortSignal | undefined) {
    this.#source = source
    this.#stopListening = Feed.#listen(new WeakRef(this), signal)
    unclosed.register(this, { source, label, stopListening: this.#stopListening }, this)
    if (signal?.aborted) this.#abort(signal)
  }

  /** A signal may live longer than the feed, which it must not keep from being collected. */
  static #listen<T extends object>(feed: WeakRef<Feed<T>>, signal: AbortSignal | undefined): () => void {
    if (signal === undefined) return () => {}
    const aborted = () => {
      const still = feed.deref()
      if (still !== undefined) still.#abort(signal)
    }
    signal.addEventListener('abort', aborted)
    return () => signal.removeEventListener('abort', aborted)
  }

  #abort(signal: AbortSignal): void {
    this.#end(() => Promise.reject(signal.reason))
  }

  /**
   * The next value, when it comes. Calls are answered in their order.
   *
   * @throws what went wrong, or the signal's reason: once, and then the feed has ended
   */
  next(): Promise<Result<T>> {
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

  /** Ends the feed at once; a next() that waits is answered with the end. */
  return(): Promise<Result<T>> {
    this.close()
    return done()
  }

  /** Ends the feed and closes its socket; idempotent. */
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

  #take(): Promise<Result<T>> | null {
    if (this.#ended !== null) {
      const answer = this.#ended()
      this.#ended = done
      return answer
    }
    try {
      const value = this.#source.take()
      if (value === null) return null
      if (value !== 'end') return Promise.resolve({ done: false, value })
      this.#close(done)
      return done()
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

  #end(answer: () => Promise<Result<T>>): void {
    this.#close(answer)
    this.#serve()
  }

  #close(answer: () => Promise<Result<T>>): void {
    this.#ended = answer
    this.#source.close()
    this.#stopListening()
    unclosed.unregister(this)
  }
}

function done(): Promise<IteratorResult<never, undefined>> {
  return Promise.resolve({ done: true, value: undefined })
}
