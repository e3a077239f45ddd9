/** Room that is kept on the journal's disk, for a change that is to be taken back when there is no more. */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import type { Step } from './call.js'
import { textOf, unwritable } from './error.js'

/** What a line has besides its step: its keys, and what the step made. */
const LINE = 100

/** Keeps as much as the lines of these steps take. */
export function* makeRoom(
  call: string,
  directory: string,
  name: string,
  steps: readonly Step[],
): Operation<void> {
  const size = steps.reduce((sum, step) => sum + JSON.stringify(step).length + LINE, 0)
  // A process that was killed may have left it.
  yield* freeRoom(directory, name)
  try {
    yield* primitive('claimFile', roomPath(directory, name), ' '.repeat(size))
  } catch (error) {
    throw unwritable(call, textOf(error), error)
  }
}

export function* freeRoom(directory: string, name: string): Operation<void> {
  yield* primitive('removeFile', roomPath(directory, name))
}

/** Where a record is written anew, too. */
export function roomPath(directory: string, name: string): string {
  return `${directory}/${name}.room`
}
