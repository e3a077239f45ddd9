/** Integers of every width, signedness and byte order. */

import {
  getBe16,
  getBe32,
  getBe64,
  getU16,
  getU32,
  getU64,
  putBe16,
  putBe32,
  putBe64,
  putU16,
  putU32,
  putU64,
} from './bytes.js'
import { malformed, outOfRange, wrongType } from './fault.js'
import type { Type } from './type.js'

type Get<T> = (bytes: Uint8Array, at: number) => T
type Put<T> = (bytes: Uint8Array, at: number, value: T) => void

/** Throws the fault of a payload that is too short. */
export function shortBy(label: string, size: number, start: number, end: number): never {
  throw malformed(`${end - start} bytes where ${label} has ${size}`, start)
}

function integer(
  label: string,
  size: number,
  min: number,
  max: number,
  get: Get<number>,
  put: Put<number>,
): Type<number> {
  const expected = `an integer from ${min} to ${max} (${label})`
  return {
    label,
    size,
    encode(out, value) {
      if (typeof value !== 'number') throw wrongType(value, expected)
      if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(value, expected)
      const at = out.reserve(size)
      put(out.bytes, at, value)
    },
    decode(bytes, start, end) {
      return end - start < size ? shortBy(label, size, start, end) : get(bytes, start)
    },
  }
}

function bigInteger(
  label: string,
  min: bigint,
  max: bigint,
  get: Get<bigint>,
  put: Put<bigint>,
): Type<bigint> {
  const expected = `a bigint from ${min} to ${max} (${label})`
  return {
    label,
    size: 8,
    encode(out, value) {
      if (typeof value !== 'bigint') throw wrongType(value, expected)
      if (value < min || value > max) throw outOfRange(value, expected)
      const at = out.reserve(8)
      put(out.bytes, at, value)
    },
    decode(bytes, start, end) {
      return end - start < 8 ? shortBy(label, 8, start, end) : get(bytes, start)
    },
  }
}

const MAX_U64 = (1n << 64n) - 1n
const MAX_S64 = (1n << 63n) - 1n

const getU8: Get<number> = (bytes, at) => bytes[at]!
const putU8: Put<number> = (bytes, at, value) => {
  bytes[at] = value
}

// A payload that is longer than the integer is no fault: its first bytes count, as in the kernel's nla_get_u8() and so on.

/** An unsigned integer of 8 bits. */
export const u8 = integer('u8', 1, 0, 0xff, getU8, putU8)
/** An unsigned integer of 16 bits in host order. */
export const u16 = integer('u16', 2, 0, 0xffff, getU16, putU16)
/** An unsigned integer of 32 bits in host order. */
export const u32 = integer('u32', 4, 0, 0xffffffff, getU32, putU32)
/** An unsigned integer of 64 bits in host order: a bigint. */
export const u64 = bigInteger('u64', 0n, MAX_U64, getU64, putU64)

const getS8: Get<number> = (bytes, at) => (bytes[at]! << 24) >> 24
const getS16: Get<number> = (bytes, at) => (getU16(bytes, at) << 16) >> 16
const getS32: Get<number> = (bytes, at) => getU32(bytes, at) | 0
const getS64: Get<bigint> = (bytes, at) => BigInt.asIntN(64, getU64(bytes, at))

/** A signed integer of 8 bits. */
export const s8 = integer('s8', 1, -0x80, 0x7f, getS8, putU8)
/** A signed integer of 16 bits in host order. */
export const s16 = integer('s16', 2, -0x8000, 0x7fff, getS16, putU16)
/** A signed integer of 32 bits in host order. */
export const s32 = integer('s32', 4, -0x80000000, 0x7fffffff, getS32, putU32)
/** A signed integer of 64 bits in host order: a bigint. */
export const s64 = bigInteger('s64', -MAX_S64 - 1n, MAX_S64, getS64, putU64)

/** An unsigned integer of 16 bits in network order. */
export const be16 = integer('be16', 2, 0, 0xffff, getBe16, putBe16)
/** An unsigned integer of 32 bits in network order. */
export const be32 = integer('be32', 4, 0, 0xffffffff, getBe32, putBe32)
/** A signed integer of 32 bits in network order. */
export const sbe32 = integer(
  'sbe32',
  4,
  -0x80000000,
  0x7fffffff,
  (bytes, at) => getBe32(bytes, at) | 0,
  putBe32,
)
/** An unsigned integer of 64 bits in network order: a bigint. */
export const be64 = bigInteger('be64', 0n, MAX_U64, getBe64, putBe64)

/** A boolean in one byte, as many link attributes have it; any byte but 0 is true. */
export const bool8: Type<boolean> = {
  label: 'bool8',
  size: 1,
  encode(out, value) {
    if (typeof value !== 'boolean') throw wrongType(value, 'true or false')
    const at = out.reserve(1)
    out.bytes[at] = value ? 1 : 0
  },
  decode(bytes, start, end) {
    return end - start < 1 ? shortBy('bool8', 1, start, end) : bytes[start] !== 0
  },
}

/** An attribute without payload: true where it is present; false is not sent. */
export const flag: Type<boolean> = {
  label: 'flag',
  size: 0,
  encode(_out, value) {
    if (typeof value !== 'boolean') throw wrongType(value, 'true or false')
  },
  decode() {
    return true
  },
}
