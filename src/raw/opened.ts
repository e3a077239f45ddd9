import { EBADF } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { NETNS, type NetnsHandle } from '../netlink/operation.js'
import type { NetnsCore, OwnedChannel } from '../socket/netns-core.js'

const unclosed = /* @__PURE__ */ new FinalizationRegistry<Opened<OwnedChannel>>((opened) => {
  const text = `${opened.label} was collected without close(): it is closed now`
  process.emitWarning(text, { type: 'NetlinkWarning' })
  opened.close()
})

/** Those that nothing closes but close(). */
const kept = /* @__PURE__ */ new Set<Opened<OwnedChannel>>()

/** What a raw socket of either face holds. */
export class Opened<C extends OwnedChannel> {
  readonly label: string
  readonly #channel: C
  readonly #core: NetnsCore | null
  #closed = false

  constructor(
    channel: C,
    /** The namespace, opened for this socket; null: the process's own. */
    core: NetnsCore | null,
    label: string,
  ) {
    this.#channel = channel
    this.#core = core
    this.label = label
  }

  /** Throws SystemError EBADF after close(). */
  get channel(): C {
    this.#assertOpen()
    return this.#channel
  }

  /** Where its subscriptions are, as their option; undefined: in the process's own namespace. Throws SystemError EBADF after close(). */
  get netns(): NetnsHandle | undefined {
    this.#assertOpen()
    return this.#core === null ? undefined : { [NETNS]: this.#core }
  }

  #assertOpen(): void {
    if (!this.#closed) return
    const advice = 'the socket has been closed'
    throw new SystemError({ errno: EBADF, syscall: 'netlink', subject: this.label, advice })
  }

  /** Closes it with a warning when its owner is collected. */
  watch(owner: object): void {
    unclosed.register(owner, this, owner)
  }

  /** Keeps it open until close(), also when its owner is collected: for what the kernel does away with when the socket closes. */
  keep(): void {
    kept.add(this)
  }

  /** Idempotent. */
  close(owner?: object): void {
    if (owner !== undefined) unclosed.unregister(owner)
    kept.delete(this)
    if (this.#closed) return
    this.#closed = true
    this.#channel.close()
    this.#core?.close()
  }
}
