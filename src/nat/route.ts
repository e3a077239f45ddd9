/** What the routing table says of an address. */

import { NetlinkError } from '../netlink/errors.js'
import {
  type Channel,
  type OpenNetns,
  type Operation,
  requestOne,
  withChannel,
} from '../netlink/operation.js'
import { lookupRequest } from '../rtnetlink/route/lookup.js'
import type { RouteLookup } from '../rtnetlink/route/route.js'

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
  return yield* withChannel(netns ?? undefined, function* (channel) {
    const route = yield* routeTo(channel, address)
    if (route === null || route.type !== 'unicast' || route.via !== null || route.ifindex === null)
      return null
    return channel.ifname(route.ifindex)
  })
}
