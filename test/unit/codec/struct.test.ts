import { describe, expect, it } from 'vitest'
import { host } from '../../../src/codec/bytes.js'
import type { Type } from '../../../src/codec/index.js'
import { be16, bytesOf, padding, s32, string, struct, u8, u16, u32, u64 } from '../../../src/codec/index.js'
import { decode, encode, hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

/** linux/rtnetlink.h: unsigned char, a byte of padding, unsigned short, int, unsigned, unsigned. */
const ifinfomsg = struct({ family: u8, pad: padding(1), type: u16, index: s32, flags: u32, change: u32 })

const UP = { family: 0, type: 1, index: 7, flags: 0x1043, change: 0xffffffff }
const UP_BYTES = hex(
  '00', // ifi_family AF_UNSPEC
  '00', // __ifi_pad
  '0100', // ifi_type ARPHRD_ETHER
  '07000000', // ifi_index
  '43100000', // ifi_flags
  'ffffffff', // ifi_change
)

describe('struct', () => {
  it('lies as C lays it out', () => {
    expect(encode(ifinfomsg, UP)).toStrictEqual(UP_BYTES)
    expect(decode(ifinfomsg, UP_BYTES)).toStrictEqual(UP)
    expect(ifinfomsg.size).toBe(16)
    expect(ifinfomsg.offsets).toStrictEqual({ family: 0, pad: 1, type: 2, index: 4, flags: 8, change: 12 })
  })

  it('lies as C lays it out on a big-endian host', () => {
    host.littleEndian = false
    const big = hex('00 00 0001 00000007 00001043 ffffffff')
    expect(encode(ifinfomsg, UP)).toStrictEqual(big)
    expect(decode(ifinfomsg, big)).toStrictEqual(UP)
  })

  it('has zeros where nothing is given', () => {
    expect(encode(ifinfomsg as Type<unknown>, { index: 7 })).toStrictEqual(
      hex('0000 0000 07000000 00000000 00000000'),
    )
    expect(encode(ifinfomsg as Type<unknown>, { index: undefined })).toStrictEqual(new Uint8Array(16))
  })

  it('from an older kernel has what is there', () => {
    expect(decode(ifinfomsg, UP_BYTES.subarray(0, 12))).toStrictEqual({
      family: 0,
      type: 1,
      index: 7,
      flags: 0x1043,
    })
    expect(decode(ifinfomsg, UP_BYTES.subarray(0, 11))).toStrictEqual({ family: 0, type: 1, index: 7 })
    expect(decode(ifinfomsg, hex(''))).toStrictEqual({})
  })

  it('from a newer kernel is cut', () => {
    expect(decode(ifinfomsg, hex('0000 0100 07000000 43100000 ffffffff', '0102030405060708'))).toStrictEqual(
      UP,
    )
  })

  it('holds structs', () => {
    const outer = struct({ head: u32, inner: struct({ port: be16, id: bytesOf(2) }), tail: u64 })
    const value = { head: 1, inner: { port: 53, id: hex('aabb') }, tail: 2n }
    expect(encode(outer, value)).toStrictEqual(hex('01000000 0035 aabb 0200000000000000'))
    expect(decode(outer, hex('01000000 0035 aabb 0200000000000000'))).toStrictEqual(value)
    expect(() => encode(outer, { ...value, inner: { port: 65536, id: hex('aabb') } })).toThrow(
      'inner.port: 65536',
    )
  })

  it('names the field that does not fit', () => {
    expect(() => encode(ifinfomsg, { ...UP, type: 65536 })).toThrow(
      new RangeError('type: 65536 is not an integer from 0 to 65535 (u16)'),
    )
    expect(() => encode(ifinfomsg as Type<unknown>, { index: null })).toThrow(TypeError)
  })

  it('refuses what is no such struct', () => {
    const any = ifinfomsg as Type<unknown>
    for (const value of [null, 5, 'x', [], [1, 2], new Map(), UP_BYTES])
      expect(() => encode(any, value)).toThrow(TypeError)
    expect(() => encode(any, { ifindex: 7 })).toThrow(new TypeError('ifindex: no such field'))
    expect(() => encode(any, { toString: 7 })).toThrow(new TypeError('toString: no such field'))
    expect(() => encode(any, JSON.parse('{"__proto__": {"index": 7}}'))).toThrow(
      new TypeError('__proto__: no such field'),
    )
    expect(() => encode(any, { pad: 1 })).toThrow(new TypeError('pad: padding has no value'))
  })

  it('cannot have a field whose size depends on its value', () => {
    expect(() => struct({ name: string })).toThrow(
      new TypeError('name: a string has no fixed size, as a struct needs it'),
    )
  })
})
