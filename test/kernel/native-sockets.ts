/** What the tests of the addon's sockets share. */

import { onTestFinished } from 'vitest'
import type { NativeSocket } from '../../src/socket/native.js'
import { must, NETLINK_ROUTE, native, PLAIN } from './native-addon.js'

export function open(settings: Int32Array = PLAIN, protocol = NETLINK_ROUTE): NativeSocket {
  const socket = must(native.openNetlink(-1, protocol, settings))
  onTestFinished(() => socket.close())
  return socket
}

export function submit(
  socket: NativeSocket,
  request: Uint8Array,
  into: Uint8Array,
  ends?: Int32Array,
): Promise<[error: number, received: number, sent: number]> {
  return new Promise((resolve) => {
    socket.submit(request, request.length, into, (...answer) => resolve(answer), ends)
  })
}
