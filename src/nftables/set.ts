/** Sets, maps and verdict maps: values that rules look up. */

import {
  type AnyOf,
  type Body,
  encodeAttributes,
  NLA_F_NESTED,
  type OneOf,
  type RawAttribute,
  Writer,
} from '../codec/index.js'
import { checkBoolean } from '../netlink/check.js'
import { setConcatAttributes } from './attributes.js'
import { fieldsOf, namesOfFields } from './builder/named-fields.js'
import type { Selector } from './builder/selector.js'
import { plainOf, type Source } from './builder/source.js'
import { DATA_TYPEOF, fieldTexts, KEY_TYPEOF } from './builder/typeof.js'
import type { AttributesOf } from './change.js'
import { NFTA_SET_DESC_CONCAT } from './constants.js'
import { type DatatypeName, typesOf } from './datatypes.js'
import type { Expression } from './expression.js'
import { anyOf, type NftRef, type UnknownInput } from './input.js'
import type { newSet } from './messages.js'
import {
  families,
  type NftFamily,
  type ObjectType,
  objectTypes,
  type SetFlag,
  type SetPolicy,
  setFlags,
} from './names.js'
import { dataLength, MERGE_ELEMENTS, type SetShape, setTypes, VERDICT } from './set-shape.js'
import { commentOf, recordsOf, SET_COMMENT, type UserdataInput, type UserRecord } from './userdata.js'

/** A field of the builder by its name there, 'vlan.id', 'ct.original.saddr'; of one that a call makes with all that it is given, 'numgen.random.4.0'. */
export type FieldName = `${string}.${string}`
/** The type of keys, or of several that are one key together (a concatenation); or the field, or fields, that they are of (nft's `typeof`). */
export type SetType = DatatypeName | readonly DatatypeName[] | FieldName | readonly FieldName[]
/** A field, or several that are one key together: `vlan.id`, `[ip.saddr, vlan.id]`. */
export type SetFields = Selector | readonly Selector[]
/** What a map has for a key: a value of a type, a verdict, or an object; a number is a type of objects that this library does not know. */
export type MapType = SetType | 'verdict' | Exclude<ObjectType, 'unspec'> | number

/** A set or map as the kernel has it. Times are milliseconds. See enum nft_set_attributes of linux/netfilter/nf_tables.h. */
export interface NftSet {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
  readonly handle: number
  /**
   * By the names of types; where one of them has none, and of a map also where one of its values has none, by the fields that the set is of:
   * ['ip.saddr', 'vlan.id']. Null where this library does not know it: then `keyType` and `keyLen` tell.
   */
  readonly type: SetType | null
  /** Null for a set, and for a map to what this library does not know: then `dataType` and `dataLen` tell. */
  readonly map: MapType | null
  /** The values of a map are ranges: networks, or from one value to another. */
  readonly mapInterval: boolean
  readonly flags: AnyOf<SetFlag>
  /** Milliseconds after which elements go that have no time of their own. */
  readonly timeout: number | null
  /** Milliseconds between two looks for elements whose time is over. */
  readonly gcInterval: number | null
  /** How many elements it can have; null without a limit. */
  readonly size: number | null
  readonly policy: OneOf<SetPolicy>
  /** Expressions that each element gets: a counter, a limit. */
  readonly expressions: readonly Expression[]
  /**
   * How many elements the kernel counts; null before Linux 6.16. It leaves out the one for every other key, and has half of the ends for
   * intervals, so that one up to the last value, which has no end, may not be counted.
   */
  readonly count: number | null
  /** nft(8) merges what overlaps before it adds it. */
  readonly autoMerge: boolean
  readonly comment: string | null
  readonly userdata: Uint8Array | null
  readonly keyType: number
  /** Bytes. */
  readonly keyLen: number
  readonly dataType: number | null
  readonly dataLen: number | null
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
  /** The same in its description (NFTA_SET_DESC), and the lengths of the values of a key whose types are not known. */
  readonly descUnknown: readonly RawAttribute[]
}

/** A set or map to add. */
export interface NftSetInput extends UserdataInput, UnknownInput {
  family: OneOf<NftFamily>
  table: string
  name: string
  /**
   * 'ipv4_addr', or ['ipv4_addr', 'inet_service'] for keys of two values; or the fields that they are of, `vlan.id`, `[ip.saddr, vlan.id]`,
   * which nft(8) shows then (`typeof`).
   */
  type?: SetType | SetFields | null | undefined
  /** What the keys map to: makes it a map. Of fields too where `type` is of fields. */
  map?: MapType | SetFields | null | undefined
  /** What the keys map to are ranges: '10.2.0.0/24', '10.2.0.5-10.2.0.9'; `: interval` of nft(8). */
  mapInterval?: boolean | undefined
  /** 'interval', 'timeout', 'dynamic', 'constant'; the rest follows. */
  flags?: AnyOf<SetFlag> | null | undefined
  /**
   * Milliseconds after which elements go that have no time of their own. Like `gcInterval` it is set back in a set that is there already
   * where addSet() does not name it (nft_set_update() of the kernel).
   */
  timeout?: number | null | undefined
  /** Milliseconds between two looks for elements whose time is over. */
  gcInterval?: number | null | undefined
  size?: number | null | undefined
  policy?: OneOf<SetPolicy> | null | undefined
  expressions?: readonly Expression[] | null | undefined
  /**
   * Intervals of one call that overlap, or lie side by side, are added as one where they are keys alone. What the set has already stays as it
   * is: an interval that overlaps it is refused (EEXIST), which nft(8) would merge, too. What was merged is deleted as the one interval that
   * it is, listElements() has it. Only of sets of intervals of one value; nft(8) keeps to it for the elements that it adds later.
   */
  autoMerge?: boolean | undefined
  /** For types that this library does not know. */
  keyType?: number | undefined
  keyLen?: number | undefined
  dataType?: number | null | undefined
  dataLen?: number | null | undefined
  handle?: number | undefined
  count?: number | null | undefined
  /** Attributes of the description that this library does not know (NFTA_SET_DESC), to be written again. */
  descUnknown?: readonly RawAttribute[] | undefined
}

/** Which set: by its name, or by its handle where there is no name. */
export interface NftSetRef extends NftRef {}

/** What an input says of the elements. */
export function shapeOfInput(
  input: Pick<
    NftSetInput,
    'type' | 'map' | 'mapInterval' | 'flags' | 'timeout' | 'dataType' | 'dataLen' | 'keyLen' | 'autoMerge'
  >,
): SetShape {
  const { type, map, mapInterval = false } = input
  const flags = anyOf(setFlags, input.flags, 'flags')
  const { types: key, fields: keyFields } = typesIn(type, 'type')
  const kind = kindOf(map)
  const values = typesIn(kind === null ? map : null, 'map')
  const interval = flags.includes('interval')
  return {
    key,
    keyFields,
    keyLength: input.keyLen,
    interval,
    merge: input.autoMerge === true && interval && key?.length === 1 && map == null,
    concat: interval && (key === null ? flags.includes('concat') : key.length > 1),
    timeout: flags.includes('timeout') || input.timeout != null,
    data: kind ?? values.types ?? (input.dataType == null ? null : 'bytes'),
    dataFields: values.fields,
    dataLength: map == null ? (input.dataLen ?? undefined) : undefined,
    dataInterval: checkBoolean(mapInterval, 'mapInterval'),
  }
}

/** The types of a name or of several, or those of fields. */
function typesIn(
  given: unknown,
  field: string,
): { types: SetShape['key']; fields: readonly Source[] | null } {
  if (given == null) return { types: null, fields: null }
  const fields = fieldsOf(given, field)
  if (fields === null) return { types: setTypes(given, field), fields }
  const plain = fields.map(plainOf)
  return { types: plain.map(({ type }) => type), fields: plain }
}

/** What a map has for its keys where these are no values. */
function kindOf(map: unknown): 'verdict' | 'object' | null {
  if (map === 'verdict') return map
  const isObject =
    typeof map === 'number' || (typeof map === 'string' && Object.hasOwn(objectTypes.numbers, map))
  return isObject ? 'object' : null
}

/** Reads a NFT_MSG_NEWSET. */
export function setOf({ header, attributes: found }: Body<typeof newSet>): NftSet {
  const flags = found.flags ?? []
  const records = found.userdata === undefined ? [] : recordsOf(found.userdata)
  const merge = records.find(({ type }) => type === MERGE_ELEMENTS)?.value
  const expressions = found.expressions?.elem ?? (found.expr === undefined ? [] : [found.expr])
  const types = typesOfSet(found, records)
  return {
    family: families.toName(header.family ?? 0),
    table: found.table ?? '',
    name: found.name ?? '',
    handle: found.handle ?? 0,
    ...types,
    flags,
    timeout: found.timeout ?? null,
    gcInterval: found.gcInterval ?? null,
    size: found.desc?.size ?? null,
    policy: found.policy ?? 'performance',
    expressions: expressions as readonly Expression[],
    count: found.count ?? null,
    autoMerge: merge?.some((byte) => byte !== 0) ?? false,
    comment: commentOf(found.userdata, SET_COMMENT),
    userdata: found.userdata ?? null,
    keyType: found.keyType ?? 0,
    keyLen: found.keyLen ?? 0,
    dataType: found.dataType ?? null,
    dataLen: found.dataLen ?? null,
    unknown: found.unknown ?? [],
    descUnknown: unknownOfDesc(found.desc, types.type !== null),
  }
}

function unknownOfDesc(
  { concat, unknown = [] }: NonNullable<AttributesOf<typeof newSet>['desc']> = {},
  isTyped: boolean,
): readonly RawAttribute[] {
  if (concat === undefined || (isTyped && [concat, ...(concat.elem ?? [])].every(isKnown))) return unknown
  const out = new Writer()
  encodeAttributes(setConcatAttributes, out, concat)
  return [{ type: NFTA_SET_DESC_CONCAT | NLA_F_NESTED, data: out.take() }, ...unknown]
}

const isKnown = ({ unknown }: { unknown?: readonly RawAttribute[] | undefined }) => unknown === undefined

type Types = Pick<NftSet, 'type' | 'map' | 'mapInterval'>

/** By the names of types where all have one, and else by those of fields where all of them are known. */
function typesOfSet(found: AttributesOf<typeof newSet>, records: readonly UserRecord[]): Types {
  const { keyType = 0, keyLen = 0, dataType, dataLen = 0 } = found
  const types = { type: typeName(keyType, keyLen), ...mapOf(found) }
  const hasValues = dataType !== undefined && dataType !== VERDICT
  if (types.type !== null && (!hasValues || types.map !== null)) return types
  const fields = namesOfFields(fieldTexts(records, KEY_TYPEOF), keyLen)
  if (fields === null) return types
  const texts = hasValues ? fieldTexts(records, DATA_TYPEOF) : []
  const values = valuesOf((interval) => namesOfFields(texts, dataLen, interval))
  return { ...types, type: fields, ...(values.map !== null && values) }
}

function typeName(id: number, length: number, interval = false): SetType | null {
  const types = typesOf(id)
  if (types === null || dataLength(types, interval) !== length) return null
  const names = types.map(({ name }) => name as DatatypeName)
  return names.length === 1 ? names[0]! : names
}

function mapOf(found: AttributesOf<typeof newSet>): Pick<Types, 'map' | 'mapInterval'> {
  const { flags = [], dataType, dataLen = 0, objType } = found
  if (flags.includes('object'))
    return {
      map: objType === undefined || objType === 'unspec' ? null : (objType as MapType),
      mapInterval: false,
    }
  if (dataType === undefined) return { map: null, mapInterval: false }
  if (dataType === VERDICT) return { map: 'verdict', mapInterval: false }
  return valuesOf((interval) => typeName(dataType, dataLen, interval))
}

/** By a name for single values, or else one for ranges. */
function valuesOf(nameOf: (interval: boolean) => SetType | null): Pick<Types, 'map' | 'mapInterval'> {
  const map = nameOf(false)
  if (map !== null) return { map, mapInterval: false }
  const ranges = nameOf(true)
  return { map: ranges, mapInterval: ranges !== null }
}
