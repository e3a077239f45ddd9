import type { Source } from './feed.js'

/** Values of several sources in one, as they come; the end of one is the end. */
export class Merged<T> implements Source<T> {
  readonly #sources: readonly Source<T>[]
  /** Where to look first, so that one that always has something does not starve the others. */
  #next = 0

  constructor(sources: readonly Source<T>[]) {
    this.#sources = sources
  }

  get wake(): (() => void) | null {
    return this.#sources[0]!.wake
  }

  set wake(wake: (() => void) | null) {
    for (const source of this.#sources) source.wake = wake
  }

  take(): T | null | 'end' {
    for (let count = 0; count < this.#sources.length; count++) {
      const source = this.#sources[this.#next]!
      this.#next = (this.#next + 1) % this.#sources.length
      const value = source.take()
      if (value !== null) return value
    }
    return null
  }

  close(): void {
    for (const source of this.#sources) source.close()
  }
}
