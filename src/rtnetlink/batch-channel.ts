import type { Channel } from '../netlink/operation.js'

/**
 * The batch's channel, which a single call does not let go of. Names are asked for once in a wave: nothing of a wave has been sent
 * while its names are resolved.
 */
export class BatchChannel implements Channel {
  readonly where: string
  readonly #ifindexes = new Map<string, number>()

  constructor(readonly channel: Channel) {
    this.where = channel.where
  }

  ifindex(name: string): number {
    let ifindex = this.#ifindexes.get(name)
    if (ifindex === undefined) {
      ifindex = this.channel.ifindex(name)
      this.#ifindexes.set(name, ifindex)
    }
    return ifindex
  }

  ifname(ifindex: number): string | null {
    return this.channel.ifname(ifindex)
  }

  release(): void {}

  forget(): void {
    this.#ifindexes.clear()
  }
}
