/** A route as callers write it. */

import type { AnyOf, Infer, OneOf } from '../../codec/index.js'
import type { Family } from '../family.js'
import type { Dev } from '../link/request.js'
import type { RouteCacheinfo } from './cacheinfo.js'
import type { RouteEncapInput } from './encap/encap.js'
import type {
  lookupFlags,
  metricAttributes,
  nexthopFlags,
  routeFlags,
  routePreferences,
  routeProtocols,
  routeScopes,
  routeTypes,
} from './table.js'

/**
 * What is done with a packet: 'unicast' sends it on, 'local' takes it, 'blackhole' drops it, 'unreachable' and 'prohibit' say so too …
 * RTN_* of linux/rtnetlink.h.
 */
export type RouteType = keyof typeof routeTypes.numbers
/**
 * Who made a route: 'kernel', 'boot', 'static', 'dhcp', 'bgp' … RTPROT_* of linux/rtnetlink.h; other programs have numbers of their own.
 */
export type RouteProtocol = keyof typeof routeProtocols.numbers
/**
 * How far away the destination is: 'host' is here, 'link' on the same network, 'global' anywhere. rt_scope_t of linux/rtnetlink.h.
 */
export type RouteScope = keyof typeof routeScopes.numbers
/** Which of several IPv6 routers is preferred (RFC 4191): ICMPV6_ROUTER_PREF_* of linux/icmpv6.h. */
export type RoutePreference = keyof typeof routePreferences.numbers
/**
 * What the kernel says of a route, or of the answer to a lookup ('cloned', …): RTNH_F_* and RTM_F_* of linux/rtnetlink.h, RTCF_* of
 * linux/in_route.h.
 */
export type RouteFlag = keyof typeof routeFlags.numbers | keyof typeof lookupFlags.numbers
/** What the kernel says of a nexthop: 'linkdown', 'dead', 'onlink' … RTNH_F_* of linux/rtnetlink.h. */
export type NexthopFlag = keyof typeof nexthopFlags.numbers

/**
 * What TCP is told about a path (RTAX_*): `mtu` (to 65,520), `advmss` (to 65,495) and `window` in bytes, `cwnd`, `initcwnd`, `initrwnd` and `ssthresh`
 * in packets, `rtt`, `rttvar` and `rtoMin` in milliseconds, `hoplimit` to 255. `lock: ['mtu']` keeps the kernel from changing one.
 */
export interface RouteMetrics extends Omit<Infer<typeof metricAttributes>, 'unknown'> {}

/** RTA_FLOW: the realms of the source and of the destination, 0 to 65,535; 0 is none. */
export interface Realms {
  readonly from: number
  readonly to: number
}

/** One of several nexthops. Null is the same as leaving out, so that a listed `RouteNexthop` fits. */
export interface NexthopInput {
  /** The gateway. An IPv4 route may have an IPv6 one. */
  via?: string | null | undefined
  dev?: Dev | null | undefined
  /** Used where there is no `dev`. */
  ifindex?: number | null | undefined
  /** 1 to 256; 1 without it. */
  weight?: number | undefined
  /** Takes the gateway to be on the link, whatever the addresses say. */
  onlink?: boolean | undefined
  /** IPv4. */
  realms?: Realms | null | undefined
  encap?: RouteEncapInput | null | undefined
  /** What the kernel reports: not sent. */
  flags?: AnyOf<NexthopFlag> | undefined
}

/** A route to add or delete. Null is the same as leaving out, so that a listed `Route` fits. See rtnetlink(7), ip-route(8). */
export interface RouteInput {
  /** 'default', a prefix ('192.168.1.0/24', '2001:db8::/64') or one address. */
  to: string
  /** Needed only for a default route from which nothing else tells it. */
  family?: Family | null | undefined
  /** The gateway. An IPv4 route may have an IPv6 one (RTA_VIA). */
  via?: string | null | undefined
  /** The interface, by name or ifindex; the kernel finds it by the gateway otherwise. */
  dev?: Dev | null | undefined
  /** Used where there is no `dev`. */
  ifindex?: number | null | undefined
  /** The source address for packets that have none yet. */
  src?: string | null | undefined
  /** IPv6: the route is for packets from this prefix only. */
  from?: string | null | undefined
  /** Of several routes the one with the lowest metric counts. Without it IPv4 has 0, IPv6 1024. */
  metric?: number | null | undefined
  /** 1 to 4,294,967,295. Without it main (254); for the types local, broadcast, anycast and nat it is local (255). */
  table?: number | null | undefined
  /** Who made the route, by name or number; without it 'boot', as with `ip route`. */
  protocol?: OneOf<RouteProtocol> | null | undefined
  /** IPv4, and 'global' of IPv6; without it what `ip route` chooses: 'link' without a gateway, 'host' for local addresses, otherwise 'global'. */
  scope?: OneOf<RouteScope> | null | undefined
  /** Without it 'unicast'. */
  type?: OneOf<RouteType> | null | undefined
  /** IPv4: the route is for packets with this type of service only. */
  tos?: number | null | undefined
  /** Takes the gateway to be on the link, whatever the addresses say. */
  onlink?: boolean | null | undefined
  metrics?: RouteMetrics | null | undefined
  /** Several nexthops, among which flows are shared out by weight; instead of `via`, `dev`, `ifindex` and `encap`. */
  nexthops?: readonly NexthopInput[] | null | undefined
  /** A nexthop object (`ip nexthop`). `via`, `dev`, `nexthops` and `encap`, which lists show besides, are not sent then. */
  nhid?: number | null | undefined
  /** IPv6: among default routes of router advertisements, RFC 4191; 'invalid' is read, not taken. */
  preference?: OneOf<RoutePreference> | null | undefined
  /**
   * IPv6: seconds after which the kernel removes the route, 0 to 4,294,967,294 (with 0 it is never used); 4,294,967,295 is for ever. Not
   * looked at in a delete.
   */
  expires?: number | null | undefined
  /** IPv4. */
  realms?: Realms | null | undefined
  /** What the kernel reports: not sent, but that 'cloned' tells the deletion of an IPv6 route that it is one of `cache`. */
  flags?: AnyOf<RouteFlag> | undefined
  /** What the kernel reports: not sent. */
  cacheinfo?: RouteCacheinfo | null | undefined
  /** What a lightweight tunnel does to the packets; options of 'ip' and 'ip6' tunnels are read, not sent. Not looked at in a delete. */
  encap?: RouteEncapInput | null | undefined
}

/** Every property of a route that is given to a call. */
export const ROUTE_KEYS: readonly (keyof RouteInput)[] = [
  'to',
  'family',
  'via',
  'dev',
  'ifindex',
  'src',
  'from',
  'metric',
  'table',
  'protocol',
  'scope',
  'type',
  'tos',
  'onlink',
  'metrics',
  'nexthops',
  'nhid',
  'preference',
  'expires',
  'realms',
  'flags',
  'cacheinfo',
  'encap',
]
/** Every property of a nexthop. */
export const NEXTHOP_KEYS: readonly (keyof NexthopInput)[] = [
  'via',
  'dev',
  'ifindex',
  'weight',
  'onlink',
  'realms',
  'encap',
  'flags',
]
