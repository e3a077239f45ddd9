/** The messages that make sets and delete them. */

import { show } from '../codec/fault.js'
import type { AnyOf, OneOf } from '../codec/index.js'
import { NLA_TYPE_MASK } from '../codec/table.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { NLM_F_CREATE } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import { type AttributesOf, change, type Making, makingFlags } from './change.js'
import { NFTA_SET_DESC_CONCAT } from './constants.js'
import { concatId, type Datatype } from './datatypes.js'
import { checkExpressions } from './expression.js'
import { anyOf, checkName, described, familyNumber, nameOrHandle, rawFor, unknownFor } from './input.js'
import { delSet, destroySet, newSet } from './messages.js'
import { type NftFamily, type ObjectType, type SetFlag, setFlags } from './names.js'
import {
  dataLength,
  lengthOf,
  MERGE_ELEMENTS,
  type NftSetInput,
  type NftSetRef,
  type SetShape,
  shapeOfInput,
  VERDICT,
} from './set.js'
import {
  commentRecord,
  numberRecord,
  SET_COMMENT,
  type UserRecord,
  userdataFor,
  userdataOf,
} from './userdata.js'

const KEYS = [
  ...[
    'family',
    'table',
    'name',
    'type',
    'map',
    'mapInterval',
    'flags',
    'timeout',
    'gcInterval',
    'size',
    'policy',
  ],
  ...['expressions', 'autoMerge', 'keyType', 'keyLen', 'dataType', 'dataLen', 'handle', 'count'],
  ...['comment', 'userdata', 'unknown', 'descUnknown'],
]

/** Throws TypeError for what is no set, or has a property that no set has. */
export function checkSet(call: string, input: NftSetInput): void {
  checkKeys(call, input, KEYS)
}

/** NFT_MSG_NEWSET of what checkSet() has seen; `id` names it within the transaction, `count` is the number of elements of a constant set. */
export function addSet(input: NftSetInput, making: Making, id: number, count?: number): Request {
  const shape = shapeOfInput(input)
  const { key } = shape
  if (input.autoMerge === true && !shape.interval)
    throw new TypeError("autoMerge: the set lacks the flag 'interval'")
  const size = input.size == null ? count : checkInteger(input.size, 'size', 1, 0xffffffff)
  const expressions = checkExpressions(input.expressions ?? [])
  const descUnknown = rawFor(input.descUnknown, 'descUnknown')
  const hasFields = descUnknown?.some(({ type }) => (type & NLA_TYPE_MASK) === NFTA_SET_DESC_CONCAT) ?? false
  const fields = !hasFields && shape.concat && key !== null ? fieldsOf(key) : undefined
  const hasDesc = (size ?? fields ?? descUnknown) !== undefined
  const attributes: AttributesOf<typeof newSet> = {
    table: checkName(input.table, 'table'),
    name: checkName(input.name, 'name'),
    flags: flagsOf(input, shape, hasFields || fields !== undefined),
    keyType: key === null ? unnamedType(input.keyType) : concatId(key),
    keyLen: key === null ? checkInteger(input.keyLen, 'keyLen', 1, 64) : lengthOf(key),
    ...dataAttributes(input, shape),
    id,
    policy: input.policy ?? undefined,
    desc: hasDesc ? { size, concat: fields, unknown: descUnknown } : undefined,
    timeout: milliseconds(input.timeout, 'timeout', Number.MAX_SAFE_INTEGER),
    gcInterval: milliseconds(input.gcInterval, 'gcInterval', 0xffffffff),
    userdata: setUserdata(input, shape),
    expr: expressions.length === 1 ? expressions[0] : undefined,
    expressions: expressions.length > 1 ? { elem: expressions } : undefined,
    unknown: unknownFor(input),
  }
  if (attributes.policy === 'performance') attributes.policy = undefined
  const meaning = (code: string) => {
    if (code === 'EEXIST' && making === 'add')
      return `there is a set '${input.name}' with other types, flags or sizes`
    // A pattern is no name that a set has.
    if (code === 'EOPNOTSUPP' && input.flags?.includes('anonymous') && !input.name.includes('%'))
      return `where a rule has the meter '${input.name}', that rule is deleted first`
    return undefined
  }
  const flags = makingFlags(making)
  return change(newSet, familyNumber(input.family), attributes, flags, described('set', input), meaning)
}

/** What nft(8) calls the set of a rule: a pattern, of which the kernel makes a name. */
export function anonymousName({ data }: SetShape): string {
  return data === null ? '__set%d' : data === 'object' ? '__objmap%d' : '__map%d'
}

/** NFT_MSG_NEWSET of a set that belongs to a rule; `origin` are records of nft(8) of the fields that its types come from. */
export function anonymousSet(
  { family, table, name }: { family: OneOf<NftFamily>; table: string; name: string },
  shape: SetShape,
  id: number,
  count: number,
  objects: Exclude<ObjectType, 'unspec'> | undefined,
  origin: readonly UserRecord[],
): Request {
  const key = shape.key!
  const flags: SetFlag[] = ['anonymous', 'constant']
  if (shape.interval) flags.push('interval')
  if (shape.data !== null) flags.push(shape.data === 'object' ? 'object' : 'map')
  if (shape.concat) flags.push('concat')
  const attributes: AttributesOf<typeof newSet> = {
    table,
    name,
    flags,
    keyType: concatId(key),
    keyLen: lengthOf(key),
    ...dataAttributes({ map: objects }, shape),
    id,
    desc: { size: count, concat: shape.concat ? fieldsOf(key) : undefined },
    userdata: setUserdata({ autoMerge: shape.interval && shape.data === null }, shape, origin),
  }
  return change(
    newSet,
    familyNumber(family),
    attributes,
    NLM_F_CREATE,
    `set of a rule of table ${family} '${table}'`,
  )
}

function unnamedType(keyType: unknown): number {
  if (keyType == null) throw new TypeError("type: a set needs that of its keys, such as 'ipv4_addr'")
  return checkInteger(keyType, 'keyType', 0, 0xffffffff)
}

function fieldsOf(types: readonly Datatype[]): { elem: { len: number }[] } {
  return { elem: types.map(({ size }) => ({ len: size })) }
}

function flagsOf(input: NftSetInput, { data }: SetShape, concat: boolean): AnyOf<SetFlag> {
  const made: readonly (SetFlag | number)[] = ['map', 'object', 'concat', 'expr']
  const flags = anyOf(setFlags, input.flags, 'flags').filter((flag) => !made.includes(flag))
  if (input.timeout != null && !flags.includes('timeout')) flags.push('timeout')
  if (data !== null) flags.push(data === 'object' ? 'object' : 'map')
  if (concat) flags.push('concat')
  if ((input.expressions?.length ?? 0) > 1) flags.push('expr')
  return flags
}

function dataAttributes(
  input: Partial<NftSetInput>,
  { data, dataInterval }: SetShape,
): AttributesOf<typeof newSet> {
  if (dataInterval && !Array.isArray(data))
    throw new TypeError(`mapInterval: a map to values has ranges, not ${show(input.map)}`)
  if (data === null) return {}
  if (data === 'verdict') return { dataType: VERDICT, dataLen: 0 }
  if (data === 'object') return { objType: input.map as ObjectType }
  if (data === 'bytes') {
    return {
      dataType: checkInteger(input.dataType, 'dataType', 0, 0xffffffff),
      dataLen: checkInteger(input.dataLen, 'dataLen', 1, 64),
    }
  }
  return { dataType: concatId(data), dataLen: dataLength(data, dataInterval) }
}

function milliseconds(value: number | null | undefined, field: string, max: number): number | undefined {
  return value == null ? undefined : checkInteger(value, field, 1, max, 'a time in milliseconds')
}

/** Records of nft(8): how the bytes of keys and values lie, by which it shows them. */
const KEY_BYTEORDER = 0
const DATA_BYTEORDER = 1
const DATA_INTERVAL = 6

function setUserdata(
  input: Partial<NftSetInput>,
  { key, data, dataInterval }: SetShape,
  origin: readonly UserRecord[] = [],
): Uint8Array | undefined {
  if (input.userdata != null) return userdataFor(input, SET_COMMENT)
  const records: UserRecord[] = []
  if (key !== null) records.push(numberRecord(KEY_BYTEORDER, byteorder(key)))
  if (data !== null && data !== 'object' && data !== 'bytes')
    records.push(numberRecord(DATA_BYTEORDER, data === 'verdict' ? 0 : byteorder(data)))
  if (input.autoMerge) records.push(numberRecord(MERGE_ELEMENTS, 1))
  records.push(...origin)
  if (data !== null) records.push(numberRecord(DATA_INTERVAL, dataInterval ? 1 : 0))
  if (input.comment != null) records.push(commentRecord(input.comment, SET_COMMENT))
  return records.length === 0 ? undefined : userdataOf(records)
}

/** enum byteorder of nft(8): host, network, or neither where it makes no difference. */
function byteorder(types: readonly Datatype[]): number {
  if (types.length > 1 || types[0]!.size === 1) return 0
  return types[0]!.order === 'network' ? 2 : 1
}

/** NFT_MSG_DELSET, or NFT_MSG_DESTROYSET (Linux 6.3), to which an absent set is no error. */
export function deleteSet(ref: NftSetRef, destroy: boolean): Request {
  checkKeys(destroy ? 'destroySet' : 'deleteSet', ref, [...KEYS, 'elements'])
  const attributes = {
    table: checkName(ref.table, 'table'),
    ...nameOrHandle(ref),
  }
  return change(destroy ? destroySet : delSet, familyNumber(ref.family), attributes, 0, described('set', ref))
}
