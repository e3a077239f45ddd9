/** From the value to a network, with every check that needs no kernel. Errors name the path in the value. */

import { isRecord } from '../codec/fault.js'
import { checkBoolean, checkKeys } from '../netlink/check.js'
import { namedPath } from '../netlink/netns-name.js'
import { connect } from './connect.js'
import { checkMakeable } from './makeable.js'
import { emptyNetwork, emptyPlace, HOST, join, type Network, type Place } from './network.js'
import { parseEntries } from './parse-entries.js'
import { parseBridge, parseLink } from './parse-link.js'
import { checkRecord, entries } from './record.js'
import type { Topology, TopologyPlace } from './value.js'

const PLACE_KEYS = [
  'links',
  'bridges',
  'routes',
  'rules',
  'neighbours',
  'sysctls',
  'nat',
] as const satisfies readonly (keyof TopologyPlace)[]

/** Ports of bridges as they are written, by the bridge. */
export type Ports = Map<{ readonly place: Place; readonly bridge: string }, readonly string[]>

/**
 * Checks a topology completely, as one that is to be made.
 *
 * @throws RangeError, TypeError naming the path in the value: `namespaces.red.links.eth0.mtu`
 */
export function parseTopology(topology: Topology): Network {
  const network = parseValue(topology)
  checkMakeable(network)
  return network
}

/**
 * Checks what is written, but not whether it can be made: what readTopology() tells of a network that is there is always well written.
 *
 * @throws RangeError, TypeError naming the path in the value
 */
export function parseValue(topology: Topology): Network {
  checkRecord(topology, 'topology')
  checkKeys('topology', topology, ['name', 'namespaces', ...PLACE_KEYS])
  const network = emptyNetwork(nameOf(topology))
  const ports: Ports = new Map()
  const host = network.places.get(HOST)!
  const namespaces = entries(topology.namespaces, 'namespaces')
  for (const [name, namespace] of namespaces) {
    const place = emptyPlace(name)
    namedPath(name, 'namespaces')
    checkRecord(namespace, place.path)
    checkKeys(place.path, namespace, ['loopback', ...PLACE_KEYS])
    if (namespace.loopback !== undefined)
      place.loopback = checkBoolean(namespace.loopback, `${place.path}.loopback`)
    network.places.set(name, place)
  }
  parseLinks(host, topology, ports)
  for (const [name, namespace] of namespaces) parseLinks(network.places.get(name)!, namespace, ports)
  connect(network, ports)
  parseEntries(host, topology, network.name)
  for (const [name, namespace] of namespaces) parseEntries(network.places.get(name)!, namespace, network.name)
  return network
}

/** The name of a topology: its own, or that of its first part; '' where there is none. */
function nameOf({ name, namespaces, bridges, links }: Topology): string {
  if (name !== undefined) {
    namedPath(name, 'name')
    return name
  }
  const first = [namespaces, bridges, links].flatMap((parts) => (isRecord(parts) ? Object.keys(parts) : []))
  return first[0] ?? ''
}

function parseLinks(place: Place, { links, bridges }: TopologyPlace, ports: Ports): void {
  for (const [name, bridge] of entries(bridges, join(place.path, 'bridges'))) {
    const { model, ports: named } = parseBridge(place, name, bridge)
    place.links.set(name, model)
    ports.set({ place, bridge: name }, named)
  }
  for (const [name, link] of entries(links, join(place.path, 'links'))) {
    const path = join(place.path, `links.${name}`)
    if (place.links.has(name)) throw new RangeError(`${path}: there is a bridge of this name`)
    place.links.set(name, parseLink(place, name, link))
  }
}
