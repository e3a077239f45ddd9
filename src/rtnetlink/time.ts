/** Times that the kernel counts in clock ticks of 1/100 s (USER_HZ, whatever HZ is): seconds here. */

import { outOfRange } from '../codec/fault.js'
import { type Type, u32, u64 } from '../codec/index.js'

const USER_HZ = 100

function ticks<N extends number | bigint>(
  base: Type<N>,
  max: number,
  convert: (ticks: number) => N,
): Type<number> {
  return {
    label: `seconds ${base.label}`,
    size: base.size,
    encode(out, value, siblings) {
      const count = typeof value === 'number' ? Math.round(value * USER_HZ) : Number.NaN
      if (!Number.isInteger(count) || count < 0 || count > max)
        throw outOfRange(value, `a time from 0 to ${max / USER_HZ} seconds`)
      // Where 0 is for ever, or off, it would be another thing than what was asked for.
      if (count === 0 && value > 0) throw outOfRange(value, `0 or a time of at least ${1 / USER_HZ} seconds`)
      base.encode(out, convert(count), siblings)
    },
    decode(bytes, start, end, siblings) {
      return Number(base.decode(bytes, start, end, siblings)) / USER_HZ
    },
  }
}

export const seconds32 = ticks(u32, 0xffffffff, (count) => count)
export const seconds64 = ticks(u64, Number.MAX_SAFE_INTEGER, (count) => BigInt(count))

/** Whole milliseconds of 64 bits: as many as a number holds. */
export const milliseconds64: Type<number> = {
  label: 'milliseconds u64',
  size: u64.size,
  encode(out, value, siblings) {
    if (!Number.isSafeInteger(value) || value < 0) throw outOfRange(value, 'a whole number of milliseconds')
    u64.encode(out, BigInt(value), siblings)
  },
  decode(bytes, start, end, siblings) {
    return Number(u64.decode(bytes, start, end, siblings))
  },
}
