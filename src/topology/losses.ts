/** Which routes and neighbours the kernel takes away because of what changes of the links that they go by. */

import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { Route } from '../rtnetlink/route/route.js'
import { changedOptions } from './compare.js'
import type { Found } from './diff.js'
import type { Gone } from './gone.js'
import { addressChanges, isIpv4 } from './gone-addresses.js'
import { findLink, type Network, type Place, type Reference } from './network.js'

/** Kinds that have the address of the link underneath, and change it as that does. */
const FOLLOWING = ['vlan', 'ipvlan', 'ipvtap']

/** What goes by a link that goes itself, is down for a moment, or loses addresses. */
export class Losses {
  constructor(
    readonly wanted: Network,
    readonly owned: Network | null,
    readonly found: Found,
    readonly gone: Gone,
  ) {}

  /** Whether a route cannot stay over an interface: IPv4 ones go with its last IPv4 address (fib_disable_ip()). */
  hop(netns: string, dev: string | null, { family }: Pick<Route, 'family'>): boolean {
    return (
      dev !== null &&
      (this.#isLost({ netns, name: dev }) || (family === 'ipv4' && this.#losesIpv4(netns, dev)))
    )
  }

  /** Whether an address goes that an IPv4 route sends from. */
  source({ netns, links }: Place, src: string | null | undefined): boolean {
    return [...links.keys()].some((name) =>
      this.#addresses({ netns, name }).old.some(({ address }) => address.replace(/\/.*/, '') === src),
    )
  }

  /** Whether an entry of the ARP or NDP table goes. */
  neighbour(netns: string, { to, dev }: NeighbourInput): boolean {
    const reference = { netns, name: String(dev) }
    return (
      this.#isLost(reference) ||
      (isIpv4({ address: to }) && this.#losesIpv4(netns, reference.name)) ||
      this.#movesMac(reference)
    )
  }

  #isLost(reference: Reference): boolean {
    return this.gone.has(reference.netns, reference.name) || this.gone.isDown(reference)
  }

  #losesIpv4(netns: string, name: string): boolean {
    return this.#addresses({ netns, name }).all
  }

  /** The IPv4 addresses of a link that go, and whether they are all that it has. */
  #addresses(reference: Reference) {
    const [link, before] = [findLink(this.wanted, reference), findLink(this.found.wanted, reference)]
    if (link === undefined || before === undefined) return { old: [], all: false }
    const old = [...addressChanges(link, before, this.owned).deleted.values()].filter(isIpv4)
    const all = old.length > 0 && before.addresses.filter(isIpv4).every((one) => old.includes(one))
    return { old, all }
  }

  /**
   * A change of address empties the table of neighbours (NETDEV_CHANGEADDR), also of links that are up and have the address of the one
   * underneath.
   */
  #movesMac(reference: Reference): boolean {
    const [link, before] = [findLink(this.wanted, reference), findLink(this.found.wanted, reference)]
    if (link === undefined || before === undefined) return false
    if (changedOptions(link, before).includes('mac')) return true
    const { kind, options } = link
    const follows = FOLLOWING.includes(kind) && options['mac'] === undefined && before.options['up'] !== false
    return follows && link.link !== null && this.#movesMac(link.link)
  }
}
