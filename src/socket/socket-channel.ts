import { Exchange } from '../netlink/exchange.js'
import { NETLINK_NETFILTER } from '../netlink/netfilter.js'
import { clock } from './clock.js'
import type { NativeSocket } from './native.js'
import type { OwnedChannel } from './netns-core.js'
import { trace } from './trace.js'

/** What the channels of both faces and of streams have in common: a socket, its conversation, and names in its namespace. */
export abstract class SocketChannel implements OwnedChannel {
  protected readonly exchange: Exchange

  constructor(
    protected readonly socket: NativeSocket,
    readonly where: string,
    protocol: number,
    private readonly onRelease: () => void = () => {},
  ) {
    this.exchange = new Exchange(where, trace(), socket.portid, clock, protocol === NETLINK_NETFILTER)
  }

  ifindex(name: string): number {
    return this.socket.ifindex(name)
  }

  ifname(ifindex: number): string | null {
    const name = this.socket.ifname(ifindex)
    return typeof name === 'string' ? name : null
  }

  release(): void {
    this.onRelease()
  }

  close(): void {
    this.socket.close()
  }
}
