import { align, getU16 } from './bytes.js'
import type { Field, Table } from './table.js'
import { attributeLength, decodeField } from './table.js'
import { NO_SIBLINGS } from './type.js'

/**
 * Where each attribute of one message lies, as the kernel's own `struct nlattr *tb[]`: a reader of large dumps loads a
 * message and takes what it needs, with no object for the rest. Reused from message to message.
 */
export class Attributes {
  #bytes: Uint8Array = new Uint8Array(0)
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #size: number

  constructor(table: Table) {
    this.#size = table.size
    this.#starts = new Int32Array(this.#size)
    this.#ends = new Int32Array(this.#size)
  }

  load(bytes: Uint8Array, start: number, end: number): this {
    this.#bytes = bytes
    this.#starts.fill(0)
    for (let at = start; at < end; ) {
      const length = attributeLength(bytes, at, end)
      const number = getU16(bytes, at + 2) & 0x3fff
      if (number < this.#size) {
        this.#starts[number] = at + 4
        this.#ends[number] = at + length
      }
      at += align(length)
    }
    return this
  }

  has(field: Field): boolean {
    return this.#starts[field.number] !== 0
  }

  /** The attribute's value; null where it is missing. */
  get<T>(field: Field<T>): T | null {
    const start = this.#starts[field.number]!
    return start === 0 ? null : decodeField(field, this.#bytes, start, this.#ends[field.number]!, NO_SIBLINGS)
  }
}
