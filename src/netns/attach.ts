import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import { checkNetns } from '../netlink/netns-like.js'
import { namedPath } from '../netlink/netns-name.js'
import { type NetnsLike, type Operation, withNetns } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { taken } from './create.js'

/**
 * Gives a namespace a name, as `ip netns attach NAME PID`: that of a container, say, which has none under /run/netns, or one that was
 * made without a name. It stays until deleteNetns(), also when all of its processes have ended.
 *
 * @throws RangeError for a name that cannot be a file name; SystemError EEXIST where the name is taken, ENOENT or ESRCH where there is no
 * such namespace, EPERM without CAP_SYS_ADMIN. A failure leaves nothing behind.
 * @see ip-netns(8)
 * @example await attachNetns('web', { pid: 4711 })
 */
export function* attachNetns(
  name: string,
  netns: NetnsLike,
  options: Pick<CallOptions, 'signal'> = {},
): Operation<void> {
  checkKeys('attachNetns', options, ['signal'])
  const path = namedPath(name, 'name')
  checkNetns(netns, 'netns')
  yield* withNetns(netns, function* (open) {
    try {
      yield* primitive('nameNetns', open, path)
    } catch (error) {
      throw taken(error, name)
    }
  })
}
