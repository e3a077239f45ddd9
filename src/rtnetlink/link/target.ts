/** What the options of a request stand for in the kernel: interfaces by their ifindexes, namespaces by their descriptors. */

import {
  type Channel,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  withChannel,
  withNetns,
  withPlace,
} from '../../netlink/operation.js'
import type { Kind } from './kinds/kind.js'
import { type Dev, resolveDev } from './request.js'

/** The kind's attributes with the names of interfaces resolved. */
export function* resolveData<T extends object | undefined>(
  channel: Channel,
  kind: Kind | undefined,
  data: T,
): Operation<T> {
  if (data === undefined || kind?.devs === undefined) return data
  const resolved: Record<string, unknown> = { ...data }
  for (const dev of kind.devs) {
    const given = resolved[dev] as Dev | null | undefined
    if (given !== undefined) resolved[dev] = given === null ? 0 : yield* resolveDev(channel, given, dev)
  }
  return resolved as T
}

/** The ifindex of a master; 0 for null, none. */
export function* resolveMaster(
  channel: Channel,
  master: Dev | null | undefined,
): Operation<number | undefined> {
  return master === null ? 0 : master === undefined ? undefined : yield* resolveDev(channel, master, 'master')
}

/** The process's own namespace as a file, for messages that have to name it: threads never leave it. */
const OWN: NetnsLike = { path: '/proc/self/ns/net' }

/** Opens the namespace in which a call acts as a descriptor and as a channel. */
export function* withTarget<T>(
  netns: NetnsLike | undefined,
  work: (netns: OpenNetns, channel: Channel) => Operation<T>,
): Operation<T> {
  return yield* withPlace(netns, function* (open) {
    if (open !== null) return yield* withChannel(open, (channel) => work(open, channel))
    return yield* withNetns(OWN, (own) => withChannel(undefined, (channel) => work(own, channel)))
  })
}
