/**
 * The one comparer of what is read here with what `ip -j -d` and `bridge -j -d` print of the same. Each sort of value has a table of how
 * the tool's keys come from ours; a key that a table does not know fails, and so does a property of ours that no key shows.
 */

import { expect } from 'vitest'
import type { Printed } from './support.js'

/** What the tool prints under a key, made of our value; undefined where it prints nothing. */
export type Show<T, C> = (value: T, context: C) => unknown

/** A key whose printed value is brought into another form first. */
export interface Reshaped<T, C> {
  show: Show<T, C>
  told: (printed: unknown) => unknown
}

/** How a tool prints values of one sort. */
export interface Oracle<T, C = void> {
  /** Each key of the tool: what it is made of, or why it is not compared. */
  keys: Readonly<Record<string, Show<T, C> | Reshaped<T, C> | string>>
  /**
   * Any other key is a property of ours in camel case, where booleans may be numbers. Nothing is asked of keys that are not printed: the
   * tool may be too old for them.
   */
  camel?: boolean
  /** What we read and the tool does not print: why. */
  untold?: Readonly<Record<string, string>>
}

/** Our value as the tool prints it. */
export function asPrinted<T extends object>(oracle: Oracle<T>, value: T): Printed {
  return shown(oracle, value, undefined, Object.keys(oracle.keys))
}

/** Compares values with what a tool printed of them, in order. */
export function expectReadBack<T extends object, C = void>(
  oracle: Oracle<T, C>,
  values: readonly T[],
  printed: readonly Printed[],
  context = undefined as C,
): void {
  const { keys, camel = false, untold = {} } = oracle
  const known = (key: string) => camel || Object.hasOwn(keys, key)
  const strange = [...new Set(printed.flatMap(Object.keys))].filter((key) => !known(key))
  expect(strange, 'keys that are neither compared nor listed with a reason').toEqual([])

  const read = new Set<string>()
  const ours = values.map((value, index) =>
    shown(oracle, watched(value, read), context, Object.keys(camel ? (printed[index] ?? {}) : keys)),
  )
  expect(ours).toEqual(printed.map((one) => told(oracle, one)))
  if (camel) return
  const unseen = [...new Set(values.flatMap(Object.keys))].filter((name) => !read.has(name))
  expect(unseen.sort(), 'properties that no key shows, and those listed with a reason').toEqual(
    values.length === 0 ? [] : Object.keys(untold).sort(),
  )
}

function shown<T extends object, C>(
  { keys }: Oracle<T, C>,
  value: T,
  context: C,
  names: readonly string[],
): Printed {
  const out: Printed = {}
  for (const key of names) {
    const entry = Object.hasOwn(keys, key) ? keys[key]! : sameName(key)
    if (typeof entry === 'string') continue
    const show = typeof entry === 'function' ? entry : entry.show
    const found = show(value, context)
    if (found !== undefined) out[key] = found
  }
  return out
}

function told<T, C>({ keys }: Oracle<T, C>, printed: Printed): Printed {
  const out: Printed = {}
  for (const [key, value] of Object.entries(printed)) {
    const entry = Object.hasOwn(keys, key) ? keys[key]! : { told: loose }
    if (typeof entry === 'string') continue
    const found = typeof entry === 'function' ? value : entry.told(value)
    if (found !== undefined) out[key] = found
  }
  return out
}

const camelCase = (key: string) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

function sameName(key: string): Show<object, unknown> {
  return (value) => loose((value as Record<string, unknown>)[camelCase(key)])
}

/** Tools print some booleans as numbers. */
export function loose(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value
}

/** The value, and in `read` which of its properties somebody has looked at. */
function watched<T extends object>(value: T, read: Set<string>): T {
  return new Proxy(value, {
    get(target, name, receiver) {
      if (typeof name === 'string') read.add(name)
      return Reflect.get(target, name, receiver) as unknown
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
