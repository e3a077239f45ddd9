/** Checks on what callers give: each throws an error that names the field and the value, before anything is sent. */

import { type AnyOf, type Names, type OneOf, toBits } from '../codec/choice.js'
import { guarded, show } from '../codec/fault.js'
import type { RawAttribute } from '../codec/index.js'
import { checkInteger } from '../netlink/check.js'
import { families, type NftFamily } from './names.js'

const utf8 = new TextEncoder()
/** NFT_NAME_MAXLEN counts the NUL. */
const MAX_NAME = 255
/** IFNAMSIZ counts the NUL. */
const MAX_DEVICE = 15

/** The number of a family. */
export function familyNumber(family: unknown): number {
  if (family === undefined || family === null)
    throw new TypeError(`family: one of ${Object.keys(families.numbers).join(', ')} is needed`)
  const number = oneOf(families, family as OneOf<NftFamily>, 'family')
  // NFPROTO_UNSPEC: the kernel deletes the first table of the name then, whatever family it is of.
  if (number === 0)
    throw new RangeError(`family: 0 is not one of ${Object.keys(families.numbers).join(', ')}`)
  return number
}

/** A name of a table, chain, set, object or flowtable: nla_strscpy() and NFT_NAME_MAXLEN. */
export function checkName(value: unknown, field: string): string {
  return checkText(value, field, MAX_NAME)
}

/** The name of a device. */
export function checkDevice(value: unknown, field: string): string {
  return checkText(value, field, MAX_DEVICE)
}

/** A text that is not empty and has no NUL, of at most `max` bytes. */
export function checkText(value: unknown, field: string, max: number): string {
  if (typeof value !== 'string') throw new TypeError(`${field}: ${show(value)} is not a string`)
  if (value === '') throw new RangeError(`${field}: it cannot be empty`)
  if (value.includes('\0')) throw new RangeError(`${field}: ${show(value)} contains NUL`)
  if (value.length * 3 > max) {
    const length = utf8.encode(value).length
    if (length > max)
      throw new RangeError(`${field}: '${value.slice(0, 40)}…' has ${length} bytes; it has at most ${max}`)
  }
  return value
}

/** A number that the kernel gave to an object. */
export function checkHandle(value: unknown, field = 'handle'): number {
  return checkInteger(value, field, 1, Number.MAX_SAFE_INTEGER, 'a handle')
}

/** Something of a table: by its name, or by its handle where there is no name. */
export interface NftRef {
  family: OneOf<NftFamily>
  table: string
  name?: string | undefined
  handle?: number | undefined
}

type Named = Pick<NftRef, 'name' | 'handle'>

/** As attributes have it. */
export function nameOrHandle({ name, handle }: Named): { name: string } | { handle: number } {
  return name === undefined ? { handle: checkHandle(handle) } : { name: checkName(name, 'name') }
}

/** In errors: "chain 'input' of table inet 'filter'". */
export function described(kind: string, { family, table, ...ref }: NftRef): string {
  return `${kind} ${quoted(ref)} of table ${String(family)} '${table}'`
}

export function quoted({ name, handle }: Named): string {
  return name === undefined ? `with handle ${show(handle)}` : `'${name}'`
}

/** The number of a name; a number stays. */
export function oneOf<N extends string>(table: Names<N>, value: OneOf<N>, field: string): number {
  return guarded(field, () => {
    const number = table.toNumber(value)
    return checkInteger(number, field, 0, 0xffffffff)
  })
}

/** Attributes that were read and are not known here, to be written again. */
export interface UnknownInput {
  unknown?: readonly RawAttribute[] | undefined
}

/** Those to write; undefined for none. */
export function unknownFor({ unknown = [] }: UnknownInput): RawAttribute[] | undefined {
  return rawFor(unknown, 'unknown')
}

/** Attributes to write as they were read; undefined for none. */
export function rawFor(list: readonly RawAttribute[] = [], field: string): RawAttribute[] | undefined {
  if (!Array.isArray(list))
    throw new TypeError(`${field}: ${show(list)} is not an array of attributes that were read`)
  return list.length === 0 ? undefined : [...list]
}

/** Names of bits, checked; undefined where there are none. */
export function anyOf<N extends string>(
  table: Names<N>,
  value: AnyOf<N> | null | undefined,
  field: string,
): AnyOf<N> {
  if (value == null) return []
  guarded(field, () => toBits(table, value))
  return value
}
