/** Whether what was wanted is what the kernel has. */

import { isRecord } from '../codec/fault.js'
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

/**
 * Whether something has a property still that was said of it before, and is not any more. `unsaid` is what the kernel makes of properties of
 * which nothing is said, by their names; null is nothing, also of all that is in it. One that is not in it is the kernel's to choose.
 */
export function remains(before: unknown, wanted: unknown, found: unknown, unsaid: unknown): boolean {
  if (before == null || unsaid === undefined) return false
  if (wanted == null) return unsaid === null ? !isNothing(found) : !same(unsaid, found)
  if (Array.isArray(wanted))
    return wanted.some((one, index) => remains(itemOf(before, index), one, itemOf(found, index), unsaid))
  if (typeof before !== 'object' || typeof wanted !== 'object') return false
  return Object.keys(before).some((key) =>
    remains(itemOf(before, key), itemOf(wanted, key), itemOf(found, key), unsaid && itemOf(unsaid, key)),
  )
}

/** Whether something was said before that is not said any more. */
export function leavesOut(before: unknown, wanted: unknown): boolean {
  if (before == null || wanted == null) return before != null
  return (
    isRecord(before) &&
    isRecord(wanted) &&
    Object.keys(before).some((key) => leavesOut(before[key], wanted[key]))
  )
}

/** What is wanted, and what was said before and is so still, and is not said any more, as it is without that; `unsaid` as in remains(). */
export function withUnsaid(before: unknown, wanted: unknown, found: unknown, unsaid: unknown): unknown {
  if (before == null || unsaid === undefined) return wanted
  if (isRecord(before) && isRecord(unsaid)) {
    const whole: Record<string, unknown> = { ...(wanted as object | undefined) }
    for (const key of Object.keys(before)) {
      const value = withUnsaid(before[key], whole[key], itemOf(found, key), unsaid[key])
      if (value !== undefined) whole[key] = value
    }
    return whole
  }
  return wanted ?? (same(before, found) ? unsaid : undefined)
}

function itemOf(whole: unknown, key: string | number): unknown {
  return (whole as Record<string | number, unknown> | null | undefined)?.[key]
}

function isNothing(value: unknown): boolean {
  return value == null || (Array.isArray(value) && value.length === 0)
}

/** The options of a link that are not as they are wanted. */
export function changedOptions(
  wanted: Pick<LinkModel, 'options'>,
  there: Pick<LinkModel, 'options'>,
): string[] {
  return Object.keys(wanted.options).filter((key) => !same(wanted.options[key], there.options[key]))
}
