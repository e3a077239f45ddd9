import { EAGAIN, EBADF, EMSGSIZE, ENOBUFS } from '../netlink/errno.js'
import { Aborted } from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { onAbort } from './abort.js'
import { giveBuffer, takeBuffer } from './buffers.js'
import { publishTimings } from './clock.js'
import { requestError, SocketFailure } from './failure.js'
import { LARGE, NOTHING } from './settings.js'
import { SocketChannel } from './socket-channel.js'

/**
 * A socket of the asynchronous face. The kernel does the work of a request inside sendmsg, for milliseconds at times, so sending
 * happens on the addon's thread; requests that come meanwhile leave together in the next sendmsg.
 */
export class AsyncChannel extends SocketChannel {
  #busy = false
  #scheduled = false
  #watching = false
  #closing = false
  /** After a failure what is left of the answers is read off first: while a dump is unread the kernel refuses another (EBUSY). */
  #draining = false

  /** Settles when every request has been answered; with a signal, at once when it fires (the answers are drained). */
  perform(requests: readonly Request[], signal?: AbortSignal): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      if (this.#closing) throw requestError(CLOSED)(requests[0]!)
      const outcomes: Outcome[] = []
      if (requests.length === 0) resolve(outcomes)
      let left = requests.length
      const abandon = this.exchange.add(requests, (index, outcome) => {
        outcomes[index] = outcome
        if (--left > 0) return
        forget?.()
        resolve(outcomes)
      })
      const forget =
        signal &&
        onAbort(signal, () => {
          forget?.()
          abandon()
          reject(new Aborted(signal.reason))
        })
      this.#schedule()
    })
  }

  /** One request: what was read, or what went wrong. The channel is let go before the promise settles, unless this throws. */
  performOne(request: Request, signal?: AbortSignal): Promise<readonly unknown[]> {
    if (this.#closing) throw requestError(CLOSED)(request)
    let resolve!: (values: readonly unknown[]) => void
    let reject!: (error: unknown) => void
    let forget: (() => void) | undefined
    // Outside of the promise's executor: a request that cannot be encoded is thrown.
    const entry = this.exchange.follow(request, (_, { error, values }) => {
      forget?.()
      this.release()
      if (error === null) resolve(values)
      else reject(error)
    })
    return new Promise((onValues, onError) => {
      resolve = onValues
      reject = onError
      if (signal !== undefined) {
        forget = onAbort(signal, () => {
          forget!()
          this.exchange.abandon(entry)
          this.release()
          reject(new Aborted(signal.reason))
        })
      }
      this.#schedule()
    })
  }

  /** What one turn of the event loop asks leaves together. */
  #schedule(): void {
    if (this.#scheduled || this.#busy) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#pump(false)
    })
  }

  /** Sends what is queued; otherwise receives what is outstanding: at once if `more` is known to be there. */
  #pump(more: boolean): void {
    if (this.#busy || this.#closing) return
    if (this.#draining) this.#submit(false)
    else if (this.exchange.hasUnsent || (more && this.exchange.isWaiting)) this.#submit(true)
    else if (this.exchange.isWaiting) this.#watch()
  }

  /** Receives, and with `sends` sends before what is queued by the time that there is a buffer. */
  #submit(sends: boolean): void {
    this.#busy = true
    takeBuffer((buffer) => {
      const ends: number[] = []
      const bytes = sends && !this.#closing ? this.exchange.next(ends) : NOTHING
      const parts = bytes.length === 0 ? 0 : ends.length + 1
      const done = (error: number, received: number, sent: number) => {
        this.#busy = false
        try {
          this.#arrived(buffer, received, error, parts - sent)
        } finally {
          giveBuffer(buffer)
        }
      }
      if (ends.length === 0) this.socket.submit(bytes, bytes.length, buffer, done)
      else this.socket.submit(bytes, bytes.length, buffer, done, Int32Array.from(ends))
    })
  }

  /** What was received, or -errno, and of a sendmsg that failed the error, and with how many it and those behind it have not left. */
  #arrived(buffer: Uint8Array, received: number, error: number, unsent: number): void {
    if (this.#closing) {
      this.#finishClosing()
      return
    }
    if (this.#draining) {
      this.#draining = received > 0 || received === -ENOBUFS || received === -EMSGSIZE
      this.#pump(false)
      return
    }
    try {
      if (error < 0) {
        const failure = new SocketFailure(-error, 'send')
        // Nothing was to be sent: the thread that receives could not be started.
        if (unsent === 0) throw failure
        this.exchange.unsent(unsent, requestError(failure))
      }
      if (received === -ENOBUFS && this.exchange.overrun()) {
        this.#submit(false)
        return
      }
      if (received < 0 && received !== -EAGAIN) throw new SocketFailure(-received, 'receive')
      // Behind a sendmsg that failed nothing was received: there may be something all the same.
      if (received === -EAGAIN && error === 0) this.exchange.drained()
      // The thread goes on while what came is read.
      if (this.exchange.hasUnsent) this.#submit(true)
      else if (received >= LARGE) this.#submit(false)
      if (received > 0) this.exchange.receive(buffer, 0, received)
    } catch (cause) {
      this.exchange.fail(requestError(cause))
      this.#draining = true
    }
    publishTimings()
    // Where something came there may be more, or an error that came with it, as where sending failed: only what was found empty is watched.
    this.#pump(received > 0 || error < 0)
  }

  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    const status = this.socket.watch(() => {
      this.#watching = false
      this.socket.unwatch()
      this.#pump(true)
    })
    if (status >= 0) return
    this.#watching = false
    this.exchange.fail(requestError(new SocketFailure(-status, 'receive')))
  }

  /** Idempotent. What the kernel is still working on keeps its namespaces held until it has answered. */
  override close(): void {
    if (this.#closing) return
    this.#closing = true
    super.close()
    if (!this.#busy) this.#finishClosing()
  }

  #finishClosing(): void {
    this.exchange.fail(requestError(CLOSED))
    publishTimings()
  }
}

const CLOSED = new SocketFailure(EBADF)
