/** The targets of published ports, counted: several ports can go to the same one. */

import type { Channel, Operation } from '../netlink/operation.js'
import type { NftElement, NftElementsInput } from '../nftables/element.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import type { IpFamily, PortProtocol } from './check.js'
import { everyElement, findElements, type Key, textOf } from './elements.js'
import { OWN, portMaps } from './own-table.js'
import { tagOf, targetOf } from './publication.js'

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
export type Known = Pick<ReadonlyMap<string, NftElement | null>, 'get'>

/** How many ports elements of a set are there for: now, and when they have been changed. */
interface Counts {
  readonly set: NftSetInput
  readonly elements: readonly { readonly key: Key; readonly now: number; readonly next: number }[]
}

export function placeText({ set, key }: Place): string {
  return `${set.name} ${textOf(key)}`
}

/** The elements that a target is. */
export function placesOf(target: Target): Place[] {
  const { targets, hairpin } = portMaps[target.family]
  const inside = hairpinKey(target)
  return [
    { set: targets, key: targetKey(target) },
    ...(inside === null ? [] : [{ set: hairpin, key: inside }]),
  ]
}

function targetKey({ address, protocol, port }: Target): Key {
  return [address, protocol, port]
}

function hairpinKey({ address, protocol, port, dev }: Target): Key | null {
  return dev === null ? null : [dev, address, protocol, port]
}

/**
 * Of ports that the map has: some of their targets are known not to be there, so that a number of any of them may have been lost, and with
 * it those of other ports that go there.
 */
export function areLost(targets: readonly Target[], known: Known): boolean {
  return targets.some((target) => placesOf(target).some((place) => known.get(placeText(place)) === null))
}

/**
 * How often the targets are there, and will be without those that go and with those that come. What is not `known` already is asked for.
 * `lost`: these, and what goes and comes with them, are counted anew by the ports that the maps have, those that go among them.
 */
export function* recount(
  channel: Channel,
  family: IpFamily,
  going: readonly Target[],
  coming: readonly Target[],
  known: Known,
  lost: readonly Target[],
): Operation<Counts[]> {
  const { targets, hairpin } = portMaps[family]
  const published = lost.length === 0 ? null : yield* publishedTargets(channel, family)
  const all: Counts[] = []
  for (const [set, keyOf] of [
    [targets, targetKey],
    [hairpin, hairpinKey],
  ] as const) {
    const changes = new Map<string, { readonly key: Key; by: number }>()
    const count = (target: Target, by: number) => {
      const key = keyOf(target)
      if (key === null) return
      const text = textOf(key)
      const change = changes.get(text)
      if (change === undefined) changes.set(text, { key, by })
      else change.by += by
    }
    for (const target of going) count(target, -1)
    for (const target of coming) count(target, 1)
    for (const target of lost) count(target, 0)
    const changed = [...changes.values()].filter(({ by }) => by !== 0 || published !== null)
    const found = yield* countsOf(channel, set, changed, known)
    const right = published === null ? found : numbersOf(published, keyOf, changed)
    all.push({
      set,
      elements: changed.map(({ key, by }, i) => ({ key, now: found[i]!, next: Math.max(0, right[i]! + by) })),
    })
  }
  return all
}

/** The target of each port that is published, by whomever. */
function* publishedTargets(channel: Channel, family: IpFamily): Operation<Target[]> {
  const { ports, hosts } = portMaps[family]
  const elements = [...(yield* everyElement(channel, ports)), ...(yield* everyElement(channel, hosts))]
  return elements.map((element) => {
    const protocol = (element.key as Key).at(-2) as PortProtocol
    return { family, protocol, ...targetOf(element), dev: tagOf(element).dev }
  })
}

/** How many of the targets have each key. */
function numbersOf(
  targets: readonly Target[],
  keyOf: (target: Target) => Key | null,
  places: readonly { readonly key: Key }[],
): number[] {
  const numbers = new Map<string, number>()
  for (const key of targets.map(keyOf))
    if (key !== null) numbers.set(textOf(key), (numbers.get(textOf(key)) ?? 0) + 1)
  return places.map(({ key }) => numbers.get(textOf(key)) ?? 0)
}

function* countsOf(
  channel: Channel,
  set: NftSetInput,
  places: readonly { readonly key: Key }[],
  known: Known,
): Operation<number[]> {
  const answers = places.map(({ key }) => known.get(placeText({ set, key })))
  const unknown = places.filter((_, i) => answers[i] === undefined)
  const keys = unknown.map(({ key }) => key)
  const asked = keys.length === 0 ? [] : yield* findElements(channel, set, keys)
  let next = 0
  return answers.map((answer) => countOf(answer === undefined ? asked[next++]! : answer))
}

function countOf(element: NftElement | null): number {
  if (element === null) return 0
  return Number(/^ports: (\d+)$/.exec(element.comment ?? '')?.[1] ?? 1)
}

/** Whether none of the targets is there yet. */
export function areNew(counts: readonly Counts[]): boolean {
  return counts.every(({ elements }) => elements.every(({ now }) => now === 0))
}

/** An element is taken out and put in again with another number. */
export function putCounts(tx: Transaction, counts: readonly Counts[]): void {
  for (const { set, elements: all } of counts) {
    const changed = all.filter(({ now, next }) => now !== next)
    const gone = changed.filter(({ now }) => now > 0).map(({ key }) => key)
    // Keys alone are the cheapest elements.
    const once = changed.filter(({ next }) => next === 1).map(({ key }) => key)
    const often = changed
      .filter(({ next }) => next > 1)
      .map(({ key, next }) => ({ key, comment: `ports: ${next}` }))
    tx.knowSet(set)
    const put = (elements: NftElementsInput['elements']) => ({ set: set.name, elements, ...OWN })
    if (gone.length > 0) tx.deleteElements(put(gone))
    if (once.length > 0) tx.createElements(put(once))
    if (often.length > 0) tx.createElements(put(often))
  }
}
