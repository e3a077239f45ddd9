/** Sets, maps and verdict maps: values that rules look up. */

import { align, putU32 } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import type { AnyOf, Body, OneOf } from '../codec/index.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { NLM_F_CREATE } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import { type AttributesOf, change, type Making, makingFlags } from './change.js'
import { concatId, type Datatype, type DatatypeName, datatypes, typesOf } from './datatypes.js'
import { checkExpressions, type Expression } from './expression.js'
import { anyOf, checkHandle, checkName, familyNumber } from './input.js'
import { delSet, destroySet, newSet } from './messages.js'
import {
  families,
  type NftFamily,
  type ObjectType,
  objectTypes,
  type SetFlag,
  type SetPolicy,
  setFlags,
} from './names.js'
import {
  commentOf,
  commentRecord,
  recordsOf,
  SET_COMMENT,
  type UserdataInput,
  type UserRecord,
  userdataFor,
  userdataOf,
} from './userdata.js'

/** NFT_DATA_VERDICT of enum nft_data_types */
const VERDICT = 0xffffff00

/** The type of keys, or of several that are one key together (a concatenation). */
export type SetType = DatatypeName | readonly DatatypeName[]
/** What a map has for a key: a value of a type, a verdict, or an object. */
export type MapType = SetType | 'verdict' | Exclude<ObjectType, 'unspec'>

/** A set or map as the kernel has it. Times are milliseconds. See enum nft_set_attributes of linux/netfilter/nf_tables.h. */
export interface NftSet {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
  readonly handle: number
  /** Null where this library does not know it: then `keyType` and `keyLen` tell. */
  readonly type: SetType | null
  /** Null for a set, and for a map to what this library does not know: then `dataType` and `dataLen` tell. */
  readonly map: MapType | null
  readonly flags: AnyOf<SetFlag>
  readonly timeout: number | null
  readonly gcInterval: number | null
  /** How many elements it can have; null without a limit. */
  readonly size: number | null
  readonly policy: OneOf<SetPolicy>
  /** Expressions that each element gets: a counter, a limit. */
  readonly expressions: readonly Expression[]
  /** How many elements it has; null before Linux 6.16. */
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
}

/** A set or map to add. */
export interface NftSetInput extends UserdataInput {
  family: OneOf<NftFamily>
  table: string
  name: string
  /** 'ipv4_addr', or ['ipv4_addr', 'inet_service'] for keys of two values. */
  type?: SetType | null | undefined
  /** What the keys map to: makes it a map. */
  map?: MapType | null | undefined
  /** 'interval', 'timeout', 'dynamic', 'constant'; the rest follows. */
  flags?: AnyOf<SetFlag> | null | undefined
  timeout?: number | null | undefined
  gcInterval?: number | null | undefined
  size?: number | null | undefined
  policy?: OneOf<SetPolicy> | null | undefined
  expressions?: readonly Expression[] | null | undefined
  autoMerge?: boolean | undefined
  /** For types that this library does not know. */
  keyType?: number | undefined
  keyLen?: number | undefined
  dataType?: number | null | undefined
  dataLen?: number | null | undefined
  handle?: number | undefined
  count?: number | null | undefined
}

/** Which set: by its name, or by its handle where there is no name. */
export interface NftSetRef {
  family: OneOf<NftFamily>
  table: string
  name?: string | undefined
  handle?: number | undefined
}

const KEYS = [
  ...['family', 'table', 'name', 'type', 'map', 'flags', 'timeout', 'gcInterval', 'size', 'policy'],
  ...['expressions', 'autoMerge', 'keyType', 'keyLen', 'dataType', 'dataLen', 'handle', 'count'],
  ...['comment', 'userdata'],
]

/** What the bytes of a set's elements are. */
export interface SetShape {
  /** Null: the keys are bytes. */
  readonly key: readonly Datatype[] | null
  readonly interval: boolean
  readonly data: readonly Datatype[] | 'verdict' | 'object' | 'bytes' | null
}

/** The types of a name or of several. */
export function setTypes(type: unknown, field: string): readonly Datatype[] {
  const list: readonly unknown[] = Array.isArray(type) ? type : [type]
  if (list.length === 0) throw new RangeError(`${field}: a concatenation has at least one type`)
  return list.map((name) => {
    if (typeof name === 'string' && Object.hasOwn(datatypes, name)) return datatypes[name as DatatypeName]
    throw new RangeError(`${field}: ${show(name)} is not one of ${Object.keys(datatypes).join(', ')}`)
  })
}

/** What an input says of the elements. */
export function shapeOfInput(input: Pick<NftSetInput, 'type' | 'map' | 'flags' | 'dataType'>): SetShape {
  const { type, map } = input
  return {
    key: type == null ? null : setTypes(type, 'type'),
    interval: anyOf(setFlags, input.flags, 'flags').includes('interval'),
    data: map == null ? (input.dataType == null ? null : 'bytes') : mapShape(map),
  }
}

function mapShape(map: MapType): SetShape['data'] {
  if (map === 'verdict') return 'verdict'
  return isObject(map) ? 'object' : setTypes(map, 'map')
}

function isObject(map: unknown): map is ObjectType {
  return typeof map === 'string' && Object.hasOwn(objectTypes.numbers, map)
}

/** NFT_MSG_NEWSET; `id` names it within the transaction, `count` is the number of elements of a constant set. */
export function addSet(input: NftSetInput, making: Making, id: number, count?: number): Request {
  checkKeys(`${making}Set`, input, KEYS)
  const shape = shapeOfInput(input)
  const { key } = shape
  const size = input.size == null ? count : checkInteger(input.size, 'size', 1, 0xffffffff)
  const expressions = checkExpressions(input.expressions ?? [])
  const concat = shape.interval && key !== null && key.length > 1
  const attributes: AttributesOf<typeof newSet> = {
    table: checkName(input.table, 'table'),
    name: checkName(input.name, 'name'),
    flags: flagsOf(input, shape, concat),
    keyType: key === null ? checkInteger(input.keyType, 'keyType', 0, 0xffffffff) : concatId(key),
    keyLen: key === null ? checkInteger(input.keyLen, 'keyLen', 1, 64) : lengthOf(key),
    ...dataAttributes(input, shape),
    id,
    policy: input.policy ?? undefined,
    desc: size === undefined && !concat ? undefined : { size, concat: concat ? fieldsOf(key) : undefined },
    timeout: milliseconds(input.timeout, 'timeout', Number.MAX_SAFE_INTEGER),
    gcInterval: milliseconds(input.gcInterval, 'gcInterval', 0xffffffff),
    userdata: setUserdata(input, shape),
    expr: expressions.length === 1 ? expressions[0] : undefined,
    expressions: expressions.length > 1 ? { elem: expressions } : undefined,
  }
  if (attributes.policy === 'performance') attributes.policy = undefined
  return change(newSet, familyNumber(input.family), attributes, makingFlags(making), describeSet(input))
}

/** NFT_MSG_NEWSET of a set that belongs to a rule. Its name is a pattern, of which the kernel makes one. */
export function anonymousSet(
  { family, table, name }: { family: OneOf<NftFamily>; table: string; name: string },
  shape: SetShape,
  id: number,
  count: number,
): Request {
  const key = shape.key!
  const concat = shape.interval && key.length > 1
  const flags: SetFlag[] = ['anonymous', 'constant']
  if (shape.interval) flags.push('interval')
  if (shape.data !== null) flags.push('map')
  if (concat) flags.push('concat')
  const attributes: AttributesOf<typeof newSet> = {
    table,
    name,
    flags,
    keyType: concatId(key),
    keyLen: lengthOf(key),
    ...dataAttributes({}, shape),
    id,
    desc: { size: count, concat: concat ? fieldsOf(key) : undefined },
    userdata: setUserdata({ autoMerge: shape.interval && shape.data === null }, shape),
  }
  return change(
    newSet,
    familyNumber(family),
    attributes,
    NLM_F_CREATE,
    `set of a rule of table ${family} '${table}'`,
  )
}

function lengthOf(types: readonly Datatype[]): number {
  return types.length === 1 ? types[0]!.size : types.reduce((sum, { size }) => sum + align(size), 0)
}

function fieldsOf(types: readonly Datatype[]): { elem: { len: number }[] } {
  return { elem: types.map(({ size }) => ({ len: size })) }
}

function flagsOf(input: NftSetInput, { data }: SetShape, concat: boolean): AnyOf<SetFlag> {
  const made: readonly (SetFlag | number)[] = ['map', 'object', 'concat']
  const flags = anyOf(setFlags, input.flags, 'flags').filter((flag) => !made.includes(flag))
  if (input.timeout != null && !flags.includes('timeout')) flags.push('timeout')
  if (data !== null) flags.push(data === 'object' ? 'object' : 'map')
  if (concat) flags.push('concat')
  return flags
}

function dataAttributes(input: Partial<NftSetInput>, { data }: SetShape): AttributesOf<typeof newSet> {
  if (data === null) return {}
  if (data === 'verdict') return { dataType: VERDICT, dataLen: 0 }
  if (data === 'object') return { objType: input.map as ObjectType }
  if (data === 'bytes') {
    return {
      dataType: checkInteger(input.dataType, 'dataType', 0, 0xffffffff),
      dataLen: checkInteger(input.dataLen, 'dataLen', 1, 64),
    }
  }
  return { dataType: concatId(data), dataLen: lengthOf(data) }
}

function milliseconds(value: number | null | undefined, field: string, max: number): number | undefined {
  return value == null ? undefined : checkInteger(value, field, 1, max, 'a time in milliseconds')
}

/** Records of nft(8): how the bytes of keys and values lie, by which it shows them. */
const KEY_BYTEORDER = 0
const DATA_BYTEORDER = 1
const MERGE_ELEMENTS = 2
const DATA_INTERVAL = 6

function setUserdata(input: Partial<NftSetInput>, { key, data }: SetShape): Uint8Array | undefined {
  if (input.userdata != null) return userdataFor(input, SET_COMMENT)
  const records: UserRecord[] = []
  if (key !== null) records.push(number(KEY_BYTEORDER, byteorder(key)))
  if (data !== null && data !== 'object' && data !== 'bytes')
    records.push(number(DATA_BYTEORDER, data === 'verdict' ? 0 : byteorder(data)))
  if (input.autoMerge) records.push(number(MERGE_ELEMENTS, 1))
  if (data !== null) records.push(number(DATA_INTERVAL, 0))
  if (input.comment != null) records.push(commentRecord(input.comment, SET_COMMENT))
  return records.length === 0 ? undefined : userdataOf(records)
}

/** enum byteorder of nft(8): host, network, or neither where it makes no difference. */
function byteorder(types: readonly Datatype[]): number {
  if (types.length > 1 || types[0]!.size === 1) return 0
  return types[0]!.order === 'network' ? 2 : 1
}

function number(type: number, value: number): UserRecord {
  const bytes = new Uint8Array(4)
  putU32(bytes, 0, value)
  return { type, value: bytes }
}

/** NFT_MSG_DELSET, or NFT_MSG_DESTROYSET (Linux 6.3), to which an absent set is no error. */
export function deleteSet(ref: NftSetRef, destroy: boolean): Request {
  checkKeys(destroy ? 'destroySet' : 'deleteSet', ref, [...KEYS, 'elements'])
  const attributes = {
    table: checkName(ref.table, 'table'),
    ...(ref.name === undefined ? { handle: checkHandle(ref.handle) } : { name: checkName(ref.name, 'name') }),
  }
  return change(destroy ? destroySet : delSet, familyNumber(ref.family), attributes, 0, describeSet(ref))
}

/** In errors: "set 'allowed' of table inet 'filter'". */
export function describeSet({ family, table, name, handle }: NftSetRef): string {
  return `set ${name === undefined ? `with handle ${handle}` : `'${name}'`} of table ${String(family)} '${table}'`
}

/** Reads a NFT_MSG_NEWSET. */
export function setOf({ header, attributes: found }: Body<typeof newSet>): NftSet {
  const flags = found.flags ?? []
  const records = found.userdata === undefined ? [] : recordsOf(found.userdata)
  const merge = records.find(({ type }) => type === MERGE_ELEMENTS)?.value
  const expressions = found.expressions?.elem ?? (found.expr === undefined ? [] : [found.expr])
  return {
    family: families.toName(header.family ?? 0),
    table: found.table ?? '',
    name: found.name ?? '',
    handle: found.handle ?? 0,
    type: typeName(found.keyType ?? 0, found.keyLen ?? 0),
    map: mapName(found),
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
  }
}

function typeName(id: number, length: number): SetType | null {
  const types = typesOf(id)
  if (types === null || lengthOf(types) !== length) return null
  const names = types.map(({ name }) => name as DatatypeName)
  return names.length === 1 ? names[0]! : names
}

function mapName({ flags = [], dataType, dataLen, objType }: AttributesOf<typeof newSet>): MapType | null {
  if (flags.includes('object')) return typeof objType === 'string' && objType !== 'unspec' ? objType : null
  if (dataType === undefined) return null
  return dataType === VERDICT ? 'verdict' : typeName(dataType, dataLen ?? 0)
}
