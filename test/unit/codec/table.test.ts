import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { host } from '../../../src/codec/bytes.js'
import type { Table } from '../../../src/codec/index.js'
import {
  attributes,
  be16,
  bytes,
  DecodeError,
  decodeAttributes,
  encodeAttributes,
  flag,
  flagged,
  guarded,
  mac,
  nested,
  repeated,
  string,
  struct,
  u8,
  u16,
  u32,
  Writer,
} from '../../../src/codec/index.js'
import { everyType, everyValue } from './every-type.js'
import { hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

function write(table: Table, value: unknown): Uint8Array {
  const out = new Writer()
  guarded(table.name, () => encodeAttributes(table, out, value as Record<string, unknown>))
  return out.take()
}

function read<T extends Table>(table: T, data: Uint8Array) {
  return guarded(table.name, () => decodeAttributes(table, data, 0, data.length))
}

const qosMapping = struct({ from: u32, to: u32 })
const vlanQos = attributes('IFLA_VLAN_QOS', { mapping: [1, repeated(qosMapping)] })
const vlan = attributes('IFLA_VLAN', {
  id: [1, u16],
  flags: [2, struct({ flags: u32, mask: u32 })],
  egressQos: [3, nested(vlanQos)],
  ingressQos: [4, nested(vlanQos)],
  protocol: [5, be16],
})

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

const link = attributes('IFLA', {
  address: [1, mac],
  ifname: [3, string],
  mtu: [4, u32],
  carrier: [33, u8],
  altnames: [53, repeated(string)],
  present: [7, flag],
  raw: [8, bytes],
  vlan: [9, nested(vlan)],
  propList: [52, flagged(nested(attributes('PROP', { name: [53, repeated(string)] })))],
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

describe('encodeAttributes', () => {
  it('leaves out what is undefined, and flags that are false', () => {
    expect(write(link, {})).toStrictEqual(hex(''))
    expect(write(link, { mtu: undefined, present: false })).toStrictEqual(hex(''))
    expect(write(link, { present: true })).toStrictEqual(hex('0400 0700'))
  })

  it('sets NLA_F_NESTED where the table says so', () => {
    expect(write(link, { propList: { name: ['a'] } })).toStrictEqual(hex('0c00 3480', '0600 3500 61 00 0000'))
    expect(write(link, { vlan: { id: 1 } })).toStrictEqual(hex('0c00 0900', '0600 0100 0100 0000'))
  })

  it('writes an attribute for each element of a repeated one', () => {
    expect(write(link, { altnames: ['a', 'bcd'] })).toStrictEqual(
      hex('0600 3500 61 00 0000', '0800 3500 626364 00'),
    )
    expect(write(link, { altnames: [] })).toStrictEqual(hex(''))
  })

  it.each<[string, unknown, string]>([
    ['an attribute that the table does not have', { mut: 1500 }, 'IFLA: mut: no such attribute in IFLA'],
    ['a name of every object', { constructor: 1 }, 'IFLA: constructor: no such attribute in IFLA'],
    ['__proto__', JSON.parse('{"__proto__": {"mtu": 1}}'), 'IFLA: __proto__: no such attribute in IFLA'],
    ['null', { mtu: null }, 'IFLA: mtu: null is not an integer from 0 to 4294967295 (u32)'],
    [
      'a string for a number',
      { mtu: '1500' },
      "IFLA: mtu: '1500' is not an integer from 0 to 4294967295 (u32)",
    ],
    ['a string for a repeated one', { altnames: 'abc' }, "IFLA: altnames: 'abc' is not an array"],
    ['null for a repeated one', { altnames: null }, 'IFLA: altnames: null is not an array'],
    [
      'a Set for a repeated one',
      { altnames: new Set(['a']) },
      'IFLA: altnames: [object Set] is not an array',
    ],
    ['a wrong element', { altnames: ['a', 5] }, 'IFLA: altnames[1]: 5 is not a string'],
    ['a hole', { altnames: new Array(1) }, 'IFLA: altnames[0]: undefined is not a string'],
    ['an array for a set', { vlan: [] }, 'IFLA: vlan: [] is not an object of IFLA_VLAN attributes'],
    ['bytes for a set', { vlan: hex('01') }, 'IFLA: vlan: 1 bytes is not an object of IFLA_VLAN attributes'],
    [
      'a Map for a set',
      { vlan: new Map() },
      'IFLA: vlan: [object Map] is not an object of IFLA_VLAN attributes',
    ],
    ['a number for a set', { vlan: 100 }, 'IFLA: vlan: 100 is not an object of IFLA_VLAN attributes'],
    ['an array for the whole', [], 'IFLA: [] is not an object of IFLA attributes'],
    ['unknown that is no array', { unknown: {} }, 'IFLA: unknown: {} is not an array'],
    [
      'unknown without bytes',
      { unknown: [{ type: 1, data: 'x' }] },
      'IFLA: unknown[0]: { type, data } is not an attribute { type, data }, data a Uint8Array',
    ],
    [
      'unknown that is none',
      { unknown: [null] },
      'IFLA: unknown[0]: null is not an attribute { type, data }, data a Uint8Array',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => write(link, value)).toThrow(new TypeError(message))
  })

  it.each<[string, unknown, string]>([
    [
      'deep inside',
      { vlan: { flags: { flags: -1 } } },
      'IFLA: vlan.flags.flags: -1 is not an integer from 0',
    ],
    ['u8 = 300', { carrier: 300 }, 'IFLA: carrier: 300 is not an integer from 0 to 255 (u8)'],
    [
      'a type of 17 bits',
      { unknown: [{ type: 65536, data: hex('') }] },
      'IFLA: unknown[0]: 65536 is not an attribute type',
    ],
    [
      'a type below zero',
      { unknown: [{ type: -1, data: hex('') }] },
      'IFLA: unknown[0]: -1 is not an attribute type',
    ],
  ])('refuses a value that does not fit: %s', (_, value, message) => {
    expect(() => write(link, value)).toThrow(RangeError)
    expect(() => write(link, value)).toThrow(message)
  })

  it('holds 65,531 bytes in an attribute and no more', () => {
    expect(write(link, { raw: new Uint8Array(65531) })).toHaveLength(65536)
    const over = new Uint8Array(65532)
    const message = '65532 bytes, and an attribute holds at most 65531'
    expect(() => write(link, { raw: over })).toThrow(new RangeError(`IFLA: raw: ${message}`))
    expect(() => write(link, { unknown: [{ type: 99, data: over }] })).toThrow(
      new RangeError(`IFLA: unknown[0]: ${message}`),
    )
    const mapping = new Array(6000).fill({ from: 1, to: 2 })
    expect(() => write(link, { vlan: { egressQos: { mapping } } })).toThrow(
      new RangeError('IFLA: vlan.egressQos: 72000 bytes, and an attribute holds at most 65531'),
    )
  })
})

describe('decodeAttributes', () => {
  it('reads nothing from nothing', () => {
    expect(read(link, hex(''))).toStrictEqual({})
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
