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

/** What the other topologies have set, or are about to. */
export function* settingsElsewhere({ directory, name }: Whose): Operation<Setting[]> {
  const settings: Setting[] = []
  for (const other of yield* journalNamesWith(directory, ['"call":"setSysctl"'])) {
    const record = other === name ? null : yield* readIfPossible('journal', directory, other)
    if (record !== null && !record.deleting) settings.push(...record.undos.filter(isOfHost))
  }
  return settings
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
  for (const one of yield* settingsElsewhere(whose)) {
    const written = words(writtenBy(one) ?? '')
    const isIt = parameterOf(one.call.key) === parameterOf(undo.key)
    const copied = one.call.also?.[parameterOf(undo.key)]
    if (isIt && written === now) return { ...undo, ...before(undo, one.call, now) }
    if (copied !== undefined && copyOf(written, parameterOf(undo.key)) === now)
      return { ...undo, value: copied }
  }
  return undo
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
