import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import { SystemError } from '../netlink/errors.js'
import { checkNetns } from '../netlink/netns-like.js'
import { namedPath } from '../netlink/netns-name.js'
import {
  type Channel,
  type NetnsLike,
  type Operation,
  requestOne,
  withChannel,
  withNetns,
} from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { netnsNames } from '../rtnetlink/nsid/names.js'
import { getNsidRequest } from '../rtnetlink/nsid/request.js'

/**
 * The processes in a namespace, as `ip netns pids NAME`, in order: those of /proc whose first thread is there. Those of other users are
 * among them only with the right to trace them (CAP_SYS_PTRACE, ptrace(2)).
 *
 * @throws TypeError, RangeError for what is no namespace; SystemError ENOENT where there is no such name, or where /proc is not mounted
 * @see ip-netns(8), namespaces(7)
 * @example for (const pid of await listNetnsPids('red')) process.kill(pid)
 */
export function* listNetnsPids(
  netns: NetnsLike,
  options: Pick<CallOptions, 'signal'> = {},
): Operation<number[]> {
  checkNetns(netns, 'netns')
  checkKeys('listNetnsPids', options, ['signal'])
  return yield* withNetns(netns, function* ({ fd }) {
    const sought = yield* primitive('identity', `/proc/self/fd/${fd}`)
    return (yield* processes()).get(sought) ?? []
  })
}

/** A namespace in which processes are. */
export interface ProcessNetns {
  /** The name under /run/netns, of several the first; null where it has none, as those of most containers. */
  readonly name: string | null
  /** The id by which the kernel names it in the process's own namespace (getNsid()); null where it has none. */
  readonly nsid: number | null
  /** In order. `{ pid: pids[0] }` opens it. */
  readonly pids: readonly number[]
}

/**
 * The namespaces in which processes are, with a name or without, as `lsns -t net`, the process's own among them; in the order of their first
 * processes. Processes are those that listNetnsPids() tells: of other users only with the right to trace them.
 *
 * @throws SystemError ENOENT where /proc is not mounted, EMFILE where the limit of open files is reached
 * @see lsns(8), namespaces(7)
 * @example
 * for (const { name, pids } of await listProcessNetns())
 *   console.log(name, pids[0], await listAddresses({ netns: { pid: pids[0]! } }))
 */
export function* listProcessNetns(options: Pick<CallOptions, 'signal'> = {}): Operation<ProcessNetns[]> {
  checkKeys('listProcessNetns', options, ['signal'])
  const names = new Map<string | null, string>()
  for (const name of (yield* netnsNames()).reverse()) names.set(yield* identityOf(namedPath(name)), name)
  const all = yield* processes()
  return yield* withChannel(undefined, function* (channel) {
    const found: ProcessNetns[] = []
    for (const [identity, pids] of all) {
      const nsid = yield* nsidOf(channel, identity, pids)
      if (nsid !== undefined) found.push({ name: names.get(identity) ?? null, nsid, pids })
    }
    return found
  })
}

/** The id that a channel's namespace has for another one, in which are processes; undefined where they have all gone meanwhile. */
function* nsidOf(
  channel: Channel,
  identity: string,
  pids: readonly number[],
): Operation<number | null | undefined> {
  for (const pid of pids) {
    try {
      const nsid = yield* withNetns({ pid }, function* (netns) {
        // Another process may have its number by now.
        const opened = yield* primitive('identity', `/proc/self/fd/${netns.fd}`)
        return opened === identity ? yield* requestOne(channel, getNsidRequest(netns)) : undefined
      })
      if (nsid !== undefined) return nsid
    } catch (error) {
      if (!(error instanceof SystemError && GONE.includes(error.code))) throw error
    }
  }
  return undefined
}

/** Who began another program meanwhile, of another user, may not be looked at any more (EACCES), which is as if it had ended. */
const GONE: readonly string[] = ['ENOENT', 'ESRCH', 'EACCES']

/** The processes of /proc, in order, by the namespaces of their first threads. */
function* processes(): Operation<Map<string, number[]>> {
  const entries = (yield* primitive('listDirectory', '/proc')).filter((entry) => /^\d+$/.test(entry))
  const found = new Map<string, number[]>()
  for (const pid of entries.map(Number).sort((one, other) => one - other)) {
    const identity = yield* identityOf(`/proc/${pid}/ns/net`)
    if (identity === null) continue
    const pids = found.get(identity)
    if (pids === undefined) found.set(identity, [pid])
    else pids.push(pid)
  }
  return found
}

/** Null for a path that leads nowhere (any more), or to what may not be looked at. */
export function* identityOf(path: string): Operation<string | null> {
  try {
    return yield* primitive('identity', path)
  } catch (error) {
    if (error instanceof SystemError) return null
    throw error
  }
}
