import { align } from './bytes.js'
import { guarded } from './fault.js'
import type { Members, Struct, StructValue } from './struct.js'
import type { Fields, Infer, Table } from './table.js'
import { decodeAttributes, encodeAttributes } from './table.js'
import { NO_SIBLINGS } from './type.js'
import type { Writer } from './writer.js'

/** A message type of a protocol: its number and name, the fixed struct that it starts with, and its attributes. */
export interface Message<M extends Members = Members, F extends Fields = Fields> {
  /** The kernel's name, 'RTM_NEWLINK'. */
  readonly name: string
  readonly number: number
  readonly header: Struct<M>
  readonly table: Table<F>
}

export function message<M extends Members, F extends Fields>(
  name: string,
  number: number,
  header: Struct<M>,
  table: Table<F>,
): Message<M, F> {
  return { name, number, header, table }
}

/** What a message carries; header fields left out are zero. */
export interface Body<M extends Message = Message> {
  header: Partial<StructValue<M['header']['members']>>
  attributes: Infer<M['table']>
}

/** Writes header struct and attributes (without struct nlmsghdr). Throws RangeError or TypeError naming the attribute. */
export function encodeBody<M extends Message>(definition: M, out: Writer, body: Body<M>): void {
  guarded(definition.name, () => {
    definition.header.encode(out, body.header as never, NO_SIBLINGS)
    const padding = align(out.length) - out.length
    if (padding > 0) out.reserve(padding)
    encodeAttributes(definition.table, out, body.attributes as Record<string, unknown>)
  })
}

/** Reads header struct and attributes between `start` and `end`. Throws DecodeError. */
export function decodeBody<M extends Message>(
  definition: M,
  bytes: Uint8Array,
  start: number,
  end: number,
): Body<M> {
  return guarded(definition.name, () => ({
    header: definition.header.decode(
      bytes,
      start,
      Math.min(end, start + definition.header.size),
      NO_SIBLINGS,
    ) as never,
    attributes: decodeAttributes(
      definition.table,
      bytes,
      Math.min(end, start + align(definition.header.size)),
      end,
    ) as Infer<M['table']>,
  }))
}
