/** The receiving side of a subscription: what the kernel multicasts, kept as bytes until somebody reads it. */

import { align } from '../codec/bytes.js'
import { EAGAIN, EMSGSIZE, ENOBUFS, errnoCode } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { messageLength } from '../netlink/exchange.js'
import type { NativeSocket } from './native.js'
import { RECEIVE_SIZE } from './settings.js'

/** Why events are missing: the kernel's buffer overflowed, or a datagram was longer than any buffer. */
export type Loss = 'ENOBUFS' | 'EMSGSIZE'

interface Part {
  readonly content: Uint8Array | Loss
  next: Part | null
}

/** Copied from at once, so that all sockets share it. */
let buffer: Uint8Array | undefined

/**
 * Receives whenever there is something and room for it; beyond `limit` bytes it stops, and the kernel's own buffer fills. It knows
 * nothing of who reads it except while they wait (`wake`), so that a reader who is forgotten can be collected.
 */
export class EventSocket {
  /** What step() found: a message lies in `bytes` from `start` to `end`. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Called when there is something to step to, or something has failed. Set only while somebody waits. */
  wake: (() => void) | null = null
  /** The socket cannot be read any more. */
  error: Error | null = null

  readonly #socket: NativeSocket
  readonly #limit: number
  #first: Part | null = null
  #last: Part | null = null
  /** Bytes that wait to be read, those of the part being read included. */
  #queued = 0
  #watching = false
  #closed = false
  #loss: Loss | null = null

  constructor(socket: NativeSocket, limit: number) {
    this.#socket = socket
    this.#limit = limit
    this.#watch()
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Goes on to the next message: 'message', or why events are missing before the next one, or null when there is nothing yet.
   *
   * @throws DecodeError if what was received is no sequence of messages
   */
  step(): 'message' | Loss | null {
    this.start = align(this.end)
    if (this.start >= this.bytes.length) {
      this.#queued -= this.bytes.length
      this.bytes = NOTHING
      this.start = this.end = 0
      if (this.#queued <= this.#limit / 2) this.#watch()
      const part = this.#first
      if (part === null) return null
      this.#first = part.next
      if (part.next === null) this.#last = null
      if (typeof part.content === 'string') return part.content
      this.bytes = part.content
    }
    this.end = this.start + messageLength(this.bytes, this.start, this.bytes.length)
    return 'message'
  }

  ifname(ifindex: number): string | null {
    const name = this.#socket.ifname(ifindex)
    return typeof name === 'string' ? name : null
  }

  /** Idempotent. What has not been read is dropped. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.unwatch()
    this.#socket.close()
    this.#first = this.#last = null
    this.bytes = NOTHING
    this.start = this.end = 0
  }

  #watch(): void {
    if (this.#watching || this.#closed || this.error !== null) return
    const status = this.#socket.watch(() => this.#receive())
    if (status < 0) this.#fail(status)
    else this.#watching = true
  }

  #pause(): void {
    this.#watching = false
    this.#socket.unwatch()
  }

  /** The callback comes again as long as something is there: one large part for each turn of the event loop. */
  #receive(): void {
    buffer ??= new Uint8Array(RECEIVE_SIZE)
    for (;;) {
      const received = this.#socket.receive(buffer, false)
      if (received > 0) {
        this.#add(new Uint8Array(buffer.subarray(0, received)))
        this.#queued += received
        if (this.#queued >= this.#limit) this.#pause()
        if (this.#queued >= this.#limit || received > RECEIVE_SIZE / 2) break
      } else if (received === -ENOBUFS || received === -EMSGSIZE) {
        this.#loss ??= received === -ENOBUFS ? 'ENOBUFS' : 'EMSGSIZE'
      } else {
        if (received === -EAGAIN) this.#markLoss()
        else this.#fail(received)
        break
      }
    }
    this.wake?.()
  }

  #add(content: Part['content']): void {
    const part: Part = { content, next: null }
    if (this.#last === null) this.#first = part
    else this.#last.next = part
    this.#last = part
  }

  /**
   * After an overflow the kernel drops every event, without a further word, until its queue has been read empty (NETLINK_S_CONGESTED of
   * net/netlink/af_netlink.c). Who listed again before that would miss those; so the mark stands where it ends.
   */
  #markLoss(): void {
    if (this.#loss === null) return
    this.#add(this.#loss)
    this.#loss = null
  }

  #fail(received: number): void {
    this.error = new SystemError({ errno: -received, syscall: 'recvmsg', subject: errnoCode(-received) })
    this.#pause()
  }
}

const NOTHING = new Uint8Array(0)
