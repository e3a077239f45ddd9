/** The dumps that the ruleset is read by. */

import { type Body, decodeBody, type Message } from '../codec/index.js'
import { DumpInterruptedError } from '../netlink/errors.js'
import { type Channel, dump, type Operation } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { chainOf, type NftChain } from './chain.js'
import type { AttributesOf } from './change.js'
import { elementsOf, type NftElement, type RawElement } from './element.js'
import { flowtableOf, type NftFlowtable } from './flowtable.js'
import * as m from './messages.js'
import { type NftObject, objectOf } from './object.js'
import { type NftRule, ruleOf } from './rule.js'
import { type NftSet, setOf, shapeOfInput } from './set.js'
import { type NftTable, tableOf } from './table.js'

/** A dump of one kind of thing. `attributes` are what the kernel filters by. */
function* all<M extends Message, T>(
  channel: Channel,
  get: M,
  found: M,
  family: number,
  attributes: AttributesOf<M>,
  read: (body: Body<M>) => T | undefined,
): Operation<T[]> {
  const asked = {
    message: get,
    body: { header: { family }, attributes: attributes as Record<string, unknown> },
    flags: 0,
    answer: 'dump',
    read: (bytes: Uint8Array, start: number, end: number) => read(decodeBody(found, bytes, start, end)),
  } as const
  // `dump` leaves out what reads as undefined.
  return yield* dump(channel, asked as Request<T>)
}

function inTable<T extends { readonly table: string }>(value: T, table: string | undefined): T | undefined {
  return table === undefined || value.table === table ? value : undefined
}

/** The table that the kernel is to filter by: without a family it looks no further than one table of the name, or finds none. */
function tableFor(family: number, table: string | undefined): string | undefined {
  return family === 0 ? undefined : table
}

export function* tablesIn(channel: Channel, family: number): Operation<NftTable[]> {
  return yield* all(channel, m.getTable, m.newTable, family, {}, tableOf)
}

export function* chainsIn(channel: Channel, family: number, table?: string): Operation<NftChain[]> {
  return yield* all(channel, m.getChain, m.newChain, family, {}, (body) => inTable(chainOf(body), table))
}

export function* rulesIn(
  channel: Channel,
  family: number,
  table?: string,
  chain?: string,
): Operation<NftRule[]> {
  const attributes = { table: tableFor(family, table), chain }
  return yield* all(channel, m.getRule, m.newRule, family, attributes, (body) => {
    const rule = inTable(ruleOf(body), table)
    return chain === undefined || rule?.chain === chain ? rule : undefined
  })
}

export function* setsIn(channel: Channel, family: number, table?: string): Operation<NftSet[]> {
  const attributes = { table: tableFor(family, table) }
  return yield* all(channel, m.getSet, m.newSet, family, attributes, (body) => inTable(setOf(body), table))
}

const MAX_ATTEMPTS = 10

/**
 * The elements of a set. While a hash table grows, which it does for a moment after many elements were added, the kernel's dump can give
 * some twice and leave out others, without a mark: then it is read again.
 */
export function* elementsIn(
  channel: Channel,
  family: number,
  set: Parameters<typeof shapeOfInput>[0] & Pick<NftSet, 'table' | 'name'>,
): Operation<NftElement[]> {
  const attributes = { table: set.table, set: set.name }
  for (let attempt = 1; ; attempt++) {
    const parts = yield* all(
      channel,
      m.getElements,
      m.newElements,
      family,
      attributes,
      (body) => body.attributes.elements,
    )
    const elements = elementsOf(shapeOfInput(set), parts.flat() as RawElement[])
    if (parts.length === 1 || !someTwice(elements)) return elements
    if (attempt === MAX_ATTEMPTS) throw new DumpInterruptedError(m.getElements.name, attempt)
  }
}

function someTwice(elements: readonly NftElement[]): boolean {
  const keys = new Set(elements.map(({ key }) => (typeof key === 'object' ? JSON.stringify(key) : key)))
  return keys.size < elements.length
}

export function* objectsIn(
  channel: Channel,
  family: number,
  table?: string,
  type?: number,
  reset = false,
): Operation<NftObject[]> {
  const get = reset ? m.getObjectReset : m.getObject
  return yield* all(channel, get, m.newObject, family, { table, type }, objectOf)
}

export function* flowtablesIn(channel: Channel, family: number, table?: string): Operation<NftFlowtable[]> {
  return yield* all(channel, m.getFlowtable, m.newFlowtable, family, { table }, (body) =>
    inTable(flowtableOf(body), table),
  )
}
