/** What became of a namespace of a topology, whose mount need not be one that this process sees. */

import { namedPath } from '../netlink/netns-name.js'
import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { codeOf } from './error.js'

/**
 * 'here' under its name, or 'gone'. 'other': the name is somebody else's by now. 'file': nothing is mounted on its file any more, in which a
 * new namespace could not be made. A number is a process in whose mount namespace it is mounted, but not in this one.
 */
export type Whereabouts = 'here' | 'gone' | 'other' | 'file' | number

/** Looks for namespaces by what tells them from others of their name. */
export class Search {
  #processes: readonly number[] | null = null;

  *find(netns: string, is: string): Operation<Whereabouts> {
    const path = namedPath(netns)
    const stamp = yield* stampOf(netns)
    if (stamp === is) return 'here'
    if (stamp !== null && isNetns(stamp, is)) return 'other'
    const directory = yield* stampAt(directoryOf(path))
    let isTaken = false
    for (const pid of yield* this.#elsewhere()) {
      const there = yield* stampAt(`/proc/${pid}/root${path}`)
      if (there === is) return pid
      // The same file, on which somebody has mounted another one: without it that would end.
      if (there !== null && isNetns(there, is))
        isTaken ||= (yield* stampAt(`/proc/${pid}/root${directoryOf(path)}`)) === directory
    }
    if (stamp === null) return 'gone'
    return isTaken ? 'other' : 'file'
  }

  /** A process of each other mount namespace of which one is seen here. */
  *#elsewhere(): Operation<readonly number[]> {
    if (this.#processes !== null) return this.#processes
    const seen = new Set([yield* mountsOf('self')])
    const processes: number[] = []
    for (const pid of yield* primitive('listDirectory', '/proc')) {
      if (!/^\d+$/.test(pid)) continue
      const mounts = yield* mountsOf(pid)
      if (mounts === null || seen.has(mounts)) continue
      seen.add(mounts)
      processes.push(Number(pid))
    }
    this.#processes = processes
    return processes
  }
}

/** What tells a namespace from others of its name; null where there is none. */
export function* stampOf(netns: string): Operation<string | null> {
  try {
    return yield* primitive('stamp', namedPath(netns))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Whether a file is a namespace, as another one is: all of them are of one device (nsfs). */
function isNetns(stamp: string, other: string): boolean {
  return stamp.split(':')[0] === other.split(':')[0]
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** Null for what may not be looked at, or has gone. */
function* stampAt(path: string): Operation<string | null> {
  return yield* ifTold(primitive('stamp', path))
}

function* mountsOf(pid: string): Operation<string | null> {
  return yield* ifTold(primitive('readLink', `/proc/${pid}/ns/mnt`))
}

function* ifTold(operation: Operation<string>): Operation<string | null> {
  try {
    return yield* operation
  } catch (error) {
    if (codeOf(error) === null) throw error
    return null
  }
}
