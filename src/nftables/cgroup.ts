/** Control groups by their paths: rules know them by number. */

import { show } from '../codec/fault.js'
import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import type { Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { checkText } from './input.js'

const CGROUPS = '/sys/fs/cgroup'
/** PATH_MAX */
const MAX_PATH = 4096

/**
 * The number of a control group (version 2), which `socket.cgroupv2()` compares with: the inode of its directory. The path is that below
 * /sys/fs/cgroup, as nft(8) takes it, or begins with '/' where the file system is mounted elsewhere. A group that is made again has
 * another number.
 *
 * @throws TypeError or RangeError for what is no path, or has '..' in it; SystemError ENOENT where there is no such group, or the
 * directory is none of version 2
 * @see cgroups(7), nft(8)
 * @example
 * const id = await getCgroupId('user.slice')
 * rule(socket.cgroupv2(1)(id), counter())
 */
export function* getCgroupId(path: string, options: Pick<CallOptions, 'signal'> = {}): Operation<number> {
  checkText(path, 'path', MAX_PATH)
  checkKeys('getCgroupId', options, ['signal'])
  if (path.split('/').includes('..')) throw new RangeError(`path: ${show(path)} leads out of where it begins`)
  const whole = path.startsWith('/') ? path : `${CGROUPS}/${path}`
  // Only groups of version 2 have it: any other directory has an inode, too.
  yield* primitive('identity', `${whole}/cgroup.controllers`)
  const identity = yield* primitive('identity', whole)
  return Number(identity.slice(identity.indexOf(':') + 1))
}
