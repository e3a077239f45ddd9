/**
 * The lock of a topology: one process at a time changes it. It is a symbolic link whose target says whose it is, as that takes no room of
 * a full disk (tmpfs, ext4 and btrfs keep it with the name), and is there whole or not at all.
 */

import { type Operation, unabortable } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf, TopologyError, textOf, unwritable } from './error.js'

export const LOCK = '.lock'

/** Of what follows the name in /proc/PID/stat (proc(5)). */
const STATE = 0
const START_TIME = 19

/**
 * A thread that lives, of a process or of worker_threads, which its number alone does not tell from a later one, nor from one of another PID
 * namespace or of before a restart of the machine: 'TID-START-PIDNS-BOOT'; the first thread has the number of its process. One that was
 * killed and that its parent has not waited for (zombie) is none.
 */
function* ownerOf(pid: string): Operation<string | null> {
  try {
    const stat = yield* primitive('readText', `/proc/${pid}/stat`)
    // The name in parentheses may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (['Z', 'X', 'x'].includes(fields[STATE]!)) return null
    const pidns = (yield* primitive('readLink', '/proc/self/ns/pid')).replace(/\D/g, '')
    const boot = (yield* primitive('readText', '/proc/sys/kernel/random/boot_id')).trim().split('-').at(-1)!
    return `${Number.parseInt(stat, 10)}-${fields[START_TIME]!}-${pidns}-${boot}`
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return null
    throw error
  }
}

function* ownOwner(): Operation<string> {
  const own = yield* ownerOf('thread-self')
  if (own === null)
    throw new Error('a topology needs /proc, by which the holder of its lock is told from others')
  return own
}

/** Whether a process is there still; null where that cannot be told, as its number is one of another PID namespace. */
function* isAlive(owner: string): Operation<boolean | null> {
  const [pid, , pidns, boot] = owner.split('-')
  const [, , here, now] = (yield* ownOwner()).split('-')
  if (boot !== undefined && boot !== now) return false
  if (pidns !== here) return null
  return (yield* ownerOf(pid!)) === owner
}

/** Who holds a lock; null for nobody. */
function* lockOwner(path: string): Operation<{ owner: string; alive: boolean | null } | null> {
  try {
    const owner = yield* primitive('readLink', path)
    return { owner, alive: yield* isAlive(owner) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Makes a lock this process's; false where it is somebody's already. */
function* claim(call: string, path: string): Operation<boolean> {
  try {
    yield* primitive('claimLink', path, yield* ownOwner())
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
  const text = yield* heldText(directory, name, 'this topology')
  throw new TopologyError({ call, path: name, code: 'EBUSY', text })
}

/** Who has a lock, and with it `what`; of a holder of which it is not known whether it lives, also the file that keeps others out. */
export function* heldText(directory: string, name: string, what: string): Operation<string> {
  const path = lockPath(directory, name)
  const held = yield* lockOwner(path)
  if (held === null) return `another process is making, changing or deleting ${what}`
  const [pid, , pidns] = held.owner.split('-')
  if (held.alive === null)
    return (
      `process or thread ${pid} of another PID namespace (pid:[${pidns}]) is making, changing or deleting ${what}, ` +
      `or was killed meanwhile, which cannot be told from here: if it is gone, remove ${path}`
    )
  return held.alive
    ? `process or thread ${pid} is making, changing or deleting ${what}`
    : `process or thread ${pid} ended while it made, changed or deleted ${what}: recoverTopologies() takes back what it left`
}

/**
 * Takes over the lock of a process that is gone, or takes a free one; false where a process has it that lives, or may live. Of several
 * that find the same process gone, one may remove its lock: who has made the link of that process's name.
 */
export function* takeOver(call: string, directory: string, name: string): Operation<boolean> {
  return yield* takeOverLink(call, lockPath(directory, name))
}

function* takeOverLink(call: string, path: string): Operation<boolean> {
  const held = yield* lockOwner(path)
  if (held === null) return yield* claim(call, path)
  if (held.alive !== false) return false
  const right = `${path}.${held.owner}`
  // Who had made that may have been killed, too.
  if (!(yield* takeOverLink(call, right))) return false
  try {
    // It may have been taken over before the claim was made.
    if ((yield* lockOwner(path))?.owner !== held.owner) return false
    yield* primitive('removeFile', path)
    return yield* claim(call, path)
  } finally {
    yield* unabortable(primitive('removeFile', right))
  }
}

/** What may be left of one that was killed as it took over a lock, by its name: it ends like a process's, which no other file does. */
const RIGHT = /\.lock\..+-[^.]+$/

/** Removes what is left of processes that were killed as they took over a lock: nobody looks for the right to another one's any more. */
export function* removeRights(call: string, directory: string): Operation<void> {
  for (const file of yield* primitive('listDirectory', directory)) {
    const right = `${directory}/${file}`
    // It is taken over before, as somebody may be at it.
    if (RIGHT.test(file) && (yield* lockOwner(right))?.alive === false)
      if (yield* takeOverLink(call, right)) yield* unabortable(primitive('removeFile', right))
  }
}

export function* unlock(directory: string, name: string): Operation<void> {
  yield* primitive('removeFile', lockPath(directory, name))
}

function lockPath(directory: string, name: string): string {
  return `${directory}/${name}${LOCK}`
}
