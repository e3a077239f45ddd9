/** The names of namespaces, and the ids by which the kernel knows them: it has no names itself. */

import { SystemError } from '../../netlink/errors.js'
import { NETNS_DIRECTORY } from '../../netlink/netns-name.js'
import { type Channel, type Operation, requestOne, withNetns } from '../../netlink/operation.js'
import { primitive } from '../../netlink/primitives.js'
import { getNsidRequest } from './request.js'

/** The files of /run/netns, sorted. */
export function* netnsNames(): Operation<string[]> {
  try {
    return (yield* primitive('listDirectory', NETNS_DIRECTORY)).sort()
  } catch (error) {
    if (error instanceof SystemError && error.code === 'ENOENT') return []
    throw error
  }
}

/** The id that a channel's namespace has for a name; undefined where the name has been deleted meanwhile. */
export function* nsidOfName(channel: Channel, name: string): Operation<number | null | undefined> {
  try {
    return yield* withNetns(name, (netns) => requestOne(channel, getNsidRequest(netns)))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (error.code === 'ENOENT') return undefined
    // Not a mount, or about to become one: then nobody but root can open it.
    if (error.code === 'EINVAL' || error.code === 'EACCES') return null
    throw error
  }
}

/**
 * The names of the namespaces with these ids, of several the first in order; an id without a name is left out. A request for each name
 * until all are found.
 */
export function* namesOfNsids(
  channel: Channel,
  nsids: ReadonlySet<number>,
): Operation<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  if (nsids.size === 0) return found
  for (const name of yield* netnsNames()) {
    const nsid = yield* nsidOfName(channel, name)
    if (nsid == null || !nsids.has(nsid) || found.has(nsid)) continue
    found.set(nsid, name)
    if (found.size === nsids.size) break
  }
  return found
}
