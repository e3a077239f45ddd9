/** Interfaces of a topology that somebody gave another name: its record has their ifindexes. */

import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import type { Link } from '../rtnetlink/link/link.js'
import type { JournalRecord } from './journal.js'
import { HOST, OWN_NETNS } from './network.js'
import { recordedNetwork } from './recorded.js'
import type { DeleteLink, Undo } from './take-back.js'

/**
 * Which namespace the process's own is, and of which run of the machine: in another one an ifindex is that of another interface. As long as the
 * namespace is there, the kernel gives no ifindex twice unless somebody asks for it (dev_index_reserve() of net/core/dev.c).
 */
export function* hostIdentity(): Operation<string> {
  const boot = yield* primitive('readText', '/proc/sys/kernel/random/boot_id')
  return `${boot.trim()} ${yield* primitive('identity', OWN_NETNS.path)}`
}

/** Of the process's own namespace. */
export interface RenamedLink {
  readonly ifindex: number
  /** What it is called now. */
  readonly dev: string
  /** Where it is in the topology's value, under the name that it was given there. */
  readonly path: string
}

/** Those of what some calls made that have other names now, in the order of the calls. What is of another kind is none of them. */
export function* renamedLinks(
  record: JournalRecord,
  undos: readonly Undo[],
  links: readonly Link[],
): Operation<RenamedLink[]> {
  const byIndex = new Map(links.map((link) => [String(link.ifindex), link]))
  const others = undos.filter(deletesLinkOfHost).flatMap(({ call: { dev: before }, is }) => {
    const link = is === null ? undefined : byIndex.get(is)
    return link === undefined || link.name === before ? [] : [{ before, link }]
  })
  if (others.length === 0 || record.host !== (yield* hostIdentity())) return []
  const paths = pathsOf(record)
  return others.flatMap(({ before, link: { ifindex, kind, name: dev } }) => {
    const path = paths.get(`${before} ${kind}`)
    return path === undefined ? [] : [{ ifindex, dev, path }]
  })
}

/** Whether it deletes an interface of the process's own namespace. */
export function deletesLinkOfHost(undo: Undo): undo is DeleteLink {
  return undo.call.call === 'deleteLink' && undo.call.netns === HOST
}

/** By name and kind: of a topology that was being changed, a name may have been another kind's. */
function pathsOf(record: JournalRecord): ReadonlyMap<string, string> {
  const values = [record.complete, record.pending].filter((value) => value !== null)
  return new Map(
    values.flatMap((value) =>
      [...recordedNetwork(record, value).places.get(HOST)!.links.values()].map(
        ({ name, kind, path }): [string, string] => [`${name} ${kind}`, path],
      ),
    ),
  )
}
