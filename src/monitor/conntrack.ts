/** Connections as they come and go, and the long list of them: asynchronous only. */

import { type ConntrackEntry, eventTime, readEntry } from '../conntrack/entry.js'
import { delExpectation, newExpectation } from '../conntrack/expect-table.js'
import { type Expectation, readExpectation } from '../conntrack/expectation.js'
import { type ListConntrackOptions, listConntrack } from '../conntrack/list.js'
import { delConntrack, newConntrack } from '../conntrack/table.js'
import { checkNames } from '../netlink/check.js'
import { NLM_F_CREATE } from '../netlink/constants.js'
import * as nf from '../netlink/netfilter.js'
import { flagsOf } from '../netlink/nlmsg.js'
import { eventReader, type MessageReader } from '../socket/event-reader.js'
import type { ResyncEvent } from '../socket/event-socket.js'
import type { Feed } from '../socket/feed.js'
import { streamOf } from '../socket/item-source.js'
import { checkSubscribeOptions, type SubscribeOptions, subscribe } from '../socket/subscribe.js'

export type { ResyncEvent }

/** A connection began, changed (state, status, mark, labels, helper) or ended; the event shows what the kernel tells of it. */
export interface ConntrackEntryEvent {
  readonly type: 'conntrack'
  readonly action: 'new' | 'update' | 'destroy'
  readonly entry: ConntrackEntry
  /** When it was, in milliseconds since 1970; null unless net.netfilter.nf_conntrack_timestamp was 1 when the connection began (Linux 6.14). */
  readonly time: number | null
}

/** A connection is expected, or no longer: it has come, or its time is over. */
export interface ExpectationEvent {
  readonly type: 'expectation'
  readonly action: 'new' | 'destroy'
  readonly expectation: Expectation
}

/** What monitorConntrack() tells; `type` says which it is. */
export type ConntrackEvent = ConntrackEntryEvent | ExpectationEvent | ResyncEvent

/** What monitorConntrack() can be asked for. */
export type ConntrackEventName = 'new' | 'update' | 'destroy' | 'expectation'

/** The events of a namespace's connections. See monitorConntrack(). */
export type ConntrackMonitor = Feed<ConntrackEvent>

/** Where to watch, until when, and how many bytes may wait for the reader. */
export interface MonitorConntrackOptions extends SubscribeOptions {}

const GROUPS: Readonly<Record<ConntrackEventName, readonly number[]>> = {
  new: [nf.NFNLGRP_CONNTRACK_NEW],
  update: [nf.NFNLGRP_CONNTRACK_UPDATE],
  destroy: [nf.NFNLGRP_CONNTRACK_DESTROY],
  expectation: [nf.NFNLGRP_CONNTRACK_EXP_NEW, nf.NFNLGRP_CONNTRACK_EXP_DESTROY],
}

/** A change has the type of what is new, without the flag. */
function isNew(bytes: Uint8Array, start: number): boolean {
  return (flagsOf(bytes, start) & NLM_F_CREATE) !== 0
}

const readers: readonly MessageReader<ConntrackEvent>[] = [
  {
    message: newConntrack,
    read: (bytes, start, end) => {
      const entry = readEntry(bytes, start, end)
      if (entry === undefined) return undefined
      const action = isNew(bytes, start) ? 'new' : 'update'
      return { type: 'conntrack', action, entry, time: eventTime(bytes, start, end) }
    },
  },
  {
    message: delConntrack,
    read: (bytes, start, end) => {
      const entry = readEntry(bytes, start, end)
      return entry && { type: 'conntrack', action: 'destroy', entry, time: eventTime(bytes, start, end) }
    },
  },
  {
    message: newExpectation,
    read: (bytes, start, end) => {
      const expectation = readExpectation(bytes, start, end)
      return expectation && { type: 'expectation', action: 'new', expectation }
    },
  },
  {
    message: delExpectation,
    read: (bytes, start, end) => {
      const expectation = readExpectation(bytes, start, end)
      return expectation && { type: 'expectation', action: 'destroy', expectation }
    },
  },
]

/**
 * Watches the connections of a namespace: an asynchronous iterable of what the kernel says about those that begin, change and end, and
 * about expected ones. It has joined when the promise resolves: whatever happens later is told. When the kernel has dropped events,
 * because they came faster than they were read, a `resync` event stands where they are missing: list again then. Nothing else ends the
 * monitor but `break`, `return()`, `close()`, the signal (whose reason the reader gets) and an error.
 *
 * Of connections that began while nobody watched the kernel tells nothing, not even their end, unless net.netfilter.nf_conntrack_events
 * is 1 (Linux 5.19 and later; 2 by default).
 *
 * @throws RangeError, TypeError for events or options that do not exist; SystemError EPERM without CAP_NET_ADMIN. The reader gets
 * DecodeError for a message that cannot be read; then the monitor has ended
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example
 * await using events = await monitorConntrack(['new', 'destroy'], { netns: 'router' })
 * for await (const event of events) {
 *   if (event.type === 'conntrack' && event.action === 'destroy') console.log(event.entry.original, event.entry.counters)
 * }
 */
export async function monitorConntrack(
  events: readonly ConntrackEventName[],
  options: MonitorConntrackOptions = {},
): Promise<ConntrackMonitor> {
  checkSubscribeOptions('monitorConntrack', options)
  return await subscribe<ConntrackEvent>(
    {
      protocol: nf.NETLINK_NETFILTER,
      groups: checkNames(events, 'events', GROUPS).flatMap((name) => GROUPS[name]),
      label: `monitorConntrack(${events.join(', ')})`,
      reader: () => eventReader(readers, (reason) => ({ type: 'resync', reason })),
    },
    options,
  )
}

/**
 * The connections of a namespace, one by one, as listConntrack() lists them. The stream has a socket of its own, reads on only when what
 * it has read was taken, and closes it at the end, when the loop is left, or when the signal fires. A million connections take no more
 * memory than a thousand.
 *
 * @throws at once what listConntrack() throws before anything is sent, the rest when the first is asked for
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example for await (const { original, mark } of streamConntrack({ family: 'ipv4' })) console.log(original.src, mark)
 */
export function streamConntrack(options: ListConntrackOptions = {}): Feed<ConntrackEntry> {
  return streamOf(listConntrack(options), options)
}
