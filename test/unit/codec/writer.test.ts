import { describe, expect, it } from 'vitest'
import { MAX_PAYLOAD, Writer } from '../../../src/codec/writer.js'
import { hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

describe('Writer', () => {
  it('writes attribute headers and padding', () => {
    const out = new Writer()
    const outer = out.open(0x8012) // IFLA_LINKINFO | NLA_F_NESTED
    const inner = out.open(1) // IFLA_INFO_KIND
    out.raw(new TextEncoder().encode('veth\0'))
    expect(out.close(inner)).toBe(true)
    expect(out.close(outer)).toBe(true)
    expect(out.take()).toStrictEqual(
      hex(
        '1000 1280', // nla_len 16: 4 + 12, the inner padding counts; nla_type
        '0900 0100 76657468 00', // nla_len 9: the padding does not count
        '000000',
      ),
    )
  })

  it('zeroes what it reserves, also where it has written before', () => {
    const out = new Writer(64)
    for (const size of [1, 3, 16, 17, 40]) {
      out.length = 0
      out.raw(new Uint8Array(64).fill(0xff))
      out.length = 5
      expect(out.reserve(size)).toBe(5)
      expect(out.take()).toStrictEqual(new Uint8Array(5 + size).fill(0xff, 0, 5))
    }
  })

  it('grows and keeps what it has', () => {
    const out = new Writer(2)
    out.raw(hex('0102'))
    out.raw(hex('030405'))
    expect(out.reserve(1000)).toBe(5)
    expect(out.length).toBe(1005)
    expect(out.take().subarray(0, 6)).toStrictEqual(hex('010203040500'))
    expect(out.bytes.length).toBeGreaterThanOrEqual(1005)
  })

  it('grows from nothing', () => {
    const out = new Writer(0)
    out.raw(hex('01'))
    expect(out.take()).toStrictEqual(hex('01'))
  })

  it('takes a copy', () => {
    const out = new Writer()
    out.raw(hex('0102'))
    const taken = out.take()
    out.length = 0
    out.raw(hex('ffff'))
    expect(taken).toStrictEqual(hex('0102'))
  })

  it('says when an attribute is too long for nla_len', () => {
    const out = new Writer()
    const longest = out.open(1)
    out.reserve(MAX_PAYLOAD)
    expect(out.close(longest)).toBe(true)
    expect(out.bytes.subarray(longest, longest + 2)).toStrictEqual(hex('ffff'))
    const over = out.open(1)
    out.reserve(MAX_PAYLOAD + 1)
    expect(out.close(over)).toBe(false)
  })
})
