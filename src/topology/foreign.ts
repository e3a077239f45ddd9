/** What is there under names of a topology and is not the topology's. */

import { type Operation, withChannel } from '../netlink/operation.js'
import { ownerOf } from './build.js'
import { type Call, namespacesOf } from './call.js'
import type { Found } from './diff.js'
import { TopologyError, taken } from './error.js'
import { deviceOf } from './fan-out.js'
import { foreignNat } from './foreign-nat.js'
import { type Taker, takenFrom } from './holder.js'
import { findLink, HOST, type Item, type LinkModel, type Network, type Place, refersTo } from './network.js'
import { contains } from './reach.js'
import type { Undo } from './take-back.js'
import { Search } from './whereabouts.js'

/**
 * Throws TopologyError EEXIST for the first: it would be changed, and deleted with the topology. What somebody added in a namespace or to
 * an interface of the topology goes with that anyway.
 */
export function* checkForeign(
  call: string,
  wanted: Network,
  owned: Network | null,
  found: Found,
  taker: Taker,
): Operation<void> {
  for (const { netns, path } of wanted.places.values())
    if (netns !== HOST && found.wanted.places.has(netns) && !owned?.places.has(netns))
      throw yield* takenFrom(call, path, `a namespace '${netns}'`, taker, false, ({ places }) =>
        places.has(netns),
      )
  const host = wanted.places.get(HOST)!
  const there = found.wanted.places.get(HOST)!
  const old = owned?.places.get(HOST)
  for (const link of host.links.values()) {
    const { name, path } = link
    const isOwn = old?.links.has(name) || found.renamed.some(({ dev }) => dev === name)
    if (there.links.has(name) && !isOwn)
      throw yield* takenFrom(call, path, `an interface '${name}'`, taker, true, (other) =>
        hasLink(other, link),
      )
  }
  const mine = found.owned?.places.get(HOST)
  for (const list of ['routes', 'rules', 'neighbours'] as const) {
    const known = entriesOf(mine, list)
    for (const item of entriesOf(there, list))
      if (!known.some(({ found }) => found === item.found)) throw taken(call, item.path, 'the same')
  }
  const error = yield* foreignNat(call, host, old, found.nat, taker)
  if (error !== null) throw error
}

function hasLink(network: Network, link: LinkModel): boolean {
  return findLink(network, link) !== undefined
}

/** What is another namespace or interface by now: somebody deleted the topology's own and made one of that name. */
export class Foreign {
  readonly #namespaces = new Set<string>()
  readonly #links = new Set<string>()
  /** Those of which the file is left. */
  readonly #files = new Set<string>()

  /** Throws TopologyError ENOENT for a namespace of the topology that is there, but not seen in this mount namespace. */
  static *of(call: string, undos: readonly Undo[]): Operation<Foreign> {
    const foreign = new Foreign()
    const search = new Search()
    // Of what was made again, the last is there.
    const last = new Map(undos.map((undo) => [JSON.stringify(undo.call), undo]))
    yield* withChannel(undefined, function* (channel) {
      for (const { call: undo, is } of last.values()) {
        if (is === null) continue
        if (undo.call === 'deleteNetns') {
          const found = yield* search.find(undo.netns, is)
          if (found === 'other') foreign.#namespaces.add(undo.netns)
          if (found === 'file') foreign.#files.add(undo.netns)
          if (typeof found === 'number') throw unseen(call, undo.netns, found)
        }
        if (undo.call !== 'deleteLink' || undo.netns !== HOST) continue
        const ifindex = channel.ifindex(undo.dev)
        if (ifindex > 0 && String(ifindex) !== is) foreign.#links.add(undo.dev)
      }
    })
    return foreign
  }

  /** Whether a call that takes something back would do so in somebody else's namespace or in none, or to somebody else's interface. */
  isAt(call: Call): boolean {
    const isNone = (netns: string) => call.call !== 'deleteNetns' && this.#files.has(netns)
    if (namespacesOf(call).some((netns) => this.#namespaces.has(netns) || isNone(netns))) return true
    if (call.call === 'setSysctl') return call.netns === HOST && this.#links.has(deviceOf(call.key) ?? '')
    return 'dev' in call && call.netns === HOST && this.#links.has(call.dev)
  }

  /** Takes them out of a topology. */
  forgetIn(network: Network): void {
    for (const netns of this.#namespaces) network.places.delete(netns)
    for (const name of this.#links) network.places.get(HOST)!.links.delete(name)
  }

  /** The same of one that is to be made again: with them goes what needs them. */
  forgetWhole(network: Network): void {
    const gone = [...network.places.values()].flatMap(({ netns, links }) =>
      [...links.values()].filter(
        ({ name }) => this.#namespaces.has(netns) || (netns === HOST && this.#links.has(name)),
      ),
    )
    this.forgetIn(network)
    // It grows while it is gone through.
    for (const one of gone)
      for (const { links } of network.places.values())
        for (const link of [...links.values()]) {
          if (!refersTo(link.peer, one) && !refersTo(link.link, one)) continue
          links.delete(link.name)
          gone.push(link)
        }
    for (const [netns, place] of network.places) {
      const lost = gone.filter((link) => link.netns === netns)
      if (lost.length > 0) network.places.set(netns, without(place, lost))
    }
  }
}

/** Another one of its name could not be made, or would be made beside it. */
function unseen(call: string, netns: string, pid: number): TopologyError {
  const text = `it is not seen in this mount namespace, but in that of process ${pid}: nsenter -t ${pid} -m runs a program there`
  return new TopologyError({ call, path: `namespaces.${netns}`, code: 'ENOENT', text })
}

/** What a place has but for what is said of some of its links. */
function without(place: Place, lost: readonly LinkModel[]): Place {
  const isLost = (name: unknown) => lost.some((link) => link.name === name)
  const reached = (via: string | null | undefined) =>
    via != null && lost.some(({ addresses }) => addresses.some(({ address }) => contains(address, via)))
  for (const link of place.links.values()) if (isLost(link.master)) link.master = null
  const whole = { ...place, links: new Map(lost.map((link) => [link.name, link])) }
  return {
    ...place,
    routes: place.routes.filter(
      ({ value: { dev, via, nexthops } }) =>
        !isLost(dev) && !reached(via) && !nexthops?.some((hop) => isLost(hop.dev) || reached(hop.via)),
    ),
    neighbours: place.neighbours.filter(({ value }) => !isLost(value.dev)),
    sysctls: new Map([...place.sysctls].filter(([key]) => ownerOf(whole, key) === undefined)),
  }
}

function entriesOf(
  place: Place | undefined,
  list: 'routes' | 'rules' | 'neighbours',
): readonly Item<object>[] {
  return place?.[list] ?? []
}
