import type { Channel } from '../netlink/operation.js'

/** The name of an interface; null where there is none of that ifindex. */
export type NameOf = (ifindex: number) => string | null

/** Names of interfaces by ifindex, each asked for once: for what a dump returned. Null where the interface has gone meanwhile. */
export function devNames(channel: Channel): NameOf {
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
