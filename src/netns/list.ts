import type { CallOptions } from '../netlink/call.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { ESRCH } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { namedPath } from '../netlink/netns-name.js'
import { type Operation, withChannel } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { netnsNames, nsidOfName } from '../rtnetlink/nsid/names.js'
import { identityOf } from './pids.js'

/** A namespace with a name. */
export interface NamedNetns {
  readonly name: string
  /** The id by which the kernel names it in the process's own namespace (getNsid()); null where it has none. */
  readonly nsid: number | null
}

/**
 * The namespaces with a name, as `ip netns list`: the files of /run/netns, sorted. A file on which no namespace is mounted is in the
 * list too, so that it can be deleted.
 *
 * @throws SystemError where /run/netns cannot be read, or the limit of open files is reached (EMFILE).
 * @see ip-netns(8)
 * @example for (const { name } of await listNetns()) console.log(name)
 */
export function* listNetns(options: Pick<CallOptions, 'signal'> = {}): Operation<NamedNetns[]> {
  checkKeys('listNetns', options, ['signal'])
  const names = yield* netnsNames()
  if (names.length === 0) return []
  return yield* withChannel(undefined, function* (channel) {
    const found: NamedNetns[] = []
    for (const name of names) {
      const nsid = yield* nsidOfName(channel, name)
      if (nsid !== undefined) found.push({ name, nsid })
    }
    return found
  })
}

/**
 * The name of the namespace in which a process is, as `ip netns identify PID`; null where that namespace has no name. Of several names
 * the first in order.
 *
 * @throws RangeError for a number that cannot be a process id; SystemError ESRCH where there is no such process, EACCES for one of
 * another user.
 * @see ip-netns(8), namespaces(7)
 * @example const name = await identifyNetns(process.pid)
 */
export function* identifyNetns(
  pid: number,
  options: Pick<CallOptions, 'signal'> = {},
): Operation<string | null> {
  checkKeys('identifyNetns', options, ['signal'])
  checkInteger(pid, 'pid', 1, 0x7fffffff, 'a process id')
  const sought = yield* identityOfProcess(pid)
  for (const name of yield* netnsNames()) {
    if ((yield* identityOf(namedPath(name))) === sought) return name
  }
  return null
}

function* identityOfProcess(pid: number): Operation<string> {
  try {
    return yield* primitive('identity', `/proc/${pid}/ns/net`)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const { code, errno, syscall } = error
    throw new SystemError({
      errno: code === 'ENOENT' ? ESRCH : errno,
      syscall,
      subject: `process ${pid}`,
      advice:
        code === 'EACCES'
          ? 'needs the right to trace that process (ptrace(2)): the same user, or CAP_SYS_PTRACE'
          : undefined,
    })
  }
}
