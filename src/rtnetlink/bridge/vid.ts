import { show } from '../../codec/fault.js'
import { checkInteger } from '../../netlink/check.js'

/** One VLAN, or all from the first to the last, both included: 100, [100, 200]. */
export type Vids = number | readonly [first: number, last: number]

/** A VLAN's number: 0 and 4095 are reserved. */
export function checkVid(value: unknown, field: string): number {
  return checkInteger(value, field, 1, 4094, 'a VLAN id')
}

/** First and last VLAN of what a caller gave. Throws RangeError or TypeError. */
export function vidRange(value: unknown, field: string): { first: number; last: number } {
  if (!Array.isArray(value)) {
    const vid = checkVid(value, field)
    return { first: vid, last: vid }
  }
  if (value.length !== 2) throw new RangeError(`${field}: ${show(value)} is not a range [first, last]`)
  const first = checkVid(value[0], `${field}[0]`)
  const last = checkVid(value[1], `${field}[1]`)
  if (last < first) throw new RangeError(`${field}: ${show(value)} ends before it starts`)
  return { first, last }
}
