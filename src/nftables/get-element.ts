/** Looks for one element of a set by its key. */

import { decodeBody } from '../codec/index.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../netlink/check.js'
import { ENOENT } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, exchange, type Operation, requestOne } from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { READING } from './dumps.js'
import {
  type ElementKey,
  type NftElement,
  type NftElementFilter,
  type RawElement,
  rawKey,
} from './element.js'
import { type Place, setRequest } from './get-set.js'
import { checkName, familyNumber } from './input.js'
import { elementsOf } from './listed-elements.js'
import { getElements, getElementsReset, newElements } from './messages.js'
import { shapeOfInput } from './set.js'
import type { SetShape } from './set-shape.js'
import { after, compareBytes } from './value.js'

/** Which element of which set. */
export interface NftElementRef extends NftElementFilter {
  /** As elements have it; null for the one that stands for all others. */
  key: ElementKey | null
}

/**
 * The element of a set or map that a key is in: in a set of intervals an address finds the interval around it. With `reset` its counters and
 * quotas are set back as they are read; where another program exchanges the intervals at that moment, those of the one that is there then.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENOENT where there is no such set, or the key is in none of its elements;
 * EINVAL for `reset` before Linux 6.5
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const { value } = await getElement({ family: 'inet', table: 'filter', set: 'ports', key: 80 })
 */
export function* getElement(options: NftElementRef): Operation<NftElement> {
  checkKeys('getElement', options, ['family', 'table', 'set', 'key', 'reset', ...CALL_OPTIONS])
  const { family, key, reset = false } = options
  familyNumber(family)
  checkBoolean(reset, 'reset')
  const place = { family, table: checkName(options.table, 'table'), name: checkName(options.set, 'set') }
  return yield* withNetfilter(options.netns, function* (channel) {
    const shape = shapeOfInput(yield* requestOne(channel, setRequest(place)))
    const parts = rawKey(shape, key, 'key')
    let around = yield* partsAround(channel, place, shape, parts)
    // What is read is set back, also an interval that ends before the key does: only now is it known that the key is in there.
    if (reset && around.length > 0)
      around = yield* partsAround(channel, place, shape, parts, getElementsReset)
    const [found] = elementsOf(shape, around)
    if (found !== undefined) return found
    const subject = describeElement(place, key)
    throw new NetlinkError({ operation: getElements.name, errno: ENOENT, subject })
  })
}

/** A set of plain intervals has the start and the end of each apart: both are looked for by one key, so that they are of the same. */
function* partsAround(
  channel: Channel,
  place: Place,
  { interval, concat }: SetShape,
  [start, end]: readonly RawElement[],
  message = getElements,
): Operation<RawElement[]> {
  const isApart = interval && !concat && start!.key?.value !== undefined
  const behind = isApart ? after(start!.key!.value!) : null
  const asked = [elementRequest(place, start!, (raw) => raw, message)]
  if (behind !== null)
    asked.push(elementRequest(place, { flags: ['interval-end'], key: { value: behind } }, (raw) => raw))
  const outcomes = (yield* exchange(channel, asked)) as readonly Outcome<RawElement>[]
  const [from, to] = outcomes.map(({ error, values }) => {
    if (error !== null) throw error
    return values[0]
  })
  if (from === undefined) return []
  // The last interval has no end.
  if (to === undefined) return [from]
  // A key up to the last value has no end, either.
  const isInside = end !== undefined && compareBytes(end.key!.value!, to.key!.value!) <= 0
  return isInside ? [from, to] : []
}

/** NFT_MSG_GETSETELEM of one element, or of one end of an interval; or the message that sets its numbers back. */
export function elementRequest<T>(
  place: Place,
  element: RawElement,
  read: (found: RawElement) => T,
  message = getElements,
): Request<T> {
  return {
    message,
    body: {
      header: { family: familyNumber(place.family) },
      attributes: { table: place.table, set: place.name, elements: [element] },
    },
    flags: 0,
    // For the end of an interval that has none the kernel says nothing but this.
    answer: 'ack',
    mayBeAbsent: true,
    read: (bytes, start, end) => {
      const [found] = decodeBody(newElements, bytes, start, end).attributes.elements as RawElement[]
      return read(found!)
    },
    advise: READING.get(message),
    subject: `an element of set '${place.name}' of table ${String(place.family)} '${place.table}'`,
  }
}

function describeElement({ family, table, name }: Place, key: ElementKey | null): string {
  return `element ${JSON.stringify(key)} of set '${name}' of table ${String(family)} '${table}'`
}
