/** C structs: fields of fixed size, one after another, with the padding written out. */

import { Fault, isRecord, located, wrongType } from './fault.js'
import type { Type, ValueOf } from './type.js'
import { NO_SIBLINGS } from './type.js'

// Exported for the sake of the declarations that name it; it has no value.
export declare const PAD: unique symbol
type Pad = typeof PAD

/**
 * `size` bytes between fields: written as zeros, not part of the value.
 *
 * @example struct({ family: u8, pad: padding(3), index: u32 }).size // 8
 */
export function padding(size: number): Type<Pad> {
  return {
    label: 'pad',
    size,
    encode() {
      throw new Fault('type', 'padding has no value')
    },
    decode() {
      return undefined as never
    },
  }
}

/** The fields of a struct: name and type, in the order of C. Each type has a fixed size. */
// biome-ignore lint/suspicious/noExplicitAny: a struct's fields are of any type; Infer recovers each
export type Members = Record<string, Type<any>>
type Named<M extends Members> = { [K in keyof M as ValueOf<M[K]> extends Pad ? never : K]: ValueOf<M[K]> }
/** The value of a struct. A kernel older than the table sends fewer fields: then the last ones are missing. */
export type StructValue<M extends Members> = Named<M>

/** A struct's type, with its layout. */
export interface Struct<M extends Members> extends Type<StructValue<M>> {
  readonly members: M
  /** Where each field starts, in bytes, for code that reads one field in a hot loop. */
  readonly offsets: { readonly [K in keyof M]: number }
}

/** One shape for members of every type. */
interface Member extends Pick<Type<unknown>, 'encode' | 'decode' | 'size'> {
  readonly name: string
  readonly offset: number
  readonly named: boolean
}

/**
 * A struct with its fields in order. Fields left out of a value are written as zeros. On decode a longer struct (newer
 * kernel) is cut, a shorter one (older kernel) gives the fields that are there. A field whose size depends on its value
 * is a TypeError.
 *
 * @example
 * const table = attributes('IFLA_VLAN', { flags: [2, struct({ flags: u32, mask: u32 })] })
 * const out = new Writer()
 * encodeAttributes(table, out, { flags: { flags: 1, mask: 1 } })
 * toHex(out.take()) // '0c0002000100000001000000'
 */
export function struct<M extends Members>(members: M): Struct<M> {
  const layout: Member[] = []
  const byName = new Map<string, Member>()
  const offsets: Record<string, number> = {}
  let size = 0
  for (const [name, type] of Object.entries(members)) {
    if (!(type.size > 0))
      throw new TypeError(`${name}: a ${type.label} has no fixed size, as a struct needs it`)
    const { encode, decode } = type
    const named = type.label !== 'pad'
    const member: Member = { name, encode, decode, size: type.size, offset: size, named }
    layout.push(member)
    byName.set(name, member)
    offsets[name] = size
    size += type.size
  }
  return {
    label: 'struct',
    size,
    members,
    offsets: offsets as { [K in keyof M]: number },
    encode(out, value) {
      if (!isRecord(value)) throw wrongType(value, 'an object')
      const start = out.reserve(size)
      let name = ''
      try {
        for (name in value) {
          const content = (value as Readonly<Record<string, unknown>>)[name]
          if (content === undefined) continue
          const member = byName.get(name)
          if (member === undefined) throw new Fault('type', 'no such field')
          out.length = start + member.offset
          member.encode(out, content, NO_SIBLINGS)
        }
      } catch (error) {
        throw located(error, name)
      }
      out.length = start + size
    },
    decode(bytes, start, end, siblings) {
      const value: Record<string, unknown> = {}
      for (const member of layout) {
        const at = start + member.offset
        const stop = at + member.size
        if (stop > end) break
        if (member.named) value[member.name] = member.decode(bytes, at, stop, siblings)
      }
      return value as StructValue<M>
    },
  }
}
