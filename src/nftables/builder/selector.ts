/** Fields as functions: called with values they are statements of a rule. */

import { show } from '../../codec/fault.js'
import { type Datatype, type DatatypeName, inRegister } from '../datatypes.js'
import type { KeyPart } from '../element.js'
import { setTypes } from '../set-shape.js'
import type { Range, Verdict } from '../value.js'
import { type Bits, masked, shifted, withBits } from './bits.js'
import { type Compiler, type Dependent, dependOn, REG, type Statement, VERDICT_REG } from './compiler.js'
import type { ListedValue } from './listed-value.js'
import { emitLookup, loadKey, match, matchTogether } from './match.js'
import { anonymous, isSetRef, locate, type Mapped, mappedBy, rangesIn, type SetRef } from './set-ref.js'
import { checkGiven, checkSingle, checkValueTypes } from './set-types.js'
import { convert, load, plainOf, type Source } from './source.js'

/** A value to compare with: an address or a prefix, a number, a name; 'from-to' for a range. */
export type Value = string | number | Range
/** One value or several, a list, which can have something with each value, or a set with a name. */
export type Values = readonly Value[] | readonly [readonly (Value | ListedValue<Value>)[]] | readonly [SetRef]
/** The same of several fields. */
export type Tuples =
  | readonly (readonly Value[])[]
  | readonly [readonly (readonly Value[] | ListedValue<readonly Value[]>)[]]
  | readonly [SetRef]

/** Something that has a value for each packet, for statements that take one. */
export interface Expr extends Dependent {
  /** What it gives: the kernel takes bytes of any meaning. @internal */
  gives(compiler: Compiler): Mapped
  /** The value, as a type has it where one is known, into a register. What it depends on has been looked at. */
  compute(compiler: Compiler, wanted: Datatype | null, dreg: number): void
}

/** A field of a packet. Called with values it is a statement: the rule goes on where the field has one of them. */
export interface Selector extends Expr {
  /** One of the values; of flags, any of them is set, among others or not. A list has whole values, those of flags too. */
  (...values: Values): Statement
  /** None of the values; of flags, none of them is set: `ct.status.not('snat', 'dnat')` is `ct status ! snat,dnat`. */
  not(...values: Values): Statement
  lt(value: number | string): Statement
  lte(value: number | string): Statement
  gt(value: number | string): Statement
  gte(value: number | string): Statement
  /** The verdict that a map has for the value: of pairs, or a verdict map with a name. A pair of null stands for all other values. */
  vmap(verdicts: SetRef | readonly (readonly [Value | null, Verdict])[]): Statement
  /**
   * What a map has for the value: of pairs (null for all other values), or a map with a name. The type of what it maps to is told for
   * addresses and ports to translate to; a field that is set has its own.
   */
  map(
    values: SetRef | readonly (readonly [Value | null, KeyPart | readonly KeyPart[]])[],
    type?: DatatypeName | readonly DatatypeName[],
  ): Expr
  /** Only some of its bits: `meta.mark.mask(0xff)(0x10)`. */
  mask(bits: Bits): Selector
  /** With some bits set besides its own: `meta.mark.set(meta.mark.or(0x100))`. Steps behind each other, `or(1).xor(4).mask(0xff)`, are one. */
  or(bits: Bits): Selector
  /** With some bits turned. */
  xor(bits: Bits): Selector
  /**
   * Its bits further up: `ct.mark.set(meta.mark.lshift(8))`. Of marks and other numbers that the host has, and of numbers of packets of two or
   * four bytes, which are then numbers of the host of four: `meta.mark.set(ip.length.lshift(4))`.
   */
  lshift(by: number): Selector
  /** Its bits further down. */
  rshift(by: number): Selector
  /** @internal */
  readonly source: Source
}

/** A field that a rule can also write. */
export interface Settable extends Selector {
  /**
   * Gives the packet a value: a constant, or one of another field or of a map.
   *
   * @throws TypeError for the latter where the field is one byte of two that a checksum takes together: those are written together
   */
  set(value: Value | Expr): Statement
}

/** A field of less than whole bytes, which is written with those around it: a constant. */
export interface PartlySettable extends Selector {
  set(value: Value): Statement
}

/** Several fields as one key, for sets of concatenations. */
export interface Concatenation extends Expr {
  /** One of the tuples, or those of a set with a name. */
  (...tuples: Tuples): Statement
  not(...tuples: Tuples): Statement
  vmap(verdicts: SetRef | readonly (readonly [readonly Value[] | null, Verdict])[]): Statement
  map(
    values: SetRef | readonly (readonly [readonly Value[] | null, KeyPart | readonly KeyPart[]])[],
    type?: DatatypeName | readonly DatatypeName[],
  ): Expr
  /** @internal */
  readonly sources: readonly Source[]
}

/** What a field looks at. Throws TypeError for what is none. */
export function sourceOf(field: Selector, call: string): Source {
  if (isExpr(field) && 'source' in field) return field.source
  throw new TypeError(`${call}: ${show(field)} is not a field such as ip.saddr`)
}

/** What a field or several look at, as plain values. Throws TypeError for what is neither. */
export function sourcesOf(key: Selector | Concatenation, call: string): readonly Source[] {
  if (isExpr(key) && 'sources' in key) return key.sources
  if (isExpr(key) && 'source' in key) return [plainOf(key.source)]
  throw new TypeError(`${call}: ${show(key)} is not a field such as ip.saddr, or several by concat()`)
}

/** Makes a field of what it looks at. */
export function selector(source: Source): Selector {
  const one = (...values: Values) => match(source, 'eq', values)
  return Object.assign(one, {
    source,
    not: (...values: Values) => match(source, 'neq', values),
    lt: (value: number | string) => match(source, 'lt', [value]),
    lte: (value: number | string) => match(source, 'lte', [value]),
    gt: (value: number | string) => match(source, 'gt', [value]),
    gte: (value: number | string) => match(source, 'gte', [value]),
    mask: (bits: Bits) => selector(masked(source, bits)),
    or: (bits: Bits) => selector(withBits(source, 'or', bits)),
    xor: (bits: Bits) => selector(withBits(source, 'xor', bits)),
    lshift: (by: number) => selector(shifted(source, 'lshift', by)),
    rshift: (by: number) => selector(shifted(source, 'rshift', by)),
    gives: () => ({ types: [plainOf(source).type], ranges: null }),
    depend: (compiler: Compiler) => source.depend(compiler),
    compute: (compiler: Compiler, wanted: Datatype | null, dreg: number) => {
      const plain = plainOf(source)
      load(compiler, plain, dreg)
      convert(compiler, plain, wanted, dreg)
    },
    ...mappings([source]),
  }) as Selector
}

/** Makes a field that can be written. */
export function settable(source: Source, write: (compiler: Compiler) => void): Settable {
  return Object.assign(selector(source), {
    set: (value: Value | Expr): Statement => {
      const compute = valueFor(source.type, value, source.name)
      return {
        compile: (compiler) => {
          dependOn(compiler, [source, value])
          compute(compiler)
          write(compiler)
        },
      }
    },
  })
}

/** Several fields as one key: `concat(ip.saddr, tcp.dport)(['10.0.0.1', 80])`. */
export function concat(...selectors: readonly Selector[]): Concatenation {
  if (selectors.length < 2) throw new TypeError('concat: it takes at least two fields')
  const sources = selectors.map((one) => plainOf(sourceOf(one, 'concat')))
  const key = (...tuples: readonly unknown[]) => matchTogether(sources, 'eq', tuples)
  return Object.assign(key, {
    sources,
    not: (...tuples: readonly unknown[]) => matchTogether(sources, 'neq', tuples),
    gives: () => ({ types: sources.map(({ type }) => type), ranges: null }),
    depend: (compiler: Compiler) => dependOn(compiler, sources),
    compute: (compiler: Compiler, _wanted: Datatype | null, dreg: number) =>
      loadKey(compiler, sources, { set: '', setId: undefined, interval: false }, dreg),
    ...mappings(sources),
  }) as Concatenation
}

type Pairs = readonly (readonly [unknown, unknown])[]

function mappings(sources: readonly Source[]) {
  const name = sources.map((source) => source.name).join(' . ')
  const depend = (compiler: Compiler) => dependOn(compiler, sources)
  return {
    vmap: (verdicts: SetRef | Pairs): Statement => {
      checkPairs(verdicts, `${name}.vmap`)
      return {
        compile: (compiler) => {
          depend(compiler)
          lookup(compiler, verdicts, 'verdict', VERDICT_REG)
        },
      }
    },
    map: (values: SetRef | Pairs, type?: DatatypeName | readonly DatatypeName[]): Expr => {
      checkPairs(values, `${name}.map`)
      const given = type === undefined ? null : setTypes(type, `${name}.map`)
      const checkWanted = (wanted: Datatype | null) => {
        if (given !== null && wanted !== null) checkGiven(given, [wanted], `${name}.map`)
      }
      if (isSetRef(values)) {
        return {
          gives: (compiler) => mappedBy(compiler, values, given),
          depend,
          compute: (compiler, wanted, dreg) => {
            checkWanted(wanted)
            const types = given ?? (wanted === null ? null : [wanted])
            if (types !== null)
              checkValueTypes(types, locate(compiler, values), `${name}.map: it is for values`)
            lookup(compiler, values, types ?? [], dreg)
          },
        }
      }
      const data = values.map(([, value]) => value)
      const mapped = given === null ? { types: [], ranges: null } : rangesIn(given, data, `${name} map`)
      return {
        gives: () => mapped,
        depend,
        compute: (compiler, wanted, dreg) => {
          checkWanted(wanted)
          if (given === null && wanted === null)
            throw new TypeError(
              `${name}.map: the type of what it maps to is needed, 'ipv4_addr' or ['ipv4_addr', 'inet_service']`,
            )
          lookup(compiler, values, given ?? [wanted!], dreg, mapped.ranges !== null)
        },
      }
    },
  }

  function lookup(
    compiler: Compiler,
    map: SetRef | Pairs,
    data: readonly Datatype[] | 'verdict',
    dreg: number,
    dataInterval = false,
  ): void {
    const located = isSetRef(map)
      ? locate(compiler, map)
      : anonymous(
          compiler,
          sources,
          data,
          map.map(([key]) => key),
          map.map(([, value]) => value),
          `${name} map`,
          { dataInterval },
        )
    const sreg = dreg === VERDICT_REG ? REG : dreg
    loadKey(compiler, isSetRef(map) ? sources.map(plainOf) : sources, located, sreg)
    emitLookup(compiler, located, { sreg, dreg })
  }
}

function checkPairs(map: SetRef | Pairs, field: string): void {
  if (isSetRef(map)) return
  if (!Array.isArray(map) || map.length === 0)
    throw new TypeError(
      `${field}: ${show(map)} is not a set or a list of pairs of a value and what it maps to`,
    )
  for (const [i, pair] of map.entries())
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new TypeError(`${field}[${i}]: ${show(pair)} is not a pair`)
}

/** What puts a value into a register, the first one unless it is said: a constant of a type, or what another expression has. Checked now. */
export function valueFor(
  type: Datatype,
  value: unknown,
  field: string,
): (compiler: Compiler, dreg?: number) => void {
  if (isExpr(value)) {
    return (compiler, dreg = REG) => {
      checkSingle(value.gives(compiler), field)
      value.compute(compiler, type, dreg)
    }
  }
  const bytes = registerBytes(type, value, field)
  return (compiler, dreg = REG) => compiler.immediate(bytes, dreg)
}

/** A constant as a register has it. */
export function registerBytes(type: Datatype, value: unknown, field: string): Uint8Array {
  return inRegister(type, type.encode(value, field))
}

export function isExpr(value: unknown): value is Expr {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'compute' in value
}
