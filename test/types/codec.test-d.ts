import { describe, expectTypeOf, it } from 'vitest'
import type {
  AnyOf,
  Body,
  Chosen,
  Field,
  Infer,
  OneOf,
  RawAttribute,
  StructValue,
  Type,
  ValueOf,
} from '../../src/codec/index.js'
import {
  Attributes,
  array,
  attributes,
  be16,
  bitfield32,
  bool8,
  bytes,
  bytesOf,
  decodeAttributes,
  decodeBody,
  encodeBody,
  enumeration,
  flag,
  flagged,
  flags,
  ip,
  mac,
  message,
  names,
  nested,
  padding,
  repeated,
  s64,
  selected,
  string,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  Writer,
} from '../../src/codec/index.js'

const vlanFlags = struct({ flags: u32, mask: u32 })
const states = names({ down: 2, up: 6 })
const table = attributes('TEST', {
  number: [1, u16],
  network: [2, be16],
  large: [3, u64],
  signed: [4, s64],
  truth: [5, bool8],
  present: [6, flag],
  name: [7, string],
  short: [8, text(15)],
  raw: [9, bytes],
  fixed: [10, bytesOf(4)],
  link: [11, mac],
  address: [12, ip],
  state: [13, enumeration(u8, states)],
  states: [14, flags(u32, states)],
  bits: [15, bitfield32],
  struct: [16, vlanFlags],
  nested: [17, nested(attributes('INNER', { id: [1, u32] }))],
  flagged: [18, flagged(nested(attributes('INNER', { id: [1, u32] })))],
  array: [19, array(nested(attributes('INNER', { id: [1, u32] })))],
  repeated: [20, repeated(string)],
  chosen: [21, selected('name', () => undefined)],
})
type Value = Infer<typeof table>
type Inner = { id?: number | undefined } & { unknown?: RawAttribute[] | undefined }

describe('Infer', () => {
  it('gives each attribute the type of its values, or its absence', () => {
    expectTypeOf<Value['number']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Value['network']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Value['large']>().toEqualTypeOf<bigint | undefined>()
    expectTypeOf<Value['signed']>().toEqualTypeOf<bigint | undefined>()
    expectTypeOf<Value['truth']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<Value['present']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<Value['name']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Value['short']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Value['raw']>().toEqualTypeOf<Uint8Array | undefined>()
    expectTypeOf<Value['fixed']>().toEqualTypeOf<Uint8Array | undefined>()
    expectTypeOf<Value['link']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Value['address']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Value['state']>().toEqualTypeOf<'down' | 'up' | number | undefined>()
    expectTypeOf<Value['states']>().toEqualTypeOf<readonly ('down' | 'up' | number)[] | undefined>()
    expectTypeOf<Value['bits']>().toEqualTypeOf<{ value: number; selector: number } | undefined>()
    expectTypeOf<Value['struct']>().toEqualTypeOf<{ flags: number; mask: number } | undefined>()
    expectTypeOf<Value['nested']>().toEqualTypeOf<Inner | undefined>()
    expectTypeOf<Value['flagged']>().toEqualTypeOf<Inner | undefined>()
    expectTypeOf<Value['array']>().toEqualTypeOf<readonly Inner[] | undefined>()
    expectTypeOf<Value['repeated']>().toEqualTypeOf<readonly string[] | undefined>()
    expectTypeOf<Value['chosen']>().toEqualTypeOf<Chosen | undefined>()
    expectTypeOf<Value['unknown']>().toEqualTypeOf<RawAttribute[] | undefined>()
  })

  it('has no other property', () => {
    expectTypeOf<keyof Value>().toEqualTypeOf<keyof (typeof table)['fields'] | 'unknown'>()
    expectTypeOf<Value>().not.toHaveProperty('mtu')
  })

  it('gives the value of a type, too', () => {
    expectTypeOf<Infer<typeof u32>>().toEqualTypeOf<number>()
    expectTypeOf<ValueOf<typeof vlanFlags>>().toEqualTypeOf<{ flags: number; mask: number }>()
  })

  it('can be the base of an interface', () => {
    interface Named extends Infer<typeof table> {}
    expectTypeOf<Named['number']>().toEqualTypeOf<number | undefined>()
  })
})

it('wrong values are compile errors', () => {
  const value: Value = {
    number: 1,
    state: 'up',
    states: ['up', 8],
    large: 1n,
    nested: { id: 1 },
    array: [{}],
  }
  // @ts-expect-error no such attribute
  value.mtu = 1500
  // @ts-expect-error a string for a number
  value.number = '1'
  // @ts-expect-error a bigint for a number
  value.number = 1n
  // @ts-expect-error a number for a bigint
  value.large = 1
  // @ts-expect-error a name that is not in the table
  value.state = 'sideways'
  // @ts-expect-error one name for a list
  value.states = 'up'
  // @ts-expect-error null
  value.name = null
  // @ts-expect-error no such attribute in the nested set
  value.nested = { name: 'x' }
  // @ts-expect-error half a struct
  value.struct = { flags: 1 }
  // @ts-expect-error not an array
  value.repeated = 'x'
  // @ts-expect-error a plain array for bytes
  value.raw = [1, 2]
})

it('a struct has its fields, without padding', () => {
  const ifinfomsg = struct({ family: u8, pad: padding(1), type: u16, index: u32 })
  type Header = { family: number; type: number; index: number }
  expectTypeOf<StructValue<(typeof ifinfomsg)['members']>>().toEqualTypeOf<Header>()
  expectTypeOf(ifinfomsg).toExtend<Type<Header>>()
  expectTypeOf(ifinfomsg.offsets).toEqualTypeOf<{
    readonly family: number
    readonly pad: number
    readonly type: number
    readonly index: number
  }>()
})

it('names know their names', () => {
  expectTypeOf(states.toName).returns.toEqualTypeOf<OneOf<'down' | 'up'>>()
  expectTypeOf(states.numbers).toEqualTypeOf<Readonly<Record<'down' | 'up', number>>>()
  expectTypeOf<AnyOf<'up'>>().toEqualTypeOf<readonly ('up' | number)[]>()
  // @ts-expect-error not in the table
  states.toNumber('sideways')
})

it('handles and single reads carry the type', () => {
  expectTypeOf(table.field.number).toEqualTypeOf<Field<number>>()
  const at = new Attributes(table)
  expectTypeOf(at.get(table.field.number)).toEqualTypeOf<number | null>()
  expectTypeOf(at.get(table.field.repeated)).toEqualTypeOf<readonly string[] | null>()
  // @ts-expect-error no such attribute
  table.field.mtu
})

it('a message body follows from the message', () => {
  const header = struct({ family: u8, pad: padding(3), index: u32 })
  const get = message('TEST_GET', 1, header, table)
  expectTypeOf<Body<typeof get>['header']>().toEqualTypeOf<Partial<{ family: number; index: number }>>()
  expectTypeOf<Body<typeof get>['attributes']>().toEqualTypeOf<Value>()
  expectTypeOf(decodeBody(get, new Uint8Array(), 0, 0)).toEqualTypeOf<Body<typeof get>>()
  expectTypeOf(decodeAttributes(table, new Uint8Array(), 0, 0)).toEqualTypeOf<Value>()
  encodeBody(get, new Writer(), { header: { index: 7 }, attributes: { number: 1 } })
  // @ts-expect-error no such header field
  encodeBody(get, new Writer(), { header: { ifindex: 7 }, attributes: {} })
  // @ts-expect-error padding is no field
  encodeBody(get, new Writer(), { header: { pad: 0 }, attributes: {} })
  // @ts-expect-error no such attribute
  encodeBody(get, new Writer(), { header: {}, attributes: { mtu: 1500 } })
})

it('a table wants numbers and types', () => {
  // @ts-expect-error a name for a number
  attributes('X', { id: ['IFLA_VLAN_ID', u16] })
  // @ts-expect-error no type
  attributes('X', { id: [1, 16] })
  // @ts-expect-error enumeration of a bigint
  enumeration(u64, states)
})
