/** Joins what refers to each other: ports and bridges, the two ends of pairs, links and what they stand on. */

import { show } from '../codec/fault.js'
import {
  findLink,
  join,
  type LinkModel,
  type Network,
  type Place,
  portName,
  type Reference,
  referenceText,
} from './network.js'
import type { Ports } from './parse.js'
import { parseReference } from './parse-link.js'

/** Completes a network whose links have been parsed. Throws RangeError naming the path of a reference that leads nowhere. */
export function connect(network: Network, ports: Ports): void {
  const links = [...network.places.values()].flatMap((place) => [...place.links.values()])
  // An end that its pair alone names may be a port of a bridge beside it.
  for (const { kind, peer, path } of links)
    if (kind === 'veth' && peer !== null) findOrMake(network, peer, `${path}.peer`)
  for (const [{ place, bridge }, names] of ports)
    for (const [index, text] of names.entries())
      addPort(network, place, bridge, text, join(place.path, `bridges.${bridge}.ports[${index}]`))
  for (const place of network.places.values())
    for (const link of [...place.links.values()]) if (link.kind === 'veth') joinEnds(network, link)
  for (const link of links) link.link = lowestOf(network, link)
}

/** Of these one on another is on what that is on (macvlan_common_newlink() of drivers/net/macvlan.c, ipvlan_link_new() of ipvlan/ipvlan_main.c). */
const BESIDE: readonly (readonly string[])[] = [
  ['macvlan', 'macvtap'],
  ['ipvlan', 'ipvtap'],
]

function lowestOf(network: Network, link: LinkModel): Reference | null {
  const kinds = BESIDE.find((one) => one.includes(link.kind)) ?? []
  const passed = [link]
  for (let { link: below } = link; below !== null; ) {
    const one = findLink(network, below)
    // What stands on itself is refused where it is to be made.
    if (one !== undefined && passed.includes(one)) break
    if (one === undefined || !kinds.includes(one.kind)) return below
    passed.push(one)
    below = one.link
  }
  return link.link
}

function addPort(network: Network, place: Place, bridge: string, text: string, path: string): void {
  const end = parseReference(text, place.netns, path)
  if (!text.includes(':')) {
    const port = place.links.get(end.name)
    if (port === undefined) throw new RangeError(`${path}: there is no link ${show(text)} beside this bridge`)
    setMaster(port, bridge, path)
    return
  }
  const far = findOrMake(network, end, path)
  if (far.kind !== 'veth')
    throw new RangeError(
      `${path}: ${show(text)} is a ${far.kind}; only a veth pair leads to a bridge elsewhere`,
    )
  if (far.peer !== null)
    throw new RangeError(
      `${path}: ${show(text)} has another end already, ${show(referenceText(far.peer, ''))}`,
    )
  const name = portName(end)
  const taken = place.links.get(name)
  if (taken !== undefined)
    throw new RangeError(`${path}: the port is to be called '${name}', as ${taken.path} is`)
  const { mtu, queues } = far.options
  place.links.set(name, {
    netns: place.netns,
    name,
    path,
    kind: 'veth',
    options: { up: true, ...(mtu === undefined ? {} : { mtu }), ...(queues === undefined ? {} : { queues }) },
    addresses: [],
    master: bridge,
    peer: end,
    link: null,
    implied: true,
  })
  far.peer = { netns: place.netns, name }
}

function setMaster(port: LinkModel, bridge: string, path: string): void {
  if (port.master !== null && port.master !== bridge)
    throw new RangeError(`${path}: '${port.name}' is a port of '${port.master}' already`)
  port.master = bridge
}

function joinEnds(network: Network, near: LinkModel): void {
  if (near.peer === null) return
  const far = findOrMake(network, near.peer, `${near.path}.peer`)
  if (far === near) throw new RangeError(`${near.path}.peer: an interface is not its own other end`)
  if (far.kind !== 'veth') throw new RangeError(`${near.path}.peer: that is a ${far.kind}`)
  far.peer ??= { netns: near.netns, name: near.name }
  if (far.peer.netns !== near.netns || far.peer.name !== near.name)
    throw new RangeError(
      `${near.path}.peer: ${show(referenceText(near.peer, near.netns))} has another end already, ${show(referenceText(far.peer, ''))}`,
    )
}

/** An end that the value says no more of is made here. */
function findOrMake(network: Network, { netns, name }: Reference, path: string): LinkModel {
  const place = network.places.get(netns)
  if (place === undefined) throw new RangeError(`${path}: there is no namespace '${netns}' in the topology`)
  const found = place.links.get(name)
  if (found !== undefined) return found
  const made: LinkModel = {
    netns,
    name,
    path,
    kind: 'veth',
    options: { up: true },
    addresses: [],
    master: null,
    peer: null,
    link: null,
    implied: false,
  }
  place.links.set(name, made)
  return made
}
