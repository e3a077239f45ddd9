/** The intervals that a transaction puts into a set, of which the kernel takes some that overlap. */

import { show } from '../codec/fault.js'
import { isEnd, isInput, type NftElementsInput, type RawElement } from './element.js'
import { Keys } from './keys.js'
import { compareBytes } from './value.js'
import type { Written } from './written-elements.js'

type Elements = NftElementsInput['elements']

interface Put {
  readonly from: Uint8Array
  /** Empty without an end. */
  readonly end: string
  /** Which of its call it is, and its key as it was given. */
  readonly source: number
  readonly key: unknown
}

/**
 * What overlaps and the kernel takes all the same: an interval and one within it that ends with it, of which it has the end once; and any
 * within one up to the last value, which has no end and is cut off where the first of them begins; and one in which that begins.
 */
export class PutIntervals {
  readonly #byEnd = new Map<string, Put>()
  /** A call of many, in order: it is read when another one comes. */
  #unread: Iterable<Put> = []

  /** Throws RangeError for one that overlaps another one of the call or of those before, where the kernel would not refuse it. */
  add(written: Written, elements: Elements): void {
    const { raw } = written
    if (raw instanceof Keys || raw.length === 0) return
    const puts = putsOf(raw, written, elements)
    this.#read()
    if (this.#byEnd.size === 0 && isInOrder(raw)) this.#unread = puts
    else for (const put of this.#checked(puts)) this.#byEnd.set(put.end, put)
  }

  /** Those that begin where one of these does: so far the kernel looks. */
  delete({ raw }: Written): void {
    if (raw instanceof Keys) return
    this.#read()
    if (this.#byEnd.size === 0) return
    const starts = new Set(raw.filter((one) => !isEnd(one)).map(({ key }) => String(key?.value)))
    for (const { end, from } of this.#byEnd.values()) if (starts.has(String(from))) this.#byEnd.delete(end)
  }

  clear(): void {
    this.#unread = []
    this.#byEnd.clear()
  }

  #read(): void {
    for (const put of this.#unread) this.#byEnd.set(put.end, put)
    this.#unread = []
  }

  #checked(puts: Iterable<Put>): Iterable<Put> {
    const earlier = this.#byEnd
    const own = new Map<string, Put>()
    const refuse = (one: Put, other: Put, how = 'is') => {
      const [outer, inner] = compareBytes(one.from, other.from) <= 0 ? [one, other] : [other, one]
      const shown = (put: Put) =>
        earlier.get(put.end) === put
          ? `${show(put.key)} of an earlier call`
          : `elements[${put.source}], ${show(put.key)}`
      throw new RangeError(`${shown(outer)}: ${shown(inner)} ${how} in it`)
    }
    for (const put of puts) {
      const other = own.get(put.end) ?? earlier.get(put.end)
      if (other !== undefined && compareBytes(other.from, put.from) !== 0) refuse(other, put)
      own.set(put.end, put)
    }
    const endless = own.get('') ?? earlier.get('')
    if (endless === undefined) return own.values()
    const beginning = String.fromCharCode(...endless.from)
    for (const put of own.has('') ? [...earlier.values(), ...own.values()] : own.values())
      if (put.end === '') continue
      else if (compareBytes(put.from, endless.from) >= 0) refuse(endless, put)
      else if (put.end > beginning) refuse(endless, put, 'begins')
    return own.values()
  }
}

function* putsOf(raw: readonly RawElement[], { sources }: Written, elements: Elements): Generator<Put> {
  let nth = -1
  for (const [i, one] of raw.entries()) {
    if (isEnd(one)) continue
    nth++
    const from = one.key?.value
    if (from === undefined) continue
    const next = raw[i + 1]
    const end = next !== undefined && isEnd(next) ? String.fromCharCode(...next.key!.value!) : ''
    const source = sources?.[nth] ?? nth
    const given = elements[source]!
    yield { from, end, source, key: isInput(given) ? given.key : given }
  }
}

/** Each begins where the one before ends, or behind it: as long lists mostly are. */
function isInOrder(raw: readonly RawElement[]): boolean {
  return raw.every((one, i) => {
    if (one.key?.value === undefined) return false
    if (i === 0) return true
    const before = raw[i - 1]!
    return isEnd(one) || (isEnd(before) && compareBytes(one.key.value, before.key!.value!) >= 0)
  })
}
