/** Values of sets' keys and of maps: between what callers write and the bytes of a register. */

import { align, concatenated } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import type { NftData } from './data.js'
import { type Datatype, inRegister, type Scalar } from './datatypes.js'
import { checkName } from './input.js'

/** What a rule or a verdict map decides. */
export type Verdict =
  | 'accept'
  | 'drop'
  | 'continue'
  | 'break'
  | 'return'
  | 'queue'
  | { readonly jump: string }
  | { readonly goto: string }

/** From a value to another, both included. Of names of interfaces 'veth1*' is the last that begins so, which may also be bytes. */
export interface Range {
  readonly from: Scalar
  readonly to: Scalar
}

/** Two values of a range, in network order. */
export interface Interval {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/** A value or a range: '10.0.0.0/8', '10.0.0.5-10.0.0.9', '1024-65535', { from, to }; bytes for a type that is not known. */
export function intervalOf(type: Datatype, value: unknown, field: string): Interval {
  if (typeof value === 'string') {
    const slash = type.prefixes ? value.indexOf('/') : -1
    if (slash >= 0) return prefixOf(type, value, slash, field)
    if (type.name === 'ifname' && value.endsWith('*')) return patternOf(type, value, field)
  }
  const bounds = boundsOf(type, value, field)
  if (bounds !== null) {
    if (compareBytes(bounds.from, bounds.to) <= 0) return bounds
    throw new RangeError(`${field}: ${show(value)} ends before it begins`)
  }
  const bytes = type.encode(value, field)
  return { from: bytes, to: bytes }
}

/** The bounds of a range, whichever comes first; null for what is none. */
export function boundsOf(type: Datatype, value: unknown, field: string): Interval | null {
  if (typeof value === 'string') {
    const dash = type.order === 'text' ? -1 : value.indexOf('-')
    if (dash <= 0 || !/^[\d.:a-f]+-[\d.:a-f]+$/i.test(value) || isMac(value)) return null
    const [from, to] = [numeric(type, value.slice(0, dash)), numeric(type, value.slice(dash + 1))]
    return { from: bound(type, from, field), to: bound(type, to, field) }
  }
  if (typeof value !== 'object' || value === null || !('from' in value) || !('to' in value)) return null
  return { from: bound(type, value.from, field), to: bound(type, value.to, field) }
}

/** '02-00-00-00-00-01' is one address, not a range. */
function isMac(value: string): boolean {
  return /^(?:[\da-f]{2}-){5}[\da-f]{2}$/i.test(value)
}

function numeric(type: Datatype, text: string): string | number {
  return !type.prefixes && /^\d{1,15}$/.test(text) ? Number(text) : text
}

function bound(type: Datatype, value: unknown, field: string): Uint8Array {
  if (type.name === 'ifname') {
    if (typeof value === 'string' && value.endsWith('*')) return lastName(type, value, field)
    if (value instanceof Uint8Array && value.length === type.size) return value
  }
  return type.encode(value, field)
}

function prefixOf(type: Datatype, value: string, slash: number, field: string): Interval {
  const bits = 8 * type.size
  const text = value.slice(slash + 1)
  const length = /^\d{1,3}$/.test(text) ? Number(text) : bits + 1
  if (length > bits)
    throw new RangeError(`${field}: ${show(value)} has a prefix length that is not from 0 to ${bits}`)
  const from = type.encode(value.slice(0, slash), field)
  const to = from.slice()
  for (let bit = length; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7)
    from[bit >> 3]! &= ~mask
    to[bit >> 3]! |= mask
  }
  return { from, to }
}

/** Every name that begins so. */
function patternOf(type: Datatype, value: string, field: string): Interval {
  if (value === '*') throw new RangeError(`${field}: ${show(value)} is every name`)
  return { from: type.encode(value.slice(0, -1), field), to: lastName(type, value, field) }
}

/** The last name that begins so. */
function lastName(type: Datatype, value: string, field: string): Uint8Array {
  const from = type.encode(value.slice(0, -1), field)
  const length = from.indexOf(0)
  return from.map((byte, i) => (i < length ? byte : 0xff))
}

/** The interval as callers write it: a value, a prefix, or 'from-to'. */
export function showInterval(type: Datatype, { from, to: end }: Interval): string | number | Range {
  const to = lastOf(type, from, end)
  const first = type.decode(from)
  if (compareBytes(from, to) === 0) return first
  if (type.order === 'text') return showNames(type, from, to)
  const length = type.prefixes ? prefixLength(from, to) : null
  if (length !== null) return `${first}/${length}`
  const last = type.decode(to)
  return type.prefixes || (typeof first === 'number' && typeof last === 'number')
    ? `${first}-${last}`
    : { from: first, to: last }
}

/** What has no end goes up to the last value of its type, which its bytes may not tell. */
function lastOf({ last }: Datatype, from: Uint8Array, to: Uint8Array): Uint8Array {
  return last === undefined || after(to) !== null || compareBytes(from, last) > 0 ? to : last
}

/** 'veth*' where it is all names that begin so. */
function showNames(type: Datatype, from: Uint8Array, to: Uint8Array): string | Range {
  const [first, last] = [showBound(type, from), showBound(type, to)]
  return first !== '' && last === `${first}*` ? last : { from: first, to: last }
}

/** As bound() takes it; bytes where these are no name and not the last of a beginning. */
function showBound(type: Datatype, bytes: Uint8Array): Scalar {
  const end = bytes.findIndex((byte) => byte === 0 || byte === 0xff)
  if (end < 0 || bytes.subarray(end).some((byte) => byte !== bytes[end])) return bytes
  return `${type.decode(bytes.subarray(0, end))}${bytes[end] === 0 ? '' : '*'}`
}

/** The length of the prefix that an interval is; null where it is none. */
export function prefixLength(from: Uint8Array, to: Uint8Array): number | null {
  let length = -1
  for (let bit = 0; bit < 8 * from.length; bit++) {
    const mask = 0x80 >> (bit & 7)
    const low = (from[bit >> 3]! & mask) !== 0
    const high = (to[bit >> 3]! & mask) !== 0
    if (length < 0 && low !== high) length = bit
    if (length >= 0 && (low || !high)) return null
  }
  return length < 0 ? 8 * from.length : length
}

/** Bytes in network order, the larger one greater. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - (b[i] ?? 0)
  return a.length - b.length
}

/** The next value in network order; null behind the last. */
export function after(bytes: Uint8Array): Uint8Array | null {
  return step(bytes, 0xff, 1)
}

/** The value before in network order; null before zero. */
export function before(bytes: Uint8Array): Uint8Array | null {
  return step(bytes, 0, -1)
}

function step(bytes: Uint8Array, turns: number, by: number): Uint8Array | null {
  const next = bytes.slice()
  for (let i = next.length - 1; i >= 0; i--) {
    const turned = next[i] === turns
    next[i] = next[i]! + by
    if (!turned) return next
  }
  return null
}

/** The parts of a concatenation; of one that has more bytes than its type all of its register, where isWhole() takes it. */
export function partsOf(types: readonly Datatype[], bytes: Uint8Array): Uint8Array[] {
  let at = 0
  return types.map((type) => {
    const { size } = type
    const whole = bytes.subarray(at, at + align(size))
    at += align(size)
    const isLonger = isWhole(type, whole) && whole.subarray(size).some((byte) => byte !== 0)
    return isLonger ? whole : whole.subarray(0, size)
  })
}

/**
 * Whether a part of a concatenation is all of its register, as bytes: of a `dscp`, the one type of which there is a field of more bytes than
 * it has, the two of `ip6 dscp`, which nft(8) keeps.
 */
export function isWhole({ name, size }: Datatype, part: unknown): part is Uint8Array {
  return name === 'dscp' && part instanceof Uint8Array && part.length === align(size)
}

/** A key of a set that has no intervals, as a register has it. */
export function singleKey(types: readonly Datatype[], key: unknown, field: string): Uint8Array {
  try {
    return registerValue(types, key, field)
  } catch (error) {
    if (isSeveral(types, key))
      throw new RangeError(`${field}: ${show(key)} is more than one value; the set lacks the flag 'interval'`)
    throw error
  }
}

function isSeveral(types: readonly Datatype[], key: unknown): boolean {
  const parts = types.length === 1 ? [key] : key
  if (!Array.isArray(parts) || parts.length !== types.length) return false
  try {
    for (const [i, type] of types.entries()) intervalOf(type, parts[i], '')
    return true
  } catch {
    return false
  }
}

/** One value, or an array for a concatenation, as a register has it. */
export function registerValue(types: readonly Datatype[], value: unknown, field: string): Uint8Array {
  if (types.length === 1) return inRegister(types[0]!, types[0]!.encode(value, field))
  const values = checkConcat(types, value, field)
  const part = (type: Datatype, value: unknown, i: number) =>
    isWhole(type, value) ? value : inRegister(type, type.encode(value, `${field}[${i}]`))
  return concatenated(types.map((type, i) => part(type, values[i], i)))
}

/** The values of a concatenation. */
export function checkConcat(types: readonly Datatype[], value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== types.length)
    throw new TypeError(
      `${field}: ${show(value)} is not an array of ${types.map(({ name }) => name).join(', ')}`,
    )
  return value
}

/** A value of a register as callers have it. */
export function showValue(types: readonly Datatype[], bytes: Uint8Array): Scalar | Scalar[] {
  if (types.length === 1) return types[0]!.decode(inRegister(types[0]!, bytes.subarray(0, types[0]!.size)))
  return partsOf(types, bytes).map((part, i) =>
    isWhole(types[i]!, part) ? part.slice() : types[i]!.decode(inRegister(types[i]!, part)),
  )
}

const PLAIN = ['accept', 'drop', 'continue', 'break', 'return', 'queue'] as const

/** A verdict as the kernel has it. */
export function verdictData(verdict: unknown, field: string): NftData {
  for (const name of PLAIN) if (verdict === name) return { verdict: { code: name } }
  for (const code of ['jump', 'goto'] as const) {
    if (typeof verdict === 'object' && verdict !== null && code in verdict) {
      const chain = checkName((verdict as Record<string, unknown>)[code], `${field}.${code}`)
      return { verdict: { code, chain } }
    }
  }
  throw new TypeError(`${field}: ${show(verdict)} is not ${PLAIN.join(', ')}, { jump } or { goto }`)
}

/** A verdict as callers have it; null for one that this library does not know. */
export function showVerdict({ verdict }: NftData): Verdict | null {
  const code = verdict?.code
  if (code === 'jump') return { jump: verdict?.chain ?? '' }
  if (code === 'goto') return { goto: verdict?.chain ?? '' }
  return PLAIN.find((name) => name === code) ?? null
}
