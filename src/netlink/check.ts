/** Checks on what callers give, before anything is sent: each throws an error that names the field and the value. */

import { show } from '../codec/fault.js'

/** The options that every call has. */
export const CALL_OPTIONS = ['netns', 'signal'] as const

/** Refuses options that a call does not have: a misspelt one would be ignored in silence. */
export function checkKeys(call: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${call}: ${show(options)} is not an options object`)
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw new TypeError(`${call}: unknown option '${key}' (known: ${known.join(', ')})`)
  }
}

export function checkInteger(
  value: unknown,
  field: string,
  min: number,
  max: number,
  what = 'an integer',
): number {
  if (typeof value !== 'number')
    throw new TypeError(`${field}: ${show(value)} is not ${what} (a number from ${min} to ${max})`)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${field}: ${value} is not ${what} from ${min} to ${max}`)
  }
  return value
}

export function checkBoolean(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${field}: ${show(value)} is not true or false`)
  return value
}

export function checkArray(value: unknown, field: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${field}: ${show(value)} is not an array`)
}

/** One of the names that a table has. */
export function checkKnown<N extends string>(
  value: unknown,
  field: string,
  table: Readonly<Record<N, unknown>>,
): N {
  if (typeof value !== 'string' || !Object.hasOwn(table, value))
    throw new RangeError(`${field}: ${show(value)} is not one of ${Object.keys(table).join(', ')}`)
  return value as N
}

/** At least one of the names that a table has. */
export function checkNames<N extends string>(
  names: readonly N[],
  field: string,
  table: Readonly<Record<N, unknown>>,
): readonly N[] {
  checkArray(names, field)
  if (names.length === 0)
    throw new RangeError(`${field}: none given (known: ${Object.keys(table).join(', ')})`)
  for (const name of names) checkKnown(name, field, table)
  return names
}
