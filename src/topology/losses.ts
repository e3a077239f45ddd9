/** Which routes and neighbours the kernel takes away because of what changes of the links that they go by. */

import { type AddressInput, placeOf } from '../rtnetlink/address/options.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { Route } from '../rtnetlink/route/route.js'
import { addressChanges, isIpv4 } from './change-addresses.js'
import { changedOptions } from './compare.js'
import type { Change } from './diff.js'
import { changesMaster } from './gone.js'
import { findLink, type LinkModel, portsOf, type Reference } from './network.js'

/** Kinds that have the address of the link underneath, and change it as that does. */
const FOLLOWING = ['vlan', 'ipvlan', 'ipvtap']

/** Kinds that have the address of a port (br_stp_recalculate_bridge_id(), bond_set_dev_addr()). */
const TAKING = ['bridge', 'bond']

/** What goes by a link that goes itself, is down for a moment, or loses addresses. */
export class Losses {
  /** By namespace, the addresses that go: there may be many routes. */
  readonly #sources = new Map<string, ReadonlySet<string>>()

  constructor(readonly change: Change) {}

  /** Whether a route cannot stay over an interface of its own: IPv4 ones go with its last IPv4 address (fib_disable_ip()). */
  hops(netns: string, { family, dev, nexthops }: Route): boolean {
    return (nexthops ?? [{ dev }]).some(
      ({ dev }) =>
        dev !== null &&
        (this.#isLost({ netns, name: dev }) || (family === 'ipv4' && this.#losesIpv4(netns, dev))),
    )
  }

  /** Whether a route that may go over an interface of its own may stay as well. */
  mayStay(netns: string, { dev, nexthops }: Route): boolean {
    return (nexthops ?? [{ dev }]).some(
      ({ dev }) => dev !== null && this.change.gone.mayStayUp({ netns, name: dev }),
    )
  }

  /** Whether an address goes that a route sends from, which may go with it (fib_sync_down_addr()), or stay without it (fib6_remove_prefsrc()). */
  source(netns: string, src: string | null | undefined): boolean {
    if (src == null) return false
    let lost = this.#sources.get(netns)
    if (lost === undefined) {
      const links = this.change.gone.there.filter((link) => link.netns === netns)
      const addresses = links.flatMap((link) => this.#lostAddresses(link))
      lost = new Set(addresses.map((one) => placeOf(one).local))
      this.#sources.set(netns, lost)
    }
    return lost.has(src)
  }

  /** Whether an entry of the ARP or NDP table goes. */
  neighbour(netns: string, { to, dev }: NeighbourInput): boolean {
    const reference = { netns, name: String(dev) }
    return this.#isLost(reference) || (isIpv4({ address: to }) && this.#losesIpv4(netns, reference.name))
  }

  /**
   * Whether an entry may go, and may stay: with a VLAN that may be down for a moment; with the addresses of its link's layer, or as that begins
   * or ends to ask for those of others, where those of proxies stay.
   */
  mayLose(netns: string, { dev, proxy }: NeighbourInput): boolean {
    const reference = { netns, name: String(dev) }
    if (this.change.gone.mayStayUp(reference)) return true
    const changes = ['arp', 'broadcast'].some((option) => this.#changes(reference, option))
    return !proxy && (changes || this.#movesMac(reference))
  }

  #isLost(reference: Reference): boolean {
    const { gone } = this.change
    return gone.has(reference.netns, reference.name) || gone.isDown(reference)
  }

  #losesIpv4(netns: string, name: string): boolean {
    const there = findLink(this.change.found.wanted, { netns, name })
    if (there === undefined) return false
    const lost = this.#lostAddresses(there).filter(isIpv4).length
    return lost > 0 && lost === there.found!.filter(isIpv4).length
  }

  /** The addresses of a link that is there which go, be it for a moment. */
  #lostAddresses(there: LinkModel): readonly AddressInput[] {
    const { wanted, owned, gone } = this.change
    if (gone.has(there.netns, there.name)) return there.found!
    const link = findLink(wanted, there)
    const deleted = link === undefined ? [] : addressChanges(link, there, owned).deleted.values()
    const fallen = gone.isDown(there) ? there.found!.filter((one) => !isIpv4(one)) : []
    return [...deleted, ...fallen]
  }

  #changes(reference: Reference, option: string): boolean {
    const { wanted, found } = this.change
    const [link, there] = [findLink(wanted, reference), findLink(found.wanted, reference)]
    return link !== undefined && there !== undefined && changedOptions(link, there).includes(option)
  }

  /**
   * Whether the MAC address of a link may change, which empties its table of neighbours (NETDEV_CHANGEADDR). Whether one that it has of
   * other links does depends on theirs, and on whether it was ever given, which the kernel does not tell.
   */
  #movesMac(reference: Reference): boolean {
    const { wanted, found } = this.change
    const [link, before] = [findLink(wanted, reference), findLink(found.wanted, reference)]
    if (link === undefined || before === undefined) return false
    if (link.options['mac'] !== undefined) return this.#changes(reference, 'mac')
    const below = FOLLOWING.includes(link.kind) && before.options['up'] !== false ? link.link : null
    if (below !== null) return this.#movesMac(below)
    return TAKING.includes(link.kind) && this.portsChange(link, 'mac')
  }

  /** Whether ports of a link come or go, or may have another MTU or MAC address. */
  portsChange(over: LinkModel, what: 'mtu' | 'mac'): boolean {
    const { wanted, found, gone } = this.change
    const before = [found.wanted, found.owned].flatMap((network) => (network ? portsOf(network, over) : []))
    return [...portsOf(wanted, over), ...before].some((port) => {
      const [link, there] = [findLink(wanted, port), findLink(found.wanted, port)]
      if (there === undefined || gone.has(port.netns, port.name)) return true
      // Somebody's port stays.
      if (link === undefined) return false
      if (changesMaster(link, there, this.change)) return true
      return what === 'mac' ? this.#movesMac(port) : this.#changes(port, what)
    })
  }
}
