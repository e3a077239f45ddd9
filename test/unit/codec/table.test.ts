import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { host } from '../../../src/codec/bytes.js'
import type { Table } from '../../../src/codec/index.js'
import { attributes, DecodeError, nested, u8, u32 } from '../../../src/codec/index.js'
import { everyType, everyValue } from './every-type.js'
import { hex, onLittleEndianHost } from './hex.js'
import { link, read, vlan, write } from './link-tables.js'

onLittleEndianHost()

describe('the VLAN table', () => {
  const value = {
    id: 100,
    protocol: 0x88a8,
    ingressQos: {
      mapping: [
        { from: 1, to: 2 },
        { from: 3, to: 4 },
      ],
    },
    flags: { flags: 4, mask: 5 },
  }
  // IFLA_INFO_DATA as iproute2-6.1.0 sends it: ip link add link lo name v100 type vlan id 100 protocol 802.1ad
  // reorder_hdr off loose_binding on ingress-qos-map 1:2 3:4
  const golden = hex(
    '0600 0100 6400 0000', // IFLA_VLAN_ID, host order, two bytes of padding
    '0600 0500 88a8 0000', // IFLA_VLAN_PROTOCOL, network order
    '1c00 0400', // IFLA_VLAN_INGRESS_QOS
    '  0c00 0100 01000000 02000000', // IFLA_VLAN_QOS_MAPPING: struct ifla_vlan_qos_mapping
    '  0c00 0100 03000000 04000000',
    '0c00 0200 04000000 05000000', // IFLA_VLAN_FLAGS: struct ifla_vlan_flags
  )

  it('writes what iproute2 writes, in the order of the properties', () => {
    expect(write(vlan, value)).toStrictEqual(golden)
  })

  it('reads it', () => {
    expect(read(vlan, golden)).toStrictEqual(value)
  })

  it('is the same on a big-endian host but for host order', () => {
    host.littleEndian = false
    const big = hex('0006 0001 0064 0000', '0006 0005 88a8 0000', '000c 0002 00000004 00000005')
    const { ingressQos: _, ...rest } = value
    expect(write(vlan, rest)).toStrictEqual(big)
    expect(read(vlan, big)).toStrictEqual(rest)
  })
})

describe('the table', () => {
  it('knows its attributes by name and by number', () => {
    expect(link.byName('mtu')).toMatchObject({ name: 'mtu', number: 4 })
    expect(link.byNumber(4)).toBe(link.byName('mtu'))
    expect(link.field.mtu).toBe(link.byName('mtu'))
    expect(link.size).toBe(54)
    for (const name of ['MTU', 'constructor', '__proto__', 'unknown'])
      expect(link.byName(name)).toBeUndefined()
    for (const number of [0, 2, 53, 54, 0x3fff].filter((n) => n !== 53))
      expect(link.byNumber(number)).toBeUndefined()
  })

  it('refuses two attributes with one number, a number that is none, and the name unknown', () => {
    const size = (table: Table) => table.size
    expect(() => size(attributes('X', { a: [1, u8], b: [1, u8] }))).toThrow(
      new TypeError('X.b: the number 1 is taken or no attribute number'),
    )
    for (const number of [-1, 0x4000, Number.NaN, 0.5])
      expect(() => size(attributes('X', { a: [number, u8] }))).toThrow(TypeError)
    expect(() => size(attributes('X', { unknown: [1, u8] }))).toThrow(TypeError)
  })

  it('is built when it is first used', () => {
    let reads = 0
    const lazy = attributes('X', {
      get a() {
        reads++
        return [1, u8] as const
      },
    })
    expect(reads).toBe(0)
    expect(lazy.size).toBe(2)
    expect(lazy.byNumber(1)).toMatchObject({ name: 'a' })
    expect(reads).toBe(1)
  })
})

describe('sets that hold themselves', () => {
  const tree: Table = attributes('TREE', {
    value: [1, u32],
    get child() {
      return [2, nested(tree)] as const
    },
  })

  /** As deep as 16-bit lengths allow. */
  function nest(levels: number): Uint8Array {
    const data = new Uint8Array(levels * 4)
    for (let i = 0; i < levels; i++) {
      const length = (levels - i) * 4
      data.set([length & 0xff, length >> 8, 2, 0], i * 4)
    }
    return data
  }

  it('are read 32 deep', () => {
    let value: unknown = read(tree, nest(31))
    for (let i = 0; i < 31; i++) value = (value as { child: unknown }).child
    expect(value).toStrictEqual({})
  })

  it('and no deeper: a DecodeError, not an exhausted stack', () => {
    for (const levels of [32, 16_383]) {
      expect(() => read(tree, nest(levels))).toThrow(DecodeError)
      expect(() => read(tree, nest(levels))).toThrow('attributes nested more than 32 deep (at byte 128)')
    }
    expect(read(tree, nest(1))).toStrictEqual({ child: {} })
  })

  it('are written 32 deep; a value that holds itself is a RangeError', () => {
    const endless: Record<string, unknown> = {}
    endless['child'] = endless
    expect(() => write(tree, endless)).toThrow(RangeError)
    expect(() => write(tree, endless)).toThrow('attributes nested more than 32 deep')
    expect(write(tree, { child: {} })).toStrictEqual(hex('0400 0200'))
  })
})

describe('every type', () => {
  it.each([true, false])('is read back as it was written (littleEndian %s)', (littleEndian) => {
    fc.assert(
      fc.property(everyValue, (value) => {
        host.littleEndian = littleEndian
        // The clone has the prototypes of literals, which the generated objects lack.
        expect(read(everyType, write(everyType, value))).toStrictEqual(structuredClone(value))
      }),
      { numRuns: 500 },
    )
  })

  it('is written in the same bytes again', () => {
    fc.assert(
      fc.property(everyValue, (value) => {
        const first = write(everyType, value)
        expect(write(everyType, read(everyType, first))).toStrictEqual(first)
      }),
    )
  })
})
