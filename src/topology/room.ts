/** Room that is kept on the journal's disk, for a change that is to be taken back when there is no more. */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import type { Step } from './call.js'
import { textOf, unwritable } from './error.js'
import { readFanOut } from './fan-out.js'
import { Places } from './perform.js'

/** What a line has besides its step: its keys, and what the step made. */
const LINE = 100

/** Keeps as much as the lines of these steps take. */
export function* makeRoom(
  call: string,
  directory: string,
  name: string,
  steps: readonly Step[],
): Operation<void> {
  const size = yield* sizeOf(steps)
  // A process that was killed may have left it.
  yield* freeRoom(directory, name)
  try {
    yield* primitive('claimFile', roomPath(directory, name), ' '.repeat(size))
  } catch (error) {
    throw unwritable(call, textOf(error), error)
  }
}

function* sizeOf(steps: readonly Step[]): Operation<number> {
  const places = new Places(steps.map(({ call }) => call))
  let size = 0
  try {
    for (const [index, step] of steps.entries()) {
      const { call } = step
      size += bytesOf(step) + LINE
      // What it is set to is said once more, and what it was, with what is written with it.
      if (call.call === 'setSysctl')
        size += bytesOf(step) + bytesOf(yield* fanOutOf(call.key, call.netns, places))
      places.done(index, call)
    }
  } finally {
    places.closeAll()
  }
  return size
}

/** Of a namespace that is still to be made what it has then is not known: that it has no interface yet but lo makes it little. */
function* fanOutOf(key: string, netns: string, places: Places): Operation<object> {
  const there = yield* places.findIfThere(netns)
  return there === null ? {} : yield* readFanOut(key, there)
}

function bytesOf(value: object): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}

export function* freeRoom(directory: string, name: string): Operation<void> {
  yield* primitive('removeFile', roomPath(directory, name))
  // Of a process that was killed while it made the room.
  yield* primitive('removeFile', `${roomPath(directory, name)}.new`)
}

/** Where a record is written anew, too. */
export function roomPath(directory: string, name: string): string {
  return `${directory}/${name}.room`
}
