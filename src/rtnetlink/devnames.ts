import type { Channel } from '../netlink/operation.js'

/** Names of interfaces by ifindex, each asked for once: for what a dump returned. Null where the interface has gone meanwhile. */
export function devNames(channel: Channel): (ifindex: number) => string | null {
  const names = new Map<number, string | null>()
  return (ifindex) => {
    let name = names.get(ifindex)
    if (name === undefined) {
      name = channel.ifname(ifindex)
      names.set(ifindex, name)
    }
    return name
  }
}
