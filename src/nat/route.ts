/** What the routing table says of an address. */

import { NetlinkError } from '../netlink/errors.js'
import {
  type Channel,
  dump,
  type OpenNetns,
  type Operation,
  requestOne,
  withChannel,
} from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { RT_TABLE_LOCAL } from '../rtnetlink/route/constants.js'
import { dumpRequest } from '../rtnetlink/route/list.js'
import { lookupRequest, type RouteLookup } from '../rtnetlink/route/lookup.js'

/** No route, or one that refuses. */
const NOWHERE: readonly string[] = ['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL']

/** The route to an address; null where there is none. */
export function* routeTo(channel: Channel, address: string): Operation<RouteLookup | null> {
  try {
    return yield* requestOne(channel, yield* lookupRequest(channel, address, {}))
  } catch (error) {
    if (error instanceof NetlinkError && NOWHERE.includes(error.code)) return null
    throw error
  }
}

/** The interface on whose network an address is; null where it is behind a gateway, this machine's own or nowhere. */
export function* networkOf(netns: OpenNetns | null, address: string): Operation<string | null> {
  return yield* withChannel(netns ?? undefined, (channel) => networkIn(channel, address))
}

function* networkIn(channel: Channel, address: string): Operation<string | null> {
  const route = yield* routeTo(channel, address)
  if (route === null || route.type !== 'unicast' || route.via !== null || route.ifindex === null) return null
  return channel.ifname(route.ifindex)
}

/** What a packet to 127.0.0.0/8 has as its destination nearly always. */
const LOOPBACK = '127.0.0.1'

/**
 * The IPv4 addresses that are this machine's own, of 127.0.0.0/8 that one which is in use; null where there are more than `most`, one on
 * several interfaces counted as often, and where they are whole networks besides (`ip route add local 192.0.2.0/24 dev lo`).
 */
export function* ownAddresses(netns: OpenNetns | null, most: number): Operation<string[] | null> {
  const local = dumpRequest({ family: 'ipv4', table: RT_TABLE_LOCAL, type: 'local' }, 0, () => null)
  // Of 127.0.0.0/8 there are two, that of the network and that of the address.
  const limit = most + 2
  // One more is read than there may be.
  const few = atMost(local, limit + 1)
  const routes = yield* withChannel(netns ?? undefined, (channel) => dump(channel, few))
  if (routes.length > limit) return null
  const own = new Set<string>()
  for (const { to } of routes) {
    const [address = '', length = '32'] = to.split('/')
    if (address === '127.0.0.0') own.add(LOOPBACK)
    else if (length === '32') own.add(address)
    else return null
  }
  return own.size > most ? null : [...own]
}

/** The same without what it has beyond a number: to read hundreds takes a program that has just begun milliseconds. */
function atMost<T>(asked: Request<T>, most: number): Request<T> {
  const { read } = asked
  let count = 0
  return {
    ...asked,
    read: (bytes, start, end, type) => (count++ < most ? read?.(bytes, start, end, type) : undefined),
  }
}
