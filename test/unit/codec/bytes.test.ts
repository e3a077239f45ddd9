import { endianness } from 'node:os'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  align,
  copyOf,
  getBe16,
  getBe32,
  getBe64,
  getU16,
  getU32,
  getU64,
  host,
  putBe16,
  putBe32,
  putBe64,
  putU16,
  putU32,
  putU64,
  toHex,
} from '../../../src/codec/bytes.js'
import { hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

const atStart = host.littleEndian

it('knows the byte order of the machine', () => {
  expect(atStart).toBe(endianness() === 'LE')
})

// DataView is the oracle: it has both byte orders and shares nothing with the code.
describe.each([true, false])('integers on a host with littleEndian %s', (littleEndian) => {
  const view = new DataView(new ArrayBuffer(16))
  const bytes = new Uint8Array(view.buffer)
  const at = fc.integer({ min: 0, max: 8 })

  it('reads and writes 16 bits', () => {
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 0xffff }), (at, value) => {
        host.littleEndian = littleEndian
        putU16(bytes, at, value)
        expect(view.getUint16(at, littleEndian)).toBe(value)
        expect(getU16(bytes, at)).toBe(value)
        putBe16(bytes, at, value)
        expect(view.getUint16(at)).toBe(value)
        expect(getBe16(bytes, at)).toBe(value)
      }),
    )
  })

  it('reads and writes 32 bits', () => {
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 0xffffffff }), (at, value) => {
        host.littleEndian = littleEndian
        putU32(bytes, at, value)
        expect(view.getUint32(at, littleEndian)).toBe(value)
        expect(getU32(bytes, at)).toBe(value)
        putBe32(bytes, at, value)
        expect(view.getUint32(at)).toBe(value)
        expect(getBe32(bytes, at)).toBe(value)
      }),
    )
  })

  it('reads and writes 64 bits', () => {
    fc.assert(
      fc.property(at, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (at, value) => {
        host.littleEndian = littleEndian
        putU64(bytes, at, value)
        expect(view.getBigUint64(at, littleEndian)).toBe(value)
        expect(getU64(bytes, at)).toBe(value)
        putBe64(bytes, at, value)
        expect(view.getBigUint64(at)).toBe(value)
        expect(getBe64(bytes, at)).toBe(value)
      }),
    )
  })

  it('writes negative numbers as two’s complement', () => {
    host.littleEndian = littleEndian
    putU16(bytes, 0, -2)
    expect(view.getInt16(0, littleEndian)).toBe(-2)
    putU32(bytes, 0, -2)
    expect(view.getInt32(0, littleEndian)).toBe(-2)
    putU64(bytes, 0, -2n)
    expect(view.getBigInt64(0, littleEndian)).toBe(-2n)
  })
})

it('aligns to four bytes', () => {
  expect([0, 1, 2, 3, 4, 5, 8, 65535].map(align)).toStrictEqual([0, 4, 4, 4, 4, 8, 8, 65536])
})

it('copies a part of a Buffer, whose own slice() would be a view', () => {
  const received = Buffer.from([1, 2, 3, 4])
  const copy = copyOf(received, 1, 3)
  received.fill(9)
  expect(copy).toStrictEqual(new Uint8Array([2, 3]))
  expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype)
})

it('copies of any length share no byte', () => {
  const source = new Uint8Array(40)
  const copies = Array.from({ length: 500 }, (_, i) => copyOf(source, 0, i % 41))
  for (const [i, copy] of copies.entries()) copy.fill(i)
  for (const [i, copy] of copies.entries()) expect(copy).toStrictEqual(new Uint8Array(i % 41).fill(i))
})

it('copies go on where somebody gave the memory of one away', () => {
  const buffer = copyOf(Uint8Array.of(1, 2), 0, 2).buffer as ArrayBuffer
  structuredClone(buffer, { transfer: [buffer] })
  expect(copyOf(Uint8Array.of(3, 4), 0, 2)).toStrictEqual(Uint8Array.of(3, 4))
})

it('shows bytes in hexadecimal', () => {
  expect(toHex(hex('00 0f a0 ff'))).toBe('000fa0ff')
  expect(toHex(hex('00 0f a0 ff'), 1, 3)).toBe('0fa0')
})
