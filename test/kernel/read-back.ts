/**
 * The one comparer of what is read here with what `ip -j -d` and `bridge -j -d` print of the same. Each sort of value has a table of how
 * the tool's keys come from ours; a key that a table does not know fails, and so does a property of ours, however deep, that no key
 * shows. Of the data of link kinds, whose properties are named as the tool's keys are, only what the tool prints is compared.
 */

import { expect } from 'vitest'
import type { Printed } from './support.js'

/** What the tool prints under a key, made of our value; undefined where it prints nothing. */
export type Print<T, C> = (value: T, context: C) => unknown

/** A key whose printed value is brought into another form first, or that only newer tools print. */
export interface Key<T, C> {
  print: Print<T, C>
  normalized?: (printed: unknown) => unknown
  /** Compared where it is printed. */
  optional?: boolean
}

/** How a tool prints values of one sort. */
export interface Oracle<T, C = void> {
  /** Each key of the tool: what it is made of, or why it is not compared. */
  keys: Readonly<Record<string, Print<T, C> | Key<T, C> | string>>
  /**
   * Any other key is a property of ours in camel case, where booleans may be numbers. Nothing is asked of keys that are not printed: the
   * tool may be too old for them.
   */
  camel?: boolean
  /**
   * What we read and the tool does not print: why. 'data' stands for all in it, 'data.mab' and 'nexthops[].encap' for one thing, which not
   * every kernel has.
   */
  notPrinted?: Readonly<Record<string, string>>
  /** By which keys both lists are sorted, where the tool has an order of its own. */
  order?: readonly string[]
}

/** Compares values with what a tool printed of them, in order. */
export function expectReadBack<T extends object, C = void>(
  oracle: Oracle<T, C>,
  values: readonly T[],
  printed: readonly Printed[],
  context = undefined as C,
): void {
  expect(values, 'a comparison of nothing').not.toEqual([])
  const { keys, camel = false } = oracle
  const known = (key: string) => camel || Object.hasOwn(keys, key)
  const unknownKeys = [...new Set(printed.flatMap(Object.keys))].filter((key) => !known(key))
  expect(unknownKeys, 'keys that are neither compared nor listed with a reason').toEqual([])

  const read = new Set<string>()
  const ours = values.map((value, index) =>
    printedOf(oracle, watched(value, read), context, Object.keys(camel ? (printed[index] ?? {}) : keys)),
  )
  const theirs = sorted(
    oracle,
    printed.map((one) => normalizedOf(oracle, one)),
  )
  expect(sorted(oracle, ours).map((one, index) => withoutMissing(oracle, one, theirs[index]))).toEqual(theirs)
  if (!camel) expectAllRead(oracle, values, read)
}

/** Everything that we read is compared, or listed with a reason; and no reason is left over. */
function expectAllRead<T extends object, C>(
  { notPrinted = {} }: Oracle<T, C>,
  values: readonly T[],
  read: ReadonlySet<string>,
): void {
  const reasons = Object.keys(notPrinted)
  const unread = [...new Set(values.flatMap((value) => pathsOf(value)))].filter((path) => !read.has(path))
  const reasonOf = (path: string) =>
    reasons.find((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[]`))
  const found = new Set(unread.map((path) => reasonOf(path) ?? path))
  for (const name of reasons) if (/[.[]/.test(name)) found.add(name)
  expect([...found].sort(), 'properties that no key shows, and those listed with a reason').toEqual(
    reasons.sort(),
  )
}

/** Our value as the tool prints it. */
export function asPrinted<T extends object>(oracle: Oracle<T>, value: T): Printed {
  return printedOf(oracle, value, undefined, Object.keys(oracle.keys))
}

function printedOf<T extends object, C>(
  { keys }: Oracle<T, C>,
  value: T,
  context: C,
  names: readonly string[],
): Printed {
  const out: Printed = {}
  for (const key of names) {
    const entry = Object.hasOwn(keys, key) ? keys[key]! : sameName(key)
    if (typeof entry === 'string') continue
    const found = (typeof entry === 'function' ? entry : entry.print)(value, context)
    if (found !== undefined) out[key] = found
  }
  return out
}

function normalizedOf<T, C>({ keys }: Oracle<T, C>, printed: Printed): Printed {
  const out: Printed = {}
  for (const [key, value] of Object.entries(printed)) {
    const entry = Object.hasOwn(keys, key) ? keys[key]! : { normalized: flagAsNumber }
    if (typeof entry === 'string') continue
    const { normalized = undefined } = typeof entry === 'function' ? {} : entry
    const found = normalized === undefined ? value : normalized(value)
    if (found !== undefined) out[key] = found
  }
  return out
}

/** Without the optional keys that the tool does not print. */
function withoutMissing<T, C>({ keys }: Oracle<T, C>, ours: Printed, theirs: Printed = {}): Printed {
  const isThere = (key: string) => {
    const entry = Object.hasOwn(keys, key) ? keys[key] : undefined
    return typeof entry !== 'object' || !entry.optional || Object.hasOwn(theirs, key)
  }
  return Object.fromEntries(Object.entries(ours).filter(([key]) => isThere(key)))
}

function sorted<T, C>({ order }: Oracle<T, C>, list: readonly Printed[]): readonly Printed[] {
  if (order === undefined) return list
  const textOf = (one: Printed) => order.map((key) => String(one[key])).join(' ')
  return list.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
}

const camelCase = (key: string) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

function sameName(key: string): Print<object, unknown> {
  return (value) => flagAsNumber((value as Record<string, unknown>)[camelCase(key)])
}

/** Tools print some booleans as numbers. */
export function flagAsNumber(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value
}

const isObject = (value: unknown): value is object =>
  Array.isArray(value) || (typeof value === 'object' && value?.constructor === Object)
const pathIn = (value: object, name: string, path: string) =>
  Array.isArray(value) ? `${path}[]` : path === '' ? name : `${path}.${name}`

/** The paths of all that a value consists of, as `watched` has them. */
function pathsOf(value: unknown, path = ''): string[] {
  if (!isObject(value)) return [path]
  const inside = Object.entries(value).flatMap(([name, one]) => pathsOf(one, pathIn(value, name, path)))
  return inside.length === 0 ? [path] : inside
}

/** The value, and in `read` the paths of what somebody has looked at. */
function watched<T extends object>(value: T, read: Set<string>, path = ''): T {
  return new Proxy(value, {
    get(target, name, receiver) {
      const found = Reflect.get(target, name, receiver) as unknown
      if (typeof name !== 'string' || !Object.hasOwn(target, name)) return found
      const inner = pathIn(target, name, path)
      read.add(inner)
      return isObject(found) ? watched(found, read, inner) : found
    },
  })
}

// Parts of tables.

/** Undefined instead of null: the tool prints nothing. */
export const unlessNull = <T>(value: T | null): T | undefined => (value === null ? undefined : value)
export const unlessEmpty = <T>(list: readonly T[]): readonly T[] | undefined =>
  list.length === 0 ? undefined : list
/** A key without a value, as ip prints flags. */
export const nullIf = (on: boolean): null | undefined => (on ? null : undefined)
export const trueIf = (on: boolean): true | undefined => (on ? true : undefined)
/**
 * Seconds that run down, of which 0, 600, 3000, 4000 and none at all (2^32 - 1) are told apart: each has a hundred seconds to the next step,
 * so that a slow machine prints the same.
 */
export const coarseTime = (seconds: number): number =>
  seconds === 0 ? 0 : Math.max(1, Math.round(seconds / 1000))
export const hex = (value: number): string => `0x${value.toString(16)}`
/** The names of tables in ip's default configuration; numbers, which are text too, of others. */
export const tableName = (table: number): string =>
  ({ 253: 'default', 254: 'main', 255: 'local' })[table] ?? String(table)
/** MDB_RTR_TYPE_* of linux/if_bridge.h, of which tools print the number. */
const ROUTERS = ['disabled', 'query', 'permanent', 'temp']
export const routerNumber = (name: unknown): number => ROUTERS.indexOf(String(name))
