import { align, getU16, getU32 } from '../codec/bytes.js'
import { NETLINK_ADD_MEMBERSHIP, NLMSG_MIN_TYPE, SOL_NETLINK } from '../netlink/constants.js'
import { EAGAIN, EBADF, EMSGSIZE, ENODEV, errnoNumber } from '../netlink/errno.js'
import type { NativeSocket } from '../socket/native.js'
import { type Addressee, type Answer, failure, type Part, type Reply, thrown } from './reply.js'
import { FakeRequest } from './request.js'

/** What a fake socket asks of the kernel that it belongs to. */
export interface FakeKernelSide {
  readonly interfaces: ReadonlyMap<string, number>
  /** The errno of this sendmsg, which fails as a whole; 0 for none. */
  sendError(): number
  handle(request: FakeRequest): Answer | Promise<Answer>
  closed(socket: FakeSocket): void
}

interface Item {
  /** A datagram, an errno (negative), or a pause. */
  readonly content: Uint8Array | number | null
  /** It is the last of a dump, which the kernel has then done with. */
  ends?: FakeRequest
}

const WOULD_WAIT = 'fake kernel: nothing has been answered, and a blocking call would wait for ever'

/** A socket of the fake kernel: receives as native/endpoint.cc does, datagram by datagram into a part of the buffer. */
export class FakeSocket implements NativeSocket {
  readonly fd = -1
  readonly groups = new Set<number>()
  readonly #kernel: FakeKernelSide
  readonly #protocol: number
  readonly #queue: Item[] = []
  #sends = 0
  #dumping: FakeRequest | null = null
  #deferred = 0
  #readable: (() => void) | null = null
  #scheduled = false
  #closed = false

  constructor(
    kernel: FakeKernelSide,
    protocol: number,
    readonly portid: number,
  ) {
    this.#kernel = kernel
    this.#protocol = protocol
  }

  exchange(request: Uint8Array, length: number, into: Uint8Array, answers = 0): number {
    const error = this.#send(request.subarray(0, length))
    if (error instanceof Promise) throw new Error(WOULD_WAIT)
    return error < 0 ? error : this.#receive(into, true, answers)
  }

  submit(
    request: Uint8Array,
    length: number,
    into: Uint8Array,
    done: (error: number, received: number, sent: number) => void,
    ends?: Int32Array,
  ): void {
    const closed = this.#closed
    setImmediate(async () => {
      if (closed) {
        done(-EBADF, -EBADF, 0)
        return
      }
      let error = 0
      let received = -EAGAIN
      let sent = 0
      let start = 0
      for (const end of [...(ends ?? []), length]) {
        if (end > start) {
          error = await this.#send(request.subarray(start, end))
          if (error < 0) break
          sent++
        }
        start = end
        received = this.#takeMore(into, received)
      }
      done(error, received, sent)
    })
  }

  receive(into: Uint8Array, wait: boolean): number {
    return this.#receive(into, wait, 0)
  }

  #receive(into: Uint8Array, wait: boolean, most: number): number {
    if (this.#closed) return -EBADF
    const received = this.#take(into, most)
    if (received !== -EAGAIN || !wait) return received
    if (this.#queue.length > 0) return this.#take(into, most)
    throw new Error(WOULD_WAIT)
  }

  /** What is in the queue came from the fake kernel's only namespace. */
  readonly nsid = -1

  receiveOne(into: Uint8Array): number {
    if (this.#closed) return -EBADF
    return this.#take(into)
  }

  watch(readable: () => void): number {
    if (this.#closed) return -EBADF
    this.#readable = readable
    this.#notify()
    return 0
  }

  unwatch(): void {
    this.#readable = null
  }

  ifindex(name: string): number {
    return this.#kernel.interfaces.get(name) ?? -ENODEV
  }

  ifname(ifindex: number): string | number {
    for (const [name, number] of this.#kernel.interfaces) if (number === ifindex) return name
    return -ENODEV
  }

  setOption(level: number, name: number, value: number): number {
    if (level === SOL_NETLINK && name === NETLINK_ADD_MEMBERSHIP) this.groups.add(value)
    return 0
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.unwatch()
    this.#kernel.closed(this)
  }

  /** Puts an answer into the socket's queue. */
  deliver(answer: Answer, to: Addressee): void {
    const items: Item[] = []
    let datagram: number[] = []
    const flush = () => {
      if (datagram.length > 0) items.push({ content: Uint8Array.from(datagram) })
      datagram = []
    }
    for (const reply of flatten(answer)) {
      if (typeof reply === 'function') {
        while (datagram.length % 4 !== 0) datagram.push(0)
        datagram.push(...reply(to))
      } else {
        flush()
        items.push({ content: contentOf(reply) })
      }
    }
    flush()
    const last = items.at(-1)
    if (to === this.#dumping) {
      if (last === undefined) this.#dumping = null
      else last.ends = this.#dumping
    }
    this.#queue.push(...items)
    this.#notify()
  }

  /** The kernel works through a sendmsg in order, and returns from it when all is done. */
  #send(bytes: Uint8Array): number | Promise<number> {
    const error = this.#kernel.sendError()
    if (error !== 0) return -error
    const send = this.#sends++
    let earlier: Promise<void> | undefined
    for (let at = 0; at < bytes.length; at += align(getU32(bytes, at))) {
      const message = bytes.subarray(at, at + getU32(bytes, at))
      if (getU16(message, 4) < NLMSG_MIN_TYPE) continue
      const request = new FakeRequest(message, this.#protocol, this.portid, send)
      const work = () => this.#handle(request)
      earlier = earlier === undefined ? work() : earlier.then(work)
    }
    return earlier === undefined ? 0 : earlier.then(() => 0)
  }

  #handle(request: FakeRequest): Promise<void> | undefined {
    if (request.isDump) {
      if (this.#dumping !== null) {
        this.deliver(failure('EBUSY'), request)
        return undefined
      }
      this.#dumping = request
    }
    const answer = this.#kernel.handle(request)
    if (answer instanceof Promise) return answer.then((late) => this.#answer(late, request))
    this.#answer(answer, request)
    return undefined
  }

  #answer(answer: Answer, request: FakeRequest): void {
    try {
      this.deliver(answer, request)
    } catch (error) {
      this.deliver(thrown(error), request)
    }
  }

  /** No more than `most` datagrams; 0: until there is none. */
  #take(into: Uint8Array, most = 0): number {
    const deferred = this.#deferred
    this.#deferred = 0
    if (deferred < 0) return deferred
    for (let used = 0; ; ) {
      const start = align(used)
      if (used > 0 && start > into.length / 2) return used
      const item = this.#queue.shift()
      if (item?.ends !== undefined && item.ends === this.#dumping) this.#dumping = null
      const content = item?.content ?? null
      let error = content === null ? -EAGAIN : typeof content === 'number' ? content : 0
      if (content instanceof Uint8Array) {
        if (content.length > into.length - start) error = -EMSGSIZE
        else {
          into.fill(0, used, start)
          into.set(content, start)
          used = start + content.length
        }
      }
      if (error === 0) {
        if (--most === 0) return used
        continue
      }
      if (used === 0) return error
      if (content !== null) this.#deferred = error
      return used
    }
  }

  /** Behind what was received before. */
  #takeMore(into: Uint8Array, before: number): number {
    if (before <= 0) return before === -EAGAIN ? this.#take(into) : before
    const start = align(before)
    if (start > into.length / 2) return before
    const received = this.#take(into.subarray(start))
    if (received > 0) {
      into.fill(0, before, start)
      return start + received
    }
    if (received !== -EAGAIN) this.#deferred = received
    return before
  }

  /** As a poll would, on a later turn of the event loop and as long as there is something. */
  #notify(): void {
    if (this.#scheduled || this.#readable === null || this.#idle) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (!this.#idle) this.#readable?.()
      this.#notify()
    })
  }

  /** As poll() sees it: an error that came with the last datagram, and that the next receive reports, is not there for it. */
  get #idle(): boolean {
    return this.#queue.length === 0
  }
}

function contentOf(reply: Exclude<Reply, Part>): Item['content'] {
  if (reply instanceof Uint8Array) return reply
  return 'pause' in reply ? null : -errnoNumber(reply.error)
}

function flatten(answer: Answer): Reply[] {
  return Array.isArray(answer) ? answer.flatMap(flatten) : [answer as Reply]
}
