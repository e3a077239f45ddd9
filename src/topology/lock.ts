/** The lock of a topology, a file that says whose it is: one process at a time changes it. */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf, TopologyError, textOf, unwritable } from './error.js'

export const LOCK = '.lock'

/** A process, which its number alone does not tell from a later one: with the time of its start (proc(5)). */
interface Owner {
  readonly pid: number
  readonly start: string
}

const START_TIME = 19

function* ownerOf(pid: number | 'self'): Operation<Owner | null> {
  try {
    const stat = yield* primitive('readText', `/proc/${pid}/stat`)
    // The name in parentheses may hold anything.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME]!
    return { pid: Number.parseInt(stat, 10), start }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return null
    throw error
  }
}

/** Who holds the lock of a topology; null for nobody. `alive` tells whether that process is there still. */
function* lockOwner(path: string): Operation<{ owner: Owner; alive: boolean } | null> {
  let text: string
  try {
    text = yield* primitive('readText', path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  const owner = JSON.parse(text) as Owner
  const now = yield* ownerOf(owner.pid)
  return { owner, alive: now !== null && isSame(now, owner) }
}

function isSame(one: Owner, other: Owner): boolean {
  return one.pid === other.pid && one.start === other.start
}

/** Takes the lock of a topology; one process at a time changes it. Throws TopologyError EBUSY where another one has it. */
export function* lock(call: string, directory: string, name: string): Operation<void> {
  const path = `${directory}/${name}${LOCK}`
  const self = yield* ownerOf('self')
  try {
    yield* primitive('claimFile', path, JSON.stringify(self))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unwritable(call, textOf(error), error)
    const held = yield* lockOwner(path)
    const who = held === null ? 'another process' : `process ${held.owner.pid}`
    const text =
      held === null || held.alive
        ? `${who} is making, changing or deleting this topology`
        : `${who} was killed while it made, changed or deleted this topology: recoverTopologies() takes back what it left`
    throw new TopologyError({ call, path: name, code: 'EBUSY', text })
  }
}

/**
 * Takes over the lock of a process that is gone, or takes a free one; false where a process that lives has it. Of several that find the
 * same process gone, one may remove its lock: who has made the file of that process's name.
 */
export function* takeOver(call: string, directory: string, name: string): Operation<boolean> {
  const path = `${directory}/${name}${LOCK}`
  const held = yield* lockOwner(path)
  if (held?.alive) return false
  if (held === null) return yield* lockIfFree(call, directory, name)
  const claim = `${path}.${held.owner.pid}-${held.owner.start}`
  if (!(yield* claimed(call, claim))) return false
  try {
    // It may have been taken over before the claim was made.
    const now = yield* lockOwner(path)
    if (now === null || !isSame(now.owner, held.owner)) return false
    yield* primitive('removeFile', path)
    return yield* lockIfFree(call, directory, name)
  } finally {
    yield* primitive('removeFile', claim)
  }
}

function* lockIfFree(call: string, directory: string, name: string): Operation<boolean> {
  try {
    yield* lock(call, directory, name)
    return true
  } catch (error) {
    if (error instanceof TopologyError && error.code === 'EBUSY') return false
    throw error
  }
}

/** Whether a file is this process's alone. That of a process that was killed is removed first. */
function* claimed(call: string, path: string): Operation<boolean> {
  try {
    yield* primitive('claimFile', path, JSON.stringify(yield* ownerOf('self')))
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unwritable(call, textOf(error), error)
    if ((yield* lockOwner(path))?.alive !== false) return false
    yield* primitive('removeFile', path)
    return yield* claimed(call, path)
  }
}

export function* unlock(directory: string, name: string): Operation<void> {
  yield* primitive('removeFile', `${directory}/${name}${LOCK}`)
}
