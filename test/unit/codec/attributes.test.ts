import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Attributes,
  attributes,
  bytes,
  DecodeError,
  decodeAttributes,
  encodeAttributes,
  guarded,
  ip,
  nested,
  repeated,
  selected,
  string,
  u16,
  u32,
  Writer,
} from '../../../src/codec/index.js'
import { everyType, everyValue } from './every-type.js'
import { hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

const inner = attributes('INNER', { id: [1, u16] })
const table = attributes('RTA', {
  dst: [1, ip],
  oif: [4, u32],
  gateway: [5, ip],
  raw: [6, bytes],
  names: [7, repeated(string)],
  data: [8, selected('kind', (kind) => (kind === 'x' ? inner : undefined))],
  kind: [9, string],
  inner: [10, nested(inner)],
})
const { field } = table

describe('Attributes', () => {
  it('finds attributes without reading them', () => {
    const at = new Attributes(table)
    const data = hex(
      'eeeeeeee', // not part of the message
      '0800 0100 0a000000', // RTA_DST
      '0800 0400 07000000', // RTA_OIF
      '0600 6300 eeee 0000', // 99: not in the table
      '0600 0600 0102 0000',
      'eeeeeeee',
    )
    expect(at.load(data, 4, data.length - 4)).toBe(at)
    expect(at.get(field.dst)).toBe('10.0.0.0')
    expect(at.get(field.oif)).toBe(7)
    expect(at.get(field.raw)).toStrictEqual(hex('0102'))
    expect(at.get(field.gateway)).toBeNull()
    expect(at.has(field.oif)).toBe(true)
    expect(at.has(field.gateway)).toBe(false)
  })

  it('forgets the message before', () => {
    const at = new Attributes(table)
    at.load(hex('0800 0400 07000000'), 0, 8)
    at.load(hex('0800 0100 0a000000'), 0, 8)
    expect(at.get(field.oif)).toBeNull()
    expect(at.get(field.dst)).toBe('10.0.0.0')
    at.load(hex(''), 0, 0)
    expect(at.has(field.dst)).toBe(false)
  })

  it('takes the last of two, ignores flags and padding', () => {
    const at = new Attributes(table)
    const data = hex('0800 0400 01000000', '0800 04c0 02000000', '000000')
    expect(at.load(data, 0, data.length).get(field.oif)).toBe(2)
  })

  it('gives repeated attributes as a list, and finds the sibling of a chosen set', () => {
    const at = new Attributes(table)
    const data = hex(
      '0600 0700 61 00 0000',
      '0c00 0800 0600 0100 0700 0000', // the set, before its kind
      '0600 0700 62 00 0000',
      '0600 0900 78 00 0000',
    )
    at.load(data, 0, data.length)
    expect(at.get(field.names)).toStrictEqual(['a', 'b'])
    expect(at.get(field.data)).toStrictEqual({ id: 7 })
    expect(at.load(hex(''), 0, 0).get(field.names)).toBeNull()
  })

  it('has nothing of another table', () => {
    const at = new Attributes(table).load(hex('0800 0400 07000000'), 0, 8)
    const other = attributes('OTHER', { far: [99, u32] })
    expect(at.has(other.field.far)).toBe(false)
    expect(at.get(other.field.far)).toBeNull()
  })

  it('names what is malformed', () => {
    const at = new Attributes(table)
    const short = hex('0600 0400 0700 0000')
    expect(() => guarded('RTM_NEWROUTE', () => at.load(short, 0, 8).get(field.oif))).toThrow(
      'RTM_NEWROUTE oif: 2 bytes where u32 has 4 (at byte 4)',
    )
    const long = hex('0c00 0a00 0900 0100 0700 0000')
    expect(() => guarded('RTM_NEWROUTE', () => at.load(long, 0, 12).get(field.inner))).toThrow(
      'RTM_NEWROUTE inner: an attribute of length 9 where 8 bytes are left (at byte 4)',
    )
    for (const bad of ['0300 0400', '0900 0400 07000000', '080004'])
      expect(() => guarded('RTM_NEWROUTE', () => at.load(hex(bad), 0, hex(bad).length))).toThrow(DecodeError)
  })

  it('gives what decodeAttributes gives', () => {
    const at = new Attributes(everyType)
    fc.assert(
      fc.property(everyValue, (value) => {
        const out = new Writer()
        encodeAttributes(everyType, out, value)
        const all = decodeAttributes(everyType, out.bytes, 0, out.length) as Record<string, unknown>
        at.load(out.bytes, 0, out.length)
        for (const one of Object.values(everyType.field)) {
          expect(at.get<unknown>(one)).toStrictEqual(all[one.name] ?? null)
          expect(at.has(one)).toBe(one.name in all)
        }
      }),
    )
  })
})
