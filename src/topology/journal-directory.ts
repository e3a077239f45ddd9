/** Where journals lie. */

import { show } from '../codec/fault.js'
import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { textOf, unwritable } from './error.js'

export interface JournalOptions {
  /** The directory of the journal; without it /run/netlink-ts, for an ordinary user netlink-ts in XDG_RUNTIME_DIR. */
  journal?: string | undefined
}

/** Where the directory is to be, whether or not it is there. */
export function* journalPath(call: string, { journal }: JournalOptions): Operation<string> {
  if (journal !== undefined) return checkPath(journal)
  const runtime = yield* primitive('runtimeDirectory')
  if (runtime === null)
    throw unwritable(call, 'where it is to be is not known: XDG_RUNTIME_DIR is not set', null)
  return `${runtime}/netlink-ts`
}

function checkPath(journal: unknown): string {
  if (typeof journal === 'string' && journal !== '') return journal
  throw new TypeError(`journal: ${show(journal)} is not the path of a directory`)
}

/** The directory, made if it is missing. */
export function* journalDirectory(call: string, options: JournalOptions): Operation<string> {
  const directory = yield* journalPath(call, options)
  try {
    yield* primitive('makeDirectory', directory)
  } catch (error) {
    throw unwritable(call, textOf(error), error)
  }
  return directory
}
