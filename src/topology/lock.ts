/**
 * The lock of a topology: one process at a time changes it. It is a symbolic link whose target says whose it is, as that takes no room of
 * a full disk (tmpfs, ext4 and btrfs keep it with the name), and is there whole or not at all.
 */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf, TopologyError, textOf, unwritable } from './error.js'

export const LOCK = '.lock'

const START_TIME = 19

/** A process, which its number alone does not tell from a later one: 'PID-START', with the time of its start (proc(5)). */
function* ownerOf(pid: string): Operation<string | null> {
  try {
    const stat = yield* primitive('readText', `/proc/${pid}/stat`)
    // The name in parentheses may hold anything.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME]!
    return `${Number.parseInt(stat, 10)}-${start}`
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return null
    throw error
  }
}

function pidOf(owner: string): string {
  return owner.split('-')[0]!
}

/** Who holds a lock; null for nobody. `alive` tells whether that process is there still. */
function* lockOwner(path: string): Operation<{ owner: string; alive: boolean } | null> {
  try {
    const owner = yield* primitive('readLink', path)
    return { owner, alive: (yield* ownerOf(pidOf(owner))) === owner }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Makes a lock this process's; false where it is somebody's already. */
function* claim(call: string, path: string): Operation<boolean> {
  try {
    yield* primitive('claimLink', path, (yield* ownerOf('self'))!)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw unwritable(call, textOf(error), error)
  }
}

/** Takes the lock of a topology. Throws TopologyError EBUSY where another process has it. */
export function* lock(call: string, directory: string, name: string): Operation<void> {
  const path = lockPath(directory, name)
  if (yield* claim(call, path)) return
  const held = yield* lockOwner(path)
  const who = held === null ? 'another process' : `process ${pidOf(held.owner)}`
  const text =
    held === null || held.alive
      ? `${who} is making, changing or deleting this topology`
      : `${who} was killed while it made, changed or deleted this topology: recoverTopologies() takes back what it left`
  throw new TopologyError({ call, path: name, code: 'EBUSY', text })
}

/**
 * Takes over the lock of a process that is gone, or takes a free one; false where a process that lives has it. Of several that find the
 * same process gone, one may remove its lock: who has made the link of that process's name.
 */
export function* takeOver(call: string, directory: string, name: string): Operation<boolean> {
  const path = lockPath(directory, name)
  const held = yield* lockOwner(path)
  if (held?.alive) return false
  if (held === null) return yield* claim(call, path)
  const right = `${path}.${held.owner}`
  if (!(yield* claimAgain(call, right))) return false
  try {
    // It may have been taken over before the claim was made.
    if ((yield* lockOwner(path))?.owner !== held.owner) return false
    yield* primitive('removeFile', path)
    return yield* claim(call, path)
  } finally {
    yield* primitive('removeFile', right)
  }
}

/** As claim(); what a process holds that was killed is removed first. */
function* claimAgain(call: string, path: string): Operation<boolean> {
  if (yield* claim(call, path)) return true
  if ((yield* lockOwner(path))?.alive !== false) return false
  yield* primitive('removeFile', path)
  return yield* claimAgain(call, path)
}

export function* unlock(directory: string, name: string): Operation<void> {
  yield* primitive('removeFile', lockPath(directory, name))
}

function lockPath(directory: string, name: string): string {
  return `${directory}/${name}${LOCK}`
}
