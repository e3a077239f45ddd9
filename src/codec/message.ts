import { align } from './bytes.js'
import { decodeAttributes } from './decode.js'
import { encodeAttributes } from './encode.js'
import { Fault } from './fault.js'
import type { Members, Struct, StructValue } from './struct.js'
import type { Fields, Infer, Table } from './table.js'
import { NO_SIBLINGS } from './type.js'
import type { Writer } from './writer.js'

/** A message type of a protocol: its number and name, the fixed struct that it starts with, and its attributes. */
export interface Message<M extends Members = Members, F extends Fields = Fields> {
  /** The kernel's name, 'RTM_NEWLINK'. */
  readonly name: string
  /** nlmsg_type. */
  readonly number: number
  readonly header: Struct<M>
  readonly table: Table<F>
}

/**
 * Defines a message type: `message('RTM_NEWLINK', RTM_NEWLINK, ifinfomsg, linkAttributes)`.
 *
 * @example
 * const family = message('CTRL_CMD_NEWFAMILY', 16, struct({ cmd: u8, version: u8 }), attributes('CTRL_ATTR', { id: [1, u16] }))
 * family.name // 'CTRL_CMD_NEWFAMILY'
 */
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

/**
 * Appends header struct and attributes (without struct nlmsghdr). Throws RangeError or TypeError naming the attribute;
 * then nothing is appended.
 *
 * @example
 * const family = message('CTRL_CMD_NEWFAMILY', 16, struct({ cmd: u8, version: u8 }), attributes('CTRL_ATTR', { id: [1, u16] }))
 * const out = new Writer()
 * encodeBody(family, out, { header: { cmd: 1 }, attributes: { id: 16 } })
 * toHex(out.take()) // '010000000600010010000000'
 */
export function encodeBody<M extends Message>(definition: M, out: Writer, body: Body<M>): void {
  const start = out.length
  try {
    definition.header.encode(out, body.header as never, NO_SIBLINGS)
    out.reserve(align(definition.header.size) - definition.header.size)
    encodeAttributes(definition.table, out, body.attributes as Record<string, unknown>)
  } catch (error) {
    out.length = start
    throw error instanceof Fault ? error.toError(definition.name) : error
  }
}

/**
 * Reads header struct and attributes between `start` and `end` (without struct nlmsghdr). Throws DecodeError, whose
 * offset counts from `start`.
 *
 * @example
 * const family = message('CTRL_CMD_NEWFAMILY', 16, struct({ cmd: u8, version: u8 }), attributes('CTRL_ATTR', { id: [1, u16] }))
 * decodeBody(family, Uint8Array.of(1, 2, 0, 0, 6, 0, 1, 0, 16, 0, 0, 0), 0, 12).attributes // { id: 16 }
 */
export function decodeBody<M extends Message>(
  definition: M,
  bytes: Uint8Array,
  start: number,
  end: number,
): Body<M> {
  const { name, header, table } = definition
  try {
    const attributesStart = Math.min(end, start + align(header.size))
    return {
      header: header.decode(bytes, start, end, NO_SIBLINGS) as never,
      attributes: decodeAttributes(table, bytes, attributesStart, end) as Infer<M['table']>,
    }
  } catch (error) {
    throw error instanceof Fault ? error.toError(name, start) : error
  }
}
