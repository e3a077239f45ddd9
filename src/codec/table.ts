/** Attribute tables: one place states each attribute's number, name and type; everything else comes from it. */

import type { Type, ValueOf } from './type.js'

/** Set in nla_type of an attribute that holds attributes (`linux/netlink.h`); required by newer parts of the kernel. */
export const NLA_F_NESTED = 0x8000
/** What remains of nla_type without NLA_F_NESTED and NLA_F_NET_BYTEORDER: the attribute's number. */
export const NLA_TYPE_MASK = 0x3fff
/** Sets within sets: real messages have up to eight or so, hostile ones would exhaust the stack. */
export const MAX_DEPTH = 32

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

/**
 * An attribute set of the kernel. Its value is a plain object; every attribute may be missing. What a table tells comes from methods and
 * getters, which a copy of it has not.
 */
export interface Table<F extends Fields = Fields> {
  /** The kernel's prefix: 'IFLA', 'RTA', 'IFLA_VLAN'. */
  readonly name: string
  readonly fields: F
  /** The attributes as handles, for reading single ones (`Attributes`). */
  readonly field: { readonly [K in keyof F]: Field<ValueOf<F[K][1]>> }
  /** An empty value to be filled. */
  newValue(): Record<string, unknown>
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
  return new AttributeTable(name, fields, pad)
}

/** A class: V8 makes a hash table of an object with getters of its own, and each attribute that is read asks its table. */
class AttributeTable<F extends Fields> implements Table<F> {
  #compiled: ReturnType<typeof compile> | undefined

  constructor(
    readonly name: string,
    readonly fields: F,
    readonly pad: number | undefined,
  ) {}

  get field(): Table<F>['field'] {
    return this.#built().field as Table<F>['field']
  }

  get size(): number {
    return this.#built().byNumber.length
  }

  newValue(): Record<string, unknown> {
    return new (this.#built().Value)()
  }

  byName(key: string): Field | undefined {
    return this.#built().byName.get(key)
  }

  byNumber(number: number): Field | undefined {
    return this.#built().byNumber[number]
  }

  /** When first used: importing the library must not pay for tables that a program never needs. */
  #built(): ReturnType<typeof compile> {
    this.#compiled ??= compile(this.name, this.fields)
    return this.#compiled
  }
}

/**
 * A maker of plain objects. V8 gives `{}` room for four properties, and of a maker it learns how many its objects get: a listed rule, which is
 * made of 18 sets of one to seven attributes, takes 12% less memory, and fewer attributes outgrow their object.
 */
function valuesOf(): new () => Record<string, unknown> {
  // biome-ignore lint/complexity/useArrowFunction: an arrow function makes no objects
  const Value = function () {} as unknown as new () => Record<string, unknown>
  Value.prototype = Object.prototype
  return Value
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
  return { byName, byNumber, Value: valuesOf(), field: Object.fromEntries(entries) }
}
