import { type CallOptions, checkSignal } from '../netlink/call.js'
import type { Effect, NetnsLike, OpenNetns, Operation } from '../netlink/operation.js'
import { Feed, type Source } from './feed.js'
import { openSocket } from './open.js'
import { REQUEST_SETTINGS } from './settings.js'
import { StreamChannel } from './stream-channel.js'

/** Runs a listing operation as a stream: on a socket of its own, handing on the items of its dump part by part. */
class ItemSource<T extends object> implements Source<T> {
  wake: (() => void) | null = null
  readonly #operation: Operation<readonly T[]>
  #step: IteratorResult<Effect, readonly T[]>
  #channel: StreamChannel | null = null
  #started = false
  #closed = false
  /** The part that is being taken. */
  #items: readonly T[] = []
  #at = 0
  /** Called when the part has been taken. */
  #taken: (() => void) | null = null
  #end: { readonly error: unknown } | 'end' | null = null

  constructor(operation: Operation<readonly T[]>) {
    this.#operation = operation
    // Its checks are made at once; what it asks for first, a channel, is opened with the first item.
    this.#step = operation.next()
  }

  take(): T | null | 'end' {
    if (this.#at < this.#items.length) {
      const item = this.#items[this.#at++]!
      if (this.#at === this.#items.length) this.#taken?.()
      return item
    }
    if (!this.#started) void this.#run()
    if (this.#end === null || this.#end === 'end') return this.#end
    throw this.#end.error
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#channel?.close()
    // What it has opened it closes on its way out; it stands at a yield, or has ended.
    this.#operation.return([])
  }

  async #run(): Promise<void> {
    this.#started = true
    try {
      while (!this.#step.done) {
        let answer: unknown
        try {
          answer = await this.#perform(this.#step.value)
        } catch (error) {
          if (this.#closed) return
          this.#step = this.#operation.throw(error)
          continue
        }
        if (this.#closed) return
        this.#step = this.#operation.next(answer)
      }
      this.#end = 'end'
    } catch (error) {
      this.#end = { error }
    }
    this.wake?.()
  }

  async #perform(effect: Effect): Promise<unknown> {
    switch (effect.kind) {
      case 'channel':
        return await this.#open(effect.netns, effect.protocol)
      case 'exchange': {
        const channel = effect.channel as StreamChannel
        if (!effect.items) return await channel.perform(effect.requests)
        return [await channel.dump(effect.requests[0]!, (items) => this.#hand(items as T[]))]
      }
      default:
        throw new Error(`a listing operation does not ask for '${effect.kind}'`)
    }
  }

  async #open(netns: NetnsLike | OpenNetns | undefined, protocol: number): Promise<StreamChannel> {
    const { socket, where } = await openSocket(netns, protocol, REQUEST_SETTINGS)
    const channel = new StreamChannel(socket, where, protocol)
    if (this.#closed) channel.close()
    this.#channel = channel
    return channel
  }

  /** Settles when the reader has taken the whole part. */
  #hand(items: T[]): Promise<void> {
    return new Promise((resolve) => {
      this.#items = items
      this.#at = 0
      this.#taken = resolve
      this.wake?.()
    })
  }
}

/** A stream of what a listing operation returns, whose checks are made at once. Nothing is opened or sent before the first next(). */
export function streamOf<T extends object>(
  operation: Operation<readonly T[]>,
  options: Pick<CallOptions, 'signal'>,
): Feed<T> {
  const source = new ItemSource(operation)
  return new Feed(source, null, checkSignal(options.signal))
}
