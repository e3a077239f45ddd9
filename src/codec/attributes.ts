import { align, getU16, getU32 } from './bytes.js'
import { attributeLength, decodeAttributes, decodeField } from './decode.js'
import { located } from './fault.js'
import type { Field, Table } from './table.js'
import { NLA_TYPE_MASK } from './table.js'
import { NO_SIBLINGS } from './type.js'

/**
 * Where each attribute of one message lies, as the kernel's own `struct nlattr *tb[]`: a reader of large dumps loads a
 * message and takes what it needs, with no object for the rest. Reused from message to message; the bytes have to stay
 * until the next `load`. Faults are thrown as they are: use it inside `guarded`.
 */
export class Attributes {
  readonly #table: Table
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0

  constructor(table: Table) {
    this.#table = table
    this.#starts = new Int32Array(table.size)
    this.#ends = new Int32Array(table.size)
  }

  /** Finds the attributes between `start` and `end`; reads none. Throws a decode fault where they do not fit. */
  load(bytes: Uint8Array, start: number, end: number): this {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#starts.fill(0)
    for (let at = start; at < end; ) {
      const length = attributeLength(bytes, at, end)
      if (length === 0) break
      const number = getU16(bytes, at + 2) & NLA_TYPE_MASK
      if (number < this.#starts.length) {
        this.#starts[number] = at + 4
        this.#ends[number] = at + length
      }
      at += align(length)
    }
    return this
  }

  /** Whether the attribute is there. */
  has(field: Field): boolean {
    return this.#starts[field.number]! > 0
  }

  /** The attribute's value; null where it is missing. Throws a decode fault. */
  get<T>(field: Field<T>): T | null {
    const start = this.#starts[field.number]!
    if (!(start > 0)) return null
    if (field.repeated || field.by !== null) return this.#all()[field.name] as T
    return decodeField(field, this.#bytes, start, this.#ends[field.number]!, NO_SIBLINGS)
  }

  /** What `read` makes of the attributes inside of one, for which `inner` is loaded; null where it is missing. Throws a decode fault. */
  inside<T>(field: Field, inner: Attributes, read: (inner: Attributes) => T): T | null {
    const start = this.#starts[field.number]!
    if (!(start > 0)) return null
    try {
      return read(inner.load(this.#bytes, start, this.#ends[field.number]!))
    } catch (error) {
      throw located(error, field.name)
    }
  }

  /** The value of an attribute whose type is u32: as get(), in fewer steps. */
  u32(field: Field<number>): number | null {
    const start = this.#starts[field.number]!
    if (start > 0 && this.#ends[field.number]! - start === 4) return getU32(this.#bytes, start)
    return this.get(field)
  }

  /** Repeated attributes and those that depend on a sibling take more than one attribute to read. */
  #all(): Readonly<Record<string, unknown>> {
    return decodeAttributes(this.#table, this.#bytes, this.#start, this.#end)
  }
}
