/** Attribute tables: one place states each attribute's number, name and type; everything else comes from it. */

import { align, getU16 } from './bytes.js'
import { Fault, malformed, wrongType } from './fault.js'
import type { Siblings, Type, ValueOf } from './type.js'
import type { Writer } from './writer.js'
import { MAX_PAYLOAD } from './writer.js'

export const NLA_F_NESTED = 0x8000
export const NLA_F_NET_BYTEORDER = 0x4000
const NLA_TYPE_MASK = 0x3fff

// biome-ignore lint/suspicious/noExplicitAny: a table holds attributes of any type; Infer recovers each
export type Fields = Record<string, readonly [number: number, type: Type<any>]>

/** An attribute that no table knows, as it was received; it is sent again as it is. */
export interface RawAttribute {
  /** The attribute's number, with NLA_F_NESTED where it was set. */
  type: number
  data: Uint8Array
}

export interface Field<T = unknown> {
  readonly name: string
  readonly number: number
  readonly type: Type<T>
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
}

/** The value of a table: an optional property for each attribute, and what the table does not know. */
export type Infer<T> =
  T extends Table<infer F>
    ? { -readonly [K in keyof F]?: ValueOf<F[K][1]> | undefined } & { unknown?: RawAttribute[] | undefined }
    : T extends Type<infer V>
      ? V
      : never

/** Defines an attribute set: `attributes('IFLA_VLAN', { id: [IFLA_VLAN_ID, u16], … })`. */
export function attributes<F extends Fields>(name: string, fields: F): Table<F> {
  let compiled:
    | { byName: Map<string, Field>; byNumber: (Field | undefined)[]; field: Record<string, Field> }
    | undefined
  // Built when first used: importing the library must not pay for tables that a program never needs.
  const build = () => {
    const byName = new Map<string, Field>()
    const byNumber: (Field | undefined)[] = []
    const field: Record<string, Field> = {}
    for (const [key, [number, type]] of Object.entries(fields)) {
      const entry: Field = { name: key, number, type }
      byName.set(key, entry)
      while (byNumber.length <= number) byNumber.push(undefined)
      byNumber[number] = entry
      field[key] = entry
    }
    compiled = { byName, byNumber, field }
    return compiled
  }
  return {
    name,
    fields,
    get field() {
      return (compiled ?? build()).field as Table<F>['field']
    },
    get size() {
      return (compiled ?? build()).byNumber.length
    },
    byName: (key) => (compiled ?? build()).byName.get(key),
    byNumber: (number) => (compiled ?? build()).byNumber[number],
  }
}

/** Writes a value's attributes, in the order of its properties. */
export function encodeAttributes(table: Table, out: Writer, value: Siblings): void {
  if (typeof value !== 'object' || value === null) throw wrongType(value, 'an object')
  for (const name in value) {
    const content = value[name]
    if (content === undefined) continue
    const field = table.byName(name)
    if (field === undefined) {
      if (name !== 'unknown') throw new Fault('type', `no such attribute in ${table.name}`).within(name)
      for (const raw of content as RawAttribute[]) encodeRaw(out, raw)
      continue
    }
    try {
      if (field.type.repeated) {
        for (const element of content as readonly unknown[]) encodeOne(field, out, element, value)
      } else if (field.type.label !== 'flag' || content !== false) {
        encodeOne(field, out, content, value)
      }
    } catch (error) {
      throw error instanceof Fault ? error.within(name) : error
    }
  }
}

function encodeOne(field: Field, out: Writer, content: unknown, siblings: Siblings): void {
  const at = out.open(field.type.flagged ? field.number | NLA_F_NESTED : field.number)
  field.type.encode(out, content, siblings)
  if (!out.close(at))
    throw new Fault('range', `${out.length - at - 4} bytes, and an attribute holds at most ${MAX_PAYLOAD}`)
}

function encodeRaw(out: Writer, raw: RawAttribute): void {
  const at = out.open(raw.type)
  out.raw(raw.data)
  if (!out.close(at))
    throw new Fault('range', `${raw.data.length} bytes, and an attribute holds at most ${MAX_PAYLOAD}`)
}

/** Reads all attributes between `start` and `end`. */
export function decodeAttributes<T extends Table>(
  table: T,
  bytes: Uint8Array,
  start: number,
  end: number,
): Infer<T> {
  const value: Record<string, unknown> = {}
  let unknown: RawAttribute[] | undefined
  for (let at = start; at < end; ) {
    const length = attributeLength(bytes, at, end)
    const number = getU16(bytes, at + 2)
    const field = table.byNumber(number & NLA_TYPE_MASK)
    if (field === undefined) {
      unknown ??= []
      unknown.push({ type: number, data: bytes.slice(at + 4, at + length) })
    } else {
      const content = decodeField(field, bytes, at + 4, at + length, value)
      if (field.type.repeated) {
        const list = value[field.name] as unknown[] | undefined
        if (list === undefined) value[field.name] = [content]
        else list.push(content)
      } else {
        value[field.name] = content
      }
    }
    at += align(length)
  }
  if (unknown !== undefined) value['unknown'] = unknown
  return value as Infer<T>
}

export function decodeField<T>(
  field: Field<T>,
  bytes: Uint8Array,
  start: number,
  end: number,
  siblings: Siblings,
): T {
  try {
    return field.type.decode(bytes, start, end, siblings)
  } catch (error) {
    throw error instanceof Fault ? error.within(field.name) : error
  }
}

/** The length of the attribute at `at`, its header included; a fault if it does not lie within `end`. */
export function attributeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) throw malformed(`${end - at} bytes left where an attribute header has 4`, at)
  const length = getU16(bytes, at)
  if (length < 4) throw malformed(`an attribute of length ${length}`, at)
  if (at + length > end)
    throw malformed(`an attribute of length ${length} where ${end - at} bytes are left`, at)
  return length
}
