/** Sets in rules: those with a name, and those that a rule brings with it. */

import { show } from '../../codec/fault.js'
import { toHex } from '../../codec/index.js'
import type { Request } from '../../netlink/request.js'
import { anonymousName, anonymousSet } from '../anonymous-set.js'
import type { Datatype } from '../datatypes.js'
import { type RawElement, rawElement, rawElements, withoutMetEnds } from '../element.js'
import { addElements } from '../element-request.js'
import { checkName } from '../input.js'
import { merged } from '../merge.js'
import { families, type ObjectType } from '../names.js'
import type { SetShape } from '../set-shape.js'
import { checkConcat, compareBytes, type Interval, intervalOf } from '../value.js'
import type { Compiler } from './compiler.js'
import { hasOwn, isListedValue, type ListedValue } from './listed-value.js'
import type { Source } from './source.js'
import { originOf } from './typeof.js'

const SET = Symbol('set')

/** A set or map with a name. Made by set(). */
export interface SetRef {
  readonly [SET]: true
  readonly name: string
}

/**
 * A set or map of the rule's table, by its name. Where the transaction does not make it its types are asked for before anything is sent: a
 * field of another length, or of another order of bytes, is a TypeError of the transaction, which names the call.
 *
 * @example rule(ip.saddr(set('allowed')), accept())
 */
export function set(name: string): SetRef {
  return { [SET]: true, name: checkName(name, 'set') }
}

export function isSetRef(value: unknown): value is SetRef {
  return typeof value === 'object' && value !== null && SET in value
}

/** How an expression names a set, and whether its keys are in network order. */
export interface Located {
  readonly set: string
  readonly setId: number | undefined
  readonly interval: boolean
  /** What it holds, where that is known and has to be looked at. */
  readonly shape?: SetShape | undefined
}

/** A set with a name. */
export function locate(compiler: Compiler, ref: SetRef): Located {
  const made = compiler.context.madeSet(ref.name)
  return { set: ref.name, setId: made?.id, interval: made?.shape.interval ?? false, shape: made?.shape }
}

/** What a map gives. */
export interface Mapped {
  /** Empty where nobody has said it. */
  readonly types: readonly Datatype[]
  /** For each type from and to: networks only, or other ranges; null where it is one value. */
  readonly ranges: 'networks' | 'ranges' | null
}

/** What a map with a name gives, by what made it, or by the types that the rule says. */
export function mappedBy(compiler: Compiler, ref: SetRef, types: readonly Datatype[] | null): Mapped {
  const shape = compiler.context.madeSet(ref.name)?.shape
  const known = shape !== undefined && Array.isArray(shape.data) ? (shape.data as readonly Datatype[]) : []
  return {
    types: types ?? known,
    ranges: shape?.dataInterval ? 'ranges' : null,
  }
}

/** What the values of a map are: networks where one is and the rest are addresses. */
export function rangesIn(types: readonly Datatype[], values: readonly unknown[], field: string): Mapped {
  let ranges: Mapped['ranges'] = null
  for (const [i, value] of values.entries()) {
    const parts = types.length === 1 ? [value] : checkConcat(types, value, `${field}[${i}]`)
    for (const [j, type] of types.entries()) {
      const part = parts[j]
      // Names of some types have a dash.
      if (!types[0]!.prefixes || !isInterval(type, part, `${field}[${i}]`)) continue
      const isNetwork = types.length === 1 && typeof part === 'string' && part.includes('/')
      if (ranges !== null && isNetwork !== (ranges === 'networks'))
        throw new RangeError(`${field}[${i}]: ${show(part)} is among ${ranges}; a map has one or the other`)
      ranges = isNetwork ? 'networks' : 'ranges'
    }
  }
  return { types, ranges }
}

/** Makes a set of values, or a map of pairs of a key and what it maps to. */
export function anonymous(
  compiler: Compiler,
  fields: readonly Source[],
  data: SetShape['data'],
  given: readonly unknown[],
  givenValues: readonly unknown[] | null,
  field: string,
  { dataInterval = false, objects }: { dataInterval?: boolean; objects?: Exclude<ObjectType, 'unspec'> } = {},
): Located {
  if (given.length === 0) throw new RangeError(`${field}: the list is empty`)
  const without = givenValues?.findIndex((value) => value == null) ?? -1
  if (without >= 0) throw new TypeError(`${field}[${without}]: ${show(given[without])} maps to nothing`)
  const types = fields.map(({ type }) => type)
  const keys = given.map((one) => resolved(compiler, types, isListedValue(one) ? one.key : one))
  const values =
    givenValues !== null && Array.isArray(data)
      ? givenValues.map((value) => resolved(compiler, data, value))
      : givenValues
  const interval =
    types.length === 1
      ? keys.some((key) => key !== null && isInterval(types[0]!, key, field))
      : keys.some((key) => hasInterval(types, key, field))
  const concat = interval && types.length > 1
  const shape: SetShape = { key: types, interval, concat, timeout: false, data, dataInterval }
  const raw =
    interval && types.length === 1
      ? intervals(types[0]!, shape, keys, given, values, field)
      : rawElements(
          shape,
          keys.map((key, i) => ({ ...ownOf(given[i]), key, ...mappedValue(shape, values?.[i]) })),
          field,
        )
  if (!interval || concat) checkDistinct(raw.map(bytesOfKey), given, values, field)
  const { family: number, table } = compiler.context
  const family = families.toName(number)
  const id = compiler.context.nextId()
  const name = anonymousName(shape)
  const named = { family, table, set: name }
  const messages: Request[] = [
    anonymousSet({ family, table, name }, shape, id, raw.length, objects, originOf(fields, data)),
    ...addElements({ ...named, elements: [] }, { raw }, 'add', id, (index) =>
      // Intervals are in another order than they were given.
      interval ? field : `${field}[${index}]`,
    ),
  ]
  compiler.sets.push(...messages)
  return { set: name, setId: id, interval }
}

function bytesOfKey({ key, keyEnd }: RawElement): string {
  return [key, keyEnd].map((one) => toHex(one?.value ?? new Uint8Array())).join()
}

/** A key has one value and one counter or comment: the kernel takes one key twice, and forgets what is of the second. */
function checkDistinct(
  keys: readonly unknown[],
  given: readonly unknown[],
  values: readonly unknown[] | null,
  field: string,
): void {
  const met = new Map<unknown, number>()
  for (const [i, key] of keys.entries()) {
    const before = met.get(key)
    if (before !== undefined) {
      const differ = values !== null && show(values[i]) !== show(values[before])
      if (differ || hasOwn(given[i]) || hasOwn(given[before]))
        throw new RangeError(
          `${field}[${i}]: ${shownKey(given[i])} is a key of it already, that of [${before}]`,
        )
    }
    met.set(key, i)
  }
}

/** In errors: without its counter and comment. */
function shownKey(given: unknown): string {
  return show(isListedValue(given) ? given.key : given)
}

/** Interfaces by their ifindexes, where they are given by name. */
function resolved(compiler: Compiler, types: readonly Datatype[], value: unknown): unknown {
  if (types.length > 1 && Array.isArray(value))
    return value.map((part, i) => (types[i] === undefined ? part : resolved(compiler, [types[i]], part)))
  const isName = types[0]!.name === 'iface_index' && typeof value === 'string'
  return isName ? compiler.context.ifindex(value) : value
}

function mappedValue({ data }: SetShape, value: unknown): { value?: unknown; object?: unknown } {
  return data === null ? {} : data === 'object' ? { object: value } : { value }
}

/** What a value of the list has besides. */
function ownOf(given: unknown): Partial<ListedValue<unknown>> {
  return isListedValue(given) ? given : {}
}

function isInterval(type: Datatype, key: unknown, field: string): boolean {
  const { from, to } = intervalOf(type, key, field)
  return compareBytes(from, to) !== 0
}

function hasInterval(types: readonly Datatype[], key: unknown, field: string): boolean {
  return (
    Array.isArray(key) &&
    key.length === types.length &&
    types.some((type, i) => isInterval(type, key[i], `${field}[${i}]`))
  )
}

interface Entry extends Interval {
  /** Its place in the list. */
  readonly at: number
  readonly value: unknown
  readonly own: Partial<ListedValue<unknown>>
}

/** In their order, what overlaps put together as nft(8) does, but for what has something of its own; an element at zero ends what there is none of. */
function intervals(
  type: Datatype,
  shape: SetShape,
  keys: readonly unknown[],
  given: readonly unknown[],
  values: readonly unknown[] | null,
  field: string,
): RawElement[] {
  const entries = keys.flatMap((key, i): Entry[] =>
    key === null
      ? []
      : [{ ...intervalOf(type, key, `${field}[${i}]`), at: i, value: values?.[i], own: ownOf(given[i]) }],
  )
  // Only the element of all others can be met twice here: the rest can overlap.
  checkDistinct(
    keys.map((key, i) => (key === null ? null : i)),
    given,
    values,
    field,
  )
  const isApart = ({ own }: Entry) => values !== null || hasOwn(own)
  const together = merged(entries.filter((entry) => !isApart(entry)))
  const kept = apart([...together, ...entries.filter(isApart)], field)
  const raw: RawElement[] = []
  const zero = new Uint8Array(type.size)
  if (compareBytes(kept[0]!.from, zero) > 0) raw.push({ flags: ['interval-end'], key: { value: zero } })
  // Keys that are bytes already.
  for (const { from, to, value, own } of kept) {
    const element = { ...own, key: { from, to }, ...mappedValue(shape, value) }
    raw.push(...rawElement({ ...shape, key: null }, element, field))
  }
  const others = keys.indexOf(null)
  if (others >= 0) {
    const element = { ...ownOf(given[others]), key: null, ...mappedValue(shape, values?.[others]) }
    raw.push(...rawElement(shape, element, field))
  }
  return withoutMetEnds(raw)
}

/** In their order: each has its own value, or expressions. */
function apart(entries: readonly Entry[], field: string): Entry[] {
  const sorted = [...entries].sort((a, b) => compareBytes(a.from, b.from))
  for (const [i, { from, at }] of sorted.entries()) {
    const before = sorted[i - 1]
    if (before !== undefined && compareBytes(from, before.to) <= 0)
      throw new RangeError(`${field}: two of its keys overlap, [${before.at}] and [${at}]`)
  }
  return sorted
}
