/** Changes of the ruleset as they are committed, packets on their way through it, and elements one by one: asynchronous only. */

import { type Body, decodeBody, type Message, type OneOf } from '../codec/index.js'
import { NETLINK_NETFILTER, NFNLGRP_NFTABLES, NFNLGRP_NFTRACE } from '../netlink/netfilter.js'
import { chainOf, type NftChain } from '../nftables/chain.js'
import { isEnd, type NftElement, type NftElementFilter } from '../nftables/element.js'
import { flowtableOf, type NftFlowtable } from '../nftables/flowtable.js'
import { elementsAsTheyCome } from '../nftables/list.js'
import { elementsOf } from '../nftables/listed-elements.js'
import * as m from '../nftables/messages.js'
import { families, type NftFamily } from '../nftables/names.js'
import { type NftObject, objectOf } from '../nftables/object.js'
import { type NftRule, ruleOf } from '../nftables/rule.js'
import { type NftSet, setOf } from '../nftables/set.js'
import { type NftTable, tableOf } from '../nftables/table.js'
import { type NftTrace, traceOf } from '../nftables/trace.js'
import { eventReader, type MessageReader } from '../socket/event-reader.js'
import type { ResyncEvent } from '../socket/event-socket.js'
import type { Feed } from '../socket/feed.js'
import { streamOf } from '../socket/item-source.js'
import { checkSubscribeOptions, type SubscribeOptions, subscribe } from '../socket/subscribe.js'

export type { ResyncEvent }

type Action = 'new' | 'delete'

/**
 * Elements came to a set, or left it. The event does not tell their types: keys and values are bytes, but for verdicts. An interval is two
 * elements, of which the second (`intervalEnd`) is the first value behind it; one up to the last value there is has no second. nft(8) puts
 * an end at zero, too, which ends nothing. Of the elements of a set that is deleted nothing is told.
 */
export interface NftElementsEvent {
  readonly type: 'elements'
  readonly action: Action
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly set: string
  readonly elements: readonly (NftElement & { readonly intervalEnd: boolean })[]
}

/** A transaction was committed: it ends the events of what it changed. */
export interface NftGenerationEvent {
  readonly type: 'generation'
  readonly generation: number
  /** The thread that committed it, by its number as /proc has it, and its name. */
  readonly pid: number | null
  readonly process: string | null
}

/** What monitorNftables() tells; `type` says which it is. */
export type NftEvent =
  | { readonly type: 'table'; readonly action: Action; readonly table: NftTable }
  | { readonly type: 'chain'; readonly action: Action; readonly chain: NftChain }
  | { readonly type: 'rule'; readonly action: Action; readonly rule: NftRule }
  | { readonly type: 'set'; readonly action: Action; readonly set: NftSet }
  | NftElementsEvent
  | { readonly type: 'object'; readonly action: Action; readonly object: NftObject }
  | { readonly type: 'flowtable'; readonly action: Action; readonly flowtable: NftFlowtable }
  | NftGenerationEvent
  | ResyncEvent

/** What traceNftables() tells. */
export type NftTraceEvent = { readonly type: 'trace'; readonly trace: NftTrace } | ResyncEvent

/** Where to watch, until when, and how many bytes may wait for the reader. */
export interface MonitorNftablesOptions extends SubscribeOptions {}

function reader<M extends Message, E>(message: M, event: (body: Body<M>) => E): MessageReader<E> {
  return { message, read: (bytes, start, end) => event(decodeBody(message, bytes, start, end)) }
}

/** Readers of a thing's two messages. */
function both<M extends Message>(
  made: M,
  deleted: M,
  event: (action: Action, body: Body<M>) => NftEvent,
): MessageReader<NftEvent>[] {
  return [reader(made, (body) => event('new', body)), reader(deleted, (body) => event('delete', body))]
}

const BYTES = {
  key: null,
  interval: false,
  concat: false,
  timeout: true,
  data: 'bytes',
  dataInterval: false,
} as const

function elements(action: Action, { header, attributes }: Body<typeof m.newElements>): NftElementsEvent {
  const raw = attributes.elements ?? []
  return {
    type: 'elements',
    action,
    family: families.toName(header.family ?? 0),
    table: attributes.table ?? '',
    set: attributes.set ?? '',
    elements: elementsOf(BYTES, raw).map((one, i) => ({ ...one, intervalEnd: isEnd(raw[i]!) })),
  }
}

const readers: readonly MessageReader<NftEvent>[] = [
  ...both(m.newTable, m.delTable, (action, body) => ({ type: 'table', action, table: tableOf(body) })),
  ...both(m.newChain, m.delChain, (action, body) => ({ type: 'chain', action, chain: chainOf(body) })),
  ...both(m.newRule, m.delRule, (action, body) => ({ type: 'rule', action, rule: ruleOf(body) })),
  ...both(m.newSet, m.delSet, (action, body) => ({ type: 'set', action, set: setOf(body) })),
  ...both(m.newElements, m.delElements, elements),
  ...both(m.newObject, m.delObject, (action, body) => ({ type: 'object', action, object: objectOf(body) })),
  ...both(m.newFlowtable, m.delFlowtable, (action, body) => ({
    type: 'flowtable',
    action,
    flowtable: flowtableOf(body),
  })),
  reader(m.newGen, ({ attributes }) => ({
    type: 'generation',
    generation: attributes.id ?? 0,
    pid: attributes.procPid ?? null,
    process: attributes.procName ?? null,
  })),
]

/**
 * Watches the ruleset of a namespace: an asynchronous iterable of what each transaction of any program changed, a `generation` event at
 * its end. It has joined when the promise resolves: whatever is committed later is told. When the kernel has dropped events, because
 * they came faster than they were read, a `resync` event stands where they are missing: list again then. Nothing else ends the monitor
 * but `break`, `return()`, `close()`, the signal (whose reason the reader gets) and an error.
 *
 * @throws RangeError, TypeError for options that do not exist; SystemError where the namespace or socket cannot be opened. The reader
 * gets DecodeError for a message that cannot be read; then the monitor has ended
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example
 * await using events = await monitorNftables({ netns: 'router' })
 * for await (const event of events) {
 *   if (event.type === 'rule') console.log(event.action, event.rule.chain, event.rule.handle)
 * }
 */
export async function monitorNftables(options: MonitorNftablesOptions = {}): Promise<Feed<NftEvent>> {
  checkSubscribeOptions('monitorNftables', options)
  return await subscribe<NftEvent>(
    {
      protocol: NETLINK_NETFILTER,
      groups: [NFNLGRP_NFTABLES],
      label: 'monitorNftables()',
      reader: () => eventReader(readers, (reason) => ({ type: 'resync', reason })),
    },
    options,
  )
}

const traceReaders = [reader(m.trace, (body): NftTraceEvent => ({ type: 'trace', trace: traceOf(body) }))]

/**
 * Watches packets on their way through the rules: each step of those that a rule marks with `meta.nftrace.set(1)`, in a chain that they
 * pass before. It has joined when the promise resolves.
 *
 * @throws as monitorNftables()
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example
 * await using steps = await traceNftables({ netns: 'router' })
 * for await (const step of steps) if (step.type === 'trace') console.log(step.trace.chain, step.trace.verdict)
 */
export async function traceNftables(options: MonitorNftablesOptions = {}): Promise<Feed<NftTraceEvent>> {
  checkSubscribeOptions('traceNftables', options)
  return await subscribe<NftTraceEvent>(
    {
      protocol: NETLINK_NETFILTER,
      groups: [NFNLGRP_NFTRACE],
      label: 'traceNftables()',
      reader: () => eventReader(traceReaders, (reason) => ({ type: 'resync', reason })),
    },
    options,
  )
}

/**
 * The elements of a set or map, one by one, as listElements() has them, but in the order of the kernel: of intervals the last first. The stream
 * has a socket of its own, reads on only when what it has read was taken, and closes it at the end, when the loop is left, or when the signal
 * fires. A million elements take no more memory than a thousand.
 *
 * The kernel does not say where the set changed under way, so that some elements may be missing, and intervals end elsewhere: where any
 * program has committed anything meanwhile, whatever the table, the stream ends with DumpInterruptedError. While a hash table grows, which
 * it does for a moment after many elements were added, the kernel gives some twice and leaves out others: listElements() sees it and reads
 * again, a stream cannot. Sets of intervals, and those with a `size` and no timeout, have no such table.
 *
 * @throws at once RangeError or TypeError naming the option; the rest when the first is asked for: NetlinkError ENOENT where there is no such
 * set; DumpInterruptedError, at the latest behind the last element, where the ruleset changed meanwhile: start again
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example for await (const { key } of streamElements({ family: 'inet', table: 'filter', set: 'allowed' })) console.log(key)
 */
export function streamElements(options: Omit<NftElementFilter, 'reset'>): Feed<NftElement> {
  return streamOf(elementsAsTheyCome(options), options)
}
