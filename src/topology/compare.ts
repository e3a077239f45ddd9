/** Whether what was wanted is what the kernel has. */

/** Values as the kernel shows them: numbers for names it does not know, no property that is not said. */
export function same(wanted: unknown, found: unknown): boolean {
  if (wanted == null) return true
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) &&
      wanted.length === found.length &&
      wanted.every((one, index) => same(one, found[index]))
    )
  if (typeof wanted === 'object' && typeof found === 'object' && found !== null)
    return Object.entries(wanted).every(([key, value]) =>
      same(value, (found as Record<string, unknown>)[key]),
    )
  return wanted === found
}
