/** Names for numbers: one of several (enumeration), any of several (flags), and the kernel's value-and-mask pair. */

import { outOfRange, wrongType } from './fault.js'
import { u32 } from './scalar.js'
import type { Type } from './type.js'

/** A name of the table, or the number itself where the kernel is newer than the table. */
export type OneOf<N extends string> = N | number
export type AnyOf<N extends string> = readonly (N | number)[]

/** The number of a name, for code that works with the numbers. */
export interface Names<N extends string> {
  readonly numbers: Readonly<Record<N, number>>
  toNumber(value: OneOf<N>): number
  toName(value: number): OneOf<N>
}

export function names<const N extends string>(numbers: Readonly<Record<N, number>>): Names<N> {
  let byNumber: Map<number, N> | undefined
  return {
    numbers,
    toNumber(value) {
      if (typeof value === 'number') return value
      const number = Object.hasOwn(numbers, value) ? numbers[value] : undefined
      if (number === undefined) throw outOfRange(value, `one of ${Object.keys(numbers).join(', ')}`)
      return number
    },
    toName(value) {
      byNumber ??= new Map(
        (Object.entries(numbers) as [N, number][]).map(([name, number]) => [number, name]).reverse() as [
          number,
          N,
        ][],
      )
      return byNumber.get(value) ?? value
    },
  }
}

/** One of the names; a number that the table does not know stays a number, in both directions. */
export function enumeration<N extends string>(base: Type<number>, table: Names<N>): Type<OneOf<N>> {
  return {
    label: `enum ${base.label}`,
    size: base.size,
    encode(out, value, siblings) {
      if (typeof value !== 'string' && typeof value !== 'number') throw wrongType(value, 'a name or a number')
      base.encode(out, table.toNumber(value), siblings)
    },
    decode(bytes, start, end, siblings) {
      return table.toName(base.decode(bytes, start, end, siblings))
    },
  }
}

/** Any of the names; bits that the table does not know stay, together, as one number at the end of the list. */
export function flags<N extends string>(base: Type<number>, table: Names<N>): Type<AnyOf<N>> {
  return {
    label: `flags ${base.label}`,
    size: base.size,
    encode(out, value, siblings) {
      base.encode(out, toBits(table, value), siblings)
    },
    decode(bytes, start, end, siblings) {
      return fromBits(table, base.decode(bytes, start, end, siblings))
    },
  }
}

export function toBits<N extends string>(table: Names<N>, value: AnyOf<N>): number {
  if (!Array.isArray(value)) throw wrongType(value, 'an array of names')
  let bits = 0
  for (const name of value as AnyOf<N>) bits |= table.toNumber(name)
  return bits >>> 0
}

export function fromBits<N extends string>(table: Names<N>, bits: number): (N | number)[] {
  const found: (N | number)[] = []
  let rest = bits
  for (const name in table.numbers) {
    const bit = table.numbers[name]
    if (bit !== 0 && (bits & bit) >>> 0 === bit) {
      found.push(name)
      rest &= ~bit
    }
  }
  if (rest !== 0) found.push(rest >>> 0)
  return found
}

/** `struct nla_bitfield32`: which bits are set, among those that `selector` names. */
export const bitfield32: Type<{ value: number; selector: number }> = {
  label: 'bitfield32',
  size: 8,
  encode(out, value, siblings) {
    if (typeof value !== 'object' || value === null) throw wrongType(value, '{ value, selector }')
    u32.encode(out, value.value, siblings)
    u32.encode(out, value.selector, siblings)
  },
  decode(bytes, start, end, siblings) {
    return {
      value: u32.decode(bytes, start, end, siblings),
      selector: u32.decode(bytes, start + 4, end, siblings),
    }
  },
}
