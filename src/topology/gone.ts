/** What a change takes away besides what it deletes. */

import type { Change, Found } from './diff.js'
import { findLink, type LinkModel, OPENING, type Reference, refersTo } from './network.js'

/** Links that are there and will be deleted, or taken down, with what goes with them. */
export class Gone {
  /** What is there, wanted or not any more. */
  readonly there: readonly LinkModel[]
  readonly #links = new Set<string>()
  readonly #down = new Set<string>()
  readonly #following = new Set<string>()
  readonly #namespaces = new Set<string>()

  constructor(found: Found) {
    const places = [found.wanted, found.owned].flatMap((network) => [...(network?.places.values() ?? [])])
    this.there = places.flatMap(({ links }) => [...links.values()])
  }

  addNetns(netns: string): void {
    this.#namespaces.add(netns)
  }

  add(netns: string, name: string): void {
    const key = `${netns}:${name}`
    if (this.#links.has(key)) return
    this.#links.add(key)
    for (const { netns: place, name: other, link, peer } of this.there)
      if (refersTo(link, { netns, name }) || refersTo(peer, { netns, name })) this.add(place, other)
  }

  /**
   * A link, and the VLANs on it that follow it, that is down for a moment at least: its IPv6 addresses go, its routes and its neighbours.
   */
  addDown(link: Reference): void {
    this.#down.add(`${link.netns}:${link.name}`)
    for (const above of this.there)
      if (isVlanThatFollows(above) && refersTo(above.link, link)) {
        this.#following.add(`${above.netns}:${above.name}`)
        this.addDown(above)
      }
  }

  /**
   * Whether it is down as the link underneath is: since Linux 7.2 the kernel looks a moment later whether that is down still, and otherwise
   * leaves the VLAN up, with all that is of it (vlan_device_event() of net/8021q/vlan.c, netdev_work_sched()).
   */
  mayStayUp({ netns, name }: Reference): boolean {
    return this.#following.has(`${netns}:${name}`)
  }

  isDown({ netns, name }: Reference): boolean {
    return this.#down.has(`${netns}:${name}`)
  }

  has(netns: string, name: string): boolean {
    return this.hasNetns(netns) || this.#links.has(`${netns}:${name}`)
  }

  hasNetns(netns: string): boolean {
    return this.#namespaces.has(netns)
  }
}

/** vlan_device_event() of net/8021q/vlan.c. */
function isVlanThatFollows({ kind, options }: LinkModel): boolean {
  return kind === 'vlan' && !(options['flags'] as { loose_binding?: boolean } | undefined)?.loose_binding
}

/** Whether the kernel brings up a VLAN that is to stay down, with the link underneath. */
function isRaised(vlan: LinkModel, { wanted, found }: Change): boolean {
  if (vlan.options['up'] !== false || vlan.link === null || !isVlanThatFollows(vlan)) return false
  const [below, before] = [wanted, found.wanted].map(
    (network) => findLink(network, vlan.link!)?.options['up'],
  )
  return below !== false && before === false
}

/** A VRF takes a port down and up that comes or goes (cycle_netdev() of drivers/net/vrf.c). */
const TAKING_DOWN = [...OPENING, 'vrf']

/** Whether a link is taken down that is up, or that the kernel brings up. */
export function goesDown(link: LinkModel, change: Change): boolean {
  const there = findLink(change.found.wanted, link)
  if (there === undefined) return false
  if (there.options['up'] === false) return isRaised(link, change)
  if (link.options['up'] === false) return true
  return changesMaster(link, there, change) && hasMaster(TAKING_DOWN, link, there, change)
}

/** Whether the master of a link is of some kinds, or the one that it had. */
export function hasMaster(
  kinds: readonly string[],
  { netns, master }: LinkModel,
  there: LinkModel,
  { wanted, found }: Change,
): boolean {
  const networks = [wanted, found.owned, found.wanted].filter((network) => network !== null)
  return [master, there.master].some(
    (name) =>
      name !== null &&
      networks.some((network) => kinds.includes(findLink(network, { netns, name })?.kind ?? '')),
  )
}

/** Whether a link is to become a port, or none, or one of a master that is made again. */
export function changesMaster(
  { netns, name, master }: LinkModel,
  there: LinkModel,
  { owned, gone }: Change,
): boolean {
  if (there.master !== null && gone.has(netns, there.master)) return true
  const before = owned === null ? undefined : findLink(owned, { netns, name })
  return there.master !== master && !(master === null && before?.master == null)
}
