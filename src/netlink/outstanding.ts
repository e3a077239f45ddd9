/** What has been sent and not answered yet, in the order of sending, which is the order in which the kernel works. */

import type { Entry } from './entry.js'

/** More places than twice the entries, and these, are not kept: the entries move up. */
const SPARE = 64

/**
 * An array, since most answers are to what is at its front. The tables of a Map that entries come to and go from would keep each other
 * from being collected: see docs/performance.md, "Adding routes".
 */
export class Outstanding {
  readonly #entries: (Entry | null)[] = []
  #from = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
    this.#size++
  }

  /** The entry that a message with this number belongs to, of a batch's messages too. */
  find(seq: number): Entry | undefined {
    for (let at = this.#from; at < this.#entries.length; at++) {
      const entry = this.#entries[at]
      if (entry != null && seq >= entry.seq && seq <= entry.last) return entry
    }
    return undefined
  }

  remove(entry: Entry): void {
    const entries = this.#entries
    const at = entries.indexOf(entry, this.#from)
    if (at < 0) return
    entries[at] = null
    this.#size--
    while (this.#from < entries.length && entries[this.#from] === null) this.#from++
    if (this.#size === 0 || entries.length > 2 * this.#size + SPARE) this.#moveUp()
  }

  /** In place, for the reason above. */
  #moveUp(): void {
    const entries = this.#entries
    let to = 0
    for (let at = this.#from; at < entries.length; at++) {
      const entry = entries[at]
      if (entry != null) entries[to++] = entry
    }
    entries.length = to
    this.#from = 0
  }

  /** Those that were sent before this one. */
  before(entry: Entry): Entry[] {
    const found: Entry[] = []
    for (let at = this.#from; this.#entries[at] !== entry && at < this.#entries.length; at++) {
      const earlier = this.#entries[at]
      if (earlier != null) found.push(earlier)
    }
    return found
  }

  all(): Entry[] {
    return this.#entries.filter((entry) => entry !== null)
  }
}
