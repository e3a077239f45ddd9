import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import { ENOENT } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { NO_SUCH_NAME, namedPath } from '../netlink/netns-name.js'
import { NETNS, type NetnsHandle, type Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'

/**
 * Deletes the name of a namespace, as `ip netns delete NAME`. The namespace itself ends with the last process, handle or socket in it;
 * the links in it go then, some 10 to 50 ms later.
 *
 * @throws RangeError for a name that cannot be a file name; SystemError ENOENT where there is none, EPERM without CAP_SYS_ADMIN, EBUSY
 * where a second mount lies on the name.
 * @see ip-netns(8)
 * @example await deleteNetns('red')
 */
export function* deleteNetns(name: string, options: Pick<CallOptions, 'signal'> = {}): Operation<void> {
  checkKeys('deleteNetns', options, ['signal'])
  const path = namedPath(name, 'name')
  try {
    yield* primitive('removeNetns', path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw refused(error, name, (yield* advise(error.code, path)) ?? error.advice ?? undefined)
  }
}

/** Deletes the namespace's name, as deleteNetns(), and closes the handle. A name that is another namespace's by now stays. */
export function* deleteOpened(
  netns: NetnsHandle,
  options: Pick<CallOptions, 'signal'> = {},
): Operation<void> {
  checkKeys('delete', options, ['signal'])
  const opened = netns[NETNS]
  if (opened.name === null) throw new TypeError('delete: this namespace has no name; close() is enough')
  const own = yield* primitive('identity', `/proc/self/fd/${opened.fd}`)
  if ((yield* identityOfName(opened.name)) !== own) {
    const gone = new SystemError({ errno: ENOENT, syscall: 'stat' })
    throw refused(gone, opened.name, 'the name has been deleted, or is that of another namespace by now')
  }
  yield* deleteNetns(opened.name)
  opened.close()
}

/** Null where there is none; what may not be looked at is not taken for that. */
function* identityOfName(name: string): Operation<string | null> {
  try {
    return yield* primitive('identity', namedPath(name))
  } catch (error) {
    if (error instanceof SystemError && error.code === 'ENOENT') return null
    throw error
  }
}

function refused({ errno, syscall }: SystemError, name: string, advice: string | undefined): SystemError {
  return new SystemError({ errno, syscall, subject: `namespace '${name}'`, advice })
}

function* advise(code: string, path: string): Operation<string | undefined> {
  if (code === 'ENOENT') return NO_SUCH_NAME
  if (code !== 'EBUSY') return undefined
  const mounts = mountsOn(path, yield* primitive('readFile', null, '/proc/self/mountinfo'))
  return mounts.length === 0
    ? `something is still mounted on ${path}`
    : `still mounted on ${path} after one mount was taken off: ${mounts.join(', ')} in /proc/self/mountinfo; ` +
        'delete the name once more for each, or `umount` it'
}

/** The ids of the mounts on a path (proc(5)), whose white space mountinfo writes in octal. */
export function mountsOn(path: string, mountinfo: string): string[] {
  const written = path.replace(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[4] === written)
    .map((fields) => `mount ${fields[0]}`)
}
