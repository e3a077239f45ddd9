/** The targets of published ports, counted: several ports can go to the same one. */

import type { Channel, Operation } from '../netlink/operation.js'
import type { NftElement } from '../nftables/element.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import type { IpFamily, PortProtocol } from './check.js'
import { findElements, type Key, textOf } from './elements.js'
import { OWN, portMaps } from './own-table.js'

/** A target, and the interface that it is behind. */
export interface Target {
  readonly family: IpFamily
  readonly protocol: PortProtocol
  readonly address: string
  readonly port: number
  readonly dev: string | null
}

/** Where a target is, or would be. */
export interface Place {
  readonly set: NftSetInput
  readonly key: Key
}

/** What is known of places, by placeText(). */
export type Known = ReadonlyMap<string, NftElement | null>

/** An element, and for how many ports it is there: now, and when it has been changed. */
interface Count extends Place {
  readonly now: number
  readonly next: number
}

export function placeText({ set, key }: Place): string {
  return `${set.name} ${textOf(key)}`
}

/** The elements that a target is. */
export function placesOf({ family, protocol, address, port, dev }: Target): Place[] {
  const { targets, hairpin } = portMaps[family]
  const key = [address, protocol, port]
  return [{ set: targets, key }, ...(dev === null ? [] : [{ set: hairpin, key: [dev, ...key] }])]
}

/**
 * How often the targets are there, and will be without those that go and with those that come. What is not `known` already is asked for.
 */
export function* recount(
  channel: Channel,
  going: readonly Target[],
  coming: readonly Target[],
  known: Known = new Map(),
): Operation<Count[]> {
  const changes = new Map<string, { place: Place; by: number }>()
  for (const [targets, by] of [
    [going, -1],
    [coming, 1],
  ] as const) {
    for (const place of targets.flatMap(placesOf)) {
      const text = placeText(place)
      changes.set(text, { place, by: (changes.get(text)?.by ?? 0) + by })
    }
  }
  const counts: Count[] = []
  for (const set of new Set([...changes.values()].map(({ place }) => place.set))) {
    const own = [...changes].filter(([, { place, by }]) => place.set === set && by !== 0)
    const unknown = own.filter(([text]) => !known.has(text))
    const keys = unknown.map(([, { place }]) => place.key)
    const found = keys.length === 0 ? [] : yield* findElements(channel, set, keys)
    const answers = new Map(unknown.map(([text], i) => [text, found[i]!]))
    for (const [text, { place, by }] of own) {
      const now = countOf(answers.get(text) ?? known.get(text) ?? null)
      counts.push({ ...place, now, next: Math.max(0, now + by) })
    }
  }
  return counts
}

function countOf(element: NftElement | null): number {
  if (element === null) return 0
  return Number(/^ports: (\d+)$/.exec(element.comment ?? '')?.[1] ?? 1)
}

/** An element is taken out and put in again with another number. */
export function putCounts(tx: Transaction, counts: readonly Count[]): void {
  for (const set of new Set(counts.map((one) => one.set))) {
    const changed = counts.filter((one) => one.set === set && one.now !== one.next)
    const gone = changed.filter(({ now }) => now > 0).map(({ key }) => key)
    const there = changed.filter(({ next }) => next > 0)
    tx.knowSet(set)
    if (gone.length > 0) tx.deleteElements({ ...OWN, set: set.name, elements: gone })
    const elements = there.map(({ key, next }) => ({ key, ...(next > 1 && { comment: `ports: ${next}` }) }))
    if (elements.length > 0) tx.createElements({ ...OWN, set: set.name, elements })
  }
}
