/** Rules that change sets, and that use what sets hold. */

import { align } from '../../codec/bytes.js'
import { show } from '../../codec/fault.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import type { DatatypeName } from '../datatypes.js'
import { checkExpressions, type Expression } from '../expression.js'
import { checkName, oneOf } from '../input.js'
import { type ObjectType, objectTypes } from '../names.js'
import { setTypes } from '../set-shape.js'
import {
  Compiler,
  dependOn,
  REG,
  REGISTER_SIZE,
  type RuleContext,
  registerAt,
  type Statement,
} from './compiler.js'
import { checkKey, loadKey } from './match.js'
import {
  type Concatenation,
  type Expr,
  isExpr,
  registerBytes,
  type Selector,
  sourcesOf,
  type Value,
} from './selector.js'
import { anonymous, isSetRef, type Located, locate, type SetRef } from './set-ref.js'
import { checkSingle, checkValueTypes } from './set-types.js'
import type { Source } from './source.js'

/** What an element gets that a rule adds. */
export interface DynamicOptions {
  /** Milliseconds; without it that of the set. */
  timeout?: number | undefined
  /** What a map has for it from now on: a field, or what another expression has. */
  value?: Expr | undefined
  /** Expressions of the element's own: `stateful(counter(), limit({ rate: 5 }))`. */
  expressions?: readonly Expression[] | undefined
}

type Key = Selector | Concatenation

function checkSetRef(set: SetRef, call: string): void {
  if (!isSetRef(set)) throw new TypeError(`${call}: ${show(set)} is not a set, as set('seen') is`)
}

function dynamic(op: 'add' | 'update' | 'delete', set: SetRef, key: Key, options: DynamicOptions): Statement {
  const call = `${op}Element`
  checkSetRef(set, call)
  checkKeys(call, options, ['timeout', 'value', 'expressions'])
  const { timeout, value, expressions = [] } = options
  if (value !== undefined && !isExpr(value))
    throw new TypeError(`${call}.value: ${show(value)} is not a field; constant() makes one of a value`)
  if (timeout !== undefined)
    checkInteger(timeout, `${call}.timeout`, 1, Number.MAX_SAFE_INTEGER, 'a time in milliseconds')
  const list = checkExpressions(expressions, `${call}.expressions`)
  const sources = sourcesOf(key, call)
  return {
    compile: (compiler) => {
      const located = locate(compiler, set)
      dependOn(compiler, [...sources, value])
      loadKey(compiler, sources, located)
      const sregData = value && putValue(compiler, value, sources, located, `${call}.value`)
      compiler.emit({
        name: 'dynset',
        data: {
          sregKey: REG,
          sregData,
          op,
          timeout,
          setName: located.set,
          setId: located.setId,
          expr: list.length === 1 ? list[0] : undefined,
          expressions: list.length > 1 ? { elem: list } : undefined,
          flags: list.length > 1 ? ['expr'] : undefined,
        },
      })
    },
  }
}

/** The value of an element behind its key. */
function putValue(
  compiler: Compiler,
  value: Expr,
  key: readonly Source[],
  map: Located,
  field: string,
): number {
  const register = registerBehind(key)
  const given = value.gives(compiler)
  checkSingle(given, field)
  if (given.types.length > 0) checkValueTypes(given.types, map, `${field}: it is`)
  value.compute(compiler, null, register)
  return register
}

/** The first register of 16 bytes that a key leaves free. */
function registerBehind(sources: readonly Source[]): number {
  const length = sources.reduce((sum, { type }) => sum + align(type.size), 0)
  return registerAt(REGISTER_SIZE * Math.ceil(length / REGISTER_SIZE))
}

/**
 * A constant where a field is expected: `addElement(set('routes'), ip.saddr, { value: constant('ipv4_addr', '10.0.0.1') })`.
 *
 * @throws RangeError or TypeError for a type that there is not, or a value that is none of it
 */
export function constant(type: DatatypeName, value: Value): Expr {
  const [found] = setTypes(type, 'constant: type')
  const bytes = registerBytes(found!, value, 'constant')
  return {
    gives: () => ({ types: [found!], ranges: null }),
    depend: () => {},
    compute: (compiler, _wanted, dreg) => compiler.immediate(bytes, dreg),
  }
}

const STATEFUL: readonly string[] = ['counter', 'limit', 'quota', 'connlimit', 'last']

/**
 * Statements as expressions that each element of a set has for itself: `stateful(counter())`, `stateful(limit({ rate: 5, over: true }))`. For
 * `expressions` of sets, of elements and of those that rules add.
 *
 * @throws TypeError for a statement that is not counter(), limit(), quota(), connectionLimit() or last(), or uses an object by its name
 */
export function stateful(...statements: readonly Statement[]): readonly Expression[] {
  const compiler = new Compiler(NOWHERE)
  for (const [i, statement] of statements.entries()) {
    const before = compiler.expressions.length
    if (typeof statement?.compile === 'function') statement.compile(compiler)
    const made = compiler.expressions.slice(before)
    if (made.length !== 1 || !STATEFUL.includes(made[0]!.name))
      throw new TypeError(`stateful: argument ${i + 1} is not a statement with a state, such as counter()`)
  }
  return compiler.expressions
}

/** Of no table: for statements that need nothing else of a rule. */
const NOWHERE: RuleContext = {
  family: 0,
  table: '',
  ifindex: () => 0,
  nextId: () => 0,
  madeSet: () => undefined,
}

/** Adds the packet's value to a set with the flag 'dynamic'; the rule goes on where there was room. */
export function addElement(set: SetRef, key: Key, options: DynamicOptions = {}): Statement {
  return dynamic('add', set, key, options)
}

/** Adds the packet's value to a set with the flag 'dynamic', or begins its timeout anew. */
export function updateElement(set: SetRef, key: Key, options: DynamicOptions = {}): Statement {
  return dynamic('update', set, key, options)
}

/** Takes the packet's value out of a set with the flag 'dynamic'. */
export function deleteElement(set: SetRef, key: Key): Statement {
  return dynamic('delete', set, key, {})
}

/**
 * Uses the object that a map to objects has for the packet's value: its counter counts, its limit limits. The map has a name, or is given as
 * pairs of a value and the name of an object, of a type: `useObject([['10.0.0.1', 'first']], ip.saddr, 'counter')`.
 *
 * @throws TypeError for pairs without a type, and a type without pairs
 */
export function useObject(
  map: SetRef | readonly (readonly [Value | readonly Value[], string])[],
  key: Key,
  type?: Exclude<ObjectType, 'unspec'>,
): Statement {
  const sources = sourcesOf(key, 'useObject')
  if (!Array.isArray(map)) checkSetRef(map as SetRef, 'useObject')
  if (isSetRef(map) !== (type === undefined))
    throw new TypeError('useObject: pairs need the type of their objects; a map with a name has it')
  if (type !== undefined) oneOf(objectTypes, type, 'useObject')
  const names = isSetRef(map) ? [] : map.map(([, name], i) => checkName(name, `useObject[${i}]`))
  const keys = isSetRef(map) ? [] : map.map(([value]) => value)
  for (const [i, value] of keys.entries()) checkKey(sources, value, `useObject[${i}]`)
  return {
    compile: (compiler) => {
      dependOn(compiler, sources)
      const located = isSetRef(map)
        ? locate(compiler, map)
        : anonymousObjects(compiler, sources, keys, names, type!)
      loadKey(compiler, sources, located)
      compiler.emit({
        name: 'objref',
        data: { setSreg: REG, setName: located.set, setId: located.setId },
      })
    },
  }
}

function anonymousObjects(
  compiler: Compiler,
  sources: readonly Source[],
  keys: readonly unknown[],
  names: readonly string[],
  type: Exclude<ObjectType, 'unspec'>,
): Located {
  return anonymous(compiler, sources, 'object', keys, names, 'useObject', { objects: type })
}
