/** The receiving side of a subscription: what the kernel multicasts, kept as bytes until somebody reads it. */

import { align } from '../codec/bytes.js'
import { EAGAIN, EMSGSIZE, ENOBUFS } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { messageLength } from '../netlink/nlmsg.js'
import type { Source } from './feed.js'
import type { NativeSocket } from './native.js'
import { NOTHING, RECEIVE_SIZE } from './settings.js'

/** What NativeSocket calls the socket's own namespace. */
const OWN = -1

/** The name of an interface now; null when there is none of that ifindex. */
export type NameOf = (ifindex: number) => string | null

/** The id of the namespace that what is being read came from; null for the socket's own. */
export type Origin = () => number | null

/** What a subscription is read by: it may ask for names and for the origin of the message that it reads. */
export type MakeReader<E> = (nameOf: NameOf, origin: Origin) => EventReader<E>

/** Why events are missing: the kernel's buffer overflowed, or a datagram was longer than any buffer. */
export type Loss = 'ENOBUFS' | 'EMSGSIZE'

/**
 * Events are missing before this one: what was known must be listed again. 'ENOBUFS': the kernel's buffer overflowed because events
 * came faster than they were read. 'EMSGSIZE': a message was longer than any buffer here.
 */
export interface ResyncEvent {
  readonly type: 'resync'
  readonly reason: Loss
}

/** Turns the message that lies in `bytes` into an event; undefined for what nobody asked for. */
export interface EventReader<E> {
  read(bytes: Uint8Array, start: number, end: number): E | undefined
  /** The event that stands where events are missing. */
  lost(reason: Loss): E
}

interface Part {
  readonly content: Uint8Array | Loss
  /** The namespace that it came from, by its id; null: the socket's own. */
  readonly origin: number | null
  next: Part | null
}

/** Copied from at once, so that all sockets share it. */
let buffer: Uint8Array | undefined

/**
 * Receives whenever there is something and room for it; beyond `limit` bytes it stops, and the kernel's own buffer fills. What was
 * received is decoded when it is asked for.
 */
export class EventSocket<E extends object> implements Source<E> {
  wake: (() => void) | null = null
  #error: Error | null = null
  readonly #reader: EventReader<E>
  /** What is being read, and up to where it has been. */
  #part: Uint8Array = NOTHING
  #origin: number | null = null
  #at = 0
  readonly #socket: NativeSocket
  readonly #limit: number
  /** Whether it is told what happens in other namespaces too. */
  readonly #everywhere: boolean
  #first: Part | null = null
  #last: Part | null = null
  /** Bytes that wait to be read, those of the part being read included. */
  #queued = 0
  #watching = false
  #closed = false
  #loss: Loss | null = null
  readonly #names = new Map<number, string | null>()

  constructor(socket: NativeSocket, limit: number, reader: MakeReader<E>, everywhere = false) {
    this.#socket = socket
    this.#limit = limit
    this.#everywhere = everywhere
    this.#reader = reader(
      (ifindex) => this.#nameOf(ifindex),
      () => this.#origin,
    )
    this.#watch()
  }

  take(): E | null {
    for (;;) {
      if (this.#at >= this.#part.length) {
        const loss = this.#nextPart()
        if (loss !== null) return this.#reader.lost(loss)
        if (this.#part.length === 0) break
      }
      const start = this.#at
      const length = messageLength(this.#part, start, this.#part.length)
      this.#at += align(length)
      const event = this.#reader.read(this.#part, start, start + length)
      if (event !== undefined) return event
    }
    if (this.#error !== null) throw this.#error
    return null
  }

  /** Goes on to the next part, or to none; answers why events are missing if that is what comes next. */
  #nextPart(): Loss | null {
    this.#queued -= this.#part.length
    this.#part = NOTHING
    this.#origin = null
    this.#at = 0
    this.#names.clear()
    if (this.#queued <= this.#limit / 2) this.#resume()
    const next = this.#first
    if (next === null) return null
    this.#first = next.next
    if (next.next === null) this.#last = null
    if (typeof next.content === 'string') return next.content
    this.#part = next.content
    this.#origin = next.origin
    return null
  }

  /** Each name is asked for once in a part that was received together. Those of another namespace cannot be asked for. */
  #nameOf(ifindex: number): string | null {
    if (this.#origin !== null) return null
    let name = this.#names.get(ifindex)
    if (name === undefined) {
      const found = this.#socket.ifname(ifindex)
      name = typeof found === 'string' ? found : null
      this.#names.set(ifindex, name)
    }
    return name
  }

  /** Idempotent. What has not been read is dropped. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.unwatch()
    this.#socket.close()
    this.#first = this.#last = null
    this.#part = NOTHING
    this.#at = 0
  }

  #watch(): void {
    if (this.#watching || this.#closed || this.#error !== null) return
    const status = this.#socket.watch(() => this.#receive())
    if (status < 0) this.#fail(status)
    else this.#watching = true
  }

  #resume(): void {
    if (this.#watching) return
    this.#watch()
    // That the kernel's queue is empty, where the loss ends, is not seen by waiting for more.
    if (this.#loss !== null) this.#receive()
  }

  #pause(): void {
    this.#watching = false
    this.#socket.unwatch()
  }

  /** The callback comes again as long as something is there: one large part for each turn of the event loop. */
  #receive(): void {
    buffer ??= new Uint8Array(RECEIVE_SIZE)
    for (;;) {
      const received = this.#everywhere
        ? this.#socket.receiveOne(buffer)
        : this.#socket.receive(buffer, false)
      if (received > 0) {
        this.#add(new Uint8Array(buffer.subarray(0, received)), this.#everywhere ? this.#socket.nsid : OWN)
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

  #add(content: Part['content'], nsid: number): void {
    const part: Part = { content, origin: nsid === OWN ? null : nsid, next: null }
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
    this.#add(this.#loss, OWN)
    this.#loss = null
  }

  #fail(received: number): void {
    this.#error = new SystemError({ errno: -received, syscall: 'recvmsg' })
    this.#pause()
  }
}
