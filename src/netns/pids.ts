import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import { SystemError } from '../netlink/errors.js'
import { checkNetns } from '../netlink/netns-like.js'
import { type NetnsLike, type Operation, withNetns } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'

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
    const pids: number[] = []
    for (const entry of yield* primitive('listDirectory', '/proc'))
      if (/^\d+$/.test(entry) && (yield* identityOf(`/proc/${entry}/ns/net`)) === sought)
        pids.push(Number(entry))
    return pids.sort((one, other) => one - other)
  })
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
