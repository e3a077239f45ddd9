/** The elements of a call as they are sent: in the order of the call, or merged. */

import { show } from '../codec/fault.js'
import {
  isEnd,
  type NftElementInput,
  type NftElementsInput,
  pushEnd,
  type RawElement,
  rawElement,
  rawElements,
} from './element.js'
import { Keys, keysOf } from './keys.js'
import { merged } from './merge.js'
import type { SetShape } from './set.js'
import { compareBytes, type Interval, intervalOf } from './value.js'

type Elements = NftElementsInput['elements']

/** Elements as the kernel takes them: an interval is two, of which the second ends it. */
export interface Written {
  readonly raw: readonly RawElement[] | Keys
  /** Which of the call each is of, a merged one the first in it; without it each is of the next. */
  readonly sources?: readonly number[]
}

/** Each as it is. */
export function writtenElements(shape: SetShape, elements: unknown): Written {
  return { raw: keysOf(shape, elements) ?? rawElements(shape, elements) }
}

/**
 * Those merged that are keys alone, if the set is with autoMerge; others stay as they are.
 *
 * @throws RangeError for an interval up to the last value, and another element in it
 */
export function addedElements(shape: SetShape, elements: Elements): Written {
  const written = shape.merge === true ? mergedElements(shape, elements) : writtenElements(shape, elements)
  if (shape.interval && !shape.concat) checkEndless(written, elements)
  return written
}

/**
 * An interval up to the last value has no end for the kernel: it takes others within it, and cuts it off where the first of them begins. All
 * else that overlaps it refuses.
 */
function checkEndless({ raw, sources }: Written, elements: Elements): void {
  if (raw instanceof Keys) return
  const keyAt = (i: number) => raw[i]!.key!.value!
  const isStart = (i: number) => raw[i]!.key?.value !== undefined && !isEnd(raw[i]!)
  const isEndless = (i: number) => isStart(i) && (i + 1 === raw.length || !isEnd(raw[i + 1]!))
  let first = -1
  for (let i = 0; i < raw.length; i++)
    if (isEndless(i) && (first < 0 || compareBytes(keyAt(i), keyAt(first)) < 0)) first = i
  if (first < 0) return
  const inside = raw.findIndex((_, i) => {
    const order = isStart(i) ? compareBytes(keyAt(i), keyAt(first)) : -1
    return order > 0 || (order === 0 && !isEndless(i))
  })
  if (inside < 0) return
  const shown = (i: number) => {
    const nth = raw.slice(0, i).filter((one) => !isEnd(one)).length
    const source = sources?.[nth] ?? nth
    const one = elements[source]!
    return `elements[${source}], ${show(isInput(one) ? one.key : one)}`
  }
  throw new RangeError(`${shown(first)}: ${shown(inside)} is in it`)
}

function mergedElements(shape: SetShape, elements: Elements): Written {
  if (!Array.isArray(elements)) return writtenElements(shape, elements)
  const keys: (Interval & { readonly source: number })[] = []
  const rest: number[] = []
  for (const [source, one] of (elements as Elements).entries())
    if (isKeyAlone(one)) keys.push({ ...keyOf(shape, one, `elements[${source}]`), source })
    else rest.push(source)
  const apart = merged(keys)
  const raw: RawElement[] = []
  for (const { from, to } of apart) {
    raw.push({ key: { value: from } })
    pushEnd(raw, to)
  }
  for (const source of rest) raw.push(...rawElement(shape, elements[source], `elements[${source}]`))
  return { raw, sources: [...apart.map(({ source }) => source), ...rest] }
}

function keyOf({ key }: SetShape, one: Elements[number], field: string): Interval {
  const type = key![0]!
  return isInput(one) ? intervalOf(type, one.key, `${field}.key`) : intervalOf(type, one, field)
}

function isInput(one: Elements[number]): one is NftElementInput {
  return typeof one === 'object' && one !== null && !Array.isArray(one)
}

/** As listed elements are that have nothing else: the rest is null or empty. */
function isKeyAlone(one: Elements[number]): boolean {
  if (!isInput(one)) return true
  const isNothing = (value: unknown) => value == null || (Array.isArray(value) && value.length === 0)
  return one.key != null && Object.entries(one).every(([name, value]) => name === 'key' || isNothing(value))
}
