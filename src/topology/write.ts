/** From a network back to the value, in one form: equal networks are equal values. */

import type { AddressInput } from '../rtnetlink/address/options.js'
import { writeNat } from './nat.js'
import {
  findLink,
  HOST,
  type LinkModel,
  type Network,
  type Place,
  portsOf,
  referenceText,
} from './network.js'
import type { Topology, TopologyBridge, TopologyLink, TopologyNamespace, TopologyPlace } from './value.js'

export function writeTopology(network: Network): Topology {
  // Maps, as a name may be one that an object gives another meaning ('__proto__').
  const namespaces = new Map<string, TopologyNamespace>()
  const written = new Set<LinkModel>()
  let host: TopologyPlace = {}
  for (const place of network.places.values()) {
    const value = writePlace(network, place, written)
    if (place.netns === HOST) host = value
    else namespaces.set(place.netns, { ...(place.loopback ? {} : { loopback: false }), ...value })
  }
  return {
    ...(network.name === '' ? {} : { name: network.name }),
    ...(namespaces.size === 0 ? {} : { namespaces: Object.fromEntries(namespaces) }),
    ...host,
  }
}

function writePlace(network: Network, place: Place, written: Set<LinkModel>): TopologyPlace {
  const links = new Map<string, TopologyLink>()
  const bridges = new Map<string, TopologyBridge>()
  for (const link of place.links.values()) {
    if (link.implied && link.peer !== null && findLink(network, link.peer) !== undefined) continue
    const settings = writeSettings(link)
    if (link.kind === 'bridge') {
      const ports = portTexts(network, link)
      bridges.set(link.name, { ...settings, ...(ports.length === 0 ? {} : { ports }) } as TopologyBridge)
      continue
    }
    written.add(link)
    const inBridge = link.master !== null && place.links.get(link.master)?.kind === 'bridge'
    links.set(link.name, {
      ...(link.kind === 'veth' ? {} : { kind: link.kind }),
      ...writePeer(network, link, written),
      ...(link.link === null ? {} : { link: referenceText(link.link, place.netns) }),
      ...(link.master === null || inBridge ? {} : { master: link.master }),
      ...settings,
    } as TopologyLink)
  }
  const { routes, rules, neighbours, sysctls } = place
  const nat = writeNat(place.nat)
  return {
    ...(bridges.size === 0 ? {} : { bridges: Object.fromEntries(bridges) }),
    ...(links.size === 0 ? {} : { links: Object.fromEntries(links) }),
    ...(routes.length === 0 ? {} : { routes: routes.map(({ value }) => value) }),
    ...(rules.length === 0 ? {} : { rules: rules.map(({ value }) => value) }),
    ...(neighbours.length === 0 ? {} : { neighbours: neighbours.map(({ value }) => value) }),
    ...(nat === undefined ? {} : { nat }),
    ...(sysctls.size === 0 ? {} : { sysctls: Object.fromEntries(sysctls) }),
  } as TopologyPlace
}

/** The other end, said by the first of the two; a bridge's port says it by itself. */
function writePeer(network: Network, { peer, netns }: LinkModel, written: Set<LinkModel>): { peer?: string } {
  if (peer === null) return {}
  const far = findLink(network, peer)
  if (far !== undefined && (far.implied || written.has(far))) return {}
  return { peer: referenceText(peer, netns) }
}

function writeSettings({ options, addresses }: LinkModel): Record<string, unknown> {
  const { up, ...rest } = options
  return {
    ...(up === false ? { up } : {}),
    ...rest,
    ...(addresses.length === 0 ? {} : { addresses: addresses.map(writeAddress) }),
  }
}

function writeAddress(address: AddressInput): string | AddressInput {
  return Object.keys(address).length === 1 ? address.address : address
}

function portTexts(network: Network, bridge: LinkModel): string[] {
  return portsOf(network, bridge).map(({ name, peer, implied }) =>
    implied && peer !== null && findLink(network, peer) !== undefined ? referenceText(peer) : name,
  )
}
