import { describe, expect, it } from 'vitest'
import { host } from '../../../src/codec/bytes.js'
import type { Type } from '../../../src/codec/index.js'
import {
  be16,
  be32,
  be64,
  bool8,
  DecodeError,
  flag,
  s8,
  s16,
  s32,
  s64,
  u8,
  u16,
  u32,
  u64,
} from '../../../src/codec/index.js'
import { decode, encode, hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

/** Type, value, the bytes of a little-endian host, those of a big-endian host. */
const LAYOUT: [Type<number> | Type<bigint>, number | bigint, string, string][] = [
  [u8, 0, '00', '00'],
  [u8, 255, 'ff', 'ff'],
  [u16, 0x1234, '3412', '1234'],
  [u16, 65535, 'ffff', 'ffff'],
  [u32, 0x12345678, '78563412', '12345678'],
  [u32, 0xfffffffe, 'feffffff', 'fffffffe'],
  [u64, 0x123456789abcdef0n, 'f0debc9a78563412', '123456789abcdef0'],
  [u64, 2n ** 64n - 1n, 'ffffffffffffffff', 'ffffffffffffffff'],
  [s8, -1, 'ff', 'ff'],
  [s8, -128, '80', '80'],
  [s16, -2, 'feff', 'fffe'],
  [s16, 32767, 'ff7f', '7fff'],
  [s32, -3, 'fdffffff', 'fffffffd'],
  [s32, -0x80000000, '00000080', '80000000'],
  [s64, -4n, 'fcffffffffffffff', 'fffffffffffffffc'],
  [s64, -(2n ** 63n), '0000000000000080', '8000000000000000'],
  [be16, 0x8100, '8100', '8100'], // ETH_P_8021Q, as IFLA_VLAN_PROTOCOL has it
  [be32, 0x12345678, '12345678', '12345678'],
  [be64, 0x123456789abcdef0n, '123456789abcdef0', '123456789abcdef0'],
]

describe.each(LAYOUT)('case %#', (type, value, little, big) => {
  const any = type as Type<unknown>

  it(`${type.label} ${value} is ${little} on a little-endian host`, () => {
    expect(encode(any, value)).toStrictEqual(hex(little))
    expect(decode(any, hex(little))).toBe(value)
    expect(any.size).toBe(hex(little).length)
  })

  it(`${type.label} ${value} is ${big} on a big-endian host`, () => {
    host.littleEndian = false
    expect(encode(any, value)).toStrictEqual(hex(big))
    expect(decode(any, hex(big))).toBe(value)
  })

  it(`${type.label}: the first bytes of a longer payload count`, () => {
    expect(decode(any, hex(little, '5a5a5a'))).toBe(value)
  })

  it(`${type.label}: a shorter payload is malformed`, () => {
    for (let length = 0; length < any.size; length++)
      expect(() => decode(any, hex(little).subarray(0, length))).toThrow(DecodeError)
  })
})

it('tells how a payload is too short', () => {
  expect(() => decode(u32, hex('0102'))).toThrow('TEST: 2 bytes where u32 has 4 (at byte 0)')
  expect(() => decode(u64, hex(''))).toThrow('TEST: 0 bytes where u64 has 8 (at byte 0)')
})

describe('values that do not fit', () => {
  it.each([
    ['u8', u8, [256, -1, 1.5, Number.NaN]],
    ['u16', u16, [65536, -1]],
    ['u32', u32, [2 ** 32, -1, Number.POSITIVE_INFINITY]],
    ['s8', s8, [128, -129]],
    ['s16', s16, [32768, -32769]],
    ['s32', s32, [2 ** 31, -(2 ** 31) - 1]],
    ['be16', be16, [65536, -1]],
    ['be32', be32, [2 ** 32, -1]],
  ])('%s: a RangeError', (_, type, values) => {
    for (const value of values) {
      expect(() => encode(type, value)).toThrow(RangeError)
      expect(() => encode(type, value)).toThrow(`${value} is not an integer from `)
    }
  })

  it.each([
    ['u64', u64, [-1n, 2n ** 64n]],
    ['s64', s64, [2n ** 63n, -(2n ** 63n) - 1n]],
    ['be64', be64, [-1n, 2n ** 64n]],
  ])('%s: a RangeError', (_, type, values) => {
    for (const value of values) {
      expect(() => encode(type, value)).toThrow(RangeError)
      expect(() => encode(type, value)).toThrow(`${value}n is not a bigint from `)
    }
  })

  it.each<[string, unknown, unknown[]]>([
    ['u32', u32, ['1500', 1n, null, true, [5]]],
    ['u64', u64, [1, '1', null]],
    ['bool8', bool8, [1, 'true', null]],
    ['flag', flag, ['yes', 1, null]],
  ])('%s: a TypeError', (_, type, values) => {
    for (const value of values) expect(() => encode(type as Type<unknown>, value)).toThrow(TypeError)
  })
})

describe('bool8', () => {
  it('is one byte', () => {
    expect(encode(bool8, true)).toStrictEqual(hex('01'))
    expect(encode(bool8, false)).toStrictEqual(hex('00'))
    expect(decode(bool8, hex('00'))).toBe(false)
    expect(decode(bool8, hex('02'))).toBe(true)
    expect(() => decode(bool8, hex(''))).toThrow(DecodeError)
  })
})

describe('flag', () => {
  it('has no payload', () => {
    expect(encode(flag, true)).toStrictEqual(hex(''))
    expect(decode(flag, hex(''))).toBe(true)
  })
})
