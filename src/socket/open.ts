import type { NetnsLike, OpenNetns } from '../netlink/operation.js'
import { addon } from './addon.js'
import { check } from './failure.js'
import type { Failure, NativeSocket } from './native.js'
import { hold } from './place.js'

/** A socket for one purpose, and "in namespace 'red'" for its errors. */
export interface OpenedSocket {
  readonly socket: NativeSocket
  readonly where: string
}

/**
 * Opens a netlink socket that nothing else uses: for a stream, a monitor, a raw socket. It keeps its namespace alive by itself,
 * so that a handle may be closed before it.
 */
export async function openSocket(
  netns: NetnsLike | OpenNetns | undefined,
  protocol: number,
  settings: Int32Array,
): Promise<OpenedSocket> {
  if (netns === undefined) {
    return { socket: check(addon().openNetlink(-1, protocol, settings)), where: '' }
  }
  const core = hold(netns)
  try {
    const answer = await new Promise<NativeSocket | Failure>((resolve) => {
      core.system.openNetlink(core.fd, protocol, settings, resolve)
    })
    return { socket: check(answer, core.label), where: `in ${core.label}` }
  } finally {
    core.release()
  }
}
