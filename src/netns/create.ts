import type { CallOptions } from '../netlink/call.js'
import { checkBoolean, checkKeys } from '../netlink/check.js'
import { SystemError } from '../netlink/errors.js'
import { namedPath } from '../netlink/netns-name.js'
import {
  checkpoint,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  unabortable,
} from '../netlink/operation.js'
import { type BegunNetns, primitive } from '../netlink/primitives.js'

/**
 * What a new namespace has from the start. `netns` is not among the options: a namespace lies in no other.
 */
export interface CreateNetnsOptions extends Pick<CallOptions, 'signal'> {
  /** Brings `lo` up, as most programs expect it. */
  loopback?: boolean | undefined
}

/**
 * Makes a network namespace and opens it. With a name it is the same as `ip netns add NAME`: any program can enter it, and it stays
 * until deleteNetns(). Without one it ends with its last handle.
 *
 * @throws RangeError for a name that cannot be a file name; SystemError EEXIST where the name is taken, EPERM without
 * CAP_SYS_ADMIN, ENOSPC past user.max_net_namespaces. A failure leaves nothing behind.
 * @see ip-netns(8), network_namespaces(7)
 * @example const red = await createNetns('red', { loopback: true })
 */
export function* createNetns(name?: string, options: CreateNetnsOptions = {}): Operation<OpenNetns> {
  checkKeys('createNetns', options, ['loopback', 'signal'])
  if (options.loopback !== undefined) checkBoolean(options.loopback, 'loopback')
  const path = name === undefined ? null : namedPath(name, 'name')
  let made: OpenNetns
  try {
    made = yield* primitive('createNetns', path, name ?? null, options.loopback ?? false)
  } catch (error) {
    throw taken(error, name)
  }
  try {
    yield* checkpoint()
    return made
  } catch (error) {
    made.close()
    if (path !== null) yield* unabortable(primitive('removeNetns', path))
    throw error
  }
}

/**
 * Begins what createNetns() does with a name: finishNetns() must follow, abort or not. What is done between the two takes no longer for it.
 */
export function* beginNetns(name: string, loopback: boolean): Operation<BegunNetns> {
  return yield* primitive('beginNetns', namedPath(name, 'name'), name, loopback)
}

export function* finishNetns(begun: BegunNetns): Operation<OpenNetns> {
  try {
    return yield* unabortable(primitive('finishNetns', begun))
  } catch (error) {
    throw taken(error, begun.name)
  }
}

/** EEXIST with what to do about it; any other error as it is. */
export function taken(error: unknown, name: string | undefined): unknown {
  if (!(error instanceof SystemError) || error.code !== 'EEXIST') return error
  const { errno, syscall } = error
  const advice = 'the name is taken: openNetns() opens that namespace, deleteNetns() deletes its name'
  return new SystemError({ errno, syscall, subject: `namespace '${name}'`, advice })
}

/**
 * Opens a namespace that exists: by name, `{ pid }`, `{ path }`, `{ fd }` (duplicated) or another handle. The handle stays valid when
 * the name is deleted or the process ends.
 *
 * @throws SystemError ENOENT where there is no such namespace, EINVAL where the file is not a network namespace, EACCES for a process
 * of another user.
 * @see ip-netns(8), namespaces(7)
 * @example using container = openNetns({ pid: 4711 }) // ./sync
 */
export function* openNetns(
  netns: NetnsLike,
  options: Pick<CallOptions, 'signal'> = {},
): Operation<OpenNetns> {
  checkKeys('openNetns', options, ['signal'])
  return yield* primitive('openNetns', netns)
}
