/** Very many elements that are keys alone: bytes side by side, where an object for each would cost more than the kernel's work on it. */

import { flagged, NLA_F_NESTED, type Type, type Writer } from '../codec/index.js'
import * as c from './constants.js'
import type { SetShape } from './set-shape.js'
import { registerValue, singleKey } from './value.js'

/** Keys of `size` bytes each, one after another. */
export class Keys {
  constructor(
    readonly bytes: Uint8Array,
    readonly size: number,
  ) {}

  get length(): number {
    return this.bytes.length / this.size
  }

  slice(start: number, end: number): Keys {
    return new Keys(this.bytes.subarray(start * this.size, end * this.size), this.size)
  }
}

/** From so many on it is worth it. */
const MANY = 256

/** The elements as keys; null where they are few, intervals, or not all of them keys. Throws for a key that is none. */
export function keysOf({ key: types, interval }: SetShape, elements: unknown): Keys | null {
  if (types === null || interval || !Array.isArray(elements) || elements.length < MANY) return null
  let keys: Keys | null = null
  let at = 0
  try {
    for (const given of elements) {
      if (typeof given !== 'string' && typeof given !== 'number' && !Array.isArray(given)) return null
      const bytes = registerValue(types, given, '')
      keys ??= new Keys(new Uint8Array(bytes.length * elements.length), bytes.length)
      keys.bytes.set(bytes, at++ * bytes.length)
    }
  } catch {
    singleKey(types, elements[at], `elements[${at}]`)
  }
  return keys
}

/** NFTA_SET_ELEM_LIST_ELEMENTS, of elements or of keys alone. */
export function elementList<T>(general: Type<T>): Type<T> {
  return flagged({
    ...general,
    encode(out, value, siblings) {
      const given: unknown = value
      if (given instanceof Keys) writeKeys(out, given)
      else general.encode(out, value, siblings)
    },
  })
}

/** The lengths fit: split() sees to it. */
function writeKeys(out: Writer, keys: Keys): void {
  const { bytes, size, length } = keys
  for (let i = 0; i < length; i++) {
    const element = out.open((i + 1) | NLA_F_NESTED)
    const key = out.open(c.NFTA_SET_ELEM_KEY | NLA_F_NESTED)
    const value = out.open(c.NFTA_DATA_VALUE)
    const at = out.reserve(size)
    for (let j = 0; j < size; j++) out.bytes[at + j] = bytes[i * size + j]!
    out.close(value)
    out.close(key)
    out.close(element)
  }
}
