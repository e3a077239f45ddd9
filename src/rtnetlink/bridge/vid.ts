import { checkInteger } from '../../netlink/check.js'
import { checkedRange } from '../range.js'

/** One VLAN, or all from the first to the last, both included: 100, [100, 200]. */
export type Vids = number | readonly [first: number, last: number]

/** A VLAN's number: 0 and 4095 are reserved. */
export function checkVid(value: unknown, field: string): number {
  return checkInteger(value, field, 1, 4094, 'a VLAN id')
}

/** First and last VLAN of what a caller gave. Throws RangeError or TypeError. */
export function vidRange(value: unknown, field: string): { first: number; last: number } {
  return checkedRange(value, field, checkVid)
}
