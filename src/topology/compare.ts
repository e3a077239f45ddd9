/** Whether what was wanted is what the kernel has. */

import type { LinkModel } from './network.js'

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

/** The options of a link that are not as they are wanted. */
export function changedOptions(
  wanted: Pick<LinkModel, 'options'>,
  there: Pick<LinkModel, 'options'>,
): string[] {
  return Object.keys(wanted.options).filter((key) => !same(wanted.options[key], there.options[key]))
}
