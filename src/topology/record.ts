/** Objects of a value. */

import { isRecord, show } from '../codec/fault.js'

/** The properties of an object of the value; none where it is left out. */
export function entries<T>(value: { [key: string]: T } | undefined, path: string): [string, T][] {
  if (value === undefined) return []
  checkRecord(value, path)
  return Object.entries(value).filter(([, item]) => item !== undefined)
}

export function checkRecord(value: unknown, path: string): void {
  if (!isRecord(value)) throw new TypeError(`${path}: ${show(value)} is not an object`)
}

/** Without what is null or undefined. */
export function withoutNothing<T extends object>(value: T): T {
  const kept: Partial<T> = {}
  for (const key in value) if (value[key] != null) kept[key] = value[key]
  return kept as T
}
