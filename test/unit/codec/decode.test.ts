/** How attributes are read. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { DecodeError, decodeAttributes, guarded } from '../../../src/codec/index.js'
import { hex, onLittleEndianHost } from './hex.js'
import { link, read, write } from './link-tables.js'

onLittleEndianHost()

describe('decodeAttributes', () => {
  it('reads nothing from nothing', () => {
    expect(read(link, hex(''))).toStrictEqual({})
  })

  it('makes plain objects, whose maker shows nowhere', () => {
    const values = Array.from({ length: 20 }, () => read(link, hex('0500 2100 01')))
    for (const value of values) {
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(value.constructor).toBe(Object)
      expect(Reflect.ownKeys(value)).toStrictEqual(['carrier'])
    }
    expect(inspect(values[0])).toBe('{ carrier: 1 }')
  })

  it('reads attributes without payload', () => {
    const empty = read(
      link,
      hex('0400 0100', '0400 0300', '0400 0700', '0400 0800', '0400 0900', '0400 3500'),
    )
    expect(empty).toStrictEqual({
      address: '',
      ifname: '',
      present: true,
      raw: hex(''),
      vlan: {},
      altnames: [''],
    })
    expect(() => read(link, hex('0400 0400'))).toThrow('IFLA mtu: 0 bytes where u32 has 4 (at byte 4)')
  })

  it('reads a u8 from a longer payload', () => {
    expect(read(link, hex('0800 2100 01000000'))).toStrictEqual({ carrier: 1 })
  })

  it('needs no padding behind the last attribute', () => {
    expect(read(link, hex('0600 0300 61 00'))).toStrictEqual({ ifname: 'a' })
    expect(read(link, hex('0500 2100 01'))).toStrictEqual({ carrier: 1 })
  })

  it.each(['00', '0000', '000000'])('takes %s at the end for padding', (rest) => {
    expect(read(link, hex('0800 0400 dc050000', rest))).toStrictEqual({ mtu: 1500 })
  })

  it('lets the last of two count', () => {
    expect(read(link, hex('0800 0400 01000000', '0800 0400 02000000'))).toStrictEqual({ mtu: 2 })
  })

  it('ignores the flags of an attribute that it knows', () => {
    expect(read(link, hex('0800 0480 01000000'))).toStrictEqual({ mtu: 1 }) // NLA_F_NESTED
    expect(read(link, hex('0800 0440 01000000'))).toStrictEqual({ mtu: 1 }) // NLA_F_NET_BYTEORDER
  })

  it('collects repeated attributes from wherever they lie', () => {
    expect(read(link, hex('0600 3500 61 00 0000', '0500 2100 01 000000', '0600 3500 62 00'))).toStrictEqual({
      altnames: ['a', 'b'],
      carrier: 1,
    })
  })

  it('keeps what it does not know, flags and all, as a copy; an encoder writes the same bytes', () => {
    const golden = hex(
      '0800 0400 dc050000', // IFLA_MTU
      '0700 6480 010203 00', // 100, NLA_F_NESTED, three bytes
      '0400 f43f', // 0x3ff4, no payload
      '0500 6440 ff 000000', // 100, NLA_F_NET_BYTEORDER
    )
    const received = Buffer.from(golden)
    const value = read(link, received)
    received.fill(0xee)
    expect(value).toStrictEqual({
      mtu: 1500,
      unknown: [
        { type: 0x8064, data: hex('010203') },
        { type: 0x3ff4, data: hex('') },
        { type: 0x4064, data: hex('ff') },
      ],
    })
    expect(write(link, value)).toStrictEqual(golden)
  })

  it.each([
    [
      'a header of one byte',
      '0800 0400 dc050000 08',
      'IFLA: 1 bytes left where an attribute header has 4 (at byte 8)',
    ],
    ['a header of three bytes', '080004', 'IFLA: 3 bytes left where an attribute header has 4 (at byte 0)'],
    ['length 0', '0000 0400', 'IFLA: an attribute of length 0 (at byte 0)'],
    ['length 3', '0300 0400', 'IFLA: an attribute of length 3 (at byte 0)'],
    [
      'length 65535',
      'ffff 0400 dc050000',
      'IFLA: an attribute of length 65535 where 8 bytes are left (at byte 0)',
    ],
    [
      'one byte too long',
      '0900 0300 61626300',
      'IFLA: an attribute of length 9 where 8 bytes are left (at byte 0)',
    ],
    [
      'an inner one that is too long',
      '0c00 0900 0900 0100 6400 0000',
      'IFLA vlan: an attribute of length 9 where 8 bytes are left (at byte 4)',
    ],
    [
      'an inner value that is too short',
      '0900 0900 0500 0100 64',
      'IFLA vlan.id: 1 bytes where u16 has 2 (at byte 8)',
    ],
  ])('refuses %s', (_, data, message) => {
    expect(() => read(link, hex(data))).toThrow(DecodeError)
    expect(() => read(link, hex(data))).toThrow(message)
  })

  it('never reads past the end that it is given', () => {
    const data = hex('0800 0400 dc050000', '0500 2100 01 000000')
    expect(decodeAttributes(link, data, 0, 8)).toStrictEqual({ mtu: 1500 })
    expect(decodeAttributes(link, data, 8, 13)).toStrictEqual({ carrier: 1 })
    expect(() => guarded('', () => decodeAttributes(link, data, 0, 7))).toThrow(DecodeError)
  })
})
