import fc from 'fast-check'
import type { Infer, Table } from '../../../src/codec/index.js'
import * as c from '../../../src/codec/index.js'

const colours = c.names({ red: 1, green: 2, blue: 4, top: 0x80000000 })
const levels = c.names({ low: 0, high: 200 })
const point = c.struct({ x: c.s16, pad: c.padding(2), y: c.be32, id: c.bytesOf(4) })
const leaf = c.attributes('LEAF', { small: [1, c.u8], far: [300, c.be16] })

/** A set that holds itself, as a link holds its peer. */
const tree: Table = c.attributes('TREE', {
  value: [1, c.u32],
  get child() {
    return [2, c.nested(tree)] as const
  },
})

/** A table with every type of the codec. */
export const everyType = c.attributes('EVERY', {
  u8: [1, c.u8],
  u16: [2, c.u16],
  u32: [3, c.u32],
  u64: [4, c.u64],
  s8: [5, c.s8],
  s16: [6, c.s16],
  s32: [7, c.s32],
  s64: [8, c.s64],
  be16: [9, c.be16],
  be32: [10, c.be32],
  be64: [11, c.be64],
  bool8: [12, c.bool8],
  flag: [13, c.flag],
  string: [14, c.string],
  text: [15, c.text(8)],
  bytes: [16, c.bytes],
  bytesOf: [17, c.bytesOf(3)],
  mac: [18, c.mac],
  ipv4: [19, c.ipv4],
  ipv6: [20, c.ipv6],
  ip: [21, c.ip],
  enumeration: [22, c.enumeration(c.u16, levels)],
  flags: [23, c.flags(c.u32, colours)],
  bitfield32: [24, c.bitfield32],
  struct: [25, point],
  nested: [26, c.nested(leaf)],
  flagged: [27, c.flagged(c.nested(leaf))],
  array: [28, c.array(c.nested(leaf))],
  arrayOfOne: [29, c.array(c.string, 1)],
  repeated: [30, c.repeated(point)],
  kind: [31, c.string],
  chosen: [32, c.selected('kind', (kind) => (kind === 'leaf' ? leaf : undefined))],
  tree: [33, c.nested(tree)],
})

export const everyMessage = c.message('TEST_EVERY', 99, point, everyType)

const integer = (min: number, max: number) => fc.integer({ min, max })
const bigint = (min: bigint, max: bigint) => fc.bigInt({ min, max })
const byte = fc.uint8Array({ maxLength: 40 })
const unicode = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'))
const octets = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const address4 = octets(4).map((bytes) => c.formatIpv4(bytes, 0))
const address6 = octets(16).map((bytes) => c.formatIpv6(bytes, 0))
const aPoint = fc.record({ x: integer(-0x8000, 0x7fff), y: integer(0, 0xffffffff), id: octets(4) })
const someOf = <T>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(record, { requiredKeys: [] })
const aLeaf = someOf({ small: integer(0, 255), far: integer(0, 0xffff) })
const aTree = fc.letrec((tie) => ({
  tree: someOf({ value: integer(0, 0xffffffff), child: fc.option(tie('tree'), { nil: {}, maxDepth: 6 }) }),
})).tree
const aRaw = fc
  .record({ number: integer(34, 0x3fff), flags: fc.constantFrom(0, 0x4000, 0x8000, 0xc000), data: byte })
  .map(({ number, flags, data }) => ({ type: number | flags, data }))
const bitNames = fc.subarray(['red', 'green', 'blue', 'top'] as const)

/** Values of `everyType` as a decoder gives them, so that they can be compared. */
export const everyValue: fc.Arbitrary<Infer<typeof everyType>> = fc
  .record(
    {
      u8: integer(0, 0xff),
      u16: integer(0, 0xffff),
      u32: integer(0, 0xffffffff),
      u64: bigint(0n, 2n ** 64n - 1n),
      s8: integer(-0x80, 0x7f),
      s16: integer(-0x8000, 0x7fff),
      s32: integer(-0x80000000, 0x7fffffff),
      s64: bigint(-(2n ** 63n), 2n ** 63n - 1n),
      be16: integer(0, 0xffff),
      be32: integer(0, 0xffffffff),
      be64: bigint(0n, 2n ** 64n - 1n),
      bool8: fc.boolean(),
      flag: fc.constant(true),
      string: unicode,
      text: fc.string({ unit: 'binary-ascii', maxLength: 8 }).filter((text) => !text.includes('\0')),
      bytes: byte,
      bytesOf: octets(3),
      mac: fc
        .uint8Array({ minLength: 1, maxLength: 20 })
        .map((mac) => Buffer.from(mac).toString('hex').match(/../g)!.join(':')),
      ipv4: address4,
      ipv6: address6,
      ip: fc.oneof(address4, address6),
      enumeration: fc.oneof(fc.constantFrom('low' as const, 'high' as const), integer(201, 0xffff)),
      flags: fc
        .tuple(bitNames, integer(0, 0xf))
        .map(([names, rest]) => (rest === 0 ? names : [...names, rest << 8])),
      bitfield32: fc.record({ value: integer(0, 0xffffffff), selector: integer(0, 0xffffffff) }),
      struct: aPoint,
      nested: aLeaf,
      flagged: aLeaf,
      array: fc.array(aLeaf, { maxLength: 4 }),
      arrayOfOne: fc.array(unicode, { maxLength: 4 }),
      repeated: fc.array(aPoint, { minLength: 1, maxLength: 4 }),
      tree: aTree as fc.Arbitrary<object>,
      unknown: fc.array(aRaw, { minLength: 1, maxLength: 3 }),
      choice: fc.oneof(
        aLeaf.map((chosen) => ({ kind: 'leaf', chosen })),
        byte.map((chosen) => ({ kind: 'other', chosen })),
        byte.map((chosen) => ({ chosen })),
      ),
    },
    { requiredKeys: [] },
  )
  // A decoder puts what is unknown last.
  .map(({ choice, unknown, ...value }) => ({
    ...value,
    ...choice,
    ...(unknown === undefined ? {} : { unknown }),
  }))
