/** Elements of sets and maps, as callers have what the kernel tells. */

import { concatenated } from '../codec/bytes.js'
import { DumpInterruptedError } from '../netlink/errors.js'
import { type Datatype, inRegister } from './datatypes.js'
import {
  type ElementKey,
  type ElementValue,
  isEnd,
  type KeyPart,
  type NftElement,
  type RawElement,
} from './element.js'
import type { Expression } from './expression.js'
import { getElements } from './messages.js'
import type { SetShape } from './set-shape.js'
import { commentOf } from './userdata.js'
import {
  before,
  compareBytes,
  type Interval,
  isWhole,
  partsOf,
  showInterval,
  showValue,
  showVerdict,
} from './value.js'

/** Elements as callers have them, intervals put together again; those of a set of intervals in their order. */
export function elementsOf(shape: SetShape, raw: readonly RawElement[]): NftElement[] {
  const { key, interval, concat } = shape
  if (!interval || concat) return raw.map((one) => elementOf(shape, one, keyOf(shape, one)))
  return intervals(raw).map(({ element, range }) =>
    elementOf(shape, element, range === null ? null : rangeOf(key, range)),
  )
}

/**
 * The same of elements that come part by part. The kernel has the last of a set of plain intervals first (nft_rbtree_walk()): where one ends
 * is known by then, and nothing has to be kept. Throws DumpInterruptedError where that is not so: the set has changed.
 */
export function elementReader(shape: SetShape): (raw: readonly RawElement[]) => NftElement[] {
  if (!shape.interval || shape.concat) return (raw) => elementsOf(shape, raw)
  let above: Uint8Array | null = null
  let at: Uint8Array | null = null
  const read = (one: RawElement): NftElement[] => {
    const key = one.key?.value
    if (key === undefined) return [elementOf(shape, one, null)]
    const order = at === null ? -1 : compareBytes(key, at)
    if (order > 0) throw new DumpInterruptedError(getElements.name, 1, [])
    // An end and a beginning at the same value come in any order.
    if (order < 0) [above, at] = [at, key]
    if (isEnd(one)) return []
    const to = above === null ? key.slice().fill(0xff) : before(above)!
    return [elementOf(shape, one, rangeOf(shape.key, { from: key, to }))]
  }
  return (raw) => raw.flatMap(read)
}

interface Found {
  readonly element: RawElement
  /** Null for the element that stands for all others. */
  readonly range: Interval | null
}

/** An interval goes from an element up to the next one, which begins another or ends this one. */
function intervals(raw: readonly RawElement[]): Found[] {
  const sorted = raw
    .filter((one) => one.key?.value !== undefined)
    .sort((a, b) => compareBytes(a.key!.value!, b.key!.value!) || Number(isEnd(b)) - Number(isEnd(a)))
  const found: Found[] = raw
    .filter((one) => one.key === undefined)
    .map((element) => ({ element, range: null }))
  for (const [i, element] of sorted.entries()) {
    if (isEnd(element)) continue
    const from = element.key!.value!
    let next = i + 1
    while (next < sorted.length && compareBytes(sorted[next]!.key!.value!, from) === 0) next++
    const to = next === sorted.length ? from.slice().fill(0xff) : before(sorted[next]!.key!.value!)!
    found.push({ element, range: { from, to } })
  }
  return found
}

function rangeOf(types: readonly Datatype[] | null, { from, to }: Interval): ElementKey {
  if (types !== null) return showInterval(types[0]!, { from, to })
  return compareBytes(from, to) === 0 ? from : { from, to }
}

function keyOf({ key: types, interval }: SetShape, { key, keyEnd }: RawElement): ElementKey | null {
  const from = key?.value
  if (from === undefined) return null
  if (types === null) return keyEnd?.value === undefined ? from : { from, to: keyEnd.value }
  if (!interval) return showValue(types, from)
  const starts = partsOf(types, from)
  const ends = partsOf(types, keyEnd?.value ?? from)
  return types.map((type, i) => showPart(type, { from: starts[i]!, to: ends[i]! }))
}

function showPart(type: Datatype, { from, to }: Interval): KeyPart {
  if (!isWhole(type, from) && !isWhole(type, to)) return showInterval(type, { from, to })
  const [first, last] = [concatenated([from]), concatenated([to])]
  return compareBytes(first, last) === 0 ? first : { from: first, to: last }
}

function elementOf(shape: SetShape, raw: RawElement, key: ElementKey | null): NftElement {
  const expressions = raw.expressions?.elem ?? (raw.expr === undefined ? [] : [raw.expr])
  return {
    key,
    value: mappedTo(shape, raw),
    object: raw.objref ?? null,
    timeout: raw.timeout ?? null,
    expires: raw.expiration ?? null,
    expressions: expressions as readonly Expression[],
    comment: commentOf(raw.userdata),
    userdata: raw.userdata ?? null,
    unknown: raw.unknown ?? [],
  }
}

function mappedTo({ data: shape, dataInterval }: SetShape, { data }: RawElement): ElementValue | null {
  if (data === undefined || shape === null || shape === 'object') return null
  if (shape === 'verdict' || data.value === undefined) return showVerdict(data)
  if (shape === 'bytes') return data.value
  return dataInterval ? showRanges(shape, data.value) : showValue(shape, data.value)
}

function showRanges(types: readonly Datatype[], bytes: Uint8Array): KeyPart | KeyPart[] {
  const parts = partsOf([...types, ...types], bytes)
  const shown = types.map((type, i) =>
    showInterval(type, {
      from: inRegister(type, parts[i]!),
      to: inRegister(type, parts[types.length + i]!),
    }),
  )
  return shown.length === 1 ? shown[0]! : shown
}
