/** Attributes are read as their tables say. */

import { align, copyOf, getU16 } from './bytes.js'
import { located, malformed } from './fault.js'
import { type Field, type Infer, MAX_DEPTH, NLA_TYPE_MASK, type RawAttribute, type Table } from './table.js'
import type { Siblings } from './type.js'

let depth = 0

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
  const value = table.newValue()
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
