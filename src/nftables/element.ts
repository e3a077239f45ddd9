/** Elements of sets and maps, and how the kernel takes them. */

import { concatenated } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import type { Infer, OneOf, RawAttribute } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import type { elementAttributes } from './attributes.js'
import { type Datatype, inRegister, type Scalar } from './datatypes.js'
import { checkExpressions, type Expression } from './expression.js'
import { checkName, rawFor, type UnknownInput } from './input.js'
import type { NftFamily } from './names.js'
import type { SetShape } from './set-shape.js'
import { type UserdataInput, userdataFor } from './userdata.js'
import {
  after,
  checkConcat,
  compareBytes,
  type Interval,
  intervalOf,
  isWhole,
  type Range,
  registerValue,
  singleKey,
  type Verdict,
  verdictData,
} from './value.js'

/** A value; in sets of intervals also a prefix or a range. */
export type KeyPart = Scalar | Range
/**
 * The key of an element: a value, or one for each type of a concatenation. There a `dscp` can be the four bytes of its register, as nft(8) has
 * the two of `ip6 dscp`.
 */
export type ElementKey = KeyPart | readonly KeyPart[]
/** What a map has for a key; in maps of ranges also a prefix or a range. */
export type ElementValue = KeyPart | readonly KeyPart[] | Verdict

/** An element as the kernel has it. Times are milliseconds. */
export interface NftElement {
  /** Null for the element that stands for every other key ('*'). */
  readonly key: ElementKey | null
  /** What the key maps to; null in a set, and in a map to objects. */
  readonly value: ElementValue | null
  /** The object that the key maps to, by its name. */
  readonly object: string | null
  readonly timeout: number | null
  /** How long it still lives. */
  readonly expires: number | null
  readonly expressions: readonly Expression[]
  readonly comment: string | null
  readonly userdata: Uint8Array | null
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
}

/** An element to add or to delete; a key alone is one too. */
export interface NftElementInput extends UserdataInput, UnknownInput {
  key: ElementKey | null
  value?: ElementValue | null | undefined
  object?: string | null | undefined
  timeout?: number | null | undefined
  expires?: number | null | undefined
  expressions?: readonly Expression[] | null | undefined
}

/** Elements of a set. */
export interface NftElementsInput {
  family: OneOf<NftFamily>
  table: string
  set: string
  elements: readonly (NftElementInput | Scalar | readonly KeyPart[])[]
}

/** Which set's elements. */
export interface NftElementFilter extends CallOptions {
  family: OneOf<NftFamily>
  table: string
  set: string
  /** Set counters and quotas back to zero as they are read (Linux 6.5). */
  reset?: boolean | undefined
}

export const ELEMENTS_KEYS = ['family', 'table', 'set', 'elements']

/** The attributes of an element. */
export type RawElement = Infer<typeof elementAttributes>

const KEYS = ['key', 'value', 'object', 'timeout', 'expires', 'expressions', 'comment', 'userdata', 'unknown']

/** The elements as the kernel takes them: an interval is two, of which the second ends it. */
export function rawElements(shape: SetShape, elements: unknown, name = 'elements'): RawElement[] {
  if (!Array.isArray(elements)) throw new TypeError(`${name}: ${show(elements)} is not an array`)
  const raw: RawElement[] = []
  for (let i = 0; i < elements.length; i++) pushElement(raw, shape, elements[i], `${name}[${i}]`)
  return raw
}

/** One element, of one or two parts. */
export function rawElement(shape: SetShape, given: unknown, field: string): RawElement[] {
  const raw: RawElement[] = []
  pushElement(raw, shape, given, field)
  return raw
}

/** An element that is a key alone; null stands for all others. */
export function rawKey(shape: SetShape, key: ElementKey | null, field: string): RawElement[] {
  const raw: RawElement[] = []
  if (key === null) raw.push({ flags: ['catchall'] })
  else pushKey(raw, shape, key, {}, field)
  return raw
}

function pushElement(raw: RawElement[], shape: SetShape, given: unknown, field: string): void {
  const isKey =
    typeof given === 'string' ||
    typeof given === 'number' ||
    Array.isArray(given) ||
    given instanceof Uint8Array
  if (isKey) {
    pushKey(raw, shape, given as ElementKey, {}, field)
    return
  }
  checkKeys(field, given as object, KEYS)
  const input = given as NftElementInput
  const expressions = checkExpressions(input.expressions ?? [], `${field}.expressions`)
  const rest: RawElement = {}
  if (input.value != null) rest.data = dataOf(shape, input.value, `${field}.value`)
  if (input.userdata != null || input.comment != null)
    rest.userdata = userdataFor(input, undefined, `${field}.`)
  if (expressions.length === 1) rest.expr = expressions[0]
  if (input.object != null) rest.objref = checkName(input.object, `${field}.object`)
  if (expressions.length > 1) rest.expressions = { elem: expressions }
  const unknown = rawFor(input.unknown, `${field}.unknown`)
  if (unknown !== undefined) rest.unknown = unknown
  const timeout = time(shape, input.timeout, `${field}.timeout`)
  const expiration = time(shape, input.expires, `${field}.expires`)
  if (input.key === null) raw.push({ flags: ['catchall'], timeout, expiration, ...rest })
  else pushKey(raw, shape, input.key, rest, `${field}.key`, timeout, expiration)
}

function time({ timeout }: SetShape, value: unknown, field: string): number | undefined {
  if (value == null) return undefined
  if (!timeout) throw new TypeError(`${field}: the set lacks the flag 'timeout'`)
  return checkInteger(value, field, 0, Number.MAX_SAFE_INTEGER, 'a time in milliseconds')
}

function pushKey(
  raw: RawElement[],
  shape: SetShape,
  key: ElementKey,
  rest: RawElement,
  field: string,
  timeout?: number,
  expiration?: number,
): void {
  const { key: types, interval, concat } = shape
  const timed = timeout !== undefined || expiration !== undefined
  const times = timed ? { timeout, expiration } : undefined
  if (types === null) {
    pushBytes(raw, shape, key, { ...times, ...rest }, field)
    return
  }
  if (!interval) {
    const single = { value: singleKey(types, key, field) }
    raw.push(timed ? { timeout, expiration, key: single, ...rest } : { key: single, ...rest })
    return
  }
  if (concat) {
    const values = checkConcat(types, key, field)
    const parts = types.map((type, i) => partInterval(type, values[i], `${field}[${i}]`))
    raw.push({
      ...times,
      key: { value: concatenated(parts.map(({ from }) => from)) },
      keyEnd: { value: concatenated(parts.map(({ to }) => to)) },
      ...rest,
    })
    return
  }
  const { from, to } = intervalOf(types[0]!, key, field)
  raw.push({ ...times, key: { value: from }, ...rest })
  pushEnd(raw, to, types[0])
}

function partInterval(type: Datatype, value: unknown, field: string): Interval {
  if (isWhole(type, value)) return { from: value, to: value }
  const { from, to } = (value ?? {}) as Partial<Range>
  return isWhole(type, from) && isWhole(type, to) ? { from, to } : intervalOf(type, value, field)
}

/** The element behind an interval that goes up to a value; none behind the last, of the type where it is known. */
export function pushEnd(raw: RawElement[], to: Uint8Array, type?: Datatype): void {
  if (type?.last !== undefined && compareBytes(to, type.last) === 0) return
  const end = after(to)
  if (end !== null) raw.push({ flags: ['interval-end'], key: { value: end } })
}

/** Not a key alone. */
export function isInput(one: NftElementsInput['elements'][number]): one is NftElementInput {
  return typeof one === 'object' && one !== null && !Array.isArray(one)
}

export function isEnd({ flags }: RawElement): boolean {
  return flags?.includes('interval-end') ?? false
}

/**
 * Without the ends at which the next interval begins: in an anonymous set an end is no match, whatever begins there
 * (__nft_rbtree_lookup() of net/netfilter/nft_set_rbtree.c).
 */
export function withoutMetEnds(raw: readonly RawElement[]): RawElement[] {
  const starts = new Set(raw.filter((one) => !isEnd(one)).map(({ key }) => String(key?.value)))
  return raw.filter((one) => !isEnd(one) || !starts.has(String(one.key?.value)))
}

/** Keys of a type that is not known: bytes, or { from, to } of bytes. */
function pushBytes(
  raw: RawElement[],
  shape: SetShape,
  key: ElementKey,
  rest: RawElement,
  field: string,
): void {
  const { interval, concat } = shape
  const { from, to } = key instanceof Uint8Array ? { from: key, to: key } : (key as Range)
  if (!(from instanceof Uint8Array) || !(to instanceof Uint8Array))
    throw new TypeError(
      `${field}: ${show(key)} is not bytes, as the keys of a set of a type that is not known are`,
    )
  if (concat) {
    raw.push({ key: { value: from }, keyEnd: { value: to }, ...rest })
    return
  }
  raw.push({ key: { value: from }, ...rest })
  if (interval) pushEnd(raw, to)
}

function dataOf({ data, dataInterval }: SetShape, value: ElementValue, field: string): RawElement['data'] {
  if (data === 'verdict') return verdictData(value, field)
  if (data === null || data === 'object')
    throw new TypeError(`${field}: the elements of a ${data === null ? 'set' : 'map to objects'} have none`)
  if (data === 'bytes') {
    if (!(value instanceof Uint8Array)) throw new TypeError(`${field}: ${show(value)} is not bytes`)
    return { value }
  }
  return { value: dataInterval ? rangesOf(data, value, field) : registerValue(data, value, field) }
}

/** What it is from, and then what it is to, as registers have them. */
function rangesOf(types: readonly Datatype[], value: ElementValue, field: string): Uint8Array {
  const values = types.length === 1 ? [value] : checkConcat(types, value, field)
  const parts = types.map((type, i) =>
    intervalOf(type, values[i], types.length === 1 ? field : `${field}[${i}]`),
  )
  return concatenated([
    ...parts.map(({ from }, i) => inRegister(types[i]!, from)),
    ...parts.map(({ to }, i) => inRegister(types[i]!, to)),
  ])
}
