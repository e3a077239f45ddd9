/** Kernel parameters of the process's own namespace that several topologies set: the last one that goes puts them back. */

import type { Operation } from '../netlink/operation.js'
import { words } from '../netns/sysctl.js'
import type { Call } from './call.js'
import { codeOf } from './error.js'
import { copyOf, parameterOf } from './fan-out.js'
import { type JournalRecord, readRecord } from './journal.js'
import { journalNamesWith } from './journal-files.js'
import { HOST, type Network } from './network.js'
import type { Undo } from './take-back.js'
import { merged } from './undos.js'

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
  for (const other of yield* journalNamesWith(directory, ['"call":"setSysctl","netns":""'])) {
    const record = other === name ? null : yield* readIfPossible('journal', directory, other)
    if (record === null || record.deleting) continue
    for (const setting of merged(record.undos).filter(isOfHost)) {
      const found = find(setting)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function isOfHost(undo: Undo): undo is Setting {
  return undo.call.call === 'setSysctl' && undo.call.netns === HOST
}

/**
 * Of the parameters of the process's own namespace that are wanted, those that other topologies have set and that the record of this one does
 * not know yet: whoever goes last has to know what they were.
 */
export function* setElsewhere(
  wanted: Network,
  undos: readonly Undo[],
  whose: Whose,
): Operation<ReadonlySet<string>> {
  const unknown = new Set([...wanted.places.get(HOST)!.sysctls.keys()].map(parameterOf))
  for (const { call } of undos.filter(isOfHost)) unknown.delete(parameterOf(call.key))
  const found = new Set<string>()
  if (unknown.size === 0) return found
  yield* findElsewhere(whose, ({ call }) => {
    const parameter = parameterOf(call.key)
    if (unknown.has(parameter)) found.add(parameter)
    return found.size === unknown.size ? true : undefined
  })
  return found
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
