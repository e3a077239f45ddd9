/** When a topology has come to rest: by events of the kernel, never by sleeping. */

import { checkKeys } from '../netlink/check.js'
import { NETNS_DIRECTORY } from '../netlink/netns-name.js'
import type { NetnsLike } from '../netlink/operation.js'
import { listAddresses } from '../rtnetlink/address/list.js'
import { listLinks } from '../rtnetlink/link/list.js'
import { runAsync } from '../socket/async-driver.js'
import { Feed } from '../socket/feed.js'
import { Merged } from '../socket/merged.js'
import { NameWatch } from '../socket/name-watch.js'
import { openEvents } from '../socket/subscribe.js'
import { codeOf, TopologyError } from '../topology/error.js'
import { findLink, HOST, type LinkModel, type Network, type Place } from '../topology/network.js'
import { parseValue } from '../topology/parse.js'
import { probes } from '../topology/probed.js'
import type { Topology } from '../topology/value.js'
import { EVENT_SOURCES } from './event-sources.js'
import { subscriptionTo } from './monitor.js'

/** Until when to wait. */
export interface SettledOptions {
  /** Stops the waiting: `AbortSignal.timeout(5000)`. */
  signal?: AbortSignal | undefined
}

/**
 * Waits until a topology can be used: no address is tentative (IPv6 looks for duplicates for a second or more, on links that are up and have
 * their carrier), every link that is up, and whose other end is, has its carrier, and of namespaces that are gone no interface is left in
 * the process's own. Returns at once where all that is so.
 *
 * A namespace that is not there is taken for deleted. A bridge with `stp` takes its forward delay besides, until its ports pass traffic.
 *
 * @throws RangeError, TypeError naming the path in the value; TopologyError EADDRINUSE naming a link that has a duplicate address; the
 * signal's reason
 * @see rtnetlink(7), linux/if_addr.h (IFA_F_TENTATIVE)
 * @example await settled(lab, { signal: AbortSignal.timeout(5000) })
 */
export async function settled(topology: Topology, options: SettledOptions = {}): Promise<void> {
  checkKeys('settled', options, ['signal'])
  const network = parseValue(topology)
  const { signal } = options
  signal?.throwIfAborted()
  for (const place of network.places.values()) await settle(network, place, signal)
}

async function settle(network: Network, place: Place, signal: AbortSignal | undefined): Promise<void> {
  try {
    if (await isSettled(network, place, signal)) return
    // Joined before looking again: whatever happens from then on is told.
    using events = new Feed(await changesIn(place), 'settled()', signal)
    for (;;) {
      if (await isSettled(network, place, signal)) return
      const { done } = await events.next()
      if (done) return
    }
  } catch (error) {
    if (place.netns === HOST || codeOf(error) !== 'ENOENT') throw error
  }
}

/** What is told in a place, and of one with a name whether it loses that: the socket keeps the namespace, in which nothing is told of it. */
async function changesIn(place: Place) {
  const subscription = subscriptionTo([EVENT_SOURCES.link, EVENT_SOURCES.address])
  const told = await openEvents(subscription, { netns: netnsOf(place) })
  if (place.netns === HOST) return told
  try {
    return new Merged<object>([told, new NameWatch(NETNS_DIRECTORY)])
  } catch (error) {
    told.close()
    throw error
  }
}

function netnsOf({ netns }: Place): NetnsLike | undefined {
  return netns === HOST ? undefined : netns
}

async function isSettled(network: Network, place: Place, signal: AbortSignal | undefined): Promise<boolean> {
  const netns = netnsOf(place)
  const links = await runAsync(listLinks({ netns }), undefined, signal)
  const addresses = await runAsync(listAddresses({ netns, family: 'ipv6' }), undefined, signal)
  for (const link of links) {
    const { name, ifindex, up, carrier, operState } = link
    const model = place.links.get(name)
    if (model === undefined) continue
    for (const { address, flags, ifindex: owner } of addresses) {
      if (owner !== ifindex) continue
      if (flags.includes('dadfailed'))
        throw new TopologyError({
          call: 'settled',
          path: model.path,
          code: 'EADDRINUSE',
          text: `another interface has ${address} too`,
        })
      if (flags.includes('tentative') && probes(link)) return false
    }
    if (await isOrphan(network, model, signal)) return false
    const ready = carrier !== false && operState !== 'down' && operState !== 'lowerlayerdown'
    if (up && !ready && hasSource(network, model)) return false
  }
  return true
}

/** Kinds that have the carrier of their ports. */
const OF_PORTS = ['bridge', 'bond', 'team']

/** Whether something gives the link its carrier: the other end is to be up, or one of its ports is. */
function hasSource(network: Network, link: LinkModel): boolean {
  if (link.peer !== null) return findLink(network, link.peer)?.options['up'] !== false
  if (link.link !== null) {
    const below = findLink(network, link.link)
    return below !== undefined && below.options['up'] !== false && hasSource(network, below)
  }
  if (!OF_PORTS.includes(link.kind)) return true
  return [...network.places.get(link.netns)!.links.values()].some(
    (port) => port.master === link.name && port.options['up'] !== false && hasSource(network, port),
  )
}

/** The end of a pair whose other end was in a namespace that is gone: the kernel is about to delete it. */
async function isOrphan(
  network: Network,
  { netns, peer }: LinkModel,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (netns !== HOST || peer === null || peer.netns === HOST || !network.places.has(peer.netns)) return false
  try {
    await runAsync(listLinks({ netns: peer.netns, kind: 'none' }), undefined, signal)
    return false
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true
    throw error
  }
}
