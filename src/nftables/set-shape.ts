/** What the elements of a set are, and how long. */

import { align } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import type { Source } from './builder/source.js'
import { type Datatype, type DatatypeName, datatypes } from './datatypes.js'

/** NFT_DATA_VERDICT of enum nft_data_types */
export const VERDICT = 0xffffff00
/** The record of nft(8) that says that it merges elements. */
export const MERGE_ELEMENTS = 2

/** What the bytes of a set's elements are. */
export interface SetShape {
  /** Null: the keys are bytes. */
  readonly key: readonly Datatype[] | null
  /** The fields that its types come from, where nft(8) is to be told (`typeof`). */
  readonly keyFields?: readonly Source[] | null
  /** How many bytes, where the types are not known. */
  readonly keyLength?: number | undefined
  readonly interval: boolean
  /** Intervals of one call are merged. */
  readonly merge?: boolean | undefined
  /** Intervals of keys of several values: an element has its end (NFTA_SET_ELEM_KEY_END), instead of another one behind it. */
  readonly concat: boolean
  /** Elements can end by themselves. */
  readonly timeout: boolean
  /** How many bytes the data has, where its types are not known. */
  readonly dataLength?: number | undefined
  readonly dataFields?: readonly Source[] | null
  readonly data: readonly Datatype[] | 'verdict' | 'object' | 'bytes' | null
  /** The data of each type is two values, from and to. */
  readonly dataInterval: boolean
}

/** The types of a name or of several. */
export function setTypes(type: unknown, field: string): readonly Datatype[] {
  const list: readonly unknown[] = Array.isArray(type) ? type : [type]
  if (list.length === 0) throw new RangeError(`${field}: a concatenation has at least one type`)
  return Array.from(list, (name) => {
    if (typeof name === 'string' && Object.hasOwn(datatypes, name)) return datatypes[name as DatatypeName]
    throw new RangeError(`${field}: ${show(name)} is not one of ${Object.keys(datatypes).join(', ')}`)
  })
}

/** Bytes of a key or a value: each type of a concatenation begins a register of four bytes. */
export function lengthOf(types: readonly Datatype[]): number {
  return types.length === 1 ? types[0]!.size : types.reduce((sum, { size }) => sum + align(size), 0)
}

/** Bytes of what a map has: of ranges from and to, each as long as one value. */
export function dataLength(types: readonly Datatype[], interval: boolean): number {
  return interval ? 2 * align(lengthOf(types)) : lengthOf(types)
}
