/** Counters of 64 bits as numbers, which are exact up to 2^53. */

/** What `numbered` makes. */
export type Numbered<T> = T extends bigint
  ? number
  : T extends object
    ? { readonly [K in Exclude<keyof T, 'unknown'>]: Numbered<T[K]> }
    : T

/** Counters as numbers, as elsewhere; null where there are none. */
export function numbered<T extends object>(stats: T): Numbered<T>
export function numbered<T extends object>(stats: T | null | undefined): Numbered<T> | null
export function numbered(stats: object | null | undefined): unknown {
  if (stats == null) return null
  return Object.fromEntries(
    Object.entries(stats).map(([name, count]) => [
      name,
      typeof count === 'bigint' ? Number(count) : typeof count === 'object' ? numbered(count) : count,
    ]),
  )
}
