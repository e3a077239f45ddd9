/** The values in a record, which may have been damaged since, or written by a version that knew other options. */

import { TopologyError } from './error.js'
import type { JournalRecord } from './journal.js'
import type { Network } from './network.js'
import { parseValue } from './parse.js'
import type { Topology } from './value.js'

/** Throws TopologyError naming the file, as the value's path alone would be taken for one of the call's own value. */
export function recordedNetwork(
  record: JournalRecord,
  value: Topology,
  parse: (value: Topology) => Network = parseValue,
): Network {
  try {
    return parse(value)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw damaged(record, error.message, error)
  }
}

export function damaged({ call, file }: JournalRecord, why: string, cause?: unknown): TopologyError {
  const text = `${file} is damaged, or of another version: ${why}`
  return new TopologyError({ call, path: 'journal', code: null, text, cause })
}
