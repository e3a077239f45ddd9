/** Numbers that come one by one or as ranges: VLANs, networks. */

import { show } from '../codec/fault.js'

/** First and last number of what a caller gave, one or [first, last]; `check` is that of each. Throws RangeError or TypeError. */
export function checkedRange(
  value: unknown,
  field: string,
  check: (value: unknown, field: string) => number,
): { first: number; last: number } {
  if (!Array.isArray(value)) {
    const only = check(value, field)
    return { first: only, last: only }
  }
  if (value.length !== 2) throw new RangeError(`${field}: ${show(value)} is not a range [first, last]`)
  const first = check(value[0], `${field}[0]`)
  const last = check(value[1], `${field}[1]`)
  if (last < first) throw new RangeError(`${field}: ${show(value)} ends before it starts`)
  return { first, last }
}
