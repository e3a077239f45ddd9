/** The messages that make sets and delete them. */

import type { AnyOf } from '../codec/index.js'
import { NLA_TYPE_MASK } from '../codec/table.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import type { Request } from '../netlink/request.js'
import { originOfSet } from './builder/typeof.js'
import { type AttributesOf, change, type Making, makingFlags } from './change.js'
import { NFTA_SET_DESC_CONCAT } from './constants.js'
import { concatId } from './datatypes.js'
import { NO_LIMIT_HERE, TOO_MANY } from './dynamic-advice.js'
import { checkExpressions } from './expression.js'
import { anyOf, checkName, described, familyNumber, nameOrHandle, rawFor, unknownFor } from './input.js'
import { delSet, destroySet, newSet } from './messages.js'
import { type SetFlag, setFlags } from './names.js'
import { type NftSetInput, type NftSetRef, shapeOfInput } from './set.js'
import { dataAttributes, partsOfKey, setUserdata } from './set-attributes.js'
import { lengthOf, type SetShape } from './set-shape.js'

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
  checkAlike(input, shape)
  if (input.autoMerge === true && !shape.interval)
    throw new TypeError("autoMerge: the set lacks the flag 'interval'")
  const size = input.size == null ? count : checkInteger(input.size, 'size', 1, 0xffffffff)
  const expressions = checkExpressions(input.expressions ?? [])
  const descUnknown = rawFor(input.descUnknown, 'descUnknown')
  const hasFields = descUnknown?.some(({ type }) => (type & NLA_TYPE_MASK) === NFTA_SET_DESC_CONCAT) ?? false
  const fields = !hasFields && shape.concat && key !== null ? partsOfKey(key) : undefined
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
    userdata: setUserdata(input, shape, input.userdata == null ? originOfSet(shape) : []),
    expr: expressions.length === 1 ? expressions[0] : undefined,
    expressions: expressions.length > 1 ? { elem: expressions } : undefined,
    unknown: unknownFor(input),
  }
  if (attributes.policy === 'performance') attributes.policy = undefined
  const has = anyOf(setFlags, attributes.flags, 'flags')
  const mayRefuseLimits =
    expressions.some(({ name }) => name === 'connlimit') &&
    (has.includes('timeout') || !(has.includes('dynamic') || has.includes('interval')))
  const meaning = (code: string) => {
    if (code === 'EEXIST' && making === 'add') return otherSetAdvice(input.name)
    // A pattern is no name that a set has.
    if (code === 'EOPNOTSUPP' && input.flags?.includes('anonymous') && !input.name.includes('%'))
      return `where a rule has the meter '${input.name}', that rule is deleted first`
    if (code === 'E2BIG') return TOO_MANY
    if (code === 'EOPNOTSUPP' && mayRefuseLimits) return NO_LIMIT_HERE
    return undefined
  }
  const flags = makingFlags(making)
  return change(newSet, familyNumber(input.family), attributes, flags, described('set', input), meaning)
}

/** What EEXIST means where a set is added that may be there already. */
export function otherSetAdvice(name: string): string {
  return `there is a set '${name}' with other types, flags or sizes`
}

/** nft(8) shows neither where one is told by fields and the other one by types. */
function checkAlike({ userdata }: NftSetInput, { keyFields, dataFields, data }: SetShape): void {
  if (userdata != null || !Array.isArray(data) || (keyFields == null) === (dataFields == null)) return
  const [of, other] = keyFields == null ? (['types', 'fields'] as const) : (['fields', 'types'] as const)
  throw new TypeError(
    `map: it is of ${other}, and the keys are of ${of}: both are of types, or both of fields`,
  )
}

function unnamedType(keyType: unknown): number {
  if (keyType == null) throw new TypeError("type: a set needs that of its keys, such as 'ipv4_addr'")
  return checkInteger(keyType, 'keyType', 0, 0xffffffff)
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

function milliseconds(value: number | null | undefined, field: string, max: number): number | undefined {
  return value == null ? undefined : checkInteger(value, field, 1, max, 'a time in milliseconds')
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
