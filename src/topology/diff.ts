/** The fewest steps from what is there to what is wanted. What is there and was never the topology's is left alone. */

import type { NatEntry } from '../nat/list-nat.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { Route } from '../rtnetlink/route/route.js'
import { build, ownerOf, type Present } from './build.js'
import type { Call, Step } from './call.js'
import { changesOf } from './change.js'
import { changedOptions, same } from './compare.js'
import { taken } from './error.js'
import { mayWrite, parameterOf } from './fan-out.js'
import { Gone, goesDown } from './gone.js'
import { Losses } from './losses.js'
import type { Lowering } from './lowering.js'
import { isWholeNat, takesPlace } from './nat.js'
import { findLink, HOST, type LinkModel, type Network, type Place } from './network.js'
import { removeBroken, removeOld } from './remove.js'
import type { RenamedLink } from './renamed.js'

/** What there is, projected once on what is wanted and once on what was. */
export interface Found {
  readonly wanted: Network
  /** What is wanted, and what links are to have of which that says no more what was said: withLeftOut(). */
  readonly whole: Network
  readonly owned: Network | null
  /** The entries of translation in the process's own namespace, whoever made them. */
  readonly nat: readonly NatEntry[]
  /** The topology's interfaces that somebody gave another name, those first that were made last. */
  readonly renamed: readonly RenamedLink[]
  /** The steps that put kernel parameters back which the topology set, and which are not wanted any more. */
  readonly leftOut: readonly Step[]
  /** loweringSteps() */
  readonly lowering: readonly Lowering[]
  /** Parameters of the process's own namespace that are to be set also where they are right: setElsewhere(). */
  readonly setElsewhere: ReadonlySet<string>
  /** Files of /run/netns under names of namespaces on which none is mounted. */
  readonly files: ReadonlySet<string>
}

/** What is to become what. */
export interface Change {
  /** With what is left out of links that are there: Found.whole. */
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
  const change: Change = { wanted: found.whole, owned, found, gone }
  const removals = removeOld(change)
  const replaced = replaceChanged(call, change)
  for (const { netns, loopback, links } of found.whole.places.values()) {
    for (const link of links.values()) if (goesDown(link, change)) gone.addDown(link)
    // With the IPv6 routes that lead nowhere, which are by this interface.
    if (!loopback && found.wanted.places.get(netns)?.loopback) gone.addDown({ netns, name: 'lo' })
  }
  const losses = new Losses(change)
  const putBack = found.leftOut.filter(({ call }) => !goesWithLink(call, change))
  return [
    ...removeBroken(change, losses),
    ...removals,
    ...replaced,
    ...putBack,
    ...found.lowering.filter(({ call }) => !gone.has(call.netns, call.dev)),
    ...build(wanted, presentOf(change, losses, putBack)),
  ]
}

/** Whether a parameter is that of a link that goes. */
function goesWithLink(call: Call, { owned, gone }: Change): boolean {
  if (call.call !== 'setSysctl') return false
  const place = owned?.places.get(call.netns)
  const owner = place === undefined ? undefined : ownerOf(place, call.key)
  return owner !== undefined && gone.has(call.netns, owner.name)
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
    (key) =>
      key === 'queues' ||
      findKind(wanted.kind)?.options.includes(key) ||
      (key === 'mac' && FIXED.includes(wanted.kind)),
  )
}

/** Kinds that keep the MAC address that they were made with: their drivers have no ndo_set_mac_address. */
const FIXED = ['ifb']

/** Kinds whose own options can be changed while they are there. */
const CHANGEABLE = ['veth', 'bridge']

function presentOf(change: Change, losses: Losses, putBack: readonly Step[]): Present {
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
  const isWrittenAnew = (netns: string, key: string) =>
    (netns === HOST && found.setElsewhere.has(parameterOf(key))) ||
    putBack.some(({ call }) => call.call === 'setSysctl' && call.netns === netns && mayWrite(call.key, key))
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
    hasRule: (place, rule) => there(place)?.rules.some(({ value }) => value === rule) ?? false,
    portsChange: (bridge) => losses.portsChange(bridge, 'mtu'),
    hasNat: (place, nat) => there(place)?.nat.some((one) => one.value === nat && isWholeNat(one)) ?? false,
    natBefore: (place, nat) =>
      [found.wanted, found.owned]
        .flatMap((network) => network?.places.get(place.netns)?.nat ?? [])
        .find(({ value }) => takesPlace(nat, value))?.value,
    hasNeighbour: (place, neighbour) =>
      (there(place)?.neighbours.some(({ value }) => value === neighbour) ?? false) &&
      !losses.neighbour(place.netns, neighbour) &&
      !losses.mayLose(place.netns, neighbour),
    hasSysctl: (place, key) =>
      sysctl(place, key) === place.sysctls.get(key) && !isWrittenAnew(place.netns, key),
    sysctl,
    changes: (link) => changesOf(findLink(change.wanted, link)!, change),
  }
}
