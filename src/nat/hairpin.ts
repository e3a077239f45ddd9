/** The targets of published ports, counted: several ports can go to the same one. */

import type { Channel, Operation } from '../netlink/operation.js'
import type { KeyPart, NftElement } from '../nftables/element.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import type { IpFamily, PortProtocol } from './check.js'
import { findElements } from './elements.js'
import { OWN, portMaps } from './own-table.js'

/** A target, and the interface that it is behind. */
export interface Target {
  readonly family: IpFamily
  readonly protocol: PortProtocol
  readonly address: string
  readonly port: number
  readonly dev: string | null
}

interface Place {
  readonly set: NftSetInput
  readonly key: readonly KeyPart[]
}

/** An element, and for how many ports it is there: now, and when it has been changed. */
interface Count extends Place {
  readonly now: number
  readonly next: number
}

function placesOf({ family, protocol, address, port, dev }: Target): Place[] {
  const { targets, hairpin } = portMaps[family]
  const key = [address, protocol, port]
  return [{ set: targets, key }, ...(dev === null ? [] : [{ set: hairpin, key: [dev, ...key] }])]
}

/** How often the targets are there, and will be without those that go and with those that come. */
export function* recount(
  channel: Channel,
  going: readonly Target[],
  coming: readonly Target[],
): Operation<Count[]> {
  const changes = new Map<string, { place: Place; by: number }>()
  for (const [targets, by] of [
    [going, -1],
    [coming, 1],
  ] as const) {
    for (const place of targets.flatMap(placesOf)) {
      const text = `${place.set.name} ${place.key.join(' ')}`
      changes.set(text, { place, by: (changes.get(text)?.by ?? 0) + by })
    }
  }
  const list = [...changes.values()].filter(({ by }) => by !== 0)
  const counts: Count[] = []
  for (const set of new Set(list.map(({ place }) => place.set))) {
    const own = list.filter(({ place }) => place.set === set)
    const found = yield* findElements(
      channel,
      set,
      own.map(({ place }) => place.key),
    )
    for (const [i, { place, by }] of own.entries()) {
      const now = countOf(found[i]!)
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
    tx.addSet(set)
    if (gone.length > 0) tx.deleteElements({ ...OWN, set: set.name, elements: gone })
    const elements = there.map(({ key, next }) => ({ key, ...(next > 1 && { comment: `ports: ${next}` }) }))
    if (elements.length > 0) tx.createElements({ ...OWN, set: set.name, elements })
  }
}
