/** Looks for elements of the own table by their keys. */

import { NetlinkError } from '../netlink/errors.js'
import type { Channel, Operation } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { elementsIn } from '../nftables/dumps.js'
import { type KeyPart, type NftElement, rawElement } from '../nftables/element.js'
import { elementRequest } from '../nftables/get-element.js'
import { familyNumber } from '../nftables/input.js'
import { elementsOf } from '../nftables/listed-elements.js'
import { type NftSetInput, shapeOfInput } from '../nftables/set.js'
import { OWN } from './own-table.js'
import { ask } from './settle.js'

/** A key of a set of the own table. */
export type Key = readonly KeyPart[]

/** Above it, reading all elements at once is faster than asking for each (a range of ports). */
const MAX_QUESTIONS = 64

/** The element of each key; null where there is none. */
export function* findElements(
  channel: Channel,
  set: NftSetInput,
  keys: readonly Key[],
): Operation<(NftElement | null)[]> {
  if (keys.length <= MAX_QUESTIONS) {
    return yield* ask(
      channel,
      keys.map((key) => elementQuestion(set, key)),
    )
  }
  const elements = yield* everyElement(channel, set)
  if (elements.length === 0) return keys.map(() => null)
  const all = new Map(elements.map((one) => [textOf(one.key as Key), one]))
  return keys.map((key) => all.get(textOf(key)) ?? null)
}

/** Of keys of one set: the same for the same key. */
export function textOf(key: Key): string {
  return key.join(' ')
}

/** All that have a key; none where there is no such set. */
export function* everyElement(channel: Channel, set: NftSetInput): Operation<NftElement[]> {
  try {
    return (yield* elementsIn(channel, familyNumber(OWN.family), set)).filter(hasKey)
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') return []
    throw error
  }
}

/** Not so the element for every other key ('*'), which no verb makes. */
export function hasKey({ key }: NftElement): boolean {
  return key !== null
}

/** NFT_MSG_GETSETELEM of one key. */
export function elementQuestion(set: NftSetInput, key: Key): Request<NftElement> {
  const shape = shapeOfInput(set)
  const [raw] = rawElement(shape, key, 'key')
  return elementRequest({ ...OWN, name: set.name }, raw!, (found) => elementsOf(shape, [found])[0]!)
}
