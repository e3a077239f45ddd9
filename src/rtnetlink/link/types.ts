/** Types of link attributes that the codec does not have. */

import { getU32, getU64, putU32, putU64 } from '../../codec/bytes.js'
import { Fault, isRecord, malformed, outOfRange, wrongType } from '../../codec/fault.js'
import { type Members, mac, type Names, type Struct, type Type, text, u32 } from '../../codec/index.js'

/** A boolean in 32 bits; any number but 0 is true. */
export const bool32: Type<boolean> = {
  label: 'bool32',
  size: u32.size,
  encode(out, value, siblings) {
    if (typeof value !== 'boolean') throw wrongType(value, 'true or false')
    u32.encode(out, value ? 1 : 0, siblings)
  },
  decode: (bytes, start, end, siblings) => u32.decode(bytes, start, end, siblings) !== 0,
}

/**
 * Some of a set of switches: those that are named are set or cleared, the others stay. All are read. A bit without a name is called by its
 * number, '0x20', and read where it is on.
 */
export type Switches<N extends string> = { readonly [K in N]?: boolean | undefined } & {
  readonly [bit: `0x${string}`]: boolean | undefined
}

/** A number of which the kernel takes some alone; it is read whatever it is. */
export interface Bounded extends Type<number> {
  readonly min: number
  readonly max: number
}

/** A number from `min` to `max`, where the kernel says no more than EINVAL of others. */
export function between(type: Type<number>, min: number, max: number): Bounded {
  const expected = `an integer from ${min} to ${max}`
  return {
    ...type,
    min,
    max,
    encode(out, value, siblings) {
      if (typeof value === 'number' && (value < min || value > max)) throw outOfRange(value, expected)
      type.encode(out, value, siblings)
    },
  }
}

const SWITCHES_SIZE = 8

/** The bits of what is on, and those of all that is named. Throws a type fault naming the switch. */
export function maskedBits<N extends string>(
  table: Names<N>,
  value: unknown,
): { bits: number; mask: number } {
  if (!isRecord(value)) throw wrongType(value, 'an object of switches')
  let bits = 0
  let mask = 0
  for (const [name, on] of Object.entries(value)) {
    if (on === undefined) continue
    if (typeof on !== 'boolean') throw wrongType(on, 'true or false').within(name)
    const bit = Object.hasOwn(table.numbers, name) ? table.numbers[name as N] : bitOf(name)
    mask |= bit
    if (on) bits |= bit
  }
  return { bits: bits >>> 0, mask: mask >>> 0 }
}

const BIT = /^0x[0-9a-f]{1,8}$/i

function bitOf(name: string): number {
  if (!BIT.test(name)) throw new Fault('type', 'no such switch').within(name)
  return Number(name)
}

/** The switches that `mask` has, by name. */
export function switchesOf<N extends string>(table: Names<N>, bits: number, mask: number): Switches<N> {
  const value: Record<string, boolean> = {}
  let rest = bits & mask
  for (const name in table.numbers) {
    const bit = table.numbers[name]
    if (mask & bit) value[name] = (bits & bit) !== 0
    rest &= ~bit
  }
  for (; rest !== 0; rest &= rest - 1) value[`0x${((rest & -rest) >>> 0).toString(16)}`] = true
  return value as Switches<N>
}

/** Two words of 32 bits: the bits, and which of them count (struct ifla_vlan_flags, struct br_boolopt_multi). */
export function switches<N extends string>(table: Names<N>): Type<Switches<N>> {
  return {
    label: 'switches',
    size: SWITCHES_SIZE,
    encode(out, value) {
      const { bits, mask } = maskedBits(table, value)
      const at = out.reserve(SWITCHES_SIZE)
      putU32(out.bytes, at, bits)
      putU32(out.bytes, at + 4, mask)
    },
    decode(bytes, start, end) {
      if (end - start < SWITCHES_SIZE)
        throw malformed(`${end - start} bytes where switches have ${SWITCHES_SIZE}`, start)
      return switchesOf(table, getU32(bytes, start), getU32(bytes, start + 4))
    },
  }
}

/** A struct that has to be given whole: what is missing would be zero. */
export function whole<M extends Members>(type: Struct<M>): Struct<M> {
  return {
    ...type,
    encode(out, value, siblings) {
      type.encode(out, value, siblings)
      const given: Readonly<Record<string, unknown>> = value
      for (const name in type.members)
        if (given[name] === undefined) throw new Fault('type', 'is missing').within(name)
    },
  }
}

const ETH_ALEN = 6

/** An Ethernet address: six bytes. */
export const ethernet: Type<string> = {
  ...mac,
  encode(out, value, siblings) {
    const start = out.length
    mac.encode(out, value, siblings)
    if (out.length - start !== ETH_ALEN) throw outOfRange(value, 'an Ethernet address of six bytes')
  },
}

/** A string without NUL at its end, as the kernel stores it: an empty one is no bytes. */
export function unterminated(max: number): Type<string> {
  const terminated = text(max)
  return {
    ...terminated,
    encode(out, value, siblings) {
      terminated.encode(out, value, siblings)
      out.length--
    },
  }
}

/** An unsigned integer in four or eight bytes, whichever the kernel finds it to need (nla_put_uint()). */
export const uint: Type<number> = {
  label: 'uint',
  size: 0,
  encode(out, value) {
    if (typeof value !== 'number') throw wrongType(value, 'a number')
    if (!Number.isSafeInteger(value) || value < 0) throw outOfRange(value, 'an unsigned integer')
    const at = out.reserve(value > 0xffffffff ? 8 : 4)
    if (value > 0xffffffff) putU64(out.bytes, at, BigInt(value))
    else putU32(out.bytes, at, value)
  },
  decode(bytes, start, end) {
    if (end - start < 4) throw malformed(`${end - start} bytes where an unsigned integer has 4 or 8`, start)
    return end - start < 8 ? getU32(bytes, start) : Number(getU64(bytes, start))
  },
}

/** Milliseconds that are seconds to callers, as all times are. */
export const milliseconds32: Type<number> = {
  label: 'milliseconds u32',
  size: u32.size,
  encode(out, value, siblings) {
    const count = typeof value === 'number' ? Math.round(value * 1000) : Number.NaN
    if (!(count >= 0 && count <= 0xffffffff))
      throw outOfRange(value, `a time from 0 to ${0xffffffff / 1000} seconds`)
    if (count === 0 && value > 0) throw outOfRange(value, '0 or a time of at least 0.001 seconds')
    u32.encode(out, count, siblings)
  },
  decode: (bytes, start, end, siblings) => u32.decode(bytes, start, end, siblings) / 1000,
}
