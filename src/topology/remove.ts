/** The steps that delete what is not wanted any more, or is in the way of what is. */

import type { Route } from '../rtnetlink/route/route.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import { deletionOf } from './build.js'
import type { Call, Step } from './call.js'
import type { Change } from './diff.js'
import type { Gone } from './gone.js'
import type { Losses } from './losses.js'
import { takesPlace } from './nat.js'
import { findLink, HOST, type Item, type Place } from './network.js'
import { isMadeRule } from './project-entries.js'
import type { RenamedLink } from './renamed.js'
import { removeUsurpers } from './usurpers.js'

/** What was the topology's: links and namespaces, and the entries that do not go with them. */
export function removeOld({ wanted, owned, found, gone }: Change): Step[] {
  const there = found.owned
  if (owned === null || there === null) return []
  const steps = removeRenamed(found.renamed, gone)
  // Links first: the kernel takes those of a namespace away a moment after it, which no step may depend on.
  const namespaces: Step[] = []
  for (const [netns, place] of owned.places) {
    if (found.files.has(netns)) namespaces.push(deletion(place))
    if (!wanted.places.has(netns) && there.places.has(netns)) {
      gone.addNetns(netns)
      for (const link of place.links.values()) {
        gone.add(netns, link.name)
        // What it stands on could become no port as long as it is there.
        if (link.link !== null && wanted.places.has(link.link.netns) && findLink(there, link) !== undefined)
          steps.push({ path: link.path, call: { call: 'deleteLink', netns, dev: link.name }, undo: null })
      }
      namespaces.push(deletion(place))
    }
  }
  for (const [netns, place] of owned.places) {
    const next = wanted.places.get(netns)
    if (next === undefined) continue
    for (const link of place.links.values()) {
      if (findLink(there, link) === undefined) continue
      // With a namespace it would go later, also where it is to be made anew.
      const goesLater = [link.peer, link.link].some((other) => other !== null && gone.hasNetns(other.netns))
      if (!goesLater && (next.links.has(link.name) || gone.has(netns, link.name))) continue
      gone.add(netns, link.name)
      steps.push({ path: link.path, call: { call: 'deleteLink', netns, dev: link.name }, undo: null })
    }
    const [own, kept] = [there, found.wanted].map((network) => network.places.get(netns))
    if (own === undefined || kept === undefined) continue
    steps.unshift(...removeUsurpers(place, own, next, kept), ...removeEntries(place, next, own, kept, gone))
  }
  return [...steps, ...namespaces]
}

/** They are not given their names back: under those there may be others, and what they have been told since need not be what the value says. */
function removeRenamed(renamed: readonly RenamedLink[], gone: Gone): Step[] {
  return renamed.map(({ path, dev }) => {
    gone.add(HOST, dev)
    return { path, call: { call: 'deleteLink', netns: HOST, dev }, undo: null }
  })
}

/** Of a namespace, or of the file that is left of one. */
function deletion({ netns, path }: Place): Step {
  return { path, call: { call: 'deleteNetns', netns }, undo: null }
}

/** `there` and `kept` are what the kernel has, as entries of `old` and of `next`. What one of these is may be said in other words by now. */
function removeEntries(old: Place, next: Place, there: Place, kept: Place, gone: Gone): Step[] {
  const { netns } = old
  const steps: Step[] = []
  for (const { path, value: route } of noneOf(old.routes, there.routes, kept.routes)) {
    if (typeof route.dev === 'string' && gone.has(netns, route.dev)) continue
    steps.push({ path, call: deletionOf(netns, route), undo: null })
  }
  // The last one first: a failure puts them back in the reverse order, and the kernel looks at those of one priority in the order in which
  // they were added.
  const rules = noneOf(old.rules, there.rules, kept.rules).sort((a, b) => b.position! - a.position!)
  for (const { path, value: rule, found } of rules) {
    const own = found as Rule
    if (!isMadeRule(own)) continue
    // Without it, the kernel takes the first one that looks at the same; and one that is added again would come before all others.
    const numbered = { netns, rule: { ...rule, priority: own.priority } }
    const undo: Call = { call: 'addRule', ...numbered }
    steps.push({ path, call: { call: 'deleteRule', ...numbered }, undo })
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

/**
 * What may stay, and could not be added again then: what goes by a VLAN that may be down for a moment, neighbours of a link whose MAC
 * address may change, and routes that are not as they were.
 * Over several links of which one will be deleted or down for a moment, an IPv4 route goes with any that is deleted (fib_sync_down_dev()), an
 * IPv6 route stays over the others (fib6_ifdown()), and whether all are down at once depends on the steps. Without the address that it sends
 * from an IPv6 route stays, and an IPv4 route in another table, or where another link has the address (fib_sync_down_addr()).
 */
export function removeBroken({ wanted, found, gone }: Change, losses: Losses): Step[] {
  const steps: Step[] = []
  for (const { netns, routes, neighbours } of found.wanted.places.values()) {
    if (gone.hasNetns(netns) || !wanted.places.has(netns)) continue
    for (const { path, value, found } of routes) {
      // What is not of the topology has no `found`.
      if (found === undefined) continue
      const route = found as Route
      const goes = losses.hops(netns, route)
      if (goes ? route.nexthops !== null || losses.mayStay(netns, route) : losses.source(netns, route.src))
        steps.push({ path, call: deletionOf(netns, value), undo: null })
    }
    for (const { path, value: neighbour, found } of neighbours)
      if (found !== undefined && losses.mayLose(netns, neighbour))
        steps.push({ path, call: { call: 'deleteNeighbour', netns, neighbour }, undo: null })
  }
  return steps
}
