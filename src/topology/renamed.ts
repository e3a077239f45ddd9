/** Interfaces of a topology that somebody gave another name: its record has their ifindexes. */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { listLinks } from '../rtnetlink/link/list.js'
import type { JournalRecord } from './journal.js'
import { HOST, OWN_NETNS } from './network.js'
import { parseValue } from './parse.js'
import type { DeleteLink } from './take-back.js'

/**
 * Which namespace the process's own is, and of which run of the machine: in another one an ifindex is that of another interface. As long as the
 * namespace is there, the kernel gives no ifindex twice unless somebody asks for it (dev_index_reserve() of net/core/dev.c).
 */
export function* hostIdentity(): Operation<string> {
  const boot = yield* primitive('readText', '/proc/sys/kernel/random/boot_id')
  return `${boot.trim()} ${yield* primitive('identity', OWN_NETNS.path)}`
}

/** Those of some interfaces that have other names now, by ifindex and with that name. What is of another kind is none of them. */
export function* renamedLinks(
  record: JournalRecord,
  undos: readonly DeleteLink[],
): Operation<Map<number, DeleteLink>> {
  const found = new Map<number, DeleteLink>()
  const known = undos.filter(({ is }) => is !== null)
  if (known.length === 0 || record.host !== (yield* hostIdentity())) return found
  const kinds = kindsOf(record)
  const links = new Map((yield* listLinks()).map((link) => [String(link.ifindex), link]))
  for (const undo of known) {
    const link = links.get(undo.is!)
    if (link !== undefined && kinds.has(`${undo.call.dev} ${link.kind}`))
      found.set(link.ifindex, { ...undo, call: { ...undo.call, dev: link.name } })
  }
  return found
}

/** Of a topology that was being changed, a name may have been another kind's. */
function kindsOf({ complete, pending }: JournalRecord): ReadonlySet<string> {
  const values = [complete, pending].filter((value) => value !== null)
  return new Set(
    values.flatMap((value) =>
      [...parseValue(value).places.get(HOST)!.links.values()].map(({ name, kind }) => `${name} ${kind}`),
    ),
  )
}
