import { show } from '../codec/fault.js'
import { checkKeys } from '../netlink/check.js'
import { Aborted, type Operation, unabortable } from '../netlink/operation.js'
import { bringBack } from './apply.js'
import { TOPOLOGY_OPTIONS, type TopologyOptions } from './create.js'
import { TopologyError, textOf } from './error.js'
import { Journal, type JournalRecord, markDeleting, removeRecord } from './journal.js'
import { journalDirectory } from './journal-directory.js'
import { journalNames } from './journal-files.js'
import { lock, removeRights, takeOver, unlock } from './lock.js'
import { checkMakeable, checkName } from './makeable.js'
import { unmark } from './nat-marks.js'
import { parseValue } from './parse.js'
import { recordedNetwork, wholeRecord } from './recorded.js'
import { freeRoom } from './room.js'
import { takeBack } from './take-back.js'
import { undosOf, undosOfRecord } from './undos.js'
import type { Topology } from './value.js'

/**
 * Deletes what createTopology() made, by the value or its name, and what a process left of it that was killed. What is not there any more
 * is no error, nor is a topology of which nothing is there. What has a name of the topology but is another thing by now (a namespace or
 * interface that somebody made later) stays, as long as the journal knows the topology, and an interface of it goes that has another name
 * by now; without its record the value's names are all there is. A namespace that is mounted in another mount namespace alone goes with its
 * file, or where that is another file is told as left.
 *
 * @throws RangeError, TypeError for a value that is no topology; TopologyError EBUSY where another process changes it, without a code where
 * a line of its record cannot be read, before anything is deleted, or naming what could not be deleted
 * @see ip-netns(8), ip-link(8)
 * @example await deleteTopology('lab')
 */
export function* deleteTopology(topology: Topology | string, options: TopologyOptions = {}): Operation<void> {
  const call = 'deleteTopology'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  // One that cannot be made may be recorded: an earlier version may have made it.
  const given = typeof topology === 'string' ? null : parseValue(topology)
  if (given !== null) checkName(given.name)
  const name = given?.name ?? (topology as string)
  if (typeof topology === 'string' && !/^[^./][^/\0]*$/.test(topology))
    throw new RangeError(`${call}: ${show(topology)} is not the name of a topology`)
  const directory = yield* journalDirectory(call, options)
  // What a process left that was killed goes with the rest.
  if (!(yield* takeOver(call, directory, name))) yield* lock(call, directory, name)
  let left: string[]
  try {
    const record = yield* wholeRecord(call, directory, name)
    // By its names alone, that could be somebody else's.
    if (record === null && given !== null) checkMakeable(given)
    // Before it has another name, as errors tell of it.
    const undos =
      record === null ? (given === null ? [] : undosOf(topology as Topology)) : undosOfRecord(record)
    if (record !== null && !record.deleting) yield* markDeleting(call, directory, name)
    left = yield* takeBack(undos, { directory, name }, record)
    if (left.length === 0) yield* removeRecord(directory, name)
  } finally {
    yield* unabortable(unlock(directory, name))
  }
  if (left.length > 0)
    throw new TopologyError({ call, path: name, code: null, text: 'not all of it could be deleted', left })
}

/** A change that a process was killed in the middle of. */
function* goBack(
  call: string,
  directory: string,
  name: string,
  before: Topology,
  record: JournalRecord,
): Operation<string[]> {
  const { recent, undos } = record
  const network = recordedNetwork(record, before)
  const journal = yield* Journal.open(call, directory, name)
  try {
    return yield* bringBack(call, journal, network, recent, undos, true)
  } finally {
    yield* unabortable(journal.close())
  }
}

/** Returns what could not be taken back; null where nothing was to be. */
function* recover(
  call: string,
  directory: string,
  name: string,
  record: JournalRecord,
): Operation<string[] | null> {
  const { complete, pending, deleting, undos } = record
  if (pending === null && complete === null && undos.length === 0) {
    // It was killed before its first line.
    yield* removeRecord(directory, name)
    return null
  }
  if (!deleting && pending === null) return null
  if (!deleting && complete !== null && pending !== null)
    return yield* goBack(call, directory, name, complete, record)
  const left = yield* takeBack(undosOfRecord(record), { directory, name }, record)
  if (left.length === 0) yield* removeRecord(directory, name)
  return left
}

/** What became of a topology whose process was killed. */
export interface RecoveredTopology {
  readonly name: string
  /** What could not be taken back, one line each; the next call tries again. */
  readonly left: readonly string[]
}

/**
 * Takes back what processes left that were killed while they made, changed or deleted topologies: one that was being made or deleted is
 * gone afterwards, one that was being changed is as it was before; what somebody made in the place of what was its own stays. Topologies
 * that are complete, and those that another process is at work on, stay as they are. A process of another PID namespace counts as being at
 * work, as whether it lives cannot be told: createTopology() and the like name it and the file of its lock. The record of one of which
 * nothing had been begun is removed, and not told of. One of whose record a line cannot be read stays as it is with its record, `left` says
 * why, and the others are recovered; `left` also tells of a namespace that is not seen in this mount namespace. To be called when a program
 * starts.
 *
 * @throws TopologyError where the journal's directory cannot be read or written; the signal's reason after an abort
 * @see ip-netns(8), ip-link(8)
 * @example for (const { name } of await recoverTopologies()) console.log(`${name} was taken back`)
 */
export function* recoverTopologies(options: TopologyOptions = {}): Operation<RecoveredTopology[]> {
  const call = 'recoverTopologies'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  const directory = yield* journalDirectory(call, options)
  yield* removeRights(call, directory)
  const recovered: RecoveredTopology[] = []
  for (const name of yield* journalNames(directory)) {
    if (!(yield* takeOver(call, directory, name))) continue
    try {
      yield* freeRoom(directory, name)
      const record = yield* wholeRecord(call, directory, name)
      if (record === null) {
        // It was killed before it had one, or when that had been removed.
        yield* unmark(directory, name)
        continue
      }
      const left = yield* recover(call, directory, name, record)
      if (left !== null) recovered.push({ name, left })
    } catch (error) {
      if (error instanceof Aborted) throw error
      // Of one whose record is not one, or cannot be written, the others know nothing.
      recovered.push({ name, left: [textOf(error)] })
    } finally {
      yield* unabortable(unlock(directory, name))
    }
  }
  return recovered
}
