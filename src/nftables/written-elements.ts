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
 * @throws RangeError for some that overlap, which the kernel would not refuse
 */
export function addedElements(shape: SetShape, elements: Elements): Written {
  const written = shape.merge === true ? mergedElements(shape, elements) : writtenElements(shape, elements)
  if (shape.interval && !shape.concat) checkEnds(written, elements)
  return written
}

/**
 * What overlaps and the kernel takes all the same: an interval and one within it that ends with it, of which it has the end once; and any
 * within one up to the last value, which has no end and is cut off where the first of them begins.
 */
function checkEnds({ raw, sources }: Written, elements: Elements): void {
  if (raw instanceof Keys || isInOrder(raw)) return
  const keyAt = (i: number) => raw[i]!.key!.value!
  const isStart = (i: number) => raw[i]!.key?.value !== undefined && !isEnd(raw[i]!)
  const isEndless = (i: number) => isStart(i) && (i + 1 === raw.length || !isEnd(raw[i + 1]!))
  const refuse = (one: number, other: number) => {
    const [outer, inner] = compareBytes(keyAt(one), keyAt(other)) <= 0 ? [one, other] : [other, one]
    const shown = (i: number) => {
      const nth = raw.slice(0, i).filter((it) => !isEnd(it)).length
      const source = sources?.[nth] ?? nth
      const given = elements[source]!
      return `elements[${source}], ${show(isInput(given) ? given.key : given)}`
    }
    throw new RangeError(`${shown(outer)}: ${shown(inner)} is in it`)
  }
  const byEnd = new Map<string, number>()
  let endless = -1
  for (let i = 0; i < raw.length; i++) {
    if (!isStart(i)) continue
    const end = isEndless(i) ? '' : String.fromCharCode(...keyAt(i + 1))
    const other = byEnd.get(end)
    if (other !== undefined && compareBytes(keyAt(other), keyAt(i)) !== 0) refuse(other, i)
    byEnd.set(end, i)
    if (end === '') endless = i
  }
  if (endless < 0) return
  for (let i = 0; i < raw.length; i++)
    if (isStart(i) && !isEndless(i) && compareBytes(keyAt(i), keyAt(endless)) >= 0) refuse(endless, i)
}

/** Each begins where the one before ends, or behind it: as long lists mostly are. */
function isInOrder(raw: readonly RawElement[]): boolean {
  return raw.every((one, i) => {
    if (one.key?.value === undefined) return false
    if (i === 0) return true
    const before = raw[i - 1]!
    return isEnd(one) || (isEnd(before) && compareBytes(one.key.value, before.key!.value!) >= 0)
  })
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
