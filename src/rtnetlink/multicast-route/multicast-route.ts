/** A multicast route as callers see it, and how one is read out of an RTM_NEWROUTE. */

import { getU32 } from '../../codec/bytes.js'
import { type AnyOf, Attributes, malformed, type OneOf } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { type Family, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../family.js'
import type { NexthopFlag, RouteProtocol } from '../route/input.js'
import { nexthopFlags, routeProtocols, rtmsg } from '../route/table.js'
import { multicastRouteAttributes } from './table.js'

/** One of the interfaces that packets of a multicast route leave by. */
export interface MulticastHop {
  readonly ifindex: number
  readonly dev: string | null
  /** Packets with a lower time to live (IPv6: hop limit) do not leave. */
  readonly ttl: number
}

/**
 * A multicast route, which a routing daemon has made. See ip-mroute(8), rtnetlink(7).
 */
export interface MulticastRoute {
  readonly family: Family
  readonly group: string
  /** The sender; null is any. */
  readonly source: string | null
  /** The interface that packets come in by, by name; null where it is not known yet ('unresolved'), or it has just gone. */
  readonly iif: string | null
  readonly iifindex: number | null
  readonly nexthops: readonly MulticastHop[]
  /** A table of multicast routes, which are apart from others: 253 is the usual one of IPv4, 254 of IPv6. */
  readonly table: number
  /** Who made it: 'mrouted' is a daemon. */
  readonly protocol: OneOf<RouteProtocol>
  readonly packets: number
  readonly bytes: number
  /** Packets that came in by another interface. */
  readonly wrongInterface: number
  /** Seconds since the last packet. */
  readonly lastUsed: number | null
  /** 'unresolved' and the like. */
  readonly flags: AnyOf<NexthopFlag>
}

const at = rtmsg.offsets

/** Reads a multicast route: `start` is its struct rtmsg. Null for another family. */
export function readMulticastRoute(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): MulticastRoute | null {
  const number = bytes[start + at.family]!
  if (number !== RTNL_FAMILY_IPMR && number !== RTNL_FAMILY_IP6MR) return null
  const found = new Attributes(multicastRouteAttributes).load(bytes, start + rtmsg.size, end)
  const field = multicastRouteAttributes.field
  const group = found.get(field.dst)
  if (group === null) throw malformed('no group', start)
  const source = found.get(field.src)
  const stats = found.get(field.mfcStats)
  const hops = found.get(field.multipath) ?? []
  const iifindex = found.get(field.iif)
  return {
    family: number === RTNL_FAMILY_IPMR ? 'ipv4' : 'ipv6',
    group,
    source: source === '0.0.0.0' || source === '::' ? null : source,
    iif: iifindex === null ? null : nameOf(iifindex),
    iifindex,
    nexthops: hops.map(({ ifindex, hops: ttl }) => ({ ifindex, dev: nameOf(ifindex), ttl })),
    table: found.get(field.table) ?? bytes[start + at.table]!,
    protocol: routeProtocols.toName(bytes[start + at.protocol]!),
    packets: Number(stats?.packets ?? 0n),
    bytes: Number(stats?.bytes ?? 0n),
    wrongInterface: Number(stats?.wrongIf ?? 0n),
    lastUsed: found.get(field.expires),
    flags: nexthopFlags.toNames(getU32(bytes, start + at.flags)),
  }
}
