/** Kernel parameters of the process's own namespace that several topologies set: the last one that goes puts them back. */

import { isRecord } from '../codec/fault.js'
import type { Operation } from '../netlink/operation.js'
import { words } from '../netns/sysctl.js'
import type { Call } from './call.js'
import { codeOf } from './error.js'
import { copyOf, mayWrite, ofDefault, parameterOf } from './fan-out.js'
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
 * interface that there was. `isSaid` tells whether the value of such a topology says something of a parameter, or is being changed into one
 * that does.
 */
function* findElsewhere<T>(
  { directory, name }: Whose,
  find: (setting: Setting, isSaid: (parameter: string) => boolean) => T | undefined,
  evenDeleting = false,
): Operation<T | undefined> {
  for (const other of yield* journalNamesWith(directory, [OF_HOST])) {
    const record = other === name ? null : yield* readIfPossible('journal', directory, other)
    if (record === null || (record.deleting && !evenDeleting)) continue
    let said: ReadonlySet<string> | null = null
    const isSaid = (parameter: string) => {
      said ??= parametersIn(record.pending ?? record.complete)
      return said.has(parameter)
    }
    for (const setting of merged(record.undos).filter(isOfHost)) {
      const found = find(setting, isSaid)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** What lines of settings of the process's own namespace have in them: their calls are written in this order (undoOf() of run.ts). */
const OF_HOST = '"call":"setSysctl","netns":""'

/** Of a value that nobody has checked. */
function parametersIn(value: unknown): Set<string> {
  const keys = isRecord(value) && isRecord(value['sysctls']) ? Object.keys(value['sysctls']) : []
  return new Set(
    keys.flatMap((key) => {
      try {
        return [parameterOf(key)]
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        return []
      }
    }),
  )
}

/** By the names of the parameters, what other topologies want them to be; nobody else's is in a namespace of a topology. */
export function* wantedElsewhere({ call }: Setting, whose: Whose): Operation<ReadonlyMap<string, string>> {
  const wanted = new Map<string, string>()
  if (call.netns !== HOST) return wanted
  yield* findElsewhere(whose, (one, isSaid): undefined => {
    const parameter = parameterOf(one.call.key)
    const text = writtenBy(one)
    if (text !== null && isSaid(parameter)) wanted.set(parameter, text)
  })
  return wanted
}

function isOfHost(undo: Undo): undo is Setting {
  return undo.call.call === 'setSysctl' && undo.call.netns === HOST
}

/**
 * Of the parameters of the process's own namespace that are wanted, those that other topologies have set, or have the kernel set, and that the
 * record of this one does not know yet: whoever goes last has to know what they were, and whoever goes first has to see that they are wanted.
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
  const look = ({ call: { key } }: Setting) => {
    for (const one of unknown) if (one === parameterOf(key) || mayWrite(key, one)) found.add(one)
    return found.size === unknown.size ? true : undefined
  }
  yield* findElsewhere(whose, look, true)
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

/**
 * What puts a parameter back that was set before, by the kernel with one that the topology has set (of `own`), or by another topology: to what
 * that one found, as it may go first.
 */
export function* handedDown(undo: SetSysctl, own: readonly Setting[], whose: Whose): Operation<SetSysctl> {
  const now = words(undo.value)
  const key = parameterOf(undo.key)
  const given = (one: Setting): SetSysctl | undefined => {
    const written = words(writtenBy(one) ?? '')
    if (!mayWrite(one.call.key, key) || copyOf(written, key) !== now) return undefined
    const value = beforeCopy(one.call, key)
    return value === undefined ? undefined : { ...undo, value }
  }
  for (const one of own) {
    const found = one.call.netns === undo.netns ? given(one) : undefined
    if (found !== undefined) return found
  }
  if (undo.netns !== HOST) return undo
  const found = yield* findElsewhere(whose, (one) => {
    const isSame = parameterOf(one.call.key) === key && words(writtenBy(one) ?? '') === now
    return isSame ? { ...undo, ...before(undo, one.call, now) } : given(one)
  })
  return found ?? undo
}

/** What a parameter was before the kernel wrote it with another one; an interface that was made since began as `default` was. */
function beforeCopy({ also }: SetSysctl, key: string): string | undefined {
  return also?.[key] ?? also?.[ofDefault(key)]
}

function before({ also }: SetSysctl, first: SetSysctl, now: string): Pick<SetSysctl, 'value' | 'also'> {
  const { value } = first
  if (also === undefined) return { value }
  const others = Object.entries(also).map(([key, is]) => {
    const wasCopied = words(is) === copyOf(now, key)
    return [key, (wasCopied ? beforeCopy(first, key) : undefined) ?? is]
  })
  return { value, also: Object.fromEntries(others) }
}
