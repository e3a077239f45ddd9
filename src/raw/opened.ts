import { EBADF } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import type { NetnsCore, OwnedChannel } from '../socket/netns-core.js'

const unclosed = /* @__PURE__ */ new FinalizationRegistry<Opened<OwnedChannel>>((opened) => {
  const text = `${opened.label} was collected without close(): it is closed now`
  process.emitWarning(text, { type: 'NetlinkWarning' })
  opened.close()
})

/** What a raw socket of either face holds. */
export class Opened<C extends OwnedChannel> {
  readonly label: string
  readonly #channel: C
  #closed = false

  constructor(
    channel: C,
    /** The namespace, opened for this socket; null: the process's own. */
    readonly core: NetnsCore | null,
    protocol: number,
  ) {
    this.#channel = channel
    this.label = `openNetlinkSocket(${protocol})`
  }

  /** Throws SystemError EBADF after close(). */
  get channel(): C {
    if (!this.#closed) return this.#channel
    const advice = 'the socket has been closed'
    throw new SystemError({ errno: EBADF, syscall: 'netlink', subject: this.label, advice })
  }

  /** Closes it with a warning when its owner is collected. */
  watch(owner: object): void {
    unclosed.register(owner, this, owner)
  }

  /** Idempotent. */
  close(owner?: object): void {
    if (owner !== undefined) unclosed.unregister(owner)
    if (this.#closed) return
    this.#closed = true
    this.#channel.close()
    this.core?.close()
  }
}
