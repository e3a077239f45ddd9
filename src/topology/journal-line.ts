/** The lines of a record, and which of them are none. */

import { isRecord } from '../codec/fault.js'
import type { Call } from './call.js'
import { isUndo } from './journal-undo.js'
import type { Topology } from './value.js'

export type Line =
  /** First: what is made, and hostIdentity(). Later: what it is changed into. */
  | { readonly make: Topology; readonly host?: string | null }
  | { readonly step: string; readonly undo: Call | null; readonly ahead?: boolean }
  /** What the last step made, or the last one of those that go on while others are done. */
  | { readonly is: string; readonly ahead?: boolean }
  /** It made nothing. */
  | { readonly failed: true; readonly ahead?: boolean }
  /** All that was begun is there. */
  | { readonly complete: true }
  /** The change that was begun has been taken back. */
  | { readonly undone: true }

/** The end of a line that was not to be. */
export const SPOILED = '!\n'

/** A line that was cut off, with that end: it is written as often as somebody tries to write on. */
const CUT_OFF = /^(\{.*)?!+$/

/**
 * The lines of a file that can be read. `damage` says of the first one that cannot that it is none: what that told is not known, so that the
 * others alone do not tell what is there, nor what was under way.
 */
export function readLines(text: string): { readonly lines: readonly Line[]; readonly damage: string | null } {
  const all = text.split('\n')
  // What follows the last end of a line, of a process that was killed or of a full disk, was not written: its step was not begun.
  const rest = all.pop()!
  const lines: Line[] = []
  let damage: string | null = null
  for (const [index, one] of all.entries()) {
    if (CUT_OFF.test(one)) continue
    const line = parseLine(one)
    if (typeof line === 'string') damage ??= `line ${index + 1} is none of a record${line}`
    else if (lines.push(line) === 1 && !('make' in line)) damage ??= 'its first line tells no value'
  }
  // No process that was killed left that.
  if (lines.length === 0 && rest !== '' && !/^[{!]/.test(rest)) damage ??= 'line 1 is none of a record'
  return { lines, damage }
}

/** Or what is wrong with it, behind a colon, where that is known. */
function parseLine(text: string): Line | string {
  try {
    const value: unknown = JSON.parse(text)
    // What takes a step back is checked as its operation checks it, by errors.
    return isLine(value) ? value : ''
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    if (error instanceof TypeError || error instanceof RangeError) return `: ${error.message}`
    throw error
  }
}

/** The value is checked where it is needed, as its options are those of a version. */
function isLine(value: unknown): value is Line {
  if (!isRecord(value)) return false
  const { make, host = null, step, undo, is, failed, complete, undone } = value
  if (make !== undefined) return isRecord(make) && (host === null || typeof host === 'string')
  if (step !== undefined) return typeof step === 'string' && (undo === null || isUndo(undo))
  return typeof is === 'string' || [failed, complete, undone].includes(true)
}
