/** Names for numbers: one of several (enumeration), any of several (flags), and the kernel's value-and-mask pair. */

import { outOfRange, wrongType } from './fault.js'
import { shortBy, u32 } from './scalar.js'
import { struct } from './struct.js'
import type { Type } from './type.js'

/** A name of the table, or the number itself where the kernel is newer than the table. */
export type OneOf<N extends string> = N | number
/** Names of the table, and the bits that it does not know as one number. */
export type AnyOf<N extends string> = readonly (N | number)[]

/** A table of names and their numbers (or bits), for code that works with the numbers. */
export interface Names<N extends string> {
  readonly numbers: Readonly<Record<N, number>>
  /** The same as a list. */
  readonly pairs: readonly { readonly name: N; readonly number: number }[]
  /** The number of a name; a number stays. Throws a fault for a name that is not in the table. */
  toNumber(value: OneOf<N>): number
  /** The name of a number (the first one, where two share it); the number itself where there is none. */
  toName(value: number): OneOf<N>
  /** What stands for a name or a number in what is read: the name where there is one. Throws a fault as toNumber() does. */
  normal(value: OneOf<N>): OneOf<N>
  /** The names of the bits that are set, in the table's order; the rest is one number at the end. The list is frozen. */
  toNames(bits: number): AnyOf<N>
}

/** Lists of names that are kept: most messages of a dump have the same few. */
const MAX_LISTS = 64

/**
 * Defines names: `names({ down: 2, up: 6 })`.
 *
 * @example names({ down: 2, up: 6 }).toName(6) // 'up'
 */
export function names<const N extends string>(numbers: Readonly<Record<N, number>>): Names<N> {
  let byNumber: Map<number, N> | undefined
  let pairs: Names<N>['pairs'] | undefined
  const inPairs = () => {
    pairs ??= Object.keys(numbers).map((name) => ({ name: name as N, number: numbers[name as N] }))
    return pairs
  }
  const lists = new Map<number, AnyOf<N>>()
  const toNumber = (value: OneOf<N>) => {
    if (typeof value === 'number') return value
    if (typeof value !== 'string') throw wrongType(value, 'a name or a number')
    if (!Object.hasOwn(numbers, value)) throw outOfRange(value, `one of ${Object.keys(numbers).join(', ')}`)
    return numbers[value]
  }
  const toName = (value: number) => {
    byNumber ??= invert(numbers)
    return byNumber.get(value) ?? value
  }
  return {
    numbers,
    get pairs() {
      return inPairs()
    },
    toNumber,
    toName,
    normal: (value) => toName(toNumber(value)),
    toNames(bits) {
      let list = lists.get(bits)
      if (list === undefined) {
        list = namesOf(inPairs(), bits)
        if (lists.size === MAX_LISTS) lists.clear()
        lists.set(bits, list)
      }
      return list
    },
  }
}

function namesOf<N extends string>(pairs: Names<N>['pairs'], bits: number): AnyOf<N> {
  const found: (N | number)[] = []
  let rest = bits
  for (const { name, number: bit } of pairs) {
    if (bit !== 0 && (bits & bit) >>> 0 === bit) {
      found.push(name)
      rest &= ~bit
    }
  }
  if (rest !== 0) found.push(rest >>> 0)
  return Object.freeze(found)
}

function invert<N extends string>(numbers: Readonly<Record<N, number>>): Map<number, N> {
  const byNumber = new Map<number, N>()
  for (const name in numbers) if (!byNumber.has(numbers[name])) byNumber.set(numbers[name], name)
  return byNumber
}

/**
 * One of the names; a number that the table does not know stays a number, in both directions.
 *
 * @example
 * const table = attributes('IFLA', { operstate: [16, enumeration(u8, names({ down: 2, up: 6 }))] })
 * decodeAttributes(table, Uint8Array.of(5, 0, 16, 0, 6, 0, 0, 0), 0, 8) // { operstate: 'up' }
 */
export function enumeration<N extends string>(base: Type<number>, table: Names<N>): Type<OneOf<N>> {
  return {
    label: `enum ${base.label}`,
    size: base.size,
    encode(out, value, siblings) {
      base.encode(out, table.toNumber(value), siblings)
    },
    decode(bytes, start, end, siblings) {
      return table.toName(base.decode(bytes, start, end, siblings))
    },
  }
}

/**
 * Any of the names; bits that the table does not know stay, together, as one number at the end of the list.
 *
 * @example
 * const table = attributes('IFLA', { flags: [1, flags(u8, names({ up: 1, loopback: 8 }))] })
 * decodeAttributes(table, Uint8Array.of(5, 0, 1, 0, 9, 0, 0, 0), 0, 8) // { flags: [ 'up', 'loopback' ] }
 */
export function flags<N extends string>(base: Type<number>, table: Names<N>): Type<AnyOf<N>> {
  return {
    label: `flags ${base.label}`,
    size: base.size,
    encode(out, value, siblings) {
      base.encode(out, toBits(table, value), siblings)
    },
    decode(bytes, start, end, siblings) {
      return table.toNames(base.decode(bytes, start, end, siblings))
    },
  }
}

/** The bits of a list of names, 32 at most. Throws a fault for a name that is not in the table. */
export function toBits<N extends string>(table: Names<N>, value: AnyOf<N>): number {
  if (!Array.isArray(value)) throw wrongType(value, 'an array of names')
  let bits = 0
  for (const name of value as AnyOf<N>) {
    const bit = table.toNumber(name)
    if (bit >>> 0 !== bit) throw outOfRange(bit, 'a set of 32 bits')
    bits |= bit
  }
  return bits >>> 0
}

const pair = struct({ value: u32, selector: u32 })

/** `struct nla_bitfield32` (`linux/netlink.h`): which bits are set, among those that `selector` names. */
export const bitfield32: Type<{ value: number; selector: number }> = {
  label: 'bitfield32',
  size: pair.size,
  encode(out, value, siblings) {
    pair.encode(out, value, siblings)
    // A struct's missing fields are zeros; here that would mean "change nothing".
    if (value.value === undefined || value.selector === undefined)
      throw wrongType(value, '{ value, selector }')
  },
  decode(bytes, start, end, siblings) {
    return end - start < pair.size
      ? shortBy('bitfield32', pair.size, start, end)
      : pair.decode(bytes, start, end, siblings)
  },
}
