/** Takes back what was made, as far as it is there and still the same. */

import { Aborted, type Channel, type Operation, withChannel } from '../netlink/operation.js'
import { type BatchResult, batch } from '../rtnetlink/batch.js'
import { deleteLink, deleteLinkGroup } from '../rtnetlink/link/delete.js'
import { listLinks } from '../rtnetlink/link/list.js'
import type { Call } from './call.js'
import { codeOf, textOf } from './error.js'
import { explainCall } from './explain.js'
import type { JournalRecord } from './journal.js'
import { HOST } from './network.js'
import { Places, perform } from './perform.js'
import { putBack } from './put-back.js'
import { deletesLinkOfHost, renamedLinks } from './renamed.js'
import type { Setting, Whose } from './setting.js'
import { Search } from './whereabouts.js'

/** A call that takes something back, and what that was, where it is known (perform()); of a parameter, what it was set to. */
export interface Undo {
  readonly call: Call
  readonly is: string | null
  /** Of a parameter whose last step may not have been done: what it was before that. */
  readonly before?: string
}

/** Of an interface of the process's own namespace. */
export type DeleteLink = Undo & { readonly call: { readonly call: 'deleteLink' } }

/** What there is nothing to take back of. */
export const GONE = ['ENOENT', 'ENODEV', 'ESRCH', 'EADDRNOTAVAIL']

/** Whether there is nothing to be done: what was made is gone, or what was deleted is there. */
function isDone({ call }: Call, code: string | null): boolean {
  return GONE.includes(code ?? '') || (call.startsWith('add') && code === 'EEXIST')
}

/**
 * Takes back in the order given, links after entries and namespaces after links. What is not there is no error. Returns what could not be
 * taken back, one line each. With a `record` interfaces are also sought that somebody renamed.
 *
 * Links of the process's own namespace are deleted together: one by one the kernel would wait some 20 ms for each.
 */
export function* takeBack(
  undos: readonly Undo[],
  whose: Whose,
  record: JournalRecord | null = null,
): Operation<string[]> {
  const links: DeleteLink[] = []
  const namespaces: Undo[] = []
  const others: Undo[] = []
  for (const undo of undos) {
    if (deletesLinkOfHost(undo)) links.push(undo)
    else if (undo.call.call === 'deleteNetns') namespaces.push(undo)
    else others.push(undo)
  }
  const left = yield* takeRest(others, whose)
  yield* deleteLinks(links, left, record)
  const search = new Search()
  for (const undo of namespaces) left.push(...(yield* takeNetns(undo, whose, search)))
  return left
}

/**
 * What is refused is tried once more, and again as long as others are not: one of them may have stood in its way, as the smaller MTU of the
 * interface underneath.
 */
function* takeRest(undos: readonly Undo[], whose: Whose): Operation<string[]> {
  let refused = yield* attemptAll(undos, whose)
  for (;;) {
    const again = yield* attemptAll([...refused.keys()], whose)
    const isStuck = again.size === refused.size
    refused = again
    if (isStuck) return [...refused].flatMap(([undo, error]) => wordsOf(undo, error))
  }
}

/** The errors of those that were refused. */
function* attemptAll(undos: readonly Undo[], whose: Whose): Operation<Map<Undo, unknown>> {
  const refused = new Map<Undo, unknown>()
  for (const undo of undos) {
    const error = yield* attempt(undo, whose)
    if (error !== null) refused.set(undo, error)
  }
  return refused
}

/** The error, where there is something left to be taken back. */
function* attempt(undo: Undo, whose: Whose): Operation<unknown> {
  const { call } = undo
  const places = new Places([call])
  try {
    if (call.call === 'setSysctl') yield* putBack(undo as Setting, yield* places.find(call.netns), whose)
    else yield* perform(call, places)
  } catch (error) {
    if (error instanceof Aborted) throw error
    if (!isDone(call, codeOf(error))) return error
  } finally {
    places.closeAll()
  }
  return null
}

/** What is left, as the commands that a person would type. */
function wordsOf({ call }: Undo, error: unknown): string[] {
  return error === null ? [] : [`${explainCall(call).join(' && ')} (${textOf(error)})`]
}

/**
 * A name that is somebody else's by now stays. The file of one that is mounted elsewhere alone is taken away: with the file the kernel takes
 * the mounts on it off, in every mount namespace (vfs_unlink() of fs/namei.c).
 */
function* takeNetns(undo: Undo, whose: Whose, search: Search): Operation<string[]> {
  const { call, is } = undo
  if (is === null || call.call !== 'deleteNetns') return wordsOf(undo, yield* attempt(undo, whose))
  const found = yield* search.find(call.netns, is)
  if (found === 'gone' || found === 'other') return []
  const left = wordsOf(undo, yield* attempt(undo, whose))
  if (typeof found !== 'number' || left.length > 0) return left
  const still = yield* search.find(call.netns, is)
  if (typeof still !== 'number') return []
  return [`nsenter -t ${still} -m ${explainCall(call)[0]} (it is not seen in this mount namespace)`]
}

function* deleteLinks(
  undos: readonly DeleteLink[],
  left: string[],
  record: JournalRecord | null,
): Operation<void> {
  yield* withChannel(undefined, function* (channel) {
    const found = present(channel, undos)
    const there = new Set(found.values())
    const missing = undos.filter((undo) => !there.has(undo))
    if (record !== null && missing.some(({ is }) => is !== null))
      for (const { ifindex, dev } of yield* renamedLinks(record, missing, yield* listLinks()))
        found.set(ifindex, { call: { call: 'deleteLink', netns: HOST, dev }, is: String(ifindex) })
    yield* deleteFound(found, left)
  })
}

/** Those that are there and are what they were, by ifindex. */
function present(channel: Channel, undos: readonly DeleteLink[]): Map<number, DeleteLink> {
  const found = new Map<number, DeleteLink>()
  for (const undo of undos) {
    const ifindex = channel.ifindex(undo.call.dev)
    if (ifindex > 0 && (undo.is === null || undo.is === String(ifindex))) found.set(ifindex, undo)
  }
  return found
}

function* deleteFound(found: ReadonlyMap<number, DeleteLink>, left: string[]): Operation<void> {
  if (found.size > 1 && (yield* deleteTogether([...found.keys()]))) return
  for (const [ifindex, undo] of found) {
    try {
      yield* deleteLink(ifindex)
    } catch (error) {
      if (error instanceof Aborted) throw error
      if (!GONE.includes(codeOf(error) ?? '')) left.push(...wordsOf(undo, error))
    }
  }
}

/** Whether the kernel deleted them as a group: one of them that cannot be deleted keeps all. */
function* deleteTogether(ifindexes: readonly number[]): Operation<boolean> {
  const taken = new Set((yield* listLinks()).map((link) => link.group))
  let group = FIRST_GROUP
  while (taken.has(group)) group++
  const results = yield* batch((b) => {
    for (const ifindex of ifindexes) b.setLink(ifindex, { group })
  })
  const isIn = (result: BatchResult) => result.status !== 'rejected' || codeOf(result.reason) === 'ENODEV'
  if (!results.every(isIn)) return false
  try {
    yield* deleteLinkGroup(group)
    return true
  } catch (error) {
    if (error instanceof Aborted) throw error
    // The group is empty: all of them have gone meanwhile.
    return codeOf(error) === 'ENODEV'
  }
}

/** Where groups are sought that nobody uses: 'nt' and sixteen bits. */
const FIRST_GROUP = 0x6e740000
