/** The files of a journal's directory, and which of them speak of something. */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf } from './error.js'
import { LOCK } from './lock.js'
import type { NatModel } from './nat.js'
import { marksIn } from './nat-marks.js'

export const RECORD = '.json'
export const DELETING = '.deleting'

/** The names of which a directory has a record or a lock. */
export function* journalNames(directory: string): Operation<string[]> {
  return topologiesOf(yield* filesOf(directory))
}

/** Those whose record has one of some texts in it, or cannot be read. */
export function* journalNamesWith(directory: string, texts: readonly string[]): Operation<string[]> {
  return yield* searched(directory, recordsOf(yield* filesOf(directory)), texts)
}

/** Those whose record may have one of some names of `nat`: by their marks, or by a search of those that have none. */
export function* journalNamesNaming(directory: string, nat: readonly NatModel[]): Operation<string[]> {
  const files = yield* filesOf(directory)
  const mayHave = marksIn(files, nat)
  const records = recordsOf(files)
  const without = records.filter((file) => mayHave(topologyOf(file)) === null)
  // What takes back an entry has its name, whether or not the value has it.
  const texts = nat.map(({ name }) => `"name":${JSON.stringify(name)}`)
  const names = topologiesOf(records.filter((file) => mayHave(topologyOf(file))))
  return names.concat(yield* searched(directory, without, texts)).sort()
}

function* searched(
  directory: string,
  records: readonly string[],
  texts: readonly string[],
): Operation<string[]> {
  return records.length === 0 ? [] : topologiesOf(yield* primitive('filesWith', directory, records, texts))
}

function recordsOf(files: readonly string[]): string[] {
  return files.filter((file) => file.endsWith(RECORD) || file.endsWith(DELETING))
}

/** Of a record. */
function topologyOf(file: string): string {
  return file.slice(0, file.lastIndexOf('.'))
}

function topologiesOf(files: readonly string[]): string[] {
  const names = new Set<string>()
  for (const file of files.toSorted())
    for (const suffix of [RECORD, DELETING, LOCK])
      if (file.endsWith(suffix)) names.add(file.slice(0, -suffix.length))
  return [...names]
}

/** None where nobody has made a topology yet. */
function* filesOf(directory: string): Operation<string[]> {
  try {
    return yield* primitive('listDirectory', directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
