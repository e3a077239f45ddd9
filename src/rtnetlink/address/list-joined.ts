/** The operations on multicast groups and anycast addresses; programs join and leave them by socket options, not by netlink. */

import type { Message } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { EOPNOTSUPP } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import { type Channel, dump, type Operation, withChannel } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { devNames, type NameOf } from '../devnames.js'
import { AF_INET, AF_INET6, type Family, familyNumber } from '../family.js'
import { checkDev } from '../input.js'
import { type Dev, describeDev, resolveDev } from '../link/request.js'
import { type AnycastAddress, type MulticastAddress, readAnycast, readMulticast } from './joined.js'
import { getAnycast, getMulticast } from './table.js'

/** Which multicast groups, and where; whatever is given must hold. */
export interface ListMulticastAddressesOptions extends CallOptions {
  dev?: Dev | undefined
  family?: Family | undefined
}

/** Which anycast addresses, and where. */
export interface ListAnycastAddressesOptions extends CallOptions {
  dev?: Dev | undefined
}

/**
 * The multicast groups that the interfaces of a namespace have joined, as `ip maddress` shows them, but for link-layer addresses. Those of
 * IPv4 take Linux 6.15: before, they are missing, and asking for that family alone is an error. The kernel filters by interface and
 * family.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface, EOPNOTSUPP where the
 * kernel cannot tell those of IPv4
 * @see ip-maddress(8), rtnetlink(7)
 * @example const groups = await listMulticastAddresses({ dev: 'eth0', family: 'ipv6' })
 */
export function* listMulticastAddresses(
  options: ListMulticastAddressesOptions = {},
): Operation<MulticastAddress[]> {
  checkKeys('listMulticastAddresses', options, ['dev', 'family', ...CALL_OPTIONS])
  const { dev, family } = options
  const wanted = familyNumber(family)
  if (dev !== undefined) checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev)
    if (wanted !== AF_INET && wanted !== AF_INET6) return yield* ofBothFamilies(channel, ifindex, dev)
    return yield* dump(channel, request(channel, getMulticast, readMulticast, wanted, ifindex, dev))
  })
}

function* ofBothFamilies(channel: Channel, ifindex: number, dev?: Dev): Operation<MulticastAddress[]> {
  const asked = (family: number) =>
    dump(channel, request(channel, getMulticast, readMulticast, family, ifindex, dev))
  let found: MulticastAddress[] = []
  try {
    found = yield* asked(AF_INET)
  } catch (error) {
    // Linux before 6.15.
    if (!(error instanceof NetlinkError && error.errno === EOPNOTSUPP)) throw error
  }
  return [...found, ...(yield* asked(AF_INET6))]
}

/**
 * The anycast addresses of the interfaces of a namespace: those that a router has for each of its networks, and those that programs have
 * joined. The kernel filters by interface.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see rtnetlink(7), ipv6(7)
 * @example const addresses = await listAnycastAddresses({ dev: 'eth0' })
 */
export function* listAnycastAddresses(
  options: ListAnycastAddressesOptions = {},
): Operation<AnycastAddress[]> {
  checkKeys('listAnycastAddresses', options, ['dev', ...CALL_OPTIONS])
  const { dev } = options
  if (dev !== undefined) checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev)
    return yield* dump(channel, request(channel, getAnycast, readAnycast, AF_INET6, ifindex, dev))
  })
}

/** RTM_GETMULTICAST or RTM_GETANYCAST; ifindex 0 is every interface. */
function request<T>(
  channel: Channel,
  message: Message,
  read: (bytes: Uint8Array, start: number, end: number, nameOf: NameOf) => T | null,
  family: number,
  ifindex: number,
  dev: Dev | undefined,
): Request<T> {
  const nameOf = devNames(channel)
  return {
    message,
    body: { header: { family, index: ifindex }, attributes: {} },
    flags: 0,
    answer: 'dump',
    subject: dev === undefined ? undefined : describeDev(dev),
    read: (bytes, start, end) => read(bytes, start, end, nameOf) ?? undefined,
  }
}
