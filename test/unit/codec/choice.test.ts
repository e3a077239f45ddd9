import { describe, expect, it } from 'vitest'
import { toBits } from '../../../src/codec/choice.js'
import type { Type } from '../../../src/codec/index.js'
import { bitfield32, DecodeError, enumeration, flags, names, u8, u16, u32 } from '../../../src/codec/index.js'
import { decode, encode, hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

const states = names({ down: 2, up: 6, running: 6 })
const linkFlags = names({ none: 0, up: 0x1, broadcast: 0x2, both: 0x3, top: 0x80000000 })

describe('names', () => {
  it('go both ways; the first of two names counts', () => {
    expect(states.toNumber('up')).toBe(6)
    expect(states.toNumber('running')).toBe(6)
    expect(states.toName(6)).toBe('up')
  })

  it('let unknown numbers be', () => {
    expect(states.toName(99)).toBe(99)
    expect((['up', 6, 99] as const).map((value) => states.normal(value))).toEqual(['up', 'up', 99])
    expect(() => states.normal('gone' as never)).toThrow("'gone' is not one of")
    expect(states.toNumber(99)).toBe(99)
  })

  it('refuse names that are not in the table, those of every object among them', () => {
    for (const name of ['sideways', 'constructor', '__proto__', 'toString', ''])
      expect(() => states.toNumber(name as 'up')).toThrow(`'${name}' is not one of down, up, running`)
    expect(() => states.toNumber(['up'] as never)).toThrow("['up'] is not a name or a number")
  })
})

describe('enumeration', () => {
  const operstate = enumeration(u8, states)

  it('is a name where there is one', () => {
    expect(encode(operstate, 'up')).toStrictEqual(hex('06'))
    expect(decode(operstate, hex('06'))).toBe('up')
  })

  it('keeps a number that a newer kernel has', () => {
    expect(decode(operstate, hex('2a'))).toBe(42)
    expect(encode(operstate, 42)).toStrictEqual(hex('2a'))
  })

  it('refuses what does not fit', () => {
    expect(() => encode(operstate, 256)).toThrow(RangeError)
    expect(() => encode(operstate, 'sideways' as 'up')).toThrow(RangeError)
    for (const value of [null, true, ['up'], {}])
      expect(() => encode(operstate as Type<unknown>, value)).toThrow(TypeError)
    expect(() => decode(operstate, hex(''))).toThrow(DecodeError)
  })
})

describe('flags', () => {
  const type = flags(u32, linkFlags)

  it('are the names of the bits, in the order of the table', () => {
    expect(encode(type, ['broadcast', 'up'])).toStrictEqual(hex('03000000'))
    expect(decode(type, hex('02000000'))).toStrictEqual(['broadcast'])
    expect(decode(type, hex('03000000'))).toStrictEqual(['up', 'broadcast', 'both'])
    expect(encode(type, [])).toStrictEqual(hex('00000000'))
    expect(decode(type, hex('00000000'))).toStrictEqual([])
  })

  it('keep bits that the table does not know as one number', () => {
    expect(decode(type, hex('01000a00'))).toStrictEqual(['up', 0xa0000])
    expect(encode(type, ['up', 0xa0000])).toStrictEqual(hex('01000a00'))
    expect(names({ up: 1 }).toNames(0x80000001)).toStrictEqual(['up', 0x80000000])
  })

  it('have 32 bits, the highest included', () => {
    expect(encode(type, ['top'])).toStrictEqual(hex('00000080'))
    expect(decode(type, hex('000000c0'))).toStrictEqual(['top', 0x40000000])
    expect(toBits(linkFlags, ['top', 1])).toBe(0x80000001)
    expect(names({}).toNames(0xffffffff)).toStrictEqual([0xffffffff])
  })

  it('refuse what does not fit', () => {
    const any = type as Type<unknown>
    expect(() => encode(any, ['sideways'])).toThrow(RangeError)
    expect(() => encode(any, [2 ** 32])).toThrow(new RangeError('4294967296 is not a set of 32 bits'))
    expect(() => encode(any, [-1])).toThrow(RangeError)
    expect(() => encode(any, [0.5])).toThrow(RangeError)
    expect(() => encode(any, [Number.NaN])).toThrow(RangeError)
    expect(() => encode(flags(u16, linkFlags), ['top'])).toThrow(RangeError)
    for (const value of ['up', 1, null, { up: true }, [['up']], [undefined]])
      expect(() => encode(any, value)).toThrow(TypeError)
  })
})

describe('bitfield32', () => {
  it('is value and selector', () => {
    expect(encode(bitfield32, { value: 1, selector: 3 })).toStrictEqual(hex('01000000 03000000'))
    expect(decode(bitfield32, hex('01000000 03000000'))).toStrictEqual({ value: 1, selector: 3 })
  })

  it('needs both', () => {
    const any = bitfield32 as Type<unknown>
    for (const value of [{ value: 1 }, { selector: 1 }, {}, [], 5, null])
      expect(() => encode(any, value)).toThrow(TypeError)
    expect(() => encode(any, { value: -1, selector: 1 })).toThrow(
      new RangeError('value: -1 is not an integer from 0 to 4294967295 (u32)'),
    )
    expect(() => encode(any, { value: 1, selector: 1, mask: 1 })).toThrow(
      new TypeError('mask: no such field'),
    )
    expect(() => decode(bitfield32, hex('01000000 030000'))).toThrow(DecodeError)
  })
})
