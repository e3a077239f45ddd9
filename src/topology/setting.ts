/** Kernel parameters of the process's own namespace that several topologies set: the last one that goes puts them back. */

import type { Operation } from '../netlink/operation.js'
import { words } from '../netns/sysctl.js'
import type { Call } from './call.js'
import { codeOf } from './error.js'
import { copyOf, parameterOf } from './fan-out.js'
import { type JournalRecord, readRecord } from './journal.js'
import { journalNamesWith } from './journal-files.js'
import { HOST } from './network.js'
import type { Undo } from './take-back.js'

export type SetSysctl = Call & { readonly call: 'setSysctl' }

/** What puts a parameter back; `is` is what the kernel told after it had been written. */
export type Setting = Undo & { readonly call: SetSysctl }

/** A topology of a journal. */
export interface Whose {
  readonly directory: string
  readonly name: string
}

/** What a parameter was set to, as far as that is known. */
export function writtenBy({ call, is }: Setting): string | null {
  return is ?? call.written ?? null
}

/**
 * What `find` finds first in what the other topologies have set, or are about to; no record is read behind that, each of which names every
 * interface that there was.
 */
export function* findElsewhere<T>(
  { directory, name }: Whose,
  find: (setting: Setting) => T | undefined,
): Operation<T | undefined> {
  for (const other of yield* journalNamesWith(directory, ['"call":"setSysctl"'])) {
    const record = other === name ? null : yield* readIfPossible('journal', directory, other)
    if (record === null || record.deleting) continue
    for (const setting of record.undos.filter(isOfHost)) {
      const found = find(setting)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function isOfHost(undo: Undo): undo is Setting {
  return undo.call.call === 'setSysctl' && undo.call.netns === HOST
}

/** What cannot be read says nothing. `call` begins the errors of a record that can. */
export function* readIfPossible(
  call: string,
  directory: string,
  name: string,
): Operation<JournalRecord | null> {
  try {
    return yield* readRecord(call, directory, name)
  } catch (error) {
    if (codeOf(error) === null) throw error
    return null
  }
}

/** What puts a parameter back that another topology has set before: to what that one found, as it may go first. */
export function* handedDown(undo: SetSysctl, whose: Whose): Operation<SetSysctl> {
  const now = words(undo.value)
  const key = parameterOf(undo.key)
  const found = yield* findElsewhere(whose, (one): SetSysctl | undefined => {
    const written = words(writtenBy(one) ?? '')
    if (parameterOf(one.call.key) === key && written === now)
      return { ...undo, ...before(undo, one.call, now) }
    const copied = one.call.also?.[key]
    return copied !== undefined && copyOf(written, key) === now ? { ...undo, value: copied } : undefined
  })
  return found ?? undo
}

function before({ also }: SetSysctl, first: SetSysctl, now: string): Pick<SetSysctl, 'value' | 'also'> {
  const { value } = first
  if (also === undefined) return { value }
  const others = Object.entries(also).map(([key, is]) => {
    const wasCopied = words(is) === copyOf(now, key)
    return [key, (wasCopied ? first.also?.[key] : undefined) ?? is]
  })
  return { value, also: Object.fromEntries(others) }
}
