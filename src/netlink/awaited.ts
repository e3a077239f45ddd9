/** What has been sent and not answered yet, in the order of sending, which is the order in which the kernel works. */

import type { Entry } from './entry.js'

/** So many places at the front are left empty before the rest moves up. */
const MAX_GAP = 1024

/**
 * An array, since answers come for what is at its front. A Map that entries come to and go from is made anew again and again, and each old
 * table refers to the next one: once V8 has promoted one of them, all later ones live on with what they held, until the next full garbage
 * collection (100,000 routes by batch(): 172 MB instead of 109, a tenth of the time).
 */
export class Awaited {
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
    if (this.#size === 0) this.#from = entries.length = 0
    else if (this.#from > MAX_GAP) {
      entries.copyWithin(0, this.#from)
      entries.length -= this.#from
      this.#from = 0
    }
  }

  /** Those that were sent before this one and are still there. */
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
