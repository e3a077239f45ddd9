/** Types of the codec that nf_tables has beside the common ones. */

import { getBe32, putBe32 } from '../codec/bytes.js'
import { be64, malformed, outOfRange, type Type, wrongType } from '../codec/index.js'
import { shortBy } from '../codec/scalar.js'

/** A signed integer of 32 bits in network order: the priorities of hooks. */
export const beS32: Type<number> = {
  label: 'beS32',
  size: 4,
  encode(out, value) {
    const expected = 'an integer from -2147483648 to 2147483647'
    if (typeof value !== 'number') throw wrongType(value, expected)
    if (!Number.isInteger(value) || value !== (value | 0)) throw outOfRange(value, expected)
    const at = out.reserve(4)
    putBe32(out.bytes, at, value)
  },
  decode(bytes, start, end) {
    return end - start < 4 ? shortBy('beS32', 4, start, end) : getBe32(bytes, start) | 0
  },
}

/**
 * An unsigned integer of 64 bits in network order as a number: handles and times, which stay far below 2^53. One that does not is a
 * fault, never a rounded value.
 */
export const beSafe64: Type<number> = {
  label: 'be64',
  size: 8,
  encode(out, value, siblings) {
    const expected = 'an integer from 0 to 9007199254740991'
    if (typeof value !== 'number') throw wrongType(value, expected)
    if (!Number.isSafeInteger(value) || value < 0) throw outOfRange(value, expected)
    be64.encode(out, BigInt(value), siblings)
  },
  decode(bytes, start, end, siblings) {
    const value = Number(be64.decode(bytes, start, end, siblings))
    if (!Number.isSafeInteger(value)) throw malformed(`${value} is beyond 2^53`, start)
    return value
  },
}
