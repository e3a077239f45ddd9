/** Intervals that overlap, or lie side by side, as one: what nft(8) does for a set with auto-merge before it sends them. */

import type { NftElementInput, NftElementsInput } from './element.js'
import type { SetShape } from './set.js'
import { after, compareBytes, type Interval, intervalOf, showInterval } from './value.js'

type Elements = NftElementsInput['elements']

/** The elements with those merged that are keys alone; others stay as they are, and so do those of sets that merge nothing. */
export function merged({ key, merge }: SetShape, elements: Elements): Elements {
  if (merge !== true || !Array.isArray(elements)) return elements
  const type = key![0]!
  const found: Interval[] = []
  const rest: Elements[number][] = []
  for (const [i, one] of elements.entries())
    if (isKeyAlone(one)) found.push(intervalOf(type, keyOf(one), `elements[${i}]`))
    else rest.push(one)
  found.sort((a, b) => compareBytes(a.from, b.from))
  const apart: Interval[] = []
  for (const next of found) {
    const last = apart.at(-1)
    const end = last && after(last.to)
    if (last === undefined || (end !== null && compareBytes(next.from, end!) > 0)) apart.push(next)
    else if (compareBytes(next.to, last.to) > 0) apart[apart.length - 1] = { from: last.from, to: next.to }
  }
  return [...apart.map((one) => ({ key: showInterval(type, one) })), ...rest]
}

function isInput(one: Elements[number]): one is NftElementInput {
  return typeof one === 'object' && one !== null && !Array.isArray(one)
}

function keyOf(one: Elements[number]): unknown {
  return isInput(one) ? one.key : one
}

/** As listed elements are that have nothing else: the rest is null or empty. */
function isKeyAlone(one: Elements[number]): boolean {
  if (!isInput(one)) return true
  const isNothing = (value: unknown) => value == null || (Array.isArray(value) && value.length === 0)
  return one.key != null && Object.entries(one).every(([name, value]) => name === 'key' || isNothing(value))
}
