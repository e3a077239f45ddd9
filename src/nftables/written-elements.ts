/** The elements of a call as they are sent: in the order of the call, or merged. */

import {
  type NftElementInput,
  type NftElementsInput,
  pushEnd,
  type RawElement,
  rawElement,
  rawElements,
} from './element.js'
import { type Keys, keysOf } from './keys.js'
import { merged } from './merge.js'
import type { SetShape } from './set.js'
import { type Interval, intervalOf } from './value.js'

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

/** Those merged that are keys alone, if the set is with autoMerge; others stay as they are. */
export function addedElements(shape: SetShape, elements: Elements): Written {
  if (shape.merge !== true || !Array.isArray(elements)) return writtenElements(shape, elements)
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
