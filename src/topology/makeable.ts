/** What has to hold of a network that is to be made, beyond being well written. What is there need not keep to it: it can be read, compared and drawn. */

import { show } from '../codec/fault.js'
import { checkPublication, type Publication } from '../nat/publication.js'
import { namedPath } from '../netlink/netns-name.js'
import { parsePrefix } from '../rtnetlink/input.js'
import { MAX_BRIDGE_PORTS } from '../rtnetlink/link/constants.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import {
  checkAddresses,
  checkExclusion,
  ONE_NEIGHBOUR,
  ONE_ROUTE,
  placeOfNeighbour,
  placeOfRoute,
} from './exclusion.js'
import type { NatModel } from './nat.js'
import {
  findLink,
  HOST,
  type Item,
  type LinkModel,
  type Network,
  type Place,
  type Reference,
  referenceText,
} from './network.js'
import { contains } from './reach.js'
import { checkRules } from './rule-exclusion.js'

/** The journal's files have longer ones, of at most 255 bytes: with who holds a lock in them. */
const MAX_NAME = 180

/** Throws RangeError or TypeError naming the path of what the kernel, or the library, would not make. */
export function checkMakeable(network: Network): void {
  checkName(network.name)
  const places = [...network.places.values()]
  for (const { links } of places)
    for (const link of links.values()) {
      checkKind(link)
      if (link.kind === 'veth' && link.peer === null)
        throw new TypeError(
          `${link.path}: a veth pair has two ends: give the other one as peer, or make this one a port of a bridge`,
        )
      checkBelow(network, link)
      checkAddresses(link)
    }
  for (const place of places) checkPortCounts(place)
  for (const { links } of places) for (const link of links.values()) checkAcyclic(network, link, [])
  for (const place of places) checkEntries(place)
}

export function checkName(name: string): void {
  if (name === '') throw new TypeError('topology: it is empty: there is no namespace, bridge or link in it')
  namedPath(name, 'name')
  if (name.startsWith('.')) throw new RangeError(`name: ${show(name)} begins with a dot`)
  if (new TextEncoder().encode(name).length > MAX_NAME)
    throw new RangeError(`name: ${show(name)} has more than ${MAX_NAME} bytes`)
}

/** Some are made by a driver, or through a file. */
function checkKind({ path, kind }: LinkModel): void {
  const notMade = findKind(kind)?.notMade
  if (notMade !== undefined) throw new TypeError(`${path}.kind: ${notMade}`)
}

/** Kinds of link that others can be ports of. */
const MASTERS = ['bridge', 'bond', 'team', 'vrf']

/** An interface of the process's own namespace need not be of the topology: it may be there already. */
function checkBelow(network: Network, { netns, path, master, link }: LinkModel): void {
  const place = network.places.get(netns)!
  if (master !== null && netns !== HOST && !place.links.has(master))
    throw new RangeError(`${path}.master: there is no link '${master}' in this namespace`)
  const over = master === null ? undefined : place.links.get(master)
  if (over !== undefined && !MASTERS.includes(over.kind))
    throw new RangeError(
      `${path}.master: ${show(master)} is of kind ${over.kind}, which has no ports: those of ${MASTERS.join(', ')} do`,
    )
  if (link === null || findLink(network, link) !== undefined || link.netns === HOST) return
  if (!network.places.has(link.netns))
    throw new RangeError(`${path}.link: there is no namespace '${link.netns}' in the topology`)
  throw new RangeError(`${path}.link: there is no link ${show(referenceText(link, netns))}`)
}

function checkPortCounts({ links }: Place): void {
  const counts = new Map<LinkModel | undefined, number>()
  for (const { master } of links.values())
    if (master !== null) counts.set(links.get(master), (counts.get(links.get(master)) ?? 0) + 1)
  for (const [over, count] of counts)
    if (over?.kind === 'bridge' && count > MAX_BRIDGE_PORTS)
      throw new RangeError(`${over.path}: it has ${count} ports, of which a bridge takes ${MAX_BRIDGE_PORTS}`)
}

function checkAcyclic(network: Network, link: LinkModel, above: readonly LinkModel[]): void {
  if (above.includes(link))
    throw new RangeError(`${link.path}: it stands on itself, by ${above.map(({ name }) => name).join(', ')}`)
  const next = [...above, link]
  const master: Reference | null = link.master === null ? null : { netns: link.netns, name: link.master }
  for (const reference of [master, link.link]) {
    const one = reference === null ? undefined : findLink(network, reference)
    if (one !== undefined) checkAcyclic(network, one, next)
  }
}

function checkEntries(place: Place): void {
  checkExclusion(place.routes, placeOfRoute, ONE_ROUTE)
  checkRules(place.rules)
  checkExclusion(place.neighbours, placeOfNeighbour, ONE_NEIGHBOUR)
  checkOnce(place.nat)
  checkPorts(place.nat)
  for (const route of place.routes) checkDevice(place, route)
  for (const { path, value } of place.neighbours) checkThere(place, value.dev, `${path}.dev`)
  if (place.netns !== HOST) for (const route of place.routes) checkReach(place, route)
}

/** The name of a translation tells it from the others of its verb. */
function checkOnce(items: readonly Item<NatModel>[]): void {
  const seen = new Set<string>()
  for (const { path, value } of items) {
    const key = `${value.verb} ${value.name}`
    if (seen.has(key)) throw new RangeError(`${path}: it is there twice`)
    seen.add(key)
  }
}

/** A port of an address is published once, whatever its name. */
function checkPorts(items: readonly Item<NatModel>[]): void {
  const before: { path: string; one: Publication }[] = []
  for (const { path, value } of items) {
    if (value.verb !== 'publishPort') continue
    const one = checkPublication(value.options)
    const other = before.find((last) => overlap(last.one, one))
    if (other !== undefined)
      throw new RangeError(
        `${path}.hostPort: ${show(value.options.hostPort)} is published by ${other.path} already`,
      )
    before.push({ path, one })
  }
}

function overlap(a: Publication, b: Publication): boolean {
  const keys = ['family', 'protocol', 'hostAddress'] as const
  return keys.every((key) => a[key] === b[key]) && a.ports.from <= b.ports.to && b.ports.from <= a.ports.to
}

function checkDevice(place: Place, { path, value }: Item<RouteInput>): void {
  const devs = [
    [value.dev, `${path}.dev`],
    ...(value.nexthops ?? []).map((hop, index) => [hop.dev, `${path}.nexthops[${index}].dev`]),
  ]
  for (const [dev, field] of devs) {
    checkThere(place, dev, field as string)
    if (place.links.get(dev as string)?.options['up'] === false)
      throw new RangeError(`${field}: '${dev}' is down, and a link that is down has no routes`)
  }
}

/** Whether an entry has an interface to be on. Every namespace has `lo`; the process's own may have others than the topology's. */
function checkThere(place: Place, dev: unknown, field: string): void {
  if (dev == null || dev === 'lo' || place.netns === HOST || place.links.has(dev as string)) return
  throw new RangeError(`${field}: there is no link '${dev}' in this namespace`)
}

/** A gateway has to be on the network of an address, or of a route without a gateway: the kernel would say ENETUNREACH. */
function checkReach(place: Place, { path, value }: Item<RouteInput>): void {
  const hops = [
    { via: value.via, onlink: value.onlink, path },
    ...(value.nexthops ?? []).map(({ via, onlink }, index) => ({
      via,
      onlink,
      path: `${path}.nexthops[${index}]`,
    })),
  ]
  for (const { via, onlink, path: at } of hops) {
    if (via == null || onlink || via.startsWith('fe80:')) continue
    const nets = [...place.links.values()].flatMap((link) =>
      link.options['up'] === false ? [] : link.addresses.map(({ address, peer }) => networkOf(address, peer)),
    )
    const direct = place.routes.flatMap((route) => (route.value.via == null ? directNet(route.value) : []))
    if (![...nets, ...direct].some((net) => contains(net, via)))
      throw new RangeError(
        `${at}.via: ${via} is in the network of no address of this namespace (onlink with dev skips the check)`,
      )
  }
}

/** The network of a route without a gateway. That of a default route is everything, where it has an interface. */
function directNet({ to, dev, family }: RouteInput): string[] {
  if (to !== 'default') return [to]
  return dev == null ? [] : [family === 'ipv6' ? '::/0' : '0.0.0.0/0']
}

function networkOf(address: string, peer: string | null | undefined): string {
  return peer == null ? address : `${peer}/${parsePrefix(address, '').length}`
}
