/** Real sockets made small, so that little is enough to make answers long, buffers full and dumps slow. */

import { NETNS, type NetnsHandle } from '../../src/netlink/operation.js'
import { addon } from '../../src/socket/addon.js'
import { check } from '../../src/socket/failure.js'
import type { Addon, NativeSocket } from '../../src/socket/native.js'
import { NetnsCore } from '../../src/socket/netns-core.js'

export interface Bent {
  /** SO_RCVBUF in bytes. */
  receiveBuffer?: number
  /** Bytes that a receive takes at most; may change. */
  window?: () => number
  /** Called after each receive. */
  received?: () => void
}

/** A handle of a namespace whose sockets are real, and small. */
export function bent(netns: string, { receiveBuffer, window, received }: Bent): NetnsHandle {
  const part = (into: Uint8Array) => into.subarray(0, window?.())
  const bend = (socket: NativeSocket): NativeSocket => ({
    fd: socket.fd,
    portid: socket.portid,
    get nsid() {
      return socket.nsid
    },
    receiveOne: (into) => socket.receiveOne(part(into)),
    exchange(request, length, into) {
      const answer = socket.exchange(request, length, part(into))
      received?.()
      return answer
    },
    receive(into, wait) {
      const answer = socket.receive(part(into), wait)
      received?.()
      return answer
    },
    submit(request, length, into, done, ends) {
      const answered: typeof done = (...answer) => {
        received?.()
        done(...answer)
      }
      socket.submit(request, length, part(into), answered, ends)
    },
    watch: (readable) => socket.watch(readable),
    unwatch: () => socket.unwatch(),
    ifindex: (name) => socket.ifindex(name),
    ifname: (ifindex) => socket.ifname(ifindex),
    setOption: (level, name, value) => socket.setOption(level, name, value),
    close: () => socket.close(),
  })
  const openNetlink = ((fd, protocol, wanted, done?: (socket: NativeSocket) => void) => {
    const settings = wanted.slice()
    if (receiveBuffer !== undefined) settings[1] = receiveBuffer
    const socket = bend(check(addon().openNetlink(fd, protocol, settings)))
    if (done === undefined) return socket
    setImmediate(() => done(socket))
    return undefined
  }) as Addon['openNetlink']
  const fd = check(addon().openNetns(`/run/netns/${netns}`))
  const system = { openNetlink, duplicate: addon().duplicate, close: addon().close }
  return { [NETNS]: new NetnsCore(fd, netns, `namespace '${netns}'`, false, system) }
}

export const closeOf = (handle: NetnsHandle) => (handle[NETNS] as NetnsCore).close()
