/** Attributes are written as their tables say. */

import { Fault, isRecord, located, outOfRange, wrongType } from './fault.js'
import { type Field, MAX_DEPTH, NLA_F_NESTED, type RawAttribute, type Table } from './table.js'
import type { Siblings, Type } from './type.js'
import { MAX_PAYLOAD, type Writer } from './writer.js'

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
        if (name !== 'unknown') throw noSuchAttribute(table)
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

function noSuchAttribute({ name, fields }: Table): Fault {
  return new Fault('type', `no such attribute in ${name} (known: ${Object.keys(fields).join(', ')})`)
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
