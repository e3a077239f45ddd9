/** What is there under names of a topology and is not the topology's. */

import { type Operation, withChannel } from '../netlink/operation.js'
import type { Found } from './diff.js'
import { taken } from './error.js'
import { HOST, type Item, type Network, type Place } from './network.js'
import { isSameNetns, type Undo } from './take-back.js'

/**
 * Throws TopologyError EEXIST for the first: it would be changed, and deleted with the topology. What somebody added in a namespace or to
 * an interface of the topology goes with that anyway.
 */
export function checkForeign(call: string, wanted: Network, owned: Network | null, found: Found): void {
  for (const { netns, path } of wanted.places.values())
    if (netns !== HOST && found.wanted.places.has(netns) && !owned?.places.has(netns))
      throw taken(call, path, `a namespace '${netns}'`)
  const host = wanted.places.get(HOST)!
  const there = found.wanted.places.get(HOST)!
  const old = owned?.places.get(HOST)
  for (const { name, path } of host.links.values())
    if (there.links.has(name) && !old?.links.has(name)) throw taken(call, path, `an interface '${name}'`)
  const mine = found.owned?.places.get(HOST)
  for (const list of ['routes', 'rules', 'neighbours'] as const) {
    const known = entriesOf(mine, list)
    for (const item of entriesOf(there, list))
      if (!known.some(({ found }) => found === item.found)) throw taken(call, item.path, 'the same')
  }
  for (const { path, value } of host.nat) {
    const { verb, name } = value
    const isIt = (one: { verb: string; name?: string }) => one.verb === verb && one.name === name
    if (found.nat.some(isIt) && !old?.nat.some((one) => isIt(one.value)))
      throw taken(call, path, `a ${verb}() of the name '${name}'`)
  }
}

/** Takes out of a topology what is another namespace or interface by now: somebody deleted its own and made one of that name. */
export function* forgetForeign(owned: Network, undos: readonly Undo[]): Operation<void> {
  // Of what was made again, the last is there.
  const last = new Map(undos.map((undo) => [JSON.stringify(undo.call), undo]))
  yield* withChannel(undefined, function* (channel) {
    for (const undo of last.values()) {
      const { call, is } = undo
      if (call.call === 'deleteNetns' && !(yield* isSameNetns(undo))) owned.places.delete(call.netns)
      if (call.call !== 'deleteLink' || call.netns !== HOST || is === null) continue
      const ifindex = channel.ifindex(call.dev)
      if (ifindex > 0 && String(ifindex) !== is) owned.places.get(HOST)!.links.delete(call.dev)
    }
  })
}

function entriesOf(
  place: Place | undefined,
  list: 'routes' | 'rules' | 'neighbours',
): readonly Item<object>[] {
  return place?.[list] ?? []
}
