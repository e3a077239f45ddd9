import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Type } from '../../../src/codec/index.js'
import {
  bytes,
  bytesOf,
  DecodeError,
  ip,
  ipv4,
  ipv6,
  mac,
  parseMac,
  string,
  text,
} from '../../../src/codec/index.js'
import { decode, encode, hex } from './hex.js'

describe('text', () => {
  it('ends with a NUL', () => {
    expect(encode(string, 'veth0')).toStrictEqual(hex('76657468 30 00'))
    expect(encode(string, '')).toStrictEqual(hex('00'))
    expect(encode(string, 'é€😀')).toStrictEqual(hex('c3a9 e282ac f09f9880 00'))
  })

  it('ends at the first NUL, or with the payload', () => {
    expect(decode(string, hex('76657468 00'))).toBe('veth')
    expect(decode(string, hex('76657468'))).toBe('veth')
    expect(decode(string, hex('7665 00 7468 00'))).toBe('ve')
    expect(decode(string, hex('00'))).toBe('')
    expect(decode(string, hex(''))).toBe('')
  })

  it('reads UTF-8, a leading U+FEFF included, and marks what is none', () => {
    expect(decode(string, hex('61 c3a9 e282ac f09f9880 00'))).toBe('aé€😀')
    expect(decode(string, hex('efbbbf 61 00'))).toBe('\ufeffa')
    expect(decode(string, hex('61 ff 62 00'))).toBe('a\ufffdb')
  })

  it('counts bytes, without the NUL', () => {
    const ifname = text(15)
    expect(encode(ifname, 'x'.repeat(15))).toHaveLength(16)
    expect(() => encode(ifname, 'x'.repeat(16))).toThrow(
      new RangeError("'xxxxxxxxxxxxxxxx' is not a string of at most 15 bytes (it has 16)"),
    )
    expect(encode(ifname, 'é'.repeat(7))).toHaveLength(15)
    expect(() => encode(ifname, 'é'.repeat(8))).toThrow(RangeError)
  })

  it('refuses what would come out as something else', () => {
    expect(() => encode(string, 'veth\0x')).toThrow(RangeError)
    expect(() => encode(string, 'a\ud800')).toThrow(RangeError)
    expect(() => encode(string, '\udc00a')).toThrow(RangeError)
    for (const value of [5, null, ['a'], new Uint8Array(1)])
      expect(() => encode(string as Type<unknown>, value)).toThrow(TypeError)
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        fc.pre(!value.includes('\0'))
        expect(decode(string, encode(string, value))).toBe(value)
        expect(encode(string, value)).toStrictEqual(new Uint8Array([...new TextEncoder().encode(value), 0]))
      }),
    )
  })
})

describe('bytes', () => {
  it('are as they are', () => {
    expect(encode(bytes, hex('00ff'))).toStrictEqual(hex('00ff'))
    expect(encode(bytes, hex(''))).toStrictEqual(hex(''))
    expect(decode(bytes, hex('00ff'))).toStrictEqual(hex('00ff'))
    expect(() => encode(bytes as Type<unknown>, [0, 255])).toThrow(TypeError)
    expect(() => encode(bytes as Type<unknown>, 'ff')).toThrow(TypeError)
  })

  it('are a copy of the receive buffer, also where that is a Buffer', () => {
    for (const type of [bytes, bytesOf(2)]) {
      const received = Buffer.from([1, 2, 3, 4])
      const value = type.decode(received, 1, 3, {})
      received.fill(9)
      expect(value).toStrictEqual(hex('0203'))
    }
  })

  it('of a given number are exactly that many', () => {
    const label = bytesOf(4)
    expect(encode(label, hex('01020304'))).toStrictEqual(hex('01020304'))
    expect(() => encode(label, hex('010203'))).toThrow(new RangeError('3 bytes is not 4 bytes'))
    expect(() => encode(label, hex('0102030405'))).toThrow(RangeError)
    expect(decode(label, hex('0102030405'))).toStrictEqual(hex('01020304'))
    expect(() => decode(label, hex('010203'))).toThrow(DecodeError)
  })
})

describe('mac', () => {
  it('is written with colons or dashes', () => {
    expect(encode(mac, '02:00:00:00:00:0a')).toStrictEqual(hex('02000000000a'))
    expect(encode(mac, '02-00-00-00-00-0A')).toStrictEqual(hex('02000000000a'))
    expect(decode(mac, hex('02000000000a'))).toBe('02:00:00:00:00:0a')
  })

  it('may be of another length (a tunnel has 4 or 16, InfiniBand 20)', () => {
    expect(encode(mac, '0a:00:00:01')).toStrictEqual(hex('0a000001'))
    expect(decode(mac, hex('0a000001'))).toBe('0a:00:00:01')
    expect(decode(mac, hex('ff'))).toBe('ff')
    expect(decode(mac, hex(''))).toBe('')
  })

  it.each([
    '',
    '0',
    '02:',
    ':02',
    '02:0',
    '02:00:',
    '02::00',
    '2:0:0:0:0:a',
    '020000000001',
    '0200.0000.0001',
    '02:00-00',
    '02-00:00',
    '02:00:00:00:00:0g',
    '02 00 00 00 00 01',
    ' 02:00',
    '02:00\n',
    '02:００',
  ])('%j is none', (value) => {
    expect(parseMac(value)).toBeNull()
    expect(() => encode(mac, value)).toThrow(RangeError)
  })

  it('is a string', () => {
    for (const value of [5, null, hex('020000000001')]) {
      expect(parseMac(value)).toBeNull()
      expect(() => encode(mac as Type<unknown>, value)).toThrow(TypeError)
    }
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), (octets) => {
        expect(encode(mac, decode(mac, octets))).toStrictEqual(octets)
      }),
    )
  })
})

describe('addresses', () => {
  it('of one family', () => {
    expect(encode(ipv4, '192.168.15.1')).toStrictEqual(hex('c0a80f01'))
    expect(decode(ipv4, hex('c0a80f01'))).toBe('192.168.15.1')
    expect(encode(ipv6, '2001:db8::1')).toStrictEqual(hex('20010db8 00000000 00000000 00000001'))
    expect(decode(ipv6, hex('20010db8 00000000 00000000 00000001'))).toBe('2001:db8::1')
    expect(() => encode(ipv4, '2001:db8::1')).toThrow(new RangeError("'2001:db8::1' is not an IPv4 address"))
    expect(() => encode(ipv6, '10.0.0.1')).toThrow(new RangeError("'10.0.0.1' is not an IPv6 address"))
    expect(() => decode(ipv4, hex('c0a80f'))).toThrow(DecodeError)
    expect(() => decode(ipv6, hex('20010db8'))).toThrow(DecodeError)
  })

  it('of either family, told apart by the length', () => {
    expect(encode(ip, '10.0.0.1')).toStrictEqual(hex('0a000001'))
    expect(encode(ip, '::1')).toStrictEqual(hex('00000000 00000000 00000000 00000001'))
    expect(decode(ip, hex('0a000001'))).toBe('10.0.0.1')
    expect(decode(ip, hex('00000000 00000000 00000000 00000001'))).toBe('::1')
    expect(() => encode(ip, '10.0.0.256')).toThrow(RangeError)
    expect(() => encode(ip, 'fe80::1%eth0')).toThrow(RangeError)
    for (const length of [0, 3, 5, 15, 17])
      expect(() => decode(ip, new Uint8Array(length))).toThrow(`an address of ${length} bytes`)
  })

  it('are strings', () => {
    for (const type of [ip, ipv4, ipv6] as Type<unknown>[])
      for (const value of [167772161, null, hex('0a000001')])
        expect(() => encode(type, value)).toThrow(TypeError)
  })
})
