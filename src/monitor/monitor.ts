import { checkNames } from '../netlink/check.js'
import { NETLINK_ROUTE } from '../netlink/constants.js'
import { eventReader, type MessageReader } from '../socket/event-reader.js'
import type { NameOf } from '../socket/event-socket.js'
import type { Feed } from '../socket/feed.js'
import {
  checkSubscribeOptions,
  type SubscribeOptions,
  type Subscription,
  subscribe,
} from '../socket/subscribe.js'
import { EVENT_SOURCES, type EventSource } from './event-sources.js'
import type { EventOf, MonitorEvent, MonitorGroup } from './events.js'

/** Where to watch, until when, and how many bytes may wait for the reader. */
export interface MonitorOptions extends SubscribeOptions {}

/** The events of some groups. See monitor(). */
export type Monitor<G extends MonitorGroup = MonitorGroup> = Feed<EventOf<G>>

/**
 * Watches a namespace: an asynchronous iterable of what the kernel says about links, addresses, routes, neighbours and those that it asks
 * programs for (neighbourMiss), ports of bridges (bridgePort), forwarding tables (fdb), multicast tables (mdb), VLANs and VXLAN networks,
 * multicast groups and anycast addresses, routes of MPLS, rules, nexthop objects and their buckets, multicast routes, settings of
 * interfaces (netconf), what hardware is to count (linkStats), what routers advertise (prefix, ndUserOptions, inet6) and ids of other
 * namespaces. It has joined when the promise resolves: whatever happens later is told, so that listing after that misses nothing. When the
 * kernel has dropped events, because they came faster than they were read, a `resync` event stands where they are missing, after all that
 * was kept: list again then. Nothing else ends the monitor but `break`, `return()`, `close()`, the signal (whose reason the reader gets)
 * and an error.
 *
 * Of a port that leaves its bridge `link` tells a change of `master`, and `bridgePort` a 'delete'.
 *
 * @throws RangeError, TypeError for groups or options that do not exist; SystemError where the namespace or socket cannot be opened.
 * The reader gets DecodeError for a message that cannot be read; then the monitor has ended.
 * @see rtnetlink(7), netlink(7), ip-monitor(8)
 * @example
 * await using events = await monitor(['link', 'address'], { netns: 'red' })
 * for await (const event of events) {
 *   if (event.type === 'link' && event.action === 'delete') break
 * }
 */
export async function monitor<G extends MonitorGroup>(
  groups: readonly G[],
  options: MonitorOptions = {},
): Promise<Monitor<G>> {
  checkSubscribeOptions('monitor', options)
  const sources = checkNames(groups, 'groups', EVENT_SOURCES).map((name) => EVENT_SOURCES[name])
  const events = await subscribe<MonitorEvent>(
    { ...subscriptionTo(sources), label: `monitor(${groups.join(', ')})` },
    options,
  )
  // The readers are those of the groups asked for, so that their events are EventOf<G>.
  return events as Feed<EventOf<G>>
}

/** What a socket of some groups is opened with. */
export function subscriptionTo(sources: readonly EventSource[]): Omit<Subscription<MonitorEvent>, 'label'> {
  return {
    protocol: NETLINK_ROUTE,
    groups: sources.flatMap((it) => it.groups),
    reader: (nameOf) =>
      eventReader(
        sources.flatMap((source) => readersOf(source, nameOf)),
        (reason) => ({ type: 'resync', reason }),
      ),
  }
}

function readersOf(source: EventSource, nameOf: NameOf): MessageReader<MonitorEvent>[] {
  return (['new', 'delete'] as const).flatMap((action) => {
    const message = source[action]
    if (message === undefined) return []
    return {
      message,
      read: (bytes, start, end) => source.read(action, bytes, start, end, nameOf) ?? undefined,
    }
  })
}
