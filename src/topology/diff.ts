/** The fewest steps from what is there to what is wanted. What is there and was never the topology's is left alone. */

import type { NatEntry } from '../nat/list-nat.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { Route } from '../rtnetlink/route/route.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import { build, deletionOf, ownerOf, type Present } from './build.js'
import type { Call, Step } from './call.js'
import { changesOf } from './change.js'
import { changedOptions, same } from './compare.js'
import { taken } from './error.js'
import { Gone, goesDown } from './gone.js'
import { Losses } from './losses.js'
import { takesPlace } from './nat.js'
import { findLink, type Item, type LinkModel, type Network, type Place } from './network.js'

/** What there is, projected once on what is wanted and once on what was. */
export interface Found {
  readonly wanted: Network
  readonly owned: Network | null
  /** The entries of translation in the process's own namespace, whoever made them. */
  readonly nat: readonly NatEntry[]
}

/** What is to become what. */
export interface Change {
  readonly wanted: Network
  /** The topology as it was made or last applied; null where it never was. */
  readonly owned: Network | null
  readonly found: Found
  readonly gone: Gone
}

/**
 * `owned` is as in Change.
 *
 * @throws TopologyError EEXIST where a link would have to be replaced that is not the topology's
 */
export function diff(call: string, wanted: Network, owned: Network | null, found: Found): Step[] {
  const gone = new Gone(found)
  const change: Change = { wanted, owned, found, gone }
  const removals = owned === null ? [] : removeOld(wanted, owned, found, gone)
  const replaced = replaceChanged(call, change)
  for (const place of wanted.places.values())
    for (const link of place.links.values()) if (goesDown(link, change)) gone.addDown(link)
  const losses = new Losses(change)
  return [
    ...removeBroken(change, losses),
    ...removals,
    ...replaced,
    ...build(wanted, presentOf(change, losses)),
  ]
}

/**
 * What may stay, and could not be added again then: neighbours of a link whose MAC address may change, and routes that are not as they were.
 * Over several links of which one will be deleted or down for a moment, an IPv4 route goes with any that is deleted (fib_sync_down_dev()), an
 * IPv6 route stays over the others (fib6_ifdown()), and whether all are down at once depends on the steps; and an IPv6 route stays without
 * the address that it sends from.
 */
function removeBroken({ wanted, found, gone }: Change, losses: Losses): Step[] {
  const steps: Step[] = []
  for (const { netns, routes, neighbours } of found.wanted.places.values()) {
    if (gone.hasNetns(netns) || !wanted.places.has(netns)) continue
    for (const { path, value, found } of routes) {
      // What is not of the topology has no `found`.
      if (found === undefined) continue
      const route = found as Route
      const goes = losses.hops(netns, route)
      const stays = route.family === 'ipv6' && !goes && losses.source(netns, route.src)
      if ((goes && route.nexthops !== null) || stays)
        steps.push({ path, call: deletionOf(netns, value), undo: null })
    }
    for (const { path, value: neighbour, found } of neighbours)
      if (found !== undefined && losses.mayLose(netns, neighbour))
        steps.push({ path, call: { call: 'deleteNeighbour', netns, neighbour }, undo: null })
  }
  return steps
}

function removeOld(wanted: Network, owned: Network, found: Found, gone: Gone): Step[] {
  const steps: Step[] = []
  const push = (path: string, call: Call) => void steps.push({ path, call, undo: null })
  const there = found.owned!
  // Links first: the kernel takes those of a namespace away a moment after it, which no step may depend on.
  const namespaces: Step[] = []
  for (const [netns, place] of owned.places)
    if (!wanted.places.has(netns) && there.places.has(netns)) {
      gone.addNetns(netns)
      for (const link of place.links.values()) gone.add(netns, link.name)
      namespaces.push({ path: place.path, call: { call: 'deleteNetns', netns }, undo: null })
    }
  for (const [netns, place] of owned.places) {
    const next = wanted.places.get(netns)
    if (next === undefined) continue
    for (const link of place.links.values()) {
      if (next.links.has(link.name) || findLink(there, link) === undefined) continue
      // With a namespace it would go later.
      const goesLater = [link.peer, link.link].some((other) => other !== null && gone.hasNetns(other.netns))
      if (gone.has(netns, link.name) && !goesLater) continue
      gone.add(netns, link.name)
      push(link.path, { call: 'deleteLink', netns, dev: link.name })
    }
    steps.unshift(
      ...removeEntries(place, next, there.places.get(netns), found.wanted.places.get(netns), gone),
    )
  }
  return [...steps, ...namespaces]
}

/** `there` and `kept` are what the kernel has, as entries of `old` and of `next`. What one of these is may be said in other words by now. */
function removeEntries(
  old: Place,
  next: Place,
  there: Place | undefined,
  kept: Place | undefined,
  gone: Gone,
): Step[] {
  if (there === undefined || kept === undefined) return []
  const { netns } = old
  const steps: Step[] = []
  for (const { path, value: route } of noneOf(old.routes, there.routes, kept.routes)) {
    if (typeof route.dev === 'string' && gone.has(netns, route.dev)) continue
    steps.push({ path, call: deletionOf(netns, route), undo: null })
  }
  for (const { path, value: rule, found } of noneOf(old.rules, there.rules, kept.rules)) {
    // Without it, the kernel takes the first one that looks at the same.
    const { priority } = found as Rule
    steps.push({ path, call: { call: 'deleteRule', netns, rule: { ...rule, priority } }, undo: null })
  }
  for (const { path, value: nat } of there.nat) {
    const isKept = next.nat.some(({ value }) => takesPlace(value, nat))
    if (old.nat.some((one) => one.value === nat) && !isKept)
      steps.push({ path, call: { call: 'deleteNat', netns, nat }, undo: null })
  }
  for (const { path, value: neighbour } of noneOf(old.neighbours, there.neighbours, kept.neighbours)) {
    if (gone.has(netns, String(neighbour.dev))) continue
    steps.push({ path, call: { call: 'deleteNeighbour', netns, neighbour }, undo: null })
  }
  return steps
}

/** The entries that were the topology's, are there, and are none of those that are wanted. */
function noneOf<T>(old: readonly Item<T>[], there: readonly Item<T>[], kept: readonly Item<T>[]): Item<T>[] {
  const wanted = new Set(kept.map(({ found }) => found))
  return there.filter(({ value, found }) => old.some((one) => one.value === value) && !wanted.has(found))
}

/** Links that cannot become what is wanted: another kind, another end, other options that only a new link has. */
function replaceChanged(call: string, { wanted, owned, found, gone }: Change): Step[] {
  const steps: Step[] = []
  for (const place of wanted.places.values())
    for (const link of place.links.values()) {
      const there = findLink(found.wanted, link)
      const was = owned === null ? undefined : findLink(owned, link)
      if (there === undefined || gone.has(link.netns, link.name) || !isAnother(link, there, was)) continue
      if (was === undefined) throw taken(call, link.path, `another interface '${link.name}'`)
      gone.add(link.netns, link.name)
      const deletion = { call: 'deleteLink', netns: link.netns, dev: link.name } as const
      steps.push({ path: link.path, call: deletion, undo: null })
    }
  return steps
}

function isAnother(wanted: LinkModel, there: LinkModel, was: LinkModel | undefined): boolean {
  // What it stood on by the value, and does not any more.
  if (wanted.link === null && was?.link && there.link !== null) return true
  if (wanted.kind !== there.kind || !same(wanted.peer, there.peer) || !same(wanted.link, there.link))
    return true
  if (CHANGEABLE.includes(wanted.kind)) return !same(wanted.options['queues'], there.options['queues'])
  return changedOptions(wanted, there).some(
    (key) => key === 'queues' || findKind(wanted.kind)?.options.includes(key),
  )
}

/** Kinds whose own options can be changed while they are there. */
const CHANGEABLE = ['veth', 'bridge']

function presentOf(change: Change, losses: Losses): Present {
  const { found, gone } = change
  const there = (place: Place) =>
    gone.hasNetns(place.netns) ? undefined : found.wanted.places.get(place.netns)
  // A link that is made anew has parameters as the kernel gives them.
  const sysctl = (place: Place, key: string) => {
    const owner = ownerOf(place, key)
    return owner !== undefined && gone.has(place.netns, owner.name)
      ? undefined
      : there(place)?.sysctls.get(key)
  }
  return {
    hasNetns: (netns) => found.wanted.places.has(netns) && !gone.hasNetns(netns),
    loopback: (netns) => found.wanted.places.get(netns)?.loopback ?? false,
    hasLink: (link) => findLink(found.wanted, link) !== undefined && !gone.has(link.netns, link.name),
    hasRoute(place, input) {
      const one = there(place)?.routes.find(({ value }) => value === input)
      if (one === undefined) return false
      const route = one.found as Route
      return !losses.hops(place.netns, route) && !losses.source(place.netns, input.src)
    },
    hasRule: (place, index) =>
      there(place)?.rules.some(({ value }) => value === place.rules[index]!.value) ?? false,
    portsChange: (bridge) => losses.portsChange(bridge, 'mtu'),
    hasNat: (place, index) =>
      there(place)?.nat.some(({ value }) => value === place.nat[index]!.value) ?? false,
    natBefore: (place, nat) =>
      [found.wanted, found.owned]
        .flatMap((network) => network?.places.get(place.netns)?.nat ?? [])
        .find(({ value }) => takesPlace(nat, value))?.value,
    hasNeighbour(place, index) {
      const { value } = place.neighbours[index]!
      return (
        (there(place)?.neighbours.some((one) => one.value === value) ?? false) &&
        !losses.neighbour(place.netns, value) &&
        !losses.mayLose(place.netns, value)
      )
    },
    hasSysctl: (place, key) => sysctl(place, key) === place.sysctls.get(key),
    sysctl,
    changes: (link) => changesOf(link, change),
  }
}
