import { NetlinkError } from './errors.js'
import { type Channel, exchange, type Operation } from './operation.js'
import type { Request } from './request.js'

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
