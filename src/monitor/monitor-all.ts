import { checkNames } from '../netlink/check.js'
import type { Feed } from '../socket/feed.js'
import { checkSubscribeOptions, subscribe } from '../socket/subscribe.js'
import { EVENT_SOURCES } from './event-sources.js'
import type { EventOf, MonitorEvent, MonitorGroup } from './events.js'
import { type MonitorOptions, subscriptionTo } from './monitor.js'

/** An event, and where it happened. */
export interface AllNetnsEvent<E extends MonitorEvent = MonitorEvent> {
  /**
   * The id by which the watching namespace names the one where it happened (see getNsid()); null for itself, and for what is missing
   * ('resync').
   */
  readonly nsid: number | null
  /** Of another namespace: without names of interfaces that the event does not bring itself (`dev` is null). */
  readonly event: E
}

/** The events of some groups in several namespaces. See monitorAllNetns(). */
export type AllNetnsMonitor<G extends MonitorGroup = MonitorGroup> = Feed<AllNetnsEvent<EventOf<G>>>

/**
 * Watches a namespace and all others that have an id in it (setNsid(), `ip netns set`; the kernel gives one to the namespace of a veth's
 * other end) with one socket: each event comes with the id of its namespace. Everything else is as with monitor().
 *
 * @throws RangeError, TypeError for groups or options that do not exist; SystemError EPERM without CAP_NET_BROADCAST in the user namespace
 * of the watching namespace. Other namespaces are told of only with that capability in theirs.
 * @see netlink(7) (NETLINK_LISTEN_ALL_NSID), rtnetlink(7), ip-monitor(8) (`all-nsid`)
 * @example
 * await setNsid('red', 10)
 * await using events = await monitorAllNetns(['link'])
 * for await (const { nsid, event } of events) if (nsid === 10) console.log(event)
 */
export async function monitorAllNetns<G extends MonitorGroup>(
  groups: readonly G[],
  options: MonitorOptions = {},
): Promise<AllNetnsMonitor<G>> {
  checkSubscribeOptions('monitorAllNetns', options)
  const sources = checkNames(groups, 'groups', EVENT_SOURCES).map((name) => EVENT_SOURCES[name])
  const { reader, ...subscription } = subscriptionTo(sources)
  const events = await subscribe<AllNetnsEvent>(
    {
      ...subscription,
      label: `monitorAllNetns(${groups.join(', ')})`,
      everywhere: true,
      reader: (nameOf, origin) => {
        const own = reader(nameOf, origin)
        const placed = (event: MonitorEvent): AllNetnsEvent => ({ nsid: origin(), event })
        return {
          read: (bytes, start, end) => {
            const event = own.read(bytes, start, end)
            return event && placed(event)
          },
          lost: (reason) => placed(own.lost(reason)),
        }
      },
    },
    options,
  )
  // The readers are those of the groups asked for, so that their events are EventOf<G>.
  return events as AllNetnsMonitor<G>
}
