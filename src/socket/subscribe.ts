import { NETLINK_ADD_MEMBERSHIP, SOL_NETLINK } from '../netlink/constants.js'
import type { NetnsLike } from '../netlink/operation.js'
import { type EventReader, EventSocket, type NameOf } from './event-socket.js'
import { systemError } from './failure.js'
import { openSocket } from './open.js'

export interface Subscription<E> {
  readonly protocol: number
  /** Numbers of multicast groups. */
  readonly groups: readonly number[]
  readonly netns: NetnsLike | undefined
  readonly signal: AbortSignal | undefined
  /** Bytes that the kernel keeps. */
  readonly receiveBuffer: number
  /** Bytes kept here. */
  readonly queueLimit: number
  readonly reader: (nameOf: NameOf) => EventReader<E>
}

/** Opens a socket and joins the groups: what happens afterwards arrives. */
export async function subscribe<E extends object>(wanted: Subscription<E>): Promise<EventSocket<E>> {
  const { protocol, groups, netns, signal, receiveBuffer, queueLimit, reader } = wanted
  signal?.throwIfAborted()
  const { socket, where } = await openSocket(netns, protocol, Int32Array.of(0, receiveBuffer))
  try {
    for (const group of groups) {
      const status = socket.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
      if (status < 0)
        throw systemError(
          { errno: -status, syscall: 'setsockopt' },
          `multicast group ${group} ${where}`.trimEnd(),
        )
    }
    signal?.throwIfAborted()
    return new EventSocket(socket, queueLimit, reader)
  } catch (error) {
    socket.close()
    throw error
  }
}
