/** Types of values that are integers, with names for some of them or for their bits. */

import { show } from '../codec/fault.js'
import type { Names } from '../codec/index.js'
import { checkInteger } from '../netlink/check.js'
import type { Datatype } from './datatypes.js'

/** Unsigned integers, with names for some of them. */
export function integerType(
  name: string,
  id: number,
  size: number,
  order: 'network' | 'host' = 'network',
  table?: Names<string>,
): Datatype {
  const max = Math.min(2 ** (8 * size) - 1, Number.MAX_SAFE_INTEGER)
  return {
    name,
    id,
    size,
    order: size === 1 ? 'network' : order,
    prefixes: false,
    encode(value, field) {
      const named = typeof value === 'string' ? numberOf(value, table, name, field) : value
      const bytes = new Uint8Array(size)
      let rest = checkInteger(named, field, 0, max, name)
      for (let i = size - 1; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest
      return bytes
    },
    decode(bytes) {
      const number = numberIn(bytes)
      return table?.toName(number) ?? number
    },
  }
}

/** Numbers that have not all values of their bytes. */
export function upTo(max: number, type: Datatype): Datatype {
  return {
    ...type,
    encode(value, field) {
      const bytes = type.encode(value, field)
      const number = numberIn(bytes)
      if (number > max) throw new RangeError(`${field}: ${number} is more than ${max}`)
      return bytes
    },
  }
}

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0)
}

/** Numbers of eight bytes of the host: those that JavaScript has not are texts of decimal digits. */
function wide(type: Datatype): Datatype {
  return {
    ...type,
    encode(value, field) {
      if (typeof value !== 'string' || !/^\d{16,20}$/.test(value)) return type.encode(value, field)
      const number = BigInt(value)
      if (number >= 1n << 64n) throw new RangeError(`${field}: ${value} is more than eight bytes have`)
      return Uint8Array.from({ length: 8 }, (_, i) => Number((number >> BigInt(56 - 8 * i)) & 0xffn))
    },
    decode(bytes) {
      const number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
      return number > Number.MAX_SAFE_INTEGER ? `${number}` : Number(number)
    },
  }
}

function numberOf(value: string, table: Names<string> | undefined, name: string, field: string): number {
  const number = table !== undefined && Object.hasOwn(table.numbers, value) ? table.numbers[value] : undefined
  if (number !== undefined) return number
  const known =
    table === undefined ? 'a number' : `one of ${Object.keys(table.numbers).join(', ')}, or a number`
  throw new TypeError(`${field}: ${show(value)} is not ${known} (${name})`)
}

/** Integers of which each bit has a name: 'syn|ack' is both. */
export function bitmask(
  name: string,
  id: number,
  size: number,
  order: 'network' | 'host',
  table: Names<string>,
): Datatype {
  const plain = integerType(name, id, size, order, table)
  return {
    ...plain,
    encode(value, field) {
      if (typeof value !== 'string' || !value.includes('|')) return plain.encode(value, field)
      const bytes = new Uint8Array(size)
      for (const one of value.split('|'))
        for (const [at, byte] of plain.encode(one.trim(), field).entries()) bytes[at]! |= byte
      return bytes
    },
    decode(bytes) {
      const value = plain.decode(bytes)
      if (typeof value === 'string' || value === 0) return value
      const set = Object.entries(table.numbers).filter(([, bit]) => (value & bit) !== 0)
      const known = set.reduce((sum, [, bit]) => sum + bit, 0)
      return known === value ? set.map(([one]) => one).join('|') : value
    },
  }
}

/** Numbers of nft(8)'s type 'integer', as packets have them, and as the host has its own. */
export const u8 = /* @__PURE__ */ integerType('integer', 4, 1)
export const bit = /* @__PURE__ */ upTo(1, u8)
export const u16 = /* @__PURE__ */ integerType('integer', 4, 2)
export const u32 = /* @__PURE__ */ integerType('integer', 4, 4)
export const hostU16 = /* @__PURE__ */ integerType('integer', 4, 2, 'host')
export const hostU32 = /* @__PURE__ */ integerType('integer', 4, 4, 'host')
export const hostU64 = /* @__PURE__ */ wide(integerType('integer', 4, 8, 'host'))
