import { EAGAIN, EMSGSIZE, ENOBUFS } from '../netlink/errno.js'
import type { Outcome, Request } from '../netlink/request.js'
import { publishTimings } from './clock.js'
import { requestError, SocketFailure } from './failure.js'
import { NOTHING, RECEIVE_SIZE } from './settings.js'
import { SocketChannel } from './socket-channel.js'

/** Receive buffers that no call is using; more than one only where a call is made from inside another. */
const spare: Uint8Array[] = []

/** A socket of the synchronous face: one native call sends and receives. */
export class SyncChannel extends SocketChannel {
  #busy = false

  perform(requests: readonly Request[]): Outcome[] {
    if (this.#busy) throw new Error('a call from inside a reader of the same socket would wait for itself')
    const exchange = this.exchange
    const outcomes: Outcome[] = []
    let left = requests.length
    exchange.add(requests, (index, outcome) => {
      outcomes[index] = outcome
      left--
    })
    const buffer = spare.pop() ?? new Uint8Array(RECEIVE_SIZE)
    this.#busy = true
    let wait = true
    try {
      while (left > 0) {
        const out = wait && exchange.hasUnsent ? exchange.next() : NOTHING
        const sends = out.length > 0
        const received = sends
          ? this.socket.exchange(out, out.length, buffer, exchange.answers)
          : this.socket.receive(buffer, wait)
        if (received === -ENOBUFS && exchange.overrun()) {
          wait = false
          continue
        }
        if (received === -EAGAIN && exchange.drained()) {
          wait = true
          continue
        }
        if (received < 0) throw new SocketFailure(-received, sends ? null : 'receive')
        exchange.receive(buffer, 0, received)
      }
    } catch (error) {
      exchange.fail(requestError(error))
      this.#drain(buffer)
    } finally {
      this.#busy = false
      spare.push(buffer)
    }
    publishTimings()
    return outcomes
  }

  /** What is left of the answers is read off: while a dump is unread the kernel refuses another (EBUSY). */
  #drain(into: Uint8Array): void {
    let received: number
    do received = this.socket.receive(into, false)
    while (received > 0 || received === -ENOBUFS || received === -EMSGSIZE)
  }
}
