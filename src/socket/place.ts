/** From what callers write after `netns:` to an open namespace. */

import { errnoCode } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { checkNetns, isNetnsHandle } from '../netlink/netns-like.js'
import { NO_SUCH_NAME, namedPath } from '../netlink/netns-name.js'
import { isOpenNetns, NETNS, type NetnsHandle, type NetnsLike, type OpenNetns } from '../netlink/operation.js'
import { addon } from './addon.js'
import { isFailure, systemError } from './failure.js'
import type { Failure } from './native.js'
import { NetnsCore, type NetnsSystem } from './netns-core.js'

function isHandle(netns: NetnsLike): netns is NetnsHandle & { readonly [NETNS]: NetnsCore } {
  return isNetnsHandle(netns)
}

/** Opens a namespace anew; what comes back is closed by the caller. A handle is opened as a duplicate. */
export function openCore(netns: NetnsLike, forOneCall = false): NetnsCore {
  checkNetns(netns, 'netns')
  if (isHandle(netns)) {
    const { fd, name, label, system } = netns[NETNS]
    return duplicate(fd, name, label, forOneCall, system)
  }
  if (typeof netns === 'string') return open(namedPath(netns), netns, `namespace '${netns}'`, forOneCall)
  if ('pid' in netns)
    return open(`/proc/${netns.pid}/ns/net`, null, `the namespace of process ${netns.pid}`, forOneCall)
  if ('path' in netns) return open(netns.path, null, labelOf(netns.path), forOneCall)
  const { fd } = netns as { fd: number }
  return open(`/proc/self/fd/${fd}`, null, `namespace fd ${fd}`, forOneCall)
}

/** By which operations name the own namespace, too, where a request has to. */
function labelOf(path: string): string {
  return path === '/proc/self/ns/net' ? "the process's own namespace" : `namespace '${path}'`
}

function duplicate(
  fd: number,
  name: string | null,
  label: string,
  forOneCall: boolean,
  system: NetnsSystem,
): NetnsCore {
  const copy = system.duplicate(fd)
  if (isFailure(copy)) throw systemError(copy, label)
  return new NetnsCore(copy, name, label, forOneCall, system)
}

function open(path: string, name: string | null, label: string, forOneCall: boolean): NetnsCore {
  const fd = addon().openNetns(path)
  if (!isFailure(fd)) return new NetnsCore(fd, name, label, forOneCall)
  const advice = adviseOpening(fd, name !== null)
  throw advice === undefined ? systemError(fd, label) : new SystemError({ ...fd, subject: label, advice })
}

function adviseOpening({ errno, syscall }: Failure, named: boolean): string | undefined {
  const code = errnoCode(errno)
  if (syscall === 'ioctl' || code === 'ENXIO') return 'this is not a network namespace'
  switch (code) {
    case 'ENOENT':
      return named ? NO_SUCH_NAME : 'there is no such namespace'
    case 'EACCES':
      return named
        ? 'nothing is mounted on its file: it is being made just now, or was left over'
        : "the namespace of another user's process needs CAP_SYS_PTRACE"
    default:
      return undefined
  }
}

/**
 * A namespace for the time of one call, held: that of a handle, or one that is opened and closed again. One that the call holds already
 * is held once more, also where its handle has been closed since.
 */
export function hold(netns: NetnsLike | OpenNetns): NetnsCore {
  const core = isOpenNetns(netns)
    ? (netns as NetnsCore)
    : isHandle(netns)
      ? netns[NETNS]
      : openCore(netns, true)
  if (core !== netns) core.assertOpen()
  core.retain()
  return core
}

/** As hold(); null, the process's own namespace, where no other is given. */
export function holdPlace(netns: NetnsLike | undefined): NetnsCore | null {
  return netns === undefined ? null : hold(netns)
}

/** Where a call acts: as its options say, else in the handle whose method it is. Only what is left out is left out: null is a mistake. */
export function placeOf<N>(
  { netns }: { readonly netns: N | undefined },
  here: NetnsHandle | undefined,
): N | NetnsHandle | undefined {
  return netns === undefined ? here : netns
}
