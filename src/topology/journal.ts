/**
 * What is being made and what has been made, in a file for each topology, so that another process can take back what one began that was
 * killed. A line of JSON is written before each step; the file of a topology that is there is its record. One that is being deleted has a
 * record of another name, as renaming takes no room of a full disk.
 */

import { checkpoint, type Operation, unabortable } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf, TopologyError, textOf, unwritable } from './error.js'
import { DELETING, RECORD } from './journal-files.js'
import { type Line, readLines, SPOILED } from './journal-line.js'
import { unlock } from './lock.js'
import { mark, markAnew, unmark } from './nat-marks.js'
import type { Network } from './network.js'
import { hostIdentity } from './renamed.js'
import { freeRoom, roomPath } from './room.js'
import type { Undo } from './take-back.js'
import { keptOfRecord } from './undos.js'
import type { Topology } from './value.js'

/** What a file tells. */
export interface JournalRecord {
  /** Who read it, and from where: for errors. */
  readonly call: string
  readonly file: string
  /** As it is known to be there; null while it is being made for the first time. */
  readonly complete: Topology | null
  /** What it was being made or changed into when that stopped; null where nothing was under way. */
  readonly pending: Topology | null
  readonly deleting: boolean
  /** hostIdentity() where it was made and changed; null where that was not the same each time. */
  readonly host: string | null
  /** What takes back the steps that were begun, in their order. */
  readonly undos: readonly Undo[]
  /** Those of what is under way. */
  readonly recent: readonly Undo[]
  /** What is wrong with the first of its lines that cannot be read; null where all can be. */
  readonly damage: string | null
}

/** The record of a topology, also where it has been damaged: wholeRecord() is for what is done to that. Null where there is none. */
export function* readRecord(call: string, directory: string, name: string): Operation<JournalRecord | null> {
  for (const suffix of [RECORD, DELETING]) {
    try {
      const file = `${directory}/${name}${suffix}`
      const text = yield* primitive('readText', file)
      return { call, file, deleting: suffix === DELETING, ...parseRecord(text) }
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }
  return null
}

function recordPath(directory: string, name: string): string {
  return `${directory}/${name}${RECORD}`
}

/** From here on a process that is killed leaves something that is to be deleted, not one that is there. */
export function* markDeleting(call: string, directory: string, name: string): Operation<void> {
  try {
    yield* primitive('renameFile', recordPath(directory, name), `${directory}/${name}${DELETING}`)
  } catch (error) {
    throw unwritable(call, textOf(error), error)
  }
}

function parseRecord(text: string): Omit<JournalRecord, 'call' | 'file' | 'deleting'> {
  let complete: Topology | null = null
  let pending: Topology | null = null
  let host: string | null | undefined
  let undos: (Undo | null)[] = []
  /** Where the last step stands among them, and the last one that is `ahead`. */
  const last = { step: -1, ahead: -1 }
  let first = 0
  const { lines, damage } = readLines(text)
  for (const line of lines) {
    if ('make' in line) {
      pending = line.make
      host = host === undefined || host === line.host ? (line.host ?? null) : null
      first = undos.length
    } else if ('complete' in line) {
      complete = pending ?? complete
      pending = null
    } else if ('undone' in line) {
      pending = null
      // Its parameters are what they were; what it made again is there.
      undos = undos.filter((undo, index) => index < first || undo?.call.call !== 'setSysctl')
    } else if ('step' in line) {
      last[whichOf(line)] = line.undo === null ? -1 : undos.push({ call: line.undo, is: null }) - 1
    } else if ('is' in line || 'failed' in line) {
      const at = last[whichOf(line)]
      const undo = undos[at]
      if (undo != null) undos[at] = 'is' in line ? { call: undo.call, is: line.is } : null
    }
  }
  const recent = pending === null ? [] : undos.slice(first)
  const there = (all: readonly (Undo | null)[]) => all.filter((undo) => undo !== null)
  return { complete, pending, host: host ?? null, undos: there(undos), recent: there(recent), damage }
}

function whichOf({ ahead }: { readonly ahead?: boolean }): 'ahead' | 'step' {
  return ahead === true ? 'ahead' : 'step'
}

/** For what is done to the files while an error is thrown already, which tells more than that they cannot be written any more. */
export function* ifPossible(operation: Operation<void>): Operation<void> {
  try {
    yield* operation
  } catch (error) {
    if (codeOf(error) === null) throw error
  }
}

/** A file that is open for more lines. */
export class Journal {
  /** The file may end in a line without its end, of a process that was killed or of a full disk: what follows makes it none. */
  #before = SPOILED
  /** What became of steps, as lines that are still to be written: with the next one, or when there is none. */
  #became = ''

  private constructor(
    private readonly fd: number,
    readonly call: string,
    readonly directory: string,
    readonly name: string,
  ) {}

  /** Throws TopologyError EEXIST where there is a record already. */
  static *create(call: string, directory: string, network: Network, topology: Topology): Operation<Journal> {
    const { name } = network
    if ((yield* readRecord(call, directory, name)) !== null) {
      const text = `there is a topology of this name: applyTopology() changes it, deleteTopology() deletes it (${directory})`
      throw new TopologyError({ call, path: name, code: 'EEXIST', text })
    }
    let journal: Journal | null = null
    try {
      yield* mark(call, directory, name, [network])
      journal = yield* Journal.#made(call, directory, name)
      yield* journal.write({ make: topology, host: yield* hostIdentity() })
    } catch (error) {
      yield* unabortable(
        ifPossible(journal === null ? unmark(directory, name) : removeRecord(directory, name)),
      )
      if (journal !== null) yield* unabortable(journal.close())
      throw error
    }
    return journal
  }

  static *#made(call: string, directory: string, name: string): Operation<Journal> {
    try {
      const fd = yield* primitive('createFile', recordPath(directory, name))
      const journal = new Journal(fd, call, directory, name)
      journal.#before = ''
      return journal
    } catch (error) {
      throw unwritable(call, textOf(error), error)
    }
  }

  /** Begins the change of a topology that has a record, of what it was `before`, as far as it was something. */
  static *change(
    call: string,
    directory: string,
    network: Network,
    topology: Topology,
    before: Network | null,
  ): Operation<Journal> {
    const { name } = network
    let journal: Journal | null = null
    try {
      yield* mark(call, directory, name, before === null ? [network] : [before, network])
      journal = yield* Journal.open(call, directory, name)
      yield* journal.write({ make: topology, host: yield* hostIdentity() })
    } catch (error) {
      if (journal !== null) yield* unabortable(journal.close())
      const back = before === null ? unmark(directory, name) : markAnew(call, directory, name, before)
      yield* unabortable(ifPossible(back))
      throw error
    }
    return journal
  }

  static *open(call: string, directory: string, name: string): Operation<Journal> {
    const fd = yield* primitive('openFile', recordPath(directory, name))
    return new Journal(fd, call, directory, name)
  }

  /** What the last step made (of those `ahead`), with the next line; a process that is killed before that was killed during the step. */
  note(is: string, ahead: boolean): void {
    this.#noted(ahead ? { is, ahead } : { is })
  }

  /** It is known to have made nothing. */
  noteFailure(ahead: boolean): void {
    this.#noted(ahead ? { failed: true, ahead } : { failed: true })
  }

  #noted(line: Line): void {
    this.#became += `${JSON.stringify(line)}\n`
  }

  /** Throws TopologyError naming `path`. */
  *write(line: Line, path?: string): Operation<void> {
    try {
      yield* this.#append(`${JSON.stringify(line)}\n`)
    } catch (error) {
      if (codeOf(error) === null) throw error
      throw unwritable(this.call, textOf(error), error, path)
    }
  }

  /**
   * What became of steps is kept until it has been written, as it may be twice by then: that says no more than once. A line that may
   * be there but for its end, of a disk that was full, is made none.
   */
  *#append(line: string): Operation<void> {
    const text = `${this.#before}${this.#became}${line}`
    this.#before = SPOILED
    yield* primitive('appendFile', this.fd, text)
    this.#before = ''
    this.#became = ''
  }

  /** Before what was made is taken back. The record does without where there is no room, as that of a process that was killed. */
  *settle(): Operation<void> {
    if (this.#became !== '' || this.#before === SPOILED) yield* ifPossible(this.#append(''))
  }

  *close(): Operation<void> {
    try {
      yield* this.settle()
    } finally {
      yield* unabortable(primitive('closeFile', this.fd))
    }
  }
}

/**
 * All that was begun is there. What is left is done with files alone, which an abort does not undo any more. After a change `changed` is what
 * the topology is now: its record is written anew, as it would grow with each change; where there is no room, it stays as it is.
 */
export function* complete(
  journal: Journal,
  directory: string,
  name: string,
  changed: Network | null,
): Operation<void> {
  yield* checkpoint()
  yield* unabortable(
    (function* () {
      yield* journal.write({ complete: true })
      if (changed !== null) {
        yield* ifPossible(compact(journal.call, directory, name))
        yield* ifPossible(markAnew(journal.call, directory, name, changed))
      }
      yield* unlock(directory, name)
    })(),
  )
}

function* compact(call: string, directory: string, name: string): Operation<void> {
  const record = (yield* readRecord(call, directory, name))!
  yield* freeRoom(directory, name)
  // Somebody has written to it meanwhile: what cannot be read would be forgotten.
  if (record.damage !== null) return
  const text = linesOf(record)
  yield* primitive('claimFile', roomPath(directory, name), text)
  yield* primitive('renameFile', roomPath(directory, name), recordPath(directory, name))
}

/** The lines that tell what a record tells of a topology that is there. */
function linesOf(record: JournalRecord): string {
  const steps = keptOfRecord(record).reverse()
  const lines = steps.flatMap(({ call, is }): Line[] => {
    const line: Line = { step: call.call, undo: call }
    return is === null ? [line] : [line, { is }]
  })
  const all: Line[] = [{ make: record.complete!, host: record.host }, ...lines, { complete: true }]
  return all.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** The record is of no more use: what it told of has been taken back. */
export function* removeRecord(directory: string, name: string): Operation<void> {
  yield* freeRoom(directory, name)
  yield* unabortable(
    (function* () {
      for (const suffix of [RECORD, DELETING]) yield* primitive('removeFile', `${directory}/${name}${suffix}`)
      yield* unmark(directory, name)
    })(),
  )
}
