/** The elements of a call as they are sent: in the order of the call, or merged. */

import {
  isInput,
  type NftElementsInput,
  pushEnd,
  type RawElement,
  rawElement,
  rawElements,
} from './element.js'
import { type Keys, keysOf } from './keys.js'
import { merged } from './merge.js'
import { PutIntervals } from './put-intervals.js'
import type { SetShape } from './set-shape.js'
import { type Interval, intervalOf } from './value.js'

type Elements = NftElementsInput['elements']

/** Elements as the kernel takes them: an interval is two, of which the second ends it. */
export interface Written {
  readonly raw: readonly RawElement[] | Keys
  /** Which of the call each is of, a merged one the first in it; without it each is of the next. */
  readonly sources?: readonly number[]
}

/** A set of a transaction, and what was put into it. */
export interface Made {
  /** Undefined for a set that the transaction does not make. */
  readonly id: number | undefined
  readonly shape: SetShape
  readonly put: PutIntervals
}

export function notMade(shape: SetShape): Made {
  return { id: undefined, shape, put: new PutIntervals() }
}

/** Each as it is. */
export function writtenElements(shape: SetShape, elements: unknown): Written {
  return { raw: keysOf(shape, elements) ?? rawElements(shape, elements) }
}

/**
 * Those merged that are keys alone, if the set is with autoMerge; others stay as they are.
 *
 * @throws TypeError for one of a map without a value; RangeError for some that overlap one another or what was put before, which the kernel would not refuse
 */
export function addedElements({ shape, put }: Made, elements: Elements): Written {
  checkMapped(shape, elements)
  const written = shape.merge === true ? mergedElements(shape, elements) : writtenElements(shape, elements)
  if (shape.interval && !shape.concat) put.add(written, elements)
  return written
}

/** The kernel has no word for what a map lacks (EINVAL); to delete an element its key is enough. */
function checkMapped({ data }: SetShape, elements: Elements): void {
  if (data === null || !Array.isArray(elements)) return
  const [name, what] =
    data === 'object' ? (['object', 'an object'] as const) : (['value', 'a value'] as const)
  for (const [i, one] of (elements as Elements).entries())
    if (!isInput(one) || one[name] == null)
      throw new TypeError(`elements[${i}]: an element of a map has ${what}: { key, ${name} }`)
}

/** Each as it is. */
export function deletedElements({ shape, put }: Made, elements: Elements): Written {
  const written = writtenElements(shape, elements)
  put.delete(written)
  return written
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
    pushEnd(raw, to, shape.key![0])
  }
  for (const source of rest) raw.push(...rawElement(shape, elements[source], `elements[${source}]`))
  return { raw, sources: [...apart.map(({ source }) => source), ...rest] }
}

function keyOf({ key }: SetShape, one: Elements[number], field: string): Interval {
  const type = key![0]!
  return isInput(one) ? intervalOf(type, one.key, `${field}.key`) : intervalOf(type, one, field)
}

/** As listed elements are that have nothing else: the rest is null or empty. */
function isKeyAlone(one: Elements[number]): boolean {
  if (!isInput(one)) return true
  const isNothing = (value: unknown) => value == null || (Array.isArray(value) && value.length === 0)
  return one.key != null && Object.entries(one).every(([name, value]) => name === 'key' || isNothing(value))
}
