import { EMSGSIZE, ENOBUFS, errnoCode } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { Exchange } from '../netlink/exchange.js'
import type { Outcome, Request } from '../netlink/request.js'
import { clock } from './clock.js'
import type { NativeSocket } from './native.js'
import type { OwnedChannel } from './netns-core.js'
import { RECEIVE_SIZE } from './settings.js'
import { trace } from './trace.js'

let buffer: Uint8Array | undefined

/** A socket of the synchronous face: one native call sends and receives. */
export class SyncChannel implements OwnedChannel {
  readonly #socket: NativeSocket
  readonly #exchange: Exchange

  constructor(
    socket: NativeSocket,
    readonly where: string,
    readonly onRelease: () => void = () => {},
  ) {
    this.#socket = socket
    this.#exchange = new Exchange(where, trace(), socket.portid, clock)
  }

  perform(requests: readonly Request[]): Outcome[] {
    const exchange = this.#exchange
    const outcomes: Outcome[] = []
    exchange.add(requests, (index, outcome) => {
      outcomes[index] = outcome
    })
    buffer ??= new Uint8Array(RECEIVE_SIZE)
    try {
      while (exchange.hasUnsent || exchange.isWaiting) {
        const out = exchange.next()
        const received =
          out.length > 0
            ? this.#socket.exchange(out, out.length, buffer)
            : exchange.isWaiting
              ? this.#socket.receive(buffer, true)
              : 0
        if (received < 0) throw failure(received)
        exchange.receive(buffer, 0, received)
      }
    } catch (error) {
      exchange.fail(error as Error)
      this.#drain(buffer)
    }
    return outcomes
  }

  /** What is left of the answers is read off: while a dump is unread the kernel refuses another (EBUSY). */
  #drain(into: Uint8Array): void {
    let received: number
    do received = this.#socket.receive(into, false)
    while (received > 0 || received === -ENOBUFS || received === -EMSGSIZE)
  }

  ifindex(name: string): number {
    return this.#socket.ifindex(name)
  }

  ifname(ifindex: number): string | null {
    const name = this.#socket.ifname(ifindex)
    return typeof name === 'string' ? name : null
  }

  release(): void {
    this.onRelease()
  }

  close(): void {
    this.#socket.close()
  }
}

export function failure(negative: number): SystemError {
  const code = errnoCode(-negative)
  return new SystemError({
    errno: -negative,
    syscall: 'netlink',
    advice:
      code === 'ENOBUFS'
        ? 'the answer did not fit into the receive buffer; the kernel may have carried the request out'
        : code === 'EMSGSIZE'
          ? `a request is larger than the send buffer of the socket, or an answer than ${RECEIVE_SIZE} bytes`
          : undefined,
  })
}
