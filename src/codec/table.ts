/** Attribute tables: one place states each attribute's number, name and type; everything else comes from it. */

import { align, copyOf, getU16 } from './bytes.js'
import { Fault, isRecord, located, malformed, outOfRange, wrongType } from './fault.js'
import type { Siblings, Type, ValueOf } from './type.js'
import { MAX_PAYLOAD, type Writer } from './writer.js'

/** Set in nla_type of an attribute that holds attributes (`linux/netlink.h`); required by newer parts of the kernel. */
export const NLA_F_NESTED = 0x8000
/** What remains of nla_type without NLA_F_NESTED and NLA_F_NET_BYTEORDER: the attribute's number. */
export const NLA_TYPE_MASK = 0x3fff
/** Sets within sets: real messages have up to eight or so, hostile ones would exhaust the stack. */
const MAX_DEPTH = 32

/**
 * What an attribute set is defined by: `{ mtu: [IFLA_MTU, u32] }`, the kernel's number and the type for each name.
 */
// biome-ignore lint/suspicious/noExplicitAny: a table holds attributes of any type; Infer recovers each
export type Fields = Record<string, readonly [number: number, type: Type<any>]>

/** An attribute that no table knows, as it was received; it is sent again as it is, after those that are known. */
export interface RawAttribute {
  /** The attribute's number, with NLA_F_NESTED where it was set. */
  type: number
  /** The payload, without padding. */
  data: Uint8Array
}

/** One attribute of a table. */
export interface Field<T = unknown> {
  readonly name: string
  readonly number: number
  readonly type: Type<T>
  // What encoder and decoder look at in the type, for every attribute: types have many shapes, fields have one, which V8 reads faster.
  readonly decode: Type<T>['decode']
  readonly encode: Type<T>['encode']
  readonly by: string | null
  readonly repeated: boolean
  readonly isFlag: boolean
  /** Its number, with NLA_F_NESTED where it carries that. */
  readonly header: number
}

/** @internal */
export function fieldOf<T>(name: string, number: number, type: Type<T>): Field<T> {
  const { decode, encode, by = null, repeated = false, label } = type
  const header = type.flagged ? number | NLA_F_NESTED : number
  return { name, number, type, decode, encode, by, repeated, isFlag: label === 'flag', header }
}

/** An attribute set of the kernel. Its value is a plain object; every attribute may be missing. */
export interface Table<F extends Fields = Fields> {
  /** The kernel's prefix: 'IFLA', 'RTA', 'IFLA_VLAN'. */
  readonly name: string
  readonly fields: F
  /** The attributes as handles, for reading single ones (`Attributes`). */
  readonly field: { readonly [K in keyof F]: Field<ValueOf<F[K][1]>> }
  byName(name: string): Field | undefined
  byNumber(number: number): Field | undefined
  /** One more than the highest number. */
  readonly size: number
  /** The number of the empty attributes that align the next one to 64 bits: they are passed over. */
  readonly pad?: number | undefined
}

/** The value of a table: an optional property for each attribute, and what the table does not know. */
export type Infer<T> =
  T extends Table<infer F>
    ? { -readonly [K in keyof F]?: ValueOf<F[K][1]> | undefined } & { unknown?: RawAttribute[] | undefined }
    : T extends Type<infer V>
      ? V
      : never

/**
 * Defines an attribute set: `attributes('IFLA_VLAN', { id: [IFLA_VLAN_ID, u16], … })`. `name` is the kernel's prefix.
 * A field cannot be called 'unknown', and no two have one number: a TypeError, when the table is first used.
 *
 * @example
 * const vlan = attributes('IFLA_VLAN', { id: [1, u16], protocol: [5, be16] })
 * decodeAttributes(vlan, Uint8Array.of(6, 0, 1, 0, 5, 0, 0, 0), 0, 8) // { id: 5 }
 */
export function attributes<F extends Fields>(name: string, fields: F): Table<F> {
  return define(name, fields)
}

/**
 * The same for a set with an attribute that holds nothing: kernels of some machines put it before one of 64 bits, to align that.
 * `pad` is its number, IFLA_PAD and the like; it is passed over.
 *
 * @example
 * const table = alignedAttributes('RTA', 18, { bytes: [3, u64] })
 * decodeAttributes(table, Uint8Array.of(4, 0, 18, 0, 12, 0, 3, 0, 7, 0, 0, 0, 0, 0, 0, 0), 0, 16) // { bytes: 7n }
 */
export function alignedAttributes<F extends Fields>(name: string, pad: number, fields: F): Table<F> {
  return define(name, fields, pad)
}

function define<F extends Fields>(name: string, fields: F, pad?: number): Table<F> {
  let compiled: ReturnType<typeof compile> | undefined
  // Built when first used: importing the library must not pay for tables that a program never needs.
  const built = () => {
    compiled ??= compile(name, fields)
    return compiled
  }
  return {
    name,
    fields,
    pad,
    get field() {
      return built().field as Table<F>['field']
    },
    get size() {
      return built().byNumber.length
    },
    byName: (key) => (compiled ?? built()).byName.get(key),
    byNumber: (number) => (compiled ?? built()).byNumber[number],
  }
}

function compile(table: string, fields: Fields) {
  const byName = new Map<string, Field>()
  const byNumber: (Field | undefined)[] = []
  const entries: [string, Field][] = []
  for (const [name, [number, type]] of Object.entries(fields)) {
    if (name === 'unknown') throw new TypeError(`${table}: 'unknown' holds what the table does not know`)
    if (!Number.isInteger(number) || number < 0 || number > NLA_TYPE_MASK || byNumber[number] !== undefined)
      throw new TypeError(`${table}.${name}: the number ${number} is taken or no attribute number`)
    const entry = fieldOf(name, number, type)
    byName.set(name, entry)
    while (byNumber.length <= number) byNumber.push(undefined)
    byNumber[number] = entry
    entries.push([name, entry])
  }
  // Built name by name it would become a hash table, and readers look fields up for every message (V8: 12 keyed stores are the limit).
  return { byName, byNumber, field: Object.fromEntries(entries) }
}

let depth = 0

/**
 * Appends a value's attributes, in the order of its properties. Throws a range or type fault: call it from a `Type`, or
 * inside `guarded`.
 *
 * @example
 * const table = attributes('IFLA_VLAN', { id: [1, u16] })
 * const out = new Writer()
 * encodeAttributes(table, out, { id: 5 })
 * toHex(out.take()) // '0600010005000000'
 */
export function encodeAttributes(table: Table, out: Writer, value: Siblings): void {
  if (!isRecord(value)) throw wrongType(value, `an object of ${table.name} attributes`)
  if (depth >= MAX_DEPTH) throw new Fault('range', `attributes nested more than ${MAX_DEPTH} deep`)
  depth++
  let name = ''
  try {
    for (name in value) {
      const content = value[name]
      if (content === undefined) continue
      const field = table.byName(name)
      if (field === undefined) {
        if (name !== 'unknown') throw new Fault('type', `no such attribute in ${table.name}`)
        encodeUnknown(out, content)
      } else if (field.repeated) {
        encodeRepeated(field, out, content, value)
      } else if (content !== false || !field.isFlag) {
        encodeField(field, out, content, value)
      }
    }
  } catch (error) {
    throw located(error, name)
  } finally {
    depth--
  }
}

function encodeRepeated(field: Field, out: Writer, list: unknown, siblings: Siblings): void {
  encodeEach(list, (element) => encodeField(field, out, element, siblings))
}

function encodeUnknown(out: Writer, list: unknown): void {
  encodeEach(list, (raw) => encodeRaw(out, raw as RawAttribute))
}

/** Calls `encode` for each element of an array; a fault names the index. */
export function encodeEach(list: unknown, encode: (element: unknown, index: number) => void): void {
  if (!Array.isArray(list)) throw wrongType(list, 'an array')
  let index = 0
  try {
    for (; index < list.length; index++) encode(list[index], index)
  } catch (error) {
    throw located(error, `[${index}]`)
  }
}

function encodeField(field: Field, out: Writer, content: unknown, siblings: Siblings): void {
  const at = out.open(field.header)
  field.encode(out, content, siblings)
  close(out, at)
}

/** Appends one attribute, header and padding included. */
export function encodeAttribute<T>(
  out: Writer,
  number: number,
  type: Type<T>,
  content: T,
  siblings: Siblings,
): void {
  const at = out.open(type.flagged ? number | NLA_F_NESTED : number)
  type.encode(out, content, siblings)
  close(out, at)
}

function encodeRaw(out: Writer, raw: RawAttribute): void {
  if (!isRecord(raw) || !((raw.data as unknown) instanceof Uint8Array))
    throw wrongType(raw, 'an attribute { type, data }, data a Uint8Array')
  if (!Number.isInteger(raw.type) || raw.type < 0 || raw.type > 0xffff)
    throw outOfRange(raw.type, 'an attribute type (16 bits)')
  const at = out.open(raw.type)
  out.raw(raw.data)
  close(out, at)
}

function close(out: Writer, at: number): void {
  if (!out.close(at))
    throw new Fault('range', `${out.length - at - 4} bytes, and an attribute holds at most ${MAX_PAYLOAD}`)
}

/**
 * Reads all attributes between `start` and `end`. Where an attribute comes twice the last one counts, as in the kernel.
 * Throws a decode fault: call it from a `Type`, or inside `guarded`.
 *
 * @example
 * const vlan = attributes('IFLA_VLAN', { id: [1, u16] })
 * decodeAttributes(vlan, Uint8Array.of(6, 0, 1, 0, 5, 0, 0, 0), 0, 8) // { id: 5 }
 */
export function decodeAttributes<T extends Table>(
  table: T,
  bytes: Uint8Array,
  start: number,
  end: number,
): Infer<T> {
  if (depth >= MAX_DEPTH) throw malformed(`attributes nested more than ${MAX_DEPTH} deep`, start)
  depth++
  try {
    return decodeSet(table, bytes, start, end) as Infer<T>
  } finally {
    depth--
  }
}

function decodeSet(table: Table, bytes: Uint8Array, start: number, end: number): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  let unknown: RawAttribute[] | undefined
  let dependent: { field: Field; start: number; end: number }[] | undefined
  for (let at = start; at < end; ) {
    const length = attributeLength(bytes, at, end)
    if (length === 0) break
    const type = getU16(bytes, at + 2)
    const field = table.byNumber(type & NLA_TYPE_MASK)
    if (field === undefined) {
      if ((type & NLA_TYPE_MASK) !== table.pad) {
        unknown ??= []
        unknown.push({ type, data: copyOf(bytes, at + 4, at + length) })
      }
    } else if (field.by !== null && value[field.by] === undefined) {
      // Waits for its sibling, which may come later; the property keeps its place for an encoder.
      value[field.name] = undefined
      dependent ??= []
      dependent.push({ field, start: at + 4, end: at + length })
    } else if (field.repeated) {
      const element = decodeField(field, bytes, at + 4, at + length, value)
      const list = value[field.name] as unknown[] | undefined
      if (list === undefined) value[field.name] = [element]
      else list.push(element)
    } else {
      value[field.name] = decodeField(field, bytes, at + 4, at + length, value)
    }
    at += align(length)
  }
  if (dependent !== undefined)
    for (const it of dependent) value[it.field.name] = decodeField(it.field, bytes, it.start, it.end, value)
  if (unknown !== undefined) value['unknown'] = unknown
  return value
}

/** Reads the payload of one attribute; a fault gets its name. */
export function decodeField<T>(
  field: Field<T>,
  bytes: Uint8Array,
  start: number,
  end: number,
  siblings: Siblings,
): T {
  try {
    return field.decode(bytes, start, end, siblings)
  } catch (error) {
    throw located(error, field.name)
  }
}

/**
 * The length of the attribute at `at`, its header included; a fault if it does not lie within `end`. 0 where there is
 * only the message's padding: up to three zero bytes.
 */
export function attributeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) {
    for (let i = at; i < end; i++)
      if (bytes[i] !== 0) throw malformed(`${end - at} bytes left where an attribute header has 4`, at)
    return 0
  }
  const length = getU16(bytes, at)
  if (length < 4) throw malformed(`an attribute of length ${length}`, at)
  if (at + length > end)
    throw malformed(`an attribute of length ${length} where ${end - at} bytes are left`, at)
  return length
}
