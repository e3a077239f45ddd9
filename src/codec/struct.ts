/** C structs: fields of fixed size, one after another, with the padding written out. */

import { Fault, wrongType } from './fault.js'
import type { Siblings, Type, ValueOf } from './type.js'
import { NO_SIBLINGS } from './type.js'

declare const PAD: unique symbol
type Pad = typeof PAD

/** Bytes between fields: written as zeros, not part of the value. */
export function padding(size: number): Type<Pad> {
  return {
    label: 'pad',
    size,
    encode(out) {
      out.reserve(size)
    },
    decode() {
      return undefined as never
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a struct's fields are of any type; Infer recovers each
export type Members = Record<string, Type<any>>
type Named<M extends Members> = { [K in keyof M as ValueOf<M[K]> extends Pad ? never : K]: ValueOf<M[K]> }
/** The value of a struct. A kernel older than the table sends fewer fields: then the last ones are missing. */
export type StructValue<M extends Members> = Named<M>

export interface Struct<M extends Members> extends Type<StructValue<M>> {
  readonly members: M
  /** Where each field starts, for code that reads one field in a hot loop. */
  readonly offsets: { readonly [K in keyof M]: number }
}

/**
 * A struct with its fields in order. Fields left out of a value are written as zeros. On decode a longer struct (newer
 * kernel) is cut, a shorter one (older kernel) gives the fields that are there.
 */
export function struct<M extends Members>(members: M): Struct<M> {
  const offsets: Record<string, number> = {}
  let size = 0
  for (const name in members) {
    offsets[name] = size
    size += members[name]!.size
  }
  return {
    label: 'struct',
    size,
    members,
    offsets: offsets as { [K in keyof M]: number },
    encode(out, value) {
      if (typeof value !== 'object' || value === null) throw wrongType(value, 'an object')
      const given = value as Record<string, unknown>
      for (const name in given) {
        if (!Object.hasOwn(members, name)) throw new Fault('type', 'no such field').within(name)
      }
      for (const name in members) {
        const member = members[name]!
        if (given[name] === undefined) out.reserve(member.size)
        else inMember(name, () => member.encode(out, given[name], NO_SIBLINGS))
      }
    },
    decode(bytes, start, end, siblings: Siblings) {
      const value: Record<string, unknown> = {}
      for (const name in members) {
        const member = members[name]!
        const at = start + offsets[name]!
        if (at + member.size > end) break
        if (member.label !== 'pad') value[name] = member.decode(bytes, at, at + member.size, siblings)
      }
      return value as StructValue<M>
    },
  }
}

function inMember(name: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw error instanceof Fault ? error.within(name) : error
  }
}
