/** From the kernel's tables to a network, with the fields that the wanted one has: equal where the kernel has what was wanted. */

import { words } from '../netns/sysctl.js'
import type { Link } from '../rtnetlink/link/link.js'
import type { Neighbour } from '../rtnetlink/neighbour/neighbour.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import type { Route } from '../rtnetlink/route/route.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import { remains } from './compare.js'
import { type FoundNat, type NatModel, natInput, natMatches } from './nat.js'
import {
  emptyPlace,
  HOST,
  type Item,
  join,
  type LinkModel,
  type Network,
  type Place,
  portName,
} from './network.js'
import { projectAddresses } from './project-addresses.js'
import {
  isMadeNeighbour,
  isMadeRoute,
  isMadeRule,
  isSayable,
  neighbourInput,
  neighbourMatches,
  routeInput,
  routeMatches,
  ruleInput,
  ruleMatches,
  unsaidOfNeighbour,
  unsaidOfRoute,
  unsaidOfRule,
} from './project-entries.js'
import { fullOptions, givenOptions } from './project-options.js'
import type { Raw, RawPlace } from './raw.js'

/**
 * `like` null: all that the kernel has, but for what it makes itself. `before` is the same projected on what `like` is to take the place of: an
 * entry that has something still that this said of it, and that `like` does not say any more, is not what is wanted.
 */
export function project(raw: Raw, like: Network | null, before: Network | null = null): Network {
  const places = new Map<string, Place>()
  const order = like === null ? [...raw.places.keys()] : [...like.places.keys()]
  for (const netns of order) {
    const found = raw.places.get(netns)
    if (found !== undefined)
      places.set(netns, projectPlace(found, like?.places.get(netns) ?? null, before?.places.get(netns)))
  }
  return { name: like?.name ?? '', places }
}

function projectPlace(raw: RawPlace, like: Place | null, before: Place | undefined): Place {
  const place = emptyPlace(raw.netns)
  place.loopback = raw.links.find((link) => link.name === 'lo')?.up ?? false
  // The process's own namespace belongs to everybody: what the value does not name is not the topology's.
  const strangers = like === null || raw.netns !== HOST
  const links = raw.links.filter((link) => {
    const wanted = like?.links.get(link.name)
    return (isMade(link) || wanted?.kind === link.kind) && (strangers || wanted !== undefined)
  })
  for (const link of inOrder(links, like)) place.links.set(link.name, projectLink(raw, link, like))
  const others = (list: string) => (strangers ? join(place.path, list) : null)
  place.routes.push(...matched(ROUTES, raw.routes, like?.routes, others('routes'), before?.routes))
  place.rules.push(...matched(RULES, raw.rules, like?.rules, others('rules'), before?.rules))
  place.neighbours.push(
    ...matched(NEIGHBOURS, raw.neighbours, like?.neighbours, others('neighbours'), before?.neighbours),
  )
  place.nat.push(...matched(NAT, raw.nat, like?.nat, others('nat'), before?.nat))
  for (const [key, value] of like?.sysctls ?? []) {
    const found = raw.sysctls.get(key)
    if (found !== undefined) place.sysctls.set(key, words(found) === words(value) ? value : words(found))
  }
  return place
}

function inOrder(links: readonly Link[], like: Place | null): Link[] {
  if (like === null) return [...links]
  const names = [...like.links.keys()]
  const at = ({ name }: Link) => (names.includes(name) ? names.indexOf(name) : names.length)
  return [...links].sort((a, b) => at(a) - at(b))
}

/**
 * How entries of a list are read: whether somebody made one, whether it is what is wanted, what the kernel makes of what is not said of it
 * (remains()), and as what it is written.
 */
interface Reading<T, Read> {
  readonly isMade: (found: Read) => boolean
  readonly matches: (wanted: T, found: Read) => boolean
  readonly unsaid: (found: Read) => object
  readonly input: (found: Read) => T
}

const ROUTES: Reading<RouteInput, Route> = {
  isMade: isMadeRoute,
  matches: routeMatches,
  unsaid: unsaidOfRoute,
  input: routeInput,
}
const RULES: Reading<RuleInput, Rule> = {
  isMade: (found) => isMadeRule(found) && isSayable(found),
  // Where the kernel chooses the priority, it has made another one than its own.
  matches: (wanted, found) => (wanted.priority != null || isMadeRule(found)) && ruleMatches(wanted, found),
  unsaid: unsaidOfRule,
  input: ruleInput,
}
const NEIGHBOURS: Reading<NeighbourInput, Neighbour> = {
  isMade: isMadeNeighbour,
  matches: neighbourMatches,
  unsaid: unsaidOfNeighbour,
  input: neighbourInput,
}
const NAT: Reading<NatModel, FoundNat> = {
  isMade: (found) => found.isWhole && natInput(found) !== null,
  matches: natMatches,
  // It goes by what nothing is said of; but the interface behind which a target is, the routing table tells then.
  unsaid: () => ({}),
  input: (found) => natInput(found)!,
}

/** What is wanted and there, in its order and its words; then what somebody has made besides, as entries of the list `others`. */
function matched<T extends object, Read>(
  { isMade, matches, unsaid, input }: Reading<T, Read>,
  found: readonly Read[],
  wanted: readonly Item<T>[] | undefined,
  others: string | null,
  before: readonly Item<T>[] = [],
): Item<T>[] {
  const left = [...found]
  const said = new Map(before.map((item) => [item.found, item.value]))
  const isIt = (value: T, one: Read) =>
    matches(value, one) && !remains(said.get(one), value, one, unsaid(one))
  const there = new Map<Item<T>, Read>()
  // What says most chooses first: what says little may be any of several.
  const size = ({ value }: Item<T>) => Object.keys(value).length
  for (const item of [...(wanted ?? [])].sort((a, b) => size(b) - size(a))) {
    const index = left.findIndex((one) => isIt(item.value, one))
    if (index < 0) continue
    there.set(item, left.splice(index, 1)[0]!)
  }
  const positions = new Map(found.map((one, position) => [one, position]))
  const items: Item<T>[] = (wanted ?? []).flatMap((item) => {
    const one = there.get(item)
    return one === undefined ? [] : [{ ...item, found: one, position: positions.get(one) }]
  })
  if (others !== null)
    for (const one of left.filter(isMade))
      items.push({ path: `${others}[${items.length}]`, value: input(one) })
  return items
}

/**
 * The tunnels that modules make in every namespace, and their kinds. What else they make has no kind (`lo`, `teql0`), or is a link like any
 * (`bond0`).
 */
const FALLBACK: ReadonlyMap<string, string> = new Map([
  ['tunl0', 'ipip'],
  ['gre0', 'gre'],
  ['gretap0', 'gretap'],
  ['erspan0', 'erspan'],
  ['sit0', 'sit'],
  ['ip6tnl0', 'ip6tnl'],
  ['ip6gre0', 'ip6gre'],
  ['ip_vti0', 'vti'],
  ['ip6_vti0', 'vti6'],
])

function isMade({ name, kind }: Link): boolean {
  return kind !== null && FALLBACK.get(name) !== kind
}

function projectLink(raw: RawPlace, link: Link, place: Place | null): LinkModel {
  const named = place?.links.get(link.name)
  const like = named?.kind === link.kind ? named : undefined
  const lower = raw.below.get(link)
  const below = lower === undefined ? null : { netns: lower.netns, name: lower.link.name }
  const peer = link.kind === 'veth' ? below : null
  const master = link.master === null ? null : (raw.byIndex.get(link.master)?.name ?? null)
  const options =
    like === undefined ? fullOptions(link, raw.byIndex, lower?.link) : givenOptions(link, like.options)
  // A bond lends its address to its ports: they have their own again when they leave it.
  const { mac } = like?.options ?? {}
  if (mac !== undefined && master === like?.master && place?.links.get(master!)?.kind === 'bond')
    options['mac'] = mac
  const addresses = raw.addresses.filter(({ ifindex }) => ifindex === link.ifindex)
  const implied =
    like?.implied ?? (place === null && peer !== null && master !== null && portName(peer) === link.name)
  return {
    netns: raw.netns,
    name: link.name,
    path: like?.path ?? join(emptyPlace(raw.netns).path, `links.${link.name}`),
    kind: link.kind!,
    options: implied && like === undefined ? { up: link.up } : options,
    addresses: projectAddresses(addresses, like?.addresses ?? []),
    found: addresses,
    promotes: raw.promoting.has(link.ifindex),
    master,
    peer,
    link: link.kind === 'veth' ? null : below,
    implied,
  }
}
