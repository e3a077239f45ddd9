import { NETNS_DIRECTORY } from '../netlink/netns-name.js'
import type { EventSocket, ResyncEvent } from '../socket/event-socket.js'
import { Feed } from '../socket/feed.js'
import { Merged } from '../socket/merged.js'
import { type NameChange, NameWatch } from '../socket/name-watch.js'
import { checkSubscribeOptions, openEvents } from '../socket/subscribe.js'
import { EVENT_SOURCES } from './event-sources.js'
import type { NsidEvent } from './events.js'
import { type MonitorOptions, subscriptionTo } from './monitor.js'

/** A namespace got a name, as by createNetns() or `ip netns add`, or lost it. */
export interface NetnsNameEvent extends NameChange {}

/**
 * What watchNetns() tells: names, ids by which the kernel names other namespaces here, and (`resync`) that ids are missing before this.
 */
export type NetnsEvent = NetnsNameEvent | NsidEvent | ResyncEvent

/** The names and ids of namespaces as they come and go. See watchNetns(). */
export type NetnsWatch = Feed<NetnsEvent>

/**
 * Watches namespaces: an asynchronous iterable of names that come and go under /run/netns (as this process's mount namespace shows it), and
 * of ids that `netns` gives other namespaces or takes back (RTM_NEWNSID, RTM_DELNSID). It has begun when the promise resolves, so that
 * listNetns() after that misses nothing. A name is told once its namespace can be opened. Everything else is as with monitor().
 *
 * @throws TypeError for options that do not exist; SystemError where the namespace or socket cannot be opened, or nothing be watched
 * @see ip-netns(8), rtnetlink(7), inotify(7)
 * @example
 * await using events = await watchNetns()
 * for await (const event of events) if (event.type === 'name') console.log(event.action, event.name)
 */
export async function watchNetns(options: MonitorOptions = {}): Promise<NetnsWatch> {
  checkSubscribeOptions('watchNetns', options)
  // Only the readers of ids are asked for, so that their events are these.
  const ids = (await openEvents(subscriptionTo([EVENT_SOURCES.nsid]), options)) as EventSocket<
    NsidEvent | ResyncEvent
  >
  try {
    const names = new NameWatch(NETNS_DIRECTORY)
    return new Feed(new Merged<NetnsEvent>([names, ids]), 'watchNetns()', options.signal)
  } catch (error) {
    ids.close()
    throw error
  }
}
