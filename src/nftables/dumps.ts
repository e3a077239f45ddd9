/** The dumps that the ruleset is read by. */

import { type Body, decodeBody, type Message } from '../codec/index.js'
import { DumpInterruptedError } from '../netlink/errors.js'
import { type Channel, dump, exchange, type Operation, request } from '../netlink/operation.js'
import type { Advice, Outcome, Request } from '../netlink/request.js'
import { chainOf, type NftChain } from './chain.js'
import type { AttributesOf } from './change.js'
import type { NftElement, RawElement } from './element.js'
import { flowtableOf, type NftFlowtable } from './flowtable.js'
import { elementReader, elementsOf } from './listed-elements.js'
import * as m from './messages.js'
import { type NftObject, objectOf } from './object.js'
import { type NftRule, ruleOf } from './rule.js'
import { type NftSet, setOf, shapeOfInput } from './set.js'
import { type NftTable, tableOf } from './table.js'

const EPERM =
  'needs CAP_NET_ADMIN in the user namespace that owns the network namespace; before Linux 6.3 the elements of a table with an owner are read by its socket alone'

/** What errors of reading mean: kernels that set nothing back do not know the message. */
export const READING: ReadonlyMap<Message, Advice> = /* @__PURE__ */ new Map<Message, Advice>([
  [m.getRuleReset, { EINVAL: 'the kernel sets rules back as they are read from Linux 6.2 on' }],
  [m.getElements, { EPERM }],
  [m.getElementsReset, { EINVAL: 'the kernel sets elements back as they are read from Linux 6.5 on', EPERM }],
])

/** What is asked for. */
interface Asked<M extends Message> {
  readonly get: M
  /** The message of each that is found. */
  readonly found: M
  readonly family: number
  /** What the kernel filters by. */
  readonly attributes?: AttributesOf<M>
  /** Names one thing, which alone is asked for. */
  readonly exact?: AttributesOf<M> | undefined
  /** What is read is set back: it is never read twice, and what was read is told even where others changed something meanwhile. */
  readonly reset?: boolean
}

/** Reads one kind of thing. What reads as undefined is left out. */
function* all<M extends Message, T>(
  channel: Channel,
  asked: Asked<M>,
  read: (body: Body<M>) => T | undefined,
): Operation<T[]> {
  const { exact, reset = false } = asked
  const request = requestFor(asked, (bytes, start, end) => read(decodeBody(asked.found, bytes, start, end)))
  if (exact === undefined && !reset) return yield* dump(channel, request)
  const [outcome] = (yield* exchange(channel, [request])) as readonly Outcome<T>[]
  const { error, values } = outcome!
  if (error !== null && !(error instanceof DumpInterruptedError)) throw error
  return [...values]
}

function requestFor<M extends Message, T>(
  { get, family, attributes, exact }: Asked<M>,
  read: NonNullable<Request<T>['read']>,
): Request<T> {
  return {
    message: get,
    body: { header: { family }, attributes: (exact ?? attributes ?? {}) as Record<string, unknown> },
    flags: 0,
    answer: exact === undefined ? 'dump' : 'reply',
    mayBeAbsent: exact === undefined ? undefined : true,
    read,
    advise: READING.get(get),
  }
}

/** The value, if it has what is wanted of it. */
function having<T extends object>(
  value: T,
  wanted: { readonly [K in keyof T]?: T[K] | undefined },
): T | undefined {
  for (const key in wanted) if (wanted[key] !== undefined && wanted[key] !== value[key]) return undefined
  return value
}

/** Attributes that name one thing, if all of them are there; without a family the kernel finds none. */
function exactly<A extends object>(family: number, attributes: A): A | undefined {
  return family !== 0 && Object.values(attributes).every((one) => one !== undefined) ? attributes : undefined
}

/** The table that the kernel is to filter by: without a family it looks no further than one table of the name, or finds none. */
function tableFor(family: number, table: string | undefined): string | undefined {
  return family === 0 ? undefined : table
}

export function* tablesIn(channel: Channel, family: number, name?: string): Operation<NftTable[]> {
  const exact = exactly(family, { name })
  const asked = { get: m.getTable, found: m.newTable, family, exact }
  return yield* all(channel, asked, (it) => having(tableOf(it), { name }))
}

export function* chainsIn(
  channel: Channel,
  family: number,
  table?: string,
  name?: string,
): Operation<NftChain[]> {
  const wanted = { table, name }
  const exact = exactly(family, wanted)
  const asked = { get: m.getChain, found: m.newChain, family, exact }
  return yield* all(channel, asked, (it) => having(chainOf(it), wanted))
}

export function* rulesIn(
  channel: Channel,
  family: number,
  table?: string,
  chain?: string,
  handle?: number,
  reset = false,
): Operation<NftRule[]> {
  const get = reset ? m.getRuleReset : m.getRule
  const wanted = { table, chain, handle }
  const attributes = { table: tableFor(family, table), chain }
  const exact = exactly(family, wanted)
  const asked = { get, found: m.newRule, family, attributes, exact, reset }
  return yield* all(channel, asked, (it) => having(ruleOf(it), wanted))
}

/**
 * The rules, as something that makes them of the bytes when there is time for it: that takes several times as long as the dump. One that is
 * interrupted is not repeated here.
 */
export function* rulesLater(
  channel: Channel,
  family: number,
  table: string | undefined,
): Operation<() => NftRule[]> {
  const attributes = { table: tableFor(family, table) }
  const asked = { get: m.getRule, found: m.newRule, family, attributes }
  const copy = (bytes: Uint8Array, start: number, end: number) => bytes.slice(start, end)
  const bodies = yield* request(channel, requestFor(asked, copy))
  const read = (body: Uint8Array) => having(ruleOf(decodeBody(asked.found, body, 0, body.length)), { table })
  return () => bodies.flatMap((body) => read(body) ?? [])
}

export function* setsIn(
  channel: Channel,
  family: number,
  table?: string,
  name?: string,
): Operation<NftSet[]> {
  const wanted = { table, name }
  const attributes = { table: tableFor(family, table) }
  const exact = exactly(family, wanted)
  const asked = { get: m.getSet, found: m.newSet, family, attributes, exact }
  return yield* all(channel, asked, (it) => having(setOf(it), wanted))
}

const MAX_ATTEMPTS = 10

/**
 * The elements of a set. While a hash table grows, which it does for a moment after many elements were added, the kernel's dump can give
 * some twice and leave out others, without a mark: then it is read again. With `reset` it is not: what was left out keeps its numbers.
 */
export function* elementsIn(
  channel: Channel,
  family: number,
  set: Parameters<typeof shapeOfInput>[0] & Pick<NftSet, 'table' | 'name'>,
  reset = false,
): Operation<NftElement[]> {
  const get = reset ? m.getElementsReset : m.getElements
  const attributes = { table: set.table, set: set.name }
  const asked = { get, found: m.newElements, family, attributes, reset }
  for (let attempt = 1; ; attempt++) {
    const parts = yield* all(channel, asked, (it) => it.attributes.elements)
    const elements = elementsOf(shapeOfInput(set), parts.flat() as RawElement[])
    if (parts.length === 1) return elements
    const first = firstOfEach(elements)
    if (reset || first.length === elements.length) return first
    if (attempt === MAX_ATTEMPTS) throw new DumpInterruptedError(m.getElements.name, attempt, first)
  }
}

/**
 * All elements of a set in the order in which the kernel has them, to be taken as they come, once: the reader of intervals knows where it is. What
 * a hash table that grows gives twice, or leaves out, nobody sees here.
 */
export function elementsRequest(
  family: number,
  set: Parameters<typeof shapeOfInput>[0] & Pick<NftSet, 'table' | 'name'>,
): Request<NftElement> {
  const attributes = { table: set.table, set: set.name }
  const asked = { get: m.getElements, found: m.newElements, family, attributes }
  const elements = elementReader(shapeOfInput(set))
  const read = (bytes: Uint8Array, start: number, end: number) =>
    elements((decodeBody(asked.found, bytes, start, end).attributes.elements ?? []) as RawElement[])
  // The type of a request has no arrays in the place of values.
  return { ...requestFor(asked, read), several: true } as unknown as Request<NftElement>
}

function firstOfEach(elements: readonly NftElement[]): NftElement[] {
  const keys = new Map<unknown, NftElement>()
  for (const one of elements) {
    const key = typeof one.key === 'object' ? JSON.stringify(one.key) : one.key
    if (!keys.has(key)) keys.set(key, one)
  }
  return [...keys.values()]
}

export function* objectsIn(
  channel: Channel,
  family: number,
  table?: string,
  type?: number,
  name?: string,
  reset = false,
): Operation<NftObject[]> {
  const get = reset ? m.getObjectReset : m.getObject
  const exact = exactly(family, { table, type, name })
  const asked = { get, found: m.newObject, family, attributes: { table, type }, exact, reset }
  return yield* all(channel, asked, (it) => having(objectOf(it), { name }))
}

export function* flowtablesIn(
  channel: Channel,
  family: number,
  table?: string,
  name?: string,
): Operation<NftFlowtable[]> {
  const wanted = { table, name }
  const exact = exactly(family, wanted)
  const asked = { get: m.getFlowtable, found: m.newFlowtable, family, attributes: { table }, exact }
  return yield* all(channel, asked, (it) => having(flowtableOf(it), wanted))
}
