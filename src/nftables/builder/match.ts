/** Compares what a packet has with values, ranges, lists and sets. */

import { show } from '../../codec/fault.js'
import { type Datatype, inRegister, datatypes as t } from '../datatypes.js'
import { after, before, boundsOf, compareBytes, type Interval, intervalOf, prefixLength } from '../value.js'
import {
  type ComparedBytes,
  type Compiler,
  dependOn,
  REG,
  REGISTER_SIZE,
  type Statement,
} from './compiler.js'
import { checkedKey, isListedValue } from './listed-value.js'
import { comparison } from './rule.js'
import { anonymous, isSetRef, type Located, locate, type SetRef } from './set-ref.js'
import { checkKeyTypes } from './set-types.js'
import { load, loadAll, plainOf, type Source, toNetworkOrder } from './source.js'

export type Comparison = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte'

/** One value, a list of which any will do, or a set with a name. */
export function match(source: Source, op: Comparison, values: readonly unknown[]): Statement {
  const { name, type } = source
  if (values.length === 0) throw new TypeError(`${name}: it needs a value`)
  const [first] = values
  if (isSetRef(first)) return inSet([plainOf(source)], op, () => first)
  if (typeof first === 'string' && first.startsWith('@') && type.order !== 'text')
    throw new TypeError(`${name}: a set is set('${first.slice(1)}') here, not '${first}'`)
  const isList = Array.isArray(first)
  const list: readonly unknown[] = isList ? first : values
  if (list.length === 0) throw new RangeError(`${name}: the list is empty`)
  if (source.bits && !isList && (op === 'eq' || op === 'neq')) return ofBits(source, op, list)
  if (list.length > 1 || isListedValue(list[0])) {
    if (op !== 'eq' && op !== 'neq') throw new TypeError(`${name}: a list has no order to be less or greater`)
    // Looked at now, so that a mistake is thrown where it is made.
    for (const [i, one] of list.entries()) checkListed([source], one, `${name}[${i}]`)
    return inSet([source], op, list)
  }
  return single(source, op, list[0])
}

/** A value of a list, or a tuple, with what is its own or without. */
function checkListed(sources: readonly Source[], one: unknown, field: string): void {
  const key = checkedKey(one, field)
  if (!isListedValue(one)) checkKey(sources, key, field)
  else if (key !== null) checkKey(sources, key, `${field}.key`)
}

function checkValue(type: Datatype, value: unknown, field: string): Interval {
  // Known when the rule is compiled.
  const isName = type.name === 'iface_index' && typeof value === 'string'
  return intervalOf(isName ? t.ifname : type, value, field)
}

/** Values of several sources together, each an array of as many. */
export function matchTogether(
  sources: readonly Source[],
  op: 'eq' | 'neq',
  values: readonly unknown[],
): Statement {
  const [first] = values
  if (isSetRef(first)) return inSet(sources, op, () => first)
  const name = sources.map((source) => source.name).join(' . ')
  const isList = Array.isArray(first) && (Array.isArray(first[0]) || isListedValue(first[0]))
  const list: readonly unknown[] = isList ? first : values
  if (list.length === 0) throw new RangeError(`${name}: the list is empty`)
  for (const [i, tuple] of list.entries()) checkListed(sources, tuple, `${name}[${i}]`)
  return inSet(sources, op, list)
}

/** A value of one source, or a tuple of those of several. Throws RangeError or TypeError naming the field. */
export function checkKey(sources: readonly Source[], value: unknown, field: string): void {
  if (sources.length === 1) {
    checkValue(sources[0]!.type, value, field)
    return
  }
  if (!Array.isArray(value) || value.length !== sources.length)
    throw new TypeError(`${field}: ${show(value)} is not an array of ${sources.length} values`)
  for (const [i, { type, name }] of sources.entries()) checkValue(type, value[i], `${field}: ${name}`)
}

function inSet(
  sources: readonly Source[],
  op: Comparison,
  set: readonly unknown[] | (() => SetRef),
): Statement {
  const name = sources.map((source) => source.name).join(' . ')
  if (op !== 'eq' && op !== 'neq') throw new TypeError(`${name}: a set has no order to be less or greater`)
  return {
    // Elements of a set with a name can count and end, those of a list count where it says so.
    matches: typeof set !== 'function' && !set.some(isListedValue) && !sources.some(({ counts }) => counts),
    compile: (compiler) => {
      dependOn(compiler, sources)
      const located =
        typeof set === 'function'
          ? locate(compiler, set())
          : anonymous(compiler, sources, null, set, null, name)
      loadKey(compiler, sources, located)
      emitLookup(compiler, located, { invert: op === 'neq' })
    },
  }
}

/** The key of a set, which has been depended on, into a register. */
export function loadKey(compiler: Compiler, sources: readonly Source[], located: Located, dreg = REG): void {
  checkKeyTypes(sources, located)
  if (sources.length > 1) {
    loadAll(compiler, sources, REGISTER_SIZE * (dreg - REG), located.interval)
    return
  }
  const source = sources[0]!
  load(compiler, source, dreg)
  if (located.interval) toNetworkOrder(compiler, source.type, dreg)
}

export function emitLookup(
  compiler: Compiler,
  { set, setId }: Located,
  { sreg = REG, dreg, invert = false }: { sreg?: number; dreg?: number; invert?: boolean },
): void {
  compiler.emit({
    name: 'lookup',
    data: { sreg, dreg, set, setId, flags: invert ? ['invert'] : undefined },
  })
}

/** Any of several bits is set, or none of them; without a bit it is about the whole. */
function ofBits(source: Source, op: 'eq' | 'neq', list: readonly unknown[]): Statement {
  const { type, name } = source
  const value = new Uint8Array(type.size)
  for (const [i, one] of list.entries())
    for (const [at, byte] of type.encode(one, `${name}[${i}]`).entries()) value[at]! |= byte
  if (value.every((byte) => byte === 0)) return exact(source, op, value)
  return {
    matches: true,
    compile: (compiler) => {
      source.depend(compiler)
      source.load(compiler, REG)
      emitMask(compiler, inRegister(type, value))
      compiler.compare(new Uint8Array(type.size), op === 'eq' ? 'neq' : 'eq')
    },
  }
}

/** As for a prefix: without NFTA_BITWISE_OP, which is NFT_BITWISE_MASK_XOR. */
function emitMask(compiler: Compiler, mask: Uint8Array): void {
  const { length } = mask
  compiler.emit({
    name: 'bitwise',
    data: {
      sreg: REG,
      dreg: REG,
      len: length,
      mask: { value: mask },
      xor: { value: new Uint8Array(length) },
    },
  })
}

function single(source: Source, op: Comparison, value: unknown): Statement {
  const { name, type } = source
  if (type.order === 'text' && typeof value === 'string') return text(source, op, value)
  if (type.name === 'iface_index' && typeof value === 'string') return interfaceIndex(source, op, value)
  const rest = type.turns ? between(type, value, name) : null
  const interval = rest ?? intervalOf(type, value, name)
  const isRange = rest !== null || compareBytes(interval.from, interval.to) !== 0
  if (isRange && op !== 'eq' && op !== 'neq')
    throw new TypeError(`${name}: ${show(value)} is a range; less and greater take a value`)
  const asked = rest === null ? op : op === 'eq' ? 'neq' : 'eq'
  return compareBytes(interval.from, interval.to) === 0
    ? exact(source, asked, interval.from)
    : range(source, asked as 'eq' | 'neq', interval)
}

/**
 * What lies between the end and the beginning of a range that goes on with the first value after the last, as '23:00-01:00' does; null for
 * any other value. nft(8) leaves out the bounds of such a range: it asks for what is not '01:00-23:00'.
 */
function between(type: Datatype, value: unknown, field: string): Interval | null {
  const bounds = boundsOf(type, value, field)
  if (bounds === null || compareBytes(bounds.from, bounds.to) <= 0) return null
  const [from, to] = [after(bounds.to)!, before(bounds.from)!]
  if (compareBytes(from, to) > 0) throw new RangeError(`${field}: ${show(value)} is every value`)
  return { from, to }
}

function exact(source: Source, op: Comparison, value: Uint8Array): Statement {
  const { type, payload, mask } = source
  const learn = (compiler: Compiler) => source.learn?.(compiler, value)
  if (op === 'eq' && payload !== undefined && mask === undefined) {
    const bytes: ComparedBytes = { ...payload, value, depend: (compiler) => source.depend(compiler), learn }
    return comparison(bytes)
  }
  const ordered = op !== 'eq' && op !== 'neq'
  return {
    matches: !source.counts,
    compile: (compiler) => {
      source.depend(compiler)
      load(compiler, source, REG)
      if (ordered) toNetworkOrder(compiler, type, REG)
      compiler.compare(ordered ? value : inRegister(type, value), op)
      if (op === 'eq') learn(compiler)
    },
  }
}

function range(source: Source, op: 'eq' | 'neq', { from, to }: Interval): Statement {
  const { type, cuttable } = source
  const length = type.prefixes ? prefixLength(from, to) : null
  return {
    matches: !source.counts,
    compile: (compiler) => {
      source.depend(compiler)
      if (length !== null) {
        prefix(compiler, source, op, from, length, cuttable ?? false)
        return
      }
      load(compiler, source, REG)
      toNetworkOrder(compiler, type, REG)
      if (op === 'eq') {
        compiler.compare(from, 'gte')
        compiler.compare(to, 'lte')
      } else {
        compiler.emit({
          name: 'range',
          data: { sreg: REG, op, fromData: { value: from }, toData: { value: to } },
        })
      }
    },
  }
}

function prefix(
  compiler: Compiler,
  source: Source,
  op: 'eq' | 'neq',
  address: Uint8Array,
  length: number,
  cuttable: boolean,
): void {
  if (cuttable && length % 8 === 0 && length > 0) {
    source.load(compiler, REG, length / 8)
    compiler.compare(address.subarray(0, length / 8), op)
    return
  }
  const mask = address.map((_, i) => 0xff & ~(0xff >> Math.max(0, Math.min(8, length - 8 * i))))
  source.load(compiler, REG)
  emitMask(compiler, mask)
  compiler.compare(address, op)
}

/** A name of an interface; with '*' at the end those that begin so. */
function text(source: Source, op: Comparison, value: string): Statement {
  const { name, type } = source
  if (op !== 'eq' && op !== 'neq') throw new TypeError(`${name}: a name is not less or greater than another`)
  if (value === '' || value === '*')
    throw new RangeError(`${name}: a name cannot be empty, and '*' alone is every packet`)
  const isPattern = value.endsWith('*')
  const bytes = type.encode(isPattern ? value.slice(0, -1) : value, name)
  const compared = isPattern ? bytes.subarray(0, bytes.indexOf(0)) : bytes
  return {
    matches: true,
    compile: (compiler) => {
      source.depend(compiler)
      source.load(compiler, REG)
      compiler.compare(compared, op)
    },
  }
}

function interfaceIndex(source: Source, op: Comparison, dev: string): Statement {
  return {
    matches: true,
    compile: (compiler) => {
      const value = source.type.encode(compiler.context.ifindex(dev), source.name)
      exact(source, op, value).compile(compiler)
    },
  }
}
