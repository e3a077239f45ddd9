import { describe, expect, it } from 'vitest'
import type { Table, Type } from '../../../src/codec/index.js'
import {
  array,
  attributes,
  DecodeError,
  decodeAttributes,
  encodeAttributes,
  flagged,
  guarded,
  nested,
  selected,
  string,
  u8,
  u16,
  u32,
  Writer,
} from '../../../src/codec/index.js'
import { decode, encode, hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

const leaf = attributes('LEAF', { id: [1, u16], name: [2, string] })

describe('nested', () => {
  it('is a set of attributes', () => {
    expect(encode(nested(leaf), { id: 7, name: 'a' })).toStrictEqual(
      hex('0600 0100 0700 0000', '0600 0200 61 00 0000'),
    )
    expect(decode(nested(leaf), hex('0600 0100 0700 0000'))).toStrictEqual({ id: 7 })
    expect(nested(leaf).inner?.({})).toBe(leaf)
  })
})

describe('array', () => {
  it('numbers its elements from 1', () => {
    const type = array(nested(leaf))
    const golden = hex(
      '0c00 0100', // 1
      '  0600 0100 0700 0000', // LEAF id
      '0c00 0200', // 2
      '  0600 0100 0800 0000',
    )
    expect(encode(type, [{ id: 7 }, { id: 8 }])).toStrictEqual(golden)
    expect(decode(type, golden)).toStrictEqual([{ id: 7 }, { id: 8 }])
  })

  it('or gives all the same number', () => {
    const type = array(u8, 1)
    expect(encode(type, [5, 6])).toStrictEqual(hex('0500 0100 05 000000', '0500 0100 06 000000'))
    expect(decode(type, hex('0500 0100 05 000000', '0500 0100 06'))).toStrictEqual([5, 6])
  })

  it('sets NLA_F_NESTED on elements that have it', () => {
    expect(encode(array(flagged(nested(leaf))), [{}])).toStrictEqual(hex('0400 0180'))
  })

  it('may be empty, and end with padding', () => {
    expect(encode(array(u8), [])).toStrictEqual(hex(''))
    expect(decode(array(u8), hex(''))).toStrictEqual([])
    expect(decode(array(u8), hex('0500 0100 05 000000', '0000'))).toStrictEqual([5])
  })

  it('goes by order when it is read, not by number', () => {
    expect(decode(array(u8), hex('0500 0900 05 000000', '0500 0300 06 000000'))).toStrictEqual([5, 6])
  })

  it('names the element that does not fit', () => {
    const table = attributes('X', { list: [1, array(nested(leaf))] })
    const write = (value: object) => () =>
      guarded('X', () => encodeAttributes(table, new Writer(), value as Record<string, unknown>))
    expect(write({ list: [{}, { id: 65536 }] })).toThrow('X: list[1].id: 65536 is not an integer')
    for (const value of ['ab', {}, null, new Set()]) expect(write({ list: value })).toThrow(TypeError)
    expect(write({ list: [{ id: 1, name: 'x'.repeat(65_530) }] })).toThrow(
      new RangeError('X: list[0]: 65544 bytes, and an attribute holds at most 65531'),
    )
    const bad = hex(
      '1900 0100', // the list
      '0c00 0100', // its first element, as it should be
      '  0600 0100 0700 0000',
      '0900 0200', // its second
      '  0500 0100 07', // an id of one byte
    )
    const read = () => guarded('X', () => decodeAttributes(table, bad, 0, bad.length))
    expect(read).toThrow(DecodeError)
    expect(read).toThrow('X list[1].id: 1 bytes where u16 has 2 (at byte 24)')
  })

  it('is a table of its elements for those who walk through attributes', () => {
    const type = array(nested(leaf))
    const element = type.inner?.({})?.byNumber(3)
    expect(element?.name).toBe('[2]')
    expect(element?.type.inner?.({})).toBe(leaf)
    expect(array(u8, 1).inner?.({})?.byNumber(1)?.name).toBe('[]')
  })
})

describe('selected', () => {
  const vlan = attributes('IFLA_VLAN', { id: [1, u16] })
  const bond = attributes('IFLA_BOND', { mode: [1, u8], miimon: [3, u32] })
  const tables = new Map<string, Table>([
    ['vlan', vlan],
    ['bond', bond],
  ])
  const info = attributes('IFLA_INFO', {
    kind: [1, string],
    data: [2, selected('kind', (kind) => tables.get(kind))],
    slaveKind: [4, string],
    slaveData: [5, selected('slaveKind', (kind) => tables.get(kind))],
  })
  const write = (value: object) => {
    const out = new Writer()
    guarded('X', () => encodeAttributes(info, out, value as Record<string, unknown>))
    return out.take()
  }
  const read = (data: Uint8Array) => guarded('X', () => decodeAttributes(info, data, 0, data.length))

  const KIND_VLAN = '0900 0100 766c616e 00 000000'
  const DATA_7 = '0c00 0200 0600 0100 0700 0000'

  it('has the attributes that the sibling chooses', () => {
    expect(write({ kind: 'vlan', data: { id: 7 } })).toStrictEqual(hex(KIND_VLAN, DATA_7))
    expect(read(hex(KIND_VLAN, DATA_7))).toStrictEqual({ kind: 'vlan', data: { id: 7 } })
    expect(read(hex('0900 0100 626f6e64 00 000000', '0c00 0200 0500 0100 04 000000'))).toStrictEqual({
      kind: 'bond',
      data: { mode: 4 },
    })
  })

  it('finds a sibling that comes later, and writes them in the same order again', () => {
    const value = read(hex(DATA_7, KIND_VLAN))
    expect(value).toStrictEqual({ kind: 'vlan', data: { id: 7 } })
    expect(write(value)).toStrictEqual(hex(DATA_7, KIND_VLAN))
    expect(write({ data: { id: 7 }, kind: 'vlan' })).toStrictEqual(hex(DATA_7, KIND_VLAN))
  })

  it('goes by its own sibling', () => {
    expect(read(hex('0900 0400 766c616e 00 000000', '0c00 0500 0600 0100 0700 0000', DATA_7))).toStrictEqual({
      slaveKind: 'vlan',
      slaveData: { id: 7 },
      data: hex('0600 0100 0700 0000'),
    })
  })

  it('is bytes where there is no table, in both directions', () => {
    const received = Buffer.from(hex('0b00 0100 647567 6f6e67 00 00', DATA_7))
    const value = read(received)
    const golden = Uint8Array.from(received)
    received.fill(0xee)
    expect(value).toStrictEqual({ kind: 'dugong', data: hex('0600 0100 0700 0000') })
    expect(write(value)).toStrictEqual(golden)
    expect(read(hex(DATA_7))).toStrictEqual({ data: hex('0600 0100 0700 0000') })
  })

  it('takes bytes also where there is a table', () => {
    expect(write({ kind: 'vlan', data: hex('0600 0100 0700 0000') })).toStrictEqual(hex(KIND_VLAN, DATA_7))
  })

  it('refuses attributes without a table', () => {
    expect(() => write({ kind: 'dugong', data: { id: 7 } })).toThrow(
      new TypeError("X: data: { id } is not a Uint8Array, and kind 'dugong' has no table"),
    )
    expect(() => write({ data: { id: 7 } })).toThrow(
      new TypeError('X: data: { id } is not a Uint8Array, and kind undefined has no table'),
    )
    expect(() => write({ kind: 'vlan', data: [7] })).toThrow(
      new TypeError('X: data: [7] is not an object of IFLA_VLAN attributes'),
    )
    expect(() => write({ kind: 'vlan', data: { mode: 4 } })).toThrow(
      new TypeError('X: data.mode: no such attribute in IFLA_VLAN (known: id)'),
    )
  })

  it('names the path of malformed bytes', () => {
    expect(() => read(hex('0900 0200 0500 0100 07 000000', KIND_VLAN))).toThrow(
      'X data.id: 1 bytes where u16 has 2 (at byte 8)',
    )
  })

  it('tells its table to those who walk through attributes', () => {
    const type = info.byName('data')?.type as Type<unknown>
    expect(type.inner?.({ kind: 'vlan' })).toBe(vlan)
    expect(type.inner?.({ kind: 'dugong' })).toBeNull()
    expect(type.inner?.({})).toBeNull()
  })
})
