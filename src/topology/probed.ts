/** IPv6 addresses are tentative until the kernel has found that nobody else has them, which takes it a second or more. */

import { NETNS, type NetnsHandle, type Operation } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'
import { listAddresses } from '../rtnetlink/address/list.js'
import { placeOf } from '../rtnetlink/address/options.js'
import { RTNLGRP_IPV6_IFADDR, RTNLGRP_LINK } from '../rtnetlink/groups.js'
import type { Link } from '../rtnetlink/link/link.js'
import { listLinks } from '../rtnetlink/link/list.js'

/** Waits until a route can send from an address (ip6_route_info_create() refuses tentative ones), or never will. */
export function* untilProbed(
  address: string | null | undefined,
  netns: NetnsHandle | undefined,
): Operation<void> {
  if (!address?.includes(':') || !(yield* isBeingProbed(address, netns))) return
  const groups = [RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR]
  const listener = yield* primitive('listen', netns?.[NETNS] ?? null, groups)
  try {
    while (yield* isBeingProbed(address, netns)) yield* primitive('wait', listener)
  } finally {
    listener.close()
  }
}

/** Not where it has been found elsewhere, nor without a carrier, as it stays tentative then. */
function* isBeingProbed(address: string, netns: NetnsHandle | undefined): Operation<boolean> {
  const all = yield* listAddresses({ netns, family: 'ipv6' })
  const found = all.find((one) => placeOf(one).local === address)
  const has = (flag: string) => found?.flags.includes(flag as never) ?? false
  if (!has('tentative') || has('optimistic') || has('dadfailed')) return false
  const link = (yield* listLinks({ netns })).find(({ ifindex }) => ifindex === found?.ifindex)
  return link !== undefined && probes(link)
}

/** Whether the kernel looks for duplicates of a link's addresses: elsewhere they stay tentative. */
export function probes({ up, carrier, operState }: Link): boolean {
  return up && carrier !== false && operState !== 'dormant'
}
