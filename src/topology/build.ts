/** The steps that make a network, or what is missing of it, in an order in which each finds what it needs. */

import { type AddressInput, flagNames, placeOf } from '../rtnetlink/address/options.js'
import { AF_INET6 } from '../rtnetlink/family.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { destinationOf } from '../rtnetlink/route/check.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import type { Call, CallLink, Step } from './call.js'
import { isIpv4 } from './change-addresses.js'
import { fansOut, mayWrite } from './fan-out.js'
import type { NatModel } from './nat.js'
import {
  findLink,
  HOST,
  join,
  type LinkModel,
  type Network,
  OPENING,
  type Place,
  portsOf,
} from './network.js'
import { IPV6_METRIC } from './project-entries.js'
import { contains } from './reach.js'

/** What a plan leaves out because it is there; nothing is there of a network that is new. */
export interface Present {
  hasNetns(netns: string): boolean
  /** Whether `lo` is up in a namespace that is there. */
  loopback(netns: string): boolean
  hasLink(link: LinkModel): boolean
  hasRoute(place: Place, route: RouteInput): boolean
  hasRule(place: Place, rule: RuleInput): boolean
  hasNeighbour(place: Place, neighbour: NeighbourInput): boolean
  hasNat(place: Place, nat: NatModel): boolean
  /** Whether ports of a bridge come, go or get another MTU. */
  portsChange(bridge: LinkModel): boolean
  /** What has the name of an entry that will be another. */
  natBefore(place: Place, nat: NatModel): NatModel | undefined
  hasSysctl(place: Place, key: string): boolean
  /** What a parameter is that will be another. */
  sysctl(place: Place, key: string): string | undefined
  /** The steps that turn a link that is there into the wanted one. */
  changes(link: LinkModel): readonly Step[]
}

const NOTHING: Present = {
  hasNetns: () => false,
  loopback: () => false,
  hasLink: () => false,
  hasRoute: () => false,
  hasRule: () => false,
  hasNeighbour: () => false,
  hasNat: () => false,
  portsChange: () => true,
  natBefore: () => undefined,
  hasSysctl: () => false,
  sysctl: () => undefined,
  changes: () => [],
}

/** Makes all of a network of which nothing is there, or what is not. */
export function build(network: Network, present: Present = NOTHING): Step[] {
  return new Builder(network, present).build()
}

class Builder {
  readonly #steps: Step[] = []
  readonly #places = new Set<string>()
  readonly #links = new Set<LinkModel>()
  /** How many links of a place are still to be made: its routes follow the last one. */
  readonly #left = new Map<Place, number>()
  readonly #routed = new Set<RouteInput>()
  /** What of the steps so far has the kernel write other parameters, too. */
  readonly #fanningOut: { readonly netns: string; readonly key: string }[] = []
  /** What the kernel takes some time for is waited for once, after all. */
  readonly #last: Step[] = []

  constructor(
    readonly network: Network,
    readonly present: Present,
  ) {}

  build(): Step[] {
    const places = [...this.network.places.values()]
    for (const place of places) this.#left.set(place, place.links.size)
    for (const place of places) {
      this.#openPlace(place)
      for (const link of place.links.values()) this.#makeLink(link)
      if (place.links.size === 0) this.#finishPlace(place)
    }
    return [...this.#steps, ...this.#last]
  }

  #push(path: string, call: Call, undo: Call | null = null): void {
    this.#steps.push({ path, call, undo })
  }

  #openPlace(place: Place): void {
    const { netns, path, loopback } = place
    if (this.#places.has(netns)) return
    this.#places.add(netns)
    if (netns !== HOST && !this.present.hasNetns(netns))
      this.#push(path, { call: 'createNetns', netns, loopback }, { call: 'deleteNetns', netns })
    else if (netns !== HOST && this.present.loopback(netns) !== loopback) {
      const call = { call: 'setLink', netns, dev: 'lo' } as const
      const undo: Call = { ...call, options: { up: !loopback } }
      this.#push(join(path, 'loopback'), { ...call, options: { up: loopback } }, undo)
    }
    this.#setSysctls(place, (key) => ownerOf(place, key) === undefined)
  }

  #setSysctls(place: Place, wanted: (key: string) => boolean): void {
    const { netns, path, sysctls } = place
    for (const [key, value] of sysctls) {
      const isWritten = this.#fanningOut.some((call) => call.netns === netns && mayWrite(call.key, key))
      if (!wanted(key) || (this.present.hasSysctl(place, key) && !isWritten)) continue
      const before = this.present.sysctl(place, key)
      const call = { call: 'setSysctl', netns, key, value } as const
      if (fansOut(key)) this.#fanningOut.push(call)
      this.#push(join(path, `sysctls.${key}`), call, before === undefined ? null : { ...call, value: before })
    }
  }

  #makeLink(link: LinkModel): void {
    if (this.#links.has(link)) return
    const far = link.peer === null ? undefined : findLink(this.network, link.peer)
    const ends = far === undefined ? [link] : [link, far]
    for (const end of ends) {
      this.#links.add(end)
      this.#openPlace(this.network.places.get(end.netns)!)
      for (const below of this.#needs(end)) this.#makeLink(below)
    }
    if (this.present.hasLink(link)) for (const end of ends) this.#steps.push(...this.present.changes(end))
    else {
      this.#create(link, far)
      for (const end of ends)
        if (end.options['up'] === false && this.#openerOf(end))
          this.#push(end.path, { call: 'setLink', netns: end.netns, dev: end.name, options: { up: false } })
    }
    for (const end of ends) {
      const place = this.network.places.get(end.netns)!
      const left = this.#left.get(place)! - 1
      this.#left.set(place, left)
      if (left === 0) this.#finishPlace(place)
    }
  }

  /** The links of the topology that have to be there before this one. */
  #needs({ netns, kind, master, link, options }: LinkModel): LinkModel[] {
    const names = [master, ...(findKind(kind)?.devs ?? []).map((dev) => options[dev])]
    const found = names.map((name) =>
      typeof name === 'string' ? findLink(this.network, { netns, name }) : undefined,
    )
    if (link !== null) found.push(findLink(this.network, link))
    return found.filter((one) => one !== undefined)
  }

  #create(link: LinkModel, far: LinkModel | undefined): void {
    const { netns, name, kind } = link
    if (far === undefined) {
      // A namespace that goes would let go of what lies underneath a moment later.
      const lasting = this.#outlasts(netns) || (link.link !== null && this.#outlasts(link.link.netns))
      const undo: Call | null = lasting ? { call: 'deleteLink', netns, dev: name } : null
      const call = { call: 'createLink', link: this.#callLink(link), kind, below: link.link } as const
      this.#push(link.path, call, undo)
      return
    }
    // The request goes to the near end's namespace, which is the process's own where one of the two is. Of two in one namespace the far
    // end has the lower ifindex, and its addresses first: it is the first one of the value.
    const isNear = far.netns === HOST || far.netns === link.netns
    const [near, other] = isNear ? [far, link] : [link, far]
    // Either end takes the other with it, and at once; a namespace that goes would take them a moment later.
    const last = [near, other].find(({ netns }) => this.#outlasts(netns))
    const undo: Call | null =
      last === undefined ? null : { call: 'deleteLink', netns: last.netns, dev: last.name }
    const path = link.implied ? far.path : link.path
    this.#push(path, { call: 'createVethPair', near: this.#callLink(near), far: this.#callLink(other) }, undo)
  }

  /** Whether the namespace is not one that is taken back itself. */
  #outlasts(netns: string): boolean {
    return netns === HOST || this.present.hasNetns(netns)
  }

  #callLink(link: LinkModel): CallLink {
    const { netns, name, master, addresses } = link
    const { up: _, ...options } = link.options
    const place = this.network.places.get(netns)!
    const routes = place.routes
      .map(({ value }) => value)
      .filter(
        (route) => !this.#routed.has(route) && !this.present.hasRoute(place, route) && isRouteOf(link, route),
      )
    for (const route of routes) this.#routed.add(route)
    return { netns, name, options: this.#openerOf(link) ? options : link.options, master, addresses, routes }
  }

  /** The master that brings it up. */
  #openerOf({ netns, master }: LinkModel): LinkModel | undefined {
    const over = master === null ? undefined : findLink(this.network, { netns, name: master })
    return over !== undefined && OPENING.includes(over.kind) ? over : undefined
  }

  /** A bridge takes the smallest MTU of its ports, also when it was made with another, until one is set. */
  #keepMtu(bridge: LinkModel): void {
    const { netns, name, path, kind, options } = bridge
    const { mtu } = options
    if (kind !== 'bridge' || mtu === undefined || !this.present.portsChange(bridge)) return
    const ports = portsOf(this.network, bridge)
    const adjusts =
      ports.length > 0 ? ports.some((port) => port.options['mtu'] !== mtu) : this.present.hasLink(bridge)
    if (adjusts) this.#push(path, { call: 'setLink', netns, dev: name, options: { mtu } })
  }

  /** All links of a place are there: what belongs to more than one of them follows. */
  #finishPlace(place: Place): void {
    const { netns } = place
    const lasting = this.#outlasts(netns)
    for (const link of place.links.values()) this.#keepMtu(link)
    this.#setSysctls(place, (key) => ownerOf(place, key) !== undefined)
    for (const { path, value: route } of place.routes)
      if (!this.#routed.has(route) && !this.present.hasRoute(place, route)) {
        const undo = lasting ? deletionOf(netns, route) : null
        const steps = route.src?.includes(':') ? this.#last : this.#steps
        steps.push({ path, call: { call: 'addRoute', netns, route }, undo })
      }
    for (const { path, value: rule } of place.rules)
      if (!this.present.hasRule(place, rule))
        this.#push(
          path,
          { call: 'addRule', netns, rule },
          lasting ? { call: 'deleteRule', netns, rule } : null,
        )
    for (const { path, value: nat } of place.nat) {
      if (this.present.hasNat(place, nat)) continue
      const before = this.present.natBefore(place, nat)
      const call: Call = { call: 'addNat', netns, nat, ...(before === undefined ? {} : { before }) }
      this.#push(path, call, lasting ? { call: 'deleteNat', netns, nat } : null)
    }
    for (const { path, value: neighbour } of place.neighbours)
      if (!this.present.hasNeighbour(place, neighbour))
        this.#push(
          path,
          { call: 'addNeighbour', netns, neighbour },
          lasting ? { call: 'deleteNeighbour', netns, neighbour } : null,
        )
  }
}

/** Of IPv6 routes to one destination the kernel deletes that of the lowest metric, which may be somebody's, where none is said. */
export function deletionOf(netns: string, route: RouteInput): Call {
  const isIpv6 = destinationOf(route).family === AF_INET6
  const metric = isIpv6 && !route.metric ? { metric: IPV6_METRIC } : {}
  return { call: 'deleteRoute', netns, route: { ...route, ...metric } }
}

/**
 * Whether a route can be added with the link: it is its interface, or has the gateway in the network of one of its addresses, one of which
 * it sends from and which the kernel does not look for first.
 */
function isRouteOf(link: LinkModel, route: RouteInput): boolean {
  if (link.options['up'] === false || route.nexthops != null) return false
  if (route.dev != null && route.dev !== link.name) return false
  const { via, src } = route
  const isSource = (one: AddressInput) =>
    placeOf(one).local === src && (isIpv4(one) || flagNames(one.flags ?? []).includes('nodad'))
  if (src != null && !link.addresses.some(isSource)) return false
  if (via == null) return route.dev != null
  return link.addresses.some(({ address, peer }) => peer == null && contains(address, via))
}

/** The link whose parameter a key is: there is none before the link. */
export function ownerOf(place: Place, key: string): LinkModel | undefined {
  const parts = key.includes('/') && /[./]/.exec(key)?.[0] === '/' ? key.split('/') : dotted(key)
  const at = parts.findIndex((part) => part === 'conf' || part === 'neigh')
  return at < 0 ? undefined : place.links.get(parts[at + 1] ?? '')
}

/** As in sysctl(8), a slash in a dotted key stands for a dot. */
function dotted(key: string): string[] {
  return key.split('.').map((part) => part.replaceAll('/', '.'))
}
