/** Settings of links that a value says no more, and that are still so, are to be as the kernel makes them where nothing is said. */

import type { Link } from '../rtnetlink/link/link.js'
import { leavesOut, withUnsaid } from './compare.js'
import { findLink, type LinkModel, type Network, OPENING, portsOf, type Reference } from './network.js'
import { optionOf } from './project-options.js'
import type { Raw } from './raw.js'
import { DEFAULT_MTU, MAX_SEGS, MAX_SIZE, type Unsaid, unsaidOfKind } from './unsaid-link.js'

/** What links have of the one underneath when they are made (vlan_newlink(), vlan_dev_init(), macvlan_common_newlink(), ipvlan_adjust_mtu()). */
const OF_BELOW: ReadonlyMap<string, readonly string[]> = new Map([
  ['ipvlan', ['mtu']],
  ['ipvtap', ['mtu']],
  ['macvlan', ['mtu']],
  ['macvtap', ['mtu']],
  ['vlan', ['mtu', 'mac', 'broadcast', 'arp', 'multicast', 'trailers', 'dynamic']],
])

/** What bonds and teams give their ports. */
const LENT = ['mtu', 'mac']

/** What VXLAN puts before a packet, over IPv4 and over IPv6 (vxlan_headroom()). */
const VXLAN_HEADROOM = { ipv4: 50, ipv6: 70 }

/** By the ends of addresses: the Bridge Group Address, that of a bridge of providers (recalculate_group_addr() of net/bridge/br_vlan.c). */
const GROUP_ADDRESS = '01:80:c2:00:00:00'
const PROVIDER_ADDRESS = '01:80:c2:00:00:08'

/**
 * What is wanted, with those settings. `owned` is what the topology said before, and `there` what the kernel has of that; both are null of one
 * that is new.
 */
export function withLeftOut(
  raw: Raw,
  wanted: Network,
  owned: Network | null,
  there: Network | null,
): Network {
  if (owned === null || there === null || !hasLeftOut(wanted, owned)) return wanted
  const leftOut = new LeftOut(raw, wanted, owned, there)
  const places = [...wanted.places].map(([netns, place]) => {
    const links = [...place.links].map(([name, link]) => [name, leftOut.linkOf(link)] as const)
    return [netns, { ...place, links: new Map(links) }] as const
  })
  return { ...wanted, places: new Map(places) }
}

function hasLeftOut(wanted: Network, owned: Network): boolean {
  for (const [netns, { links }] of wanted.places) {
    const before = owned.places.get(netns)?.links
    for (const [name, { options }] of links) if (leavesOut(before?.get(name)?.options, options)) return true
  }
  return false
}

class LeftOut {
  readonly #links = new Map<LinkModel, LinkModel>()
  readonly #mtus = new Map<LinkModel, number>()

  constructor(
    readonly raw: Raw,
    readonly wanted: Network,
    readonly owned: Network,
    readonly there: Network,
  ) {}

  linkOf(link: LinkModel): LinkModel {
    const known = this.#links.get(link)
    if (known !== undefined) return known
    // For one that would go by itself.
    this.#links.set(link, link)
    const was = findLink(this.owned, link)
    if (was?.kind !== link.kind || !leavesOut(was.options, link.options)) return link
    const there = findLink(this.there, link)
    const found = this.#found(link)
    if (there === undefined || found === undefined) return link
    const unsaid = this.#unsaid(link, was, found)
    const options = withUnsaid(was.options, link.options, there.options, unsaid) as LinkModel['options']
    // By itself it would stay so until the carrier changes.
    const wakes = options['linkMode'] !== link.options['linkMode'] && found.operState === 'dormant'
    if (wakes) options['operState'] ??= 'up'
    const whole = { ...link, options }
    this.#links.set(link, whole)
    return whole
  }

  #found({ netns, name }: Reference): Link | undefined {
    return this.raw.places.get(netns)?.links.find((link) => link.name === name)
  }

  #unsaid(link: LinkModel, was: LinkModel, found: Link): Unsaid {
    const unsaid: Record<string, unknown> = {
      ...unsaidOfKind(link.kind),
      ...this.#unsaidSizes(link, was, found),
    }
    if (link.link !== null)
      for (const key of OF_BELOW.get(link.kind) ?? []) unsaid[key] = this.#valueOf(link.link, key)
    if (link.kind === 'vxlan') unsaid['mtu'] = this.#mtuOfVxlan(link)
    // What it carries is no Ethernet (vxlan_raw_setup() of drivers/net/vxlan/vxlan_core.c).
    if (link.options['gpe'] === true) Object.assign(unsaid, { arp: false, broadcast: undefined })
    if (link.kind === 'bridge') {
      const { vlanFiltering, vlanProtocol } = link.options
      const isProviders = vlanFiltering === true && vlanProtocol === '802.1ad'
      unsaid['groupAddress'] = isProviders ? PROVIDER_ADDRESS : GROUP_ADDRESS
      unsaid['mtu'] = this.#mtuOfBridge(link, found)
    }
    // It has those of its bond or team.
    if (this.#isLent(link)) for (const key of LENT) delete unsaid[key]
    return unsaid
  }

  /** Before Linux 5.19 it is not told what a device can do. That of IPv4 is set with the other one, up to a limit (netif_set_gso_max_size()). */
  #unsaidSizes(link: LinkModel, was: LinkModel, found: Link): Unsaid {
    const { tsoMaxSize, tsoMaxSegs, gsoMaxSize, groMaxSize } = found
    const sizes: Record<string, unknown> = { groMaxSize: MAX_SIZE }
    if (tsoMaxSize !== null) sizes['gsoMaxSize'] = Math.min(MAX_SIZE, tsoMaxSize)
    if (tsoMaxSegs !== null) sizes['gsoMaxSegs'] = Math.min(MAX_SEGS, tsoMaxSegs)
    for (const [whole, ofIpv4, now] of [
      ['gsoMaxSize', 'gsoIpv4MaxSize', gsoMaxSize],
      ['groMaxSize', 'groIpv4MaxSize', groMaxSize],
    ] as const) {
      const left = was.options[whole] === undefined ? now : sizes[whole]
      sizes[ofIpv4] = Math.min(MAX_SIZE, (link.options[whole] ?? left ?? MAX_SIZE) as number)
    }
    return sizes
  }

  #isLent({ netns, master }: LinkModel): boolean {
    const over = master === null ? undefined : this.#masterKind({ netns, name: master })
    return over !== undefined && OPENING.includes(over)
  }

  #masterKind(master: Reference): string | undefined {
    return findLink(this.wanted, master)?.kind ?? this.#found(master)?.kind ?? undefined
  }

  /** What a link will have. */
  #valueOf(reference: Reference, key: string): unknown {
    const link = findLink(this.wanted, reference)
    const found = this.#found(reference)
    const said = link === undefined ? undefined : this.linkOf(link).options[key]
    if (said !== undefined) return said
    if (found === undefined) return link === undefined ? undefined : unsaidOfKind(link.kind)[key]
    if (link !== undefined && key === 'mtu') return this.#fallingMtu(link, found)
    const isBelows = key === 'mac' && link?.kind === 'vlan' && found.mac === this.#found(link.link!)?.mac
    if (isBelows) return this.#valueOf(link.link!, key)
    return optionOf(found, key, undefined) ?? undefined
  }

  /** Of one that says none: it falls with that of the link underneath, the bond or the ports. Whether it rises with them the kernel does not tell. */
  #fallingMtu(link: LinkModel, { mtu }: Link): number {
    const known = this.#mtus.get(link)
    if (known !== undefined) return known
    // For one that would go by itself.
    this.#mtus.set(link, mtu)
    const { netns, kind, link: below, master } = link
    const leaders: Reference[] = kind === 'bridge' ? portsOf(this.wanted, link) : []
    if (below !== null && OF_BELOW.has(kind)) leaders.push(below)
    if (this.#isLent(link)) leaders.push({ netns, name: master! })
    const sizes = leaders.map((leader) => this.#valueOf(leader, 'mtu'))
    const lowest = Math.min(mtu, ...sizes.filter((size) => typeof size === 'number'))
    this.#mtus.set(link, lowest)
    return lowest
  }

  #mtuOfVxlan({ link, options }: LinkModel): number | undefined {
    if (link === null) return DEFAULT_MTU
    const below = this.#valueOf(link, 'mtu')
    if (typeof below !== 'number' || options['gpe'] === true) return undefined
    const isIpv6 = [options['local'], options['remote']].some((end) => String(end).includes(':'))
    return below - VXLAN_HEADROOM[isIpv6 ? 'ipv6' : 'ipv4']
  }

  /** The smallest of its ports, those of others among them (br_mtu_min() of net/bridge/br_if.c). */
  #mtuOfBridge(bridge: LinkModel, found: Link): number | undefined {
    const { netns } = bridge
    const [place, was] = [this.wanted, this.owned].map((network) => network.places.get(netns))
    const own = portsOf(this.wanted, bridge)
    const others = (this.raw.places.get(netns)?.links ?? []).filter(
      (link) => link.master === found.ifindex && !place?.links.has(link.name) && !was?.links.has(link.name),
    )
    const sizes = [...own.map((port) => this.#valueOf(port, 'mtu')), ...others.map(({ mtu }) => mtu)]
    if (!sizes.every((size) => typeof size === 'number')) return undefined
    return sizes.length === 0 ? DEFAULT_MTU : Math.min(...sizes)
  }
}
