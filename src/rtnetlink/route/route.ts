/** A route as callers see it, and how one is read out of an RTM_NEWROUTE. */

import { getU32 } from '../../codec/bytes.js'
import { fromBits } from '../../codec/choice.js'
import { type AnyOf, Attributes, type Names, type OneOf } from '../../codec/index.js'
import { AF_INET6, type Family } from '../family.js'
import * as c from './constants.js'
import type {
  NexthopFlag,
  Realms,
  RouteEncap,
  RouteFlag,
  RouteMetrics,
  RoutePreference,
  RouteProtocol,
  RouteScope,
  RouteType,
} from './input.js'
import {
  type hopAttributes,
  nexthopFlags,
  routeAttributes,
  routeFlags,
  routeProtocols,
  routeScopes,
  routeTypes,
  rtmsg,
} from './table.js'
import type { RawHop } from './types.js'

/** One of several nexthops of a route. */
export interface RouteNexthop {
  readonly via: string | null
  readonly dev: string | null
  readonly ifindex: number
  /** 1 to 256. */
  readonly weight: number
  readonly onlink: boolean
  readonly realms: Realms | null
  /** 'linkdown', 'dead' and the like. */
  readonly flags: AnyOf<NexthopFlag>
}

/** A route. What a route does not have is null. See rtnetlink(7), ip-route(8). */
export interface Route {
  readonly family: Family
  /** 'default', a prefix ('192.168.1.0/24') or one address, as `ip route` prints it. */
  readonly to: string
  /** The gateway; of an IPv4 route it can be an IPv6 address. */
  readonly via: string | null
  /** The interface's name; null where the route has none, or it has just gone. */
  readonly dev: string | null
  readonly ifindex: number | null
  /** The source address of packets that have none yet. */
  readonly src: string | null
  /** IPv6: only for packets from this prefix. */
  readonly from: string | null
  /** Null stands for 0. */
  readonly metric: number | null
  readonly table: number
  /** Who made it. */
  readonly protocol: OneOf<RouteProtocol>
  readonly scope: OneOf<RouteScope>
  readonly type: OneOf<RouteType>
  readonly tos: number
  readonly onlink: boolean
  readonly metrics: RouteMetrics | null
  /** Null where there is only one, which `via`, `dev` and `ifindex` tell. */
  readonly nexthops: readonly RouteNexthop[] | null
  /** The nexthop object. */
  readonly nhid: number | null
  readonly preference: OneOf<RoutePreference> | null
  /** Seconds from now, rounded up. */
  readonly expires: number | null
  readonly realms: Realms | null
  readonly ttlPropagate: boolean | null
  /** 'linkdown', 'offload', 'cloned' and the like. */
  readonly flags: AnyOf<RouteFlag>
  readonly encap: RouteEncap | null
}

let reused: Attributes | undefined
const at = rtmsg.offsets
const NO_FLAGS: readonly never[] = Object.freeze([])
const TICKS = 100

/** Reads an IPv4 or IPv6 route: `start` is its struct rtmsg. `dev` is null until `nameDevices` fills it. */
export function readRoute(bytes: Uint8Array, start: number, end: number): Route {
  reused ??= new Attributes(routeAttributes)
  const found = reused.load(bytes, start + rtmsg.size, end)
  const field = routeAttributes.field
  const v6 = bytes[start + at.family] === AF_INET6
  const flags = getU32(bytes, start + at.flags)
  const flow = found.get(field.flow)
  const hops = found.get(field.multipath)
  const encapType = found.get(field.encapType)
  const ttlPropagate = found.get(field.ttlPropagate)
  const expires = found.get(field.cacheinfo)?.expires ?? 0
  return {
    family: v6 ? 'ipv6' : 'ipv4',
    to: network(found.get(field.dst), bytes[start + at.dstLen]!, v6) ?? 'default',
    via: found.get(field.gateway) ?? found.get(field.via),
    dev: null,
    ifindex: found.get(field.oif),
    src: found.get(field.prefsrc),
    from: network(found.get(field.src), bytes[start + at.srcLen]!, v6),
    metric: found.get(field.priority),
    table: found.get(field.table) ?? bytes[start + at.table]!,
    protocol: nameOf(routeProtocols, bytes[start + at.protocol]!),
    scope: nameOf(routeScopes, bytes[start + at.scope]!),
    type: nameOf(routeTypes, bytes[start + at.type]!),
    tos: bytes[start + at.tos]!,
    onlink: (flags & c.RTNH_F_ONLINK) !== 0,
    metrics: found.get(field.metrics),
    nexthops: hops === null ? null : hops.map(readNexthop),
    nhid: found.get(field.nhId),
    preference: found.get(field.pref),
    expires: expires > 0 ? Math.ceil(expires / TICKS) : null,
    realms: flow === null ? null : realms(flow),
    ttlPropagate: ttlPropagate === null ? null : ttlPropagate !== 0,
    flags: flags === 0 ? NO_FLAGS : fromBits(routeFlags, flags),
    encap: encapType === null ? null : { type: encapType, data: found.get(field.encap) ?? new Uint8Array(0) },
  }
}

/** A prefix as `ip route` prints it; null for that of length 0. */
function network(address: string | null, length: number, v6: boolean): string | null {
  if (address === null || length === 0) return null
  return length === (v6 ? 128 : 32) ? address : `${address}/${length}`
}

function nameOf<N extends string>(table: Names<N>, value: number): OneOf<N> {
  return table.toName(value)
}

export function realms(flow: number): Realms {
  return { from: flow >>> 16, to: flow & 0xffff }
}

function readNexthop({
  flags,
  hops,
  ifindex,
  attributes,
}: RawHop<typeof hopAttributes.fields>): RouteNexthop {
  return {
    via: attributes.gateway ?? attributes.via ?? null,
    dev: null,
    ifindex,
    weight: hops + 1,
    onlink: (flags & c.RTNH_F_ONLINK) !== 0,
    realms: attributes.flow === undefined ? null : realms(attributes.flow),
    flags: fromBits(nexthopFlags, flags),
  }
}

/** The kernel's answer to getRoute: the route that a packet would take, and what it was asked with. */
export interface RouteLookup extends Route {
  /** The ifindex of the interface that the packet comes in by. */
  readonly iif: number | null
  readonly mark: number | null
  readonly uid: number | null
}

/** Reads the answer to an RTM_GETROUTE that was no dump. */
export function readLookup(bytes: Uint8Array, start: number, end: number): RouteLookup {
  const route = readRoute(bytes, start, end)
  const field = routeAttributes.field
  return { ...route, iif: reused!.get(field.iif), mark: reused!.get(field.mark), uid: reused!.get(field.uid) }
}

/** Fills in `dev`, here and in the nexthops, with what `nameOf` says of each ifindex. */
export function nameDevices(route: Route, nameOf: (ifindex: number) => string | null): void {
  name(route, nameOf)
  if (route.nexthops !== null) for (const hop of route.nexthops) name(hop, nameOf)
}

function name(
  holder: { dev: string | null; readonly ifindex: number | null },
  nameOf: (ifindex: number) => string | null,
): void {
  if (holder.ifindex !== null) holder.dev = nameOf(holder.ifindex)
}
