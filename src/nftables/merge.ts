/** Intervals that overlap, or lie side by side, as one: what nft(8) does before it sends them. */

import { after, compareBytes, type Interval } from './value.js'

/** In their order. What the first of several has besides is kept. */
export function merged<T extends Interval>(intervals: readonly T[]): T[] {
  const apart: T[] = []
  for (const next of [...intervals].sort((a, b) => compareBytes(a.from, b.from))) {
    const last = apart.at(-1)
    if (last === undefined || !goesOn(last, next)) apart.push(next)
    else if (compareBytes(next.to, last.to) > 0) apart[apart.length - 1] = { ...last, to: next.to }
  }
  return apart
}

/** Whether an interval begins in another one that does not begin behind it, or right after that. */
function goesOn({ to }: Interval, { from }: Interval): boolean {
  const behind = after(to)
  return behind === null || compareBytes(from, behind) <= 0
}
