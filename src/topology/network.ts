/** A topology after its check: every link explicit, every reference resolved, addresses in the kernel's form. */

import type { Address } from '../rtnetlink/address/address.js'
import type { AddressInput } from '../rtnetlink/address/options.js'
import { isLong } from '../rtnetlink/link/request.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import type { NatModel } from './nat.js'

/** The key of the process's own namespace among the places. */
export const HOST = ''

/** The process's own namespace, where a call has to name it. */
export const OWN_NETNS = { path: '/proc/self/ns/net' }

export interface Network {
  readonly name: string
  /** By name, HOST first. */
  readonly places: Map<string, Place>
}

export interface Place {
  readonly netns: string
  /** Where it stands in the value: 'namespaces.red', or ''. */
  readonly path: string
  loopback: boolean
  readonly links: Map<string, LinkModel>
  readonly routes: Item<RouteInput>[]
  readonly rules: Item<RuleInput>[]
  readonly neighbours: Item<NeighbourInput>[]
  readonly sysctls: Map<string, string>
  readonly nat: Item<NatModel>[]
}

/** An entry of a list, with its place in the value. */
export interface Item<T> {
  readonly path: string
  readonly value: T
  /** What the kernel has of it, where it was found there. */
  readonly found?: unknown
  /** Its index among all that the kernel lists. */
  readonly position?: number | undefined
}

export interface LinkModel {
  readonly netns: string
  readonly name: string
  readonly path: string
  readonly kind: string
  /** Options of createLink() that are neither here nor its name: `up`, `mtu`, those of the kind … */
  readonly options: Record<string, unknown>
  addresses: AddressInput[]
  /** All that it has, as lists tell them; of what is there alone. */
  readonly found?: readonly Address[]
  /** Whether the kernel keeps the later addresses of a network when it deletes the first one. */
  readonly promotes?: boolean
  /** In the same place. */
  master: string | null
  /** The other end. */
  peer: Reference | null
  /** What it stands on, which need not be of the topology. */
  link: Reference | null
  /** It is there because a bridge has a port by shorthand. */
  readonly implied: boolean
}

/** An interface of a place. */
export interface Reference {
  readonly netns: string
  readonly name: string
}

export function emptyPlace(netns: string): Place {
  return {
    netns,
    path: netns === HOST ? '' : `namespaces.${netns}`,
    loopback: true,
    links: new Map(),
    routes: [],
    rules: [],
    neighbours: [],
    sysctls: new Map(),
    nat: [],
  }
}

export function emptyNetwork(name: string): Network {
  return { name, places: new Map([[HOST, emptyPlace(HOST)]]) }
}

/** A place in the value, for errors: join('namespaces.red', 'routes[0]'). */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Kinds of master that bring up what they take, which has to be down, and let it go down again (bond_enslave(), team_port_add()). */
export const OPENING: readonly string[] = ['bond', 'team']

export function findLink(network: Network, { netns, name }: Reference): LinkModel | undefined {
  return network.places.get(netns)?.links.get(name)
}

/** Where an address or a route of it comes from; undefined for anything else. */
export function pathOfEntry({ places }: Network, entry: unknown): string | undefined {
  for (const { routes, links } of places.values()) {
    const route = routes.find(({ value }) => value === entry)
    if (route !== undefined) return route.path
    for (const link of links.values()) {
      const path = pathOfAddress(link, entry)
      if (path !== undefined) return path
    }
  }
  return undefined
}

/** Undefined for what is none of its addresses. */
export function pathOfAddress({ path, addresses }: LinkModel, entry: unknown): string | undefined {
  const index = addresses.indexOf(entry as AddressInput)
  return index < 0 ? undefined : `${path}.addresses[${index}]`
}

export function portsOf(network: Network, { netns, name }: Reference): LinkModel[] {
  const links = network.places.get(netns)?.links.values() ?? []
  return [...links].filter(({ master }) => master === name)
}

export function refersTo(reference: Reference | null, { netns, name }: Reference): boolean {
  return reference?.netns === netns && reference.name === name
}

/** 'red:eth0', as a topology writes it; the colon is left out in the same place. */
export function referenceText({ netns, name }: Reference, from?: string): string {
  return netns === from ? name : `${netns}:${name}`
}

/** What the name of a namespace may have, and that of an interface not. */
const NO_IFNAME = /[\s:%]/

/** What a bridge calls its end of the pair to `end`, unless the value names it. */
export function portName({ netns, name }: Reference): string {
  const full = `veth-${netns}-${name}`
  return isLong(full) || NO_IFNAME.test(full) ? `veth-${digest(`${netns}:${name}`)}` : full
}

/** Ten letters and digits that depend on all of a text (FNV-1a, 52 bits of it). */
export function digest(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return (hash >> 12n).toString(36).padStart(11, '0').slice(-10)
}
