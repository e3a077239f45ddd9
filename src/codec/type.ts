import type { Table } from './table.js'
import type { Writer } from './writer.js'

/** Values of the other attributes in the same set, for a type that depends on one of them. */
export type Siblings = Readonly<Record<string, unknown>>

/**
 * How one kind of value lies in a payload. Encoding throws a range or type fault for a value that does not fit
 * (`outOfRange`, `wrongType`), decoding a decode fault for bytes that do not (`malformed`); the attributes around add
 * their names. The functions are called without `this`.
 */
export interface Type<T> {
  /** The name that errors and the debug print use: 'u32', 'mac'. */
  readonly label: string
  /** Bytes of a value; 0 where it depends on the value. */
  readonly size: number
  /** The attribute carries NLA_F_NESTED. */
  readonly flagged?: boolean
  /** One attribute for each element of an array. */
  readonly repeated?: boolean
  /** The sibling that the type depends on; it is decoded first, wherever it lies. */
  readonly by?: string
  /** Appends the value's bytes, without attribute header and padding. */
  encode(out: Writer, value: T, siblings: Siblings): void
  /** Reads the value from the payload between `start` and `end`; never beyond, and nothing that refers to `bytes`. */
  decode(bytes: Uint8Array, start: number, end: number, siblings: Siblings): T
  /** The table of the attributes inside, for types that nest. */
  inner?(siblings: Siblings): Table | null
}

/** The value that a type stands for. */
export type ValueOf<C> = C extends Type<infer T> ? T : never

/** For types that stand outside of an attribute set. */
export const NO_SIBLINGS: Siblings = {}
