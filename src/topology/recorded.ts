/** Records may have been damaged, or written by a version that knew other options: errors name the file. */

import type { Operation } from '../netlink/operation.js'
import { TopologyError } from './error.js'
import { type JournalRecord, readRecord } from './journal.js'
import type { Network } from './network.js'
import { parseValue } from './parse.js'
import type { Topology } from './value.js'

/**
 * The record of a topology that is to be changed, deleted or taken back; null where there is none. Throws TopologyError where a line of it
 * cannot be read: what that line told of would stay, and nobody would know it any more.
 */
export function* wholeRecord(call: string, directory: string, name: string): Operation<JournalRecord | null> {
  const record = yield* readRecord(call, directory, name)
  if (record !== null && record.damage !== null)
    throw damaged(record, `${record.damage}; without the file deleteTopology() goes by the names of a value`)
  return record
}

/**
 * What is there need not be makeable: an earlier version may have taken what this one refuses. Throws TopologyError naming the file, as the
 * value's path alone would be taken for one of the call's own value.
 */
export function recordedNetwork(record: JournalRecord, value: Topology): Network {
  try {
    return parseValue(value)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw damaged(record, error.message, error)
  }
}

function damaged({ call, file }: JournalRecord, why: string, cause?: unknown): TopologyError {
  const text = `${file} is damaged, or of another version: ${why}`
  return new TopologyError({ call, path: 'journal', code: null, text, cause })
}
