/** What filters take as one value or several, as a list. Neither has been checked. */
export function oneOrMany<T>(value: T | readonly T[] | undefined): readonly T[] | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}
