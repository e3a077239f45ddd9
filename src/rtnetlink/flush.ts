import { show } from '../codec/fault.js'
import { NetlinkError } from '../netlink/errors.js'
import { type Channel, exchange, type Operation } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'

/** What a flush takes besides its filters. */
export interface FlushAll {
  /** Every one; instead of all the other options. */
  all?: true | undefined
}

/** Throws TypeError unless a flush is either of what one of its filters lets through, or of all. `entries` is what there are. */
export function checkFlush<Filter extends string>(
  call: string,
  entries: string,
  filters: readonly Filter[],
  options: FlushAll & { readonly [key in Filter]?: unknown },
): void {
  const { all } = options
  if (all !== undefined && all !== true) throw new TypeError(`all: ${show(all)} is not true`)
  const given = filters.filter((key) => options[key] !== undefined)
  if (all ? given.length > 0 : !given.some((key) => isChoice(key, options[key])))
    throw new TypeError(
      `${call}: which ${entries}? Give at least one of ${filters.join(', ')}, or all: true instead`,
    )
}

/** An empty array lets everything through, and false nearly everything, but for the interfaces that are down. */
function isChoice(key: string, value: unknown): boolean {
  if (value === false) return key === 'up'
  return !Array.isArray(value) || value.length > 0
}

/**
 * Deletes entries of a table in batches and returns how many. `gone` are the errors of an entry that went away since it was
 * listed; anything else is thrown, after all deletions were tried.
 */
export function* deleteAll(
  channel: Channel,
  requests: readonly Request[],
  gone: readonly string[],
): Operation<number> {
  let deleted = 0
  for (const { error } of yield* exchange(channel, requests)) {
    if (error === null) deleted++
    else if (!(error instanceof NetlinkError && gone.includes(error.code))) throw error
  }
  return deleted
}
