import { EBADF } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import type { Channel, OpenNetns } from '../netlink/operation.js'
import { addon } from './addon.js'
import type { Addon } from './native.js'

/** What opens sockets in a namespace and closes its descriptor: the addon, or a fake kernel (testing/). */
export type NetnsSystem = Pick<Addon, 'openNetlink' | 'duplicate' | 'close'>

/** A channel that belongs to a namespace handle rather than to one call. */
export interface OwnedChannel extends Channel {
  close(): void
}

/**
 * An open network namespace: its descriptor, and one channel for each face and protocol. The descriptor is closed when the handle has been
 * closed and nothing holds it: a queued message may carry its number, and a number that was closed and used again would name
 * another namespace.
 */
export class NetnsCore implements OpenNetns {
  #holds = 0
  #closed = false
  /** By protocol; one that is being opened is a promise, which whoever waits for it holds the namespace for. */
  readonly channels = {
    sync: new Map<number, OwnedChannel>(),
    async: new Map<number, OwnedChannel | Promise<OwnedChannel>>(),
  }

  constructor(
    private readonly descriptor: number,
    /** The name under /run/netns; null for a namespace that lives by its descriptor. */
    readonly name: string | null,
    readonly label: string,
    /** Opened for one call: closed when that call lets go of it. */
    private readonly forOneCall = false,
    readonly system: NetnsSystem = addon(),
  ) {}

  get closed(): boolean {
    return this.#closed
  }

  get fd(): number {
    if (this.#holds === 0) this.assertOpen()
    return this.descriptor
  }

  /** New work on a closed handle is refused, also while earlier work still holds the descriptor. */
  assertOpen(): void {
    if (this.#closed) {
      throw new SystemError({
        errno: EBADF,
        syscall: 'netns',
        subject: this.label,
        advice: 'the handle has been closed',
      })
    }
  }

  retain(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    if (this.#holds === 0 && this.forOneCall) this.#closed = true
    this.#closeWhenFree()
  }

  /** Idempotent. Calls under way end in their own time; later ones are refused. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#closeWhenFree()
  }

  #closeWhenFree(): void {
    if (!this.#closed || this.#holds > 0) return
    for (const channel of this.channels.sync.values()) channel.close()
    for (const channel of this.channels.async.values()) (channel as OwnedChannel).close()
    this.system.close(this.descriptor)
  }
}
