/** What the kernel has, read once: the tables of the namespaces of a topology. */

import { NETNS, type NetnsHandle, type Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { getSysctl } from '../netns/sysctl.js'
import type { Address } from '../rtnetlink/address/address.js'
import { listAddresses } from '../rtnetlink/address/list.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import { hasLinkData } from '../rtnetlink/link/kinds/kind.js'
import type { Link } from '../rtnetlink/link/link.js'
import { listLinks } from '../rtnetlink/link/list.js'
import { listNeighbours } from '../rtnetlink/neighbour/list.js'
import type { Neighbour } from '../rtnetlink/neighbour/neighbour.js'
import { netnsNames } from '../rtnetlink/nsid/names.js'
import { getNsid } from '../rtnetlink/nsid/operations.js'
import { listRoutes } from '../rtnetlink/route/operations.js'
import type { Route } from '../rtnetlink/route/route.js'
import { listRules } from '../rtnetlink/rule/operations.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import { codeOf } from './error.js'
import { parameterOf } from './fan-out.js'
import { type FoundNat, readNat } from './nat.js'
import { HOST, type Network, OWN_NETNS } from './network.js'
import { stampOf } from './whereabouts.js'

/** One namespace. */
export interface RawPlace {
  readonly netns: string
  readonly links: readonly Link[]
  readonly byIndex: ReadonlyMap<number, Link>
  readonly addresses: readonly Address[]
  /** The links, by ifindex, that keep the other addresses of a network when its first one goes; those of one address are not asked. */
  readonly promoting: ReadonlySet<number>
  readonly routes: readonly Route[]
  readonly rules: readonly Rule[]
  readonly neighbours: readonly Neighbour[]
  readonly sysctls: ReadonlyMap<string, string>
  readonly nat: readonly FoundNat[]
  /** What `link` of a link is, by the link: a veth's other end, what a VLAN stands on. */
  readonly below: Map<Link, Below>
}

export interface Below {
  readonly netns: string
  readonly link: Link
}

export interface Raw {
  readonly places: ReadonlyMap<string, RawPlace>
  /** Under names of namespaces, files on which none is mounted. */
  readonly files: ReadonlySet<string>
}

/** Reads the namespaces that there are of those of some networks; without networks, of all that have a name. */
export function* readRaw(networks: readonly Network[]): Operation<Raw> {
  const there = yield* netnsNames()
  const named = networks.flatMap(({ places }) => [...places.keys()])
  const wanted = networks.length === 0 ? yield* eachOnce(there) : there.filter((name) => named.includes(name))
  const places = new Map<string, RawPlace>()
  const files = new Set<string>()
  for (const netns of [HOST, ...wanted]) {
    const place = yield* readPlace(netns, networks)
    if (place === 'file') files.add(netns)
    else if (place !== null) places.set(netns, place)
  }
  const raw: Raw = { places, files }
  for (const place of places.values()) yield* resolveBelow(place, raw, networks)
  return raw
}

/** A namespace may have several names, of which the first is its; the process's own, which has a place without one, needs none. */
function* eachOnce(names: readonly string[]): Operation<string[]> {
  const seen = new Set([yield* primitive('stamp', OWN_NETNS.path)])
  const once: string[] = []
  for (const name of names) {
    const stamp = yield* stampOf(name)
    if (stamp === null || seen.has(stamp)) continue
    seen.add(stamp)
    once.push(name)
  }
  return once
}

/** Null for a namespace that went away meanwhile. */
function* readPlace(netns: string, networks: readonly Network[]): Operation<RawPlace | 'file' | null> {
  if (netns === HOST) return yield* readTables(netns, undefined, networks)
  let open: NetnsHandle[typeof NETNS]
  try {
    open = yield* primitive('openNetns', netns)
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (code === 'ENOENT') return null
    if (['EINVAL', 'EACCES'].includes(code)) return 'file'
    throw error
  }
  try {
    return yield* readTables(netns, { [NETNS]: open }, networks)
  } finally {
    open.close()
  }
}

function* readTables(
  name: string,
  netns: NetnsHandle | undefined,
  networks: readonly Network[],
): Operation<RawPlace> {
  const links = yield* listLinks({ netns, include: ['afSpec'] })
  const sysctls = new Map<string, string>()
  const wantsNat = networks.length === 0 || networks.some(({ places }) => places.get(name)?.nat.length)
  for (const network of networks)
    for (const key of network.places.get(name)?.sysctls.keys() ?? []) {
      const value = yield* readSysctl(key, netns)
      if (value !== null) sysctls.set(key, value)
    }
  const addresses = yield* listAddresses({ netns })
  return {
    netns: name,
    links,
    byIndex: new Map(links.map((link) => [link.ifindex, link])),
    addresses,
    promoting: yield* promotingLinks(links, addresses, netns, lastingIn(networks, name)),
    routes: yield* listRoutes({ netns }),
    rules: yield* listRules({ netns }),
    neighbours: [...(yield* listNeighbours({ netns })), ...(yield* listNeighbours({ netns, proxy: true }))],
    sysctls,
    nat: wantsNat ? yield* readNat(netns) : [],
    below: new Map(),
  }
}

/** Tells whether a parameter that is not 0 stays so while the first of some networks is made: none of them says it, or that one does. */
function lastingIn(networks: readonly Network[], netns: string): (key: string) => boolean {
  const said = networks.map(
    ({ places }) =>
      new Map([...(places.get(netns)?.sysctls ?? [])].map(([key, text]) => [parameterOf(key), Number(text)])),
  )
  return (key) => (said.some((one) => one.has(key)) ? Boolean(said[0]!.get(key)) : true)
}

/** By net.ipv4.conf.*.promote_secondaries, of which one of the two is enough. */
function* promotingLinks(
  links: readonly Link[],
  addresses: readonly Address[],
  netns: NetnsHandle | undefined,
  isLasting: (key: string) => boolean,
): Operation<ReadonlySet<number>> {
  const promoting = new Set<number>()
  const several = new Set(
    addresses.filter(({ flags }) => flags.includes('secondary')).map((one) => one.ifindex),
  )
  for (const { ifindex, name } of links)
    if (several.has(ifindex))
      for (const dev of ['all', name]) {
        const key = `net/ipv4/conf/${dev}/promote_secondaries`
        if (Number(yield* readSysctl(key, netns)) !== 0 && isLasting(key)) promoting.add(ifindex)
      }
  return promoting
}

/** Null where the kernel has no such parameter, as that of an interface that has gone. */
function* readSysctl(key: string, netns: NetnsHandle | undefined): Operation<string | null> {
  try {
    return yield* getSysctl(key, { netns })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

function* resolveBelow(place: RawPlace, raw: Raw, networks: readonly Network[]): Operation<void> {
  const ids = new Map<string, number | null>()
  for (const link of place.links) {
    const index = indexBelow(link)
    if (index === null) continue
    if (link.linkNetnsid === null) {
      const below = place.byIndex.get(index)
      if (below !== undefined) place.below.set(link, { netns: place.netns, link: below })
      continue
    }
    for (const other of candidates(link, index, place, raw, networks)) {
      if (!ids.has(other.netns)) ids.set(other.netns, yield* nsidOf(other.netns, place.netns))
      if (ids.get(other.netns) !== link.linkNetnsid) continue
      place.below.set(link, { netns: other.netns, link: other.byIndex.get(index)! })
      break
    }
  }
}

/** Kinds that have what they stand on among their own data may have it there alone, and tell of themselves where it is in another namespace. */
function indexBelow({ link, kind, data }: Link): number | null {
  if (kind === null || data === null || data instanceof Uint8Array || !hasLinkData(findKind(kind)))
    return link
  return (data['link'] as number | undefined) || null
}

/** The namespaces in which what a link stands on may be, first the one that the value says. */
function candidates(
  link: Link,
  index: number,
  place: RawPlace,
  raw: Raw,
  networks: readonly Network[],
): RawPlace[] {
  const said = networks.flatMap(({ places }) => {
    const model = places.get(place.netns)?.links.get(link.name)
    const reference = model?.peer ?? model?.link
    return reference == null ? [] : [reference.netns]
  })
  const others = [...raw.places.values()].filter((other) => {
    const below = other.netns === place.netns ? undefined : other.byIndex.get(index)
    return (
      below !== undefined && (link.kind !== 'veth' || (below.kind === 'veth' && below.link === link.ifindex))
    )
  })
  return others.sort((a, b) => Number(said.includes(b.netns)) - Number(said.includes(a.netns)))
}

function* nsidOf(netns: string, where: string): Operation<number | null> {
  try {
    return yield* getNsid(netns === HOST ? OWN_NETNS : netns, where === HOST ? {} : { netns: where })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}
