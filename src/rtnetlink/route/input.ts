/** A route as callers write it, and the checks that need no kernel. */

import { located, show } from '../../codec/fault.js'
import { type AnyOf, Fault, type Infer, type Names, type OneOf, parseIp, Writer } from '../../codec/index.js'
import { encodeAttributes } from '../../codec/table.js'
import { AF_INET, AF_INET6, type Family, familyNumber, familyOf } from '../family.js'
import {
  checkBoolean,
  checkDevName,
  checkIfindex,
  checkInteger,
  checkIp,
  checkKeys,
  type Prefix,
  parsePrefix,
} from '../input.js'
import type { Dev } from '../link/request.js'
import {
  type lookupFlags,
  metricAttributes,
  type nexthopFlags,
  type routeFlags,
  routePreferences,
  routeProtocols,
  routeScopes,
  routeTypes,
} from './table.js'

export type RouteType = keyof typeof routeTypes.numbers
export type RouteProtocol = keyof typeof routeProtocols.numbers
export type RouteScope = keyof typeof routeScopes.numbers
export type RoutePreference = keyof typeof routePreferences.numbers
export type RouteFlag = keyof typeof routeFlags.numbers | keyof typeof lookupFlags.numbers
export type NexthopFlag = keyof typeof nexthopFlags.numbers

/**
 * What TCP is told about a path (RTAX_*): `mtu`, `advmss` and `window` in bytes, `cwnd`, `initcwnd`, `initrwnd` and `ssthresh`
 * in packets, `rtt`, `rttvar` and `rtoMin` in milliseconds. `lock: ['mtu']` keeps the kernel from changing one.
 */
export interface RouteMetrics extends Omit<Infer<typeof metricAttributes>, 'unknown'> {}

/** RTA_FLOW: the realms of the source and of the destination, 0 to 65,535; 0 is none. */
export interface Realms {
  readonly from: number
  readonly to: number
}

/** What a lightweight tunnel does to packets. */
export interface RouteEncap {
  /** LWTUNNEL_ENCAP_* of linux/lwtunnel.h: 1 is MPLS, 2 is IPv4. */
  readonly type: number
  /** Its attributes, as the kernel sent them. */
  readonly data: Uint8Array
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
  realms?: Realms | null | undefined
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
  /** IPv4; without it what `ip route` chooses: 'link' without a gateway, 'host' for local addresses, otherwise 'global'. */
  scope?: OneOf<RouteScope> | null | undefined
  /** Without it 'unicast'. */
  type?: OneOf<RouteType> | null | undefined
  /** IPv4: the route is for packets with this type of service only. */
  tos?: number | null | undefined
  /** Takes the gateway to be on the link, whatever the addresses say. */
  onlink?: boolean | null | undefined
  metrics?: RouteMetrics | null | undefined
  /** Several nexthops, among which flows are shared out by weight; instead of `via` and `dev`. */
  nexthops?: readonly NexthopInput[] | null | undefined
  /** A nexthop object (`ip nexthop`). `via`, `dev` and `nexthops`, which lists show besides, are not sent then. */
  nhid?: number | null | undefined
  /** IPv6: among default routes of router advertisements, RFC 4191. */
  preference?: OneOf<RoutePreference> | null | undefined
  /** IPv6: seconds after which the kernel removes the route. */
  expires?: number | null | undefined
  realms?: Realms | null | undefined
  /** MPLS: whether the time to live goes into the label. */
  ttlPropagate?: boolean | null | undefined
  /** What the kernel reports: not sent. */
  flags?: AnyOf<RouteFlag> | undefined
  /** Lightweight tunnels are read, not made: anything but null is refused. */
  encap?: RouteEncap | null | undefined
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
  'ttlPropagate',
  'flags',
  'encap',
]
const NEXTHOP_KEYS: readonly (keyof NexthopInput)[] = [
  'via',
  'dev',
  'ifindex',
  'weight',
  'onlink',
  'realms',
  'flags',
]

const MAX_U32 = 0xffffffff

/**
 * Checks all of a route that needs no kernel; `field` ('routes[0]') stands before the names in errors. Throws RangeError or
 * TypeError.
 */
export function checkRouteInput(input: RouteInput, field: string): RouteInput {
  checkKeys(field, input, ROUTE_KEYS)
  return checkRoute(input, `${field}.`)
}

/** The same for a call that has the properties among its options, whose keys it has checked. */
export function checkRoute(input: RouteInput, prefix = ''): RouteInput {
  const { family } = destinationOf(input, prefix)
  const { via, src, from, onlink, metrics, nexthops, ttlPropagate, encap } = input
  if (via != null) checkVia(via, family, `${prefix}via`)
  checkDevice(input, prefix)
  if (src != null) checkIp(src, `${prefix}src`, family)
  if (from != null) parseNetwork(from, `${prefix}from`, family)
  for (const [name, min, max] of NUMBERS) {
    const value = input[name]
    if (value != null) checkInteger(value, prefix + name, min, max)
  }
  for (const [name, table] of NAMES) {
    const value = input[name]
    if (value != null) checkName(table, value, prefix + name)
  }
  if (onlink != null) checkBoolean(onlink, `${prefix}onlink`)
  if (metrics != null) checkMetrics(metrics, `${prefix}metrics`)
  if (nexthops != null) checkNexthops(input, family, `${prefix}nexthops`)
  if (input.realms != null) checkRealms(input.realms, `${prefix}realms`)
  if (ttlPropagate != null) checkBoolean(ttlPropagate, `${prefix}ttlPropagate`)
  if (encap != null)
    throw new TypeError(`${prefix}encap: routes with a lightweight tunnel cannot be made with this library`)
  return input
}

const NUMBERS = [
  ['metric', 0, MAX_U32],
  ['table', 1, MAX_U32],
  ['tos', 0, 255],
  ['nhid', 1, MAX_U32],
  ['expires', 0, MAX_U32],
] as const
const NAMES = [
  ['protocol', routeProtocols],
  ['scope', routeScopes],
  ['type', routeTypes],
  ['preference', routePreferences],
] as const satisfies readonly (readonly [keyof RouteInput, Names<string>])[]

/**
 * The destination and, from whatever tells it, the family. Throws an error where nothing does or where `to` is of another than
 * `family` says.
 */
export function destinationOf(input: RouteInput, prefix = ''): Prefix {
  const { family } = input
  if (family != null && family !== 'ipv4' && family !== 'ipv6')
    throw new RangeError(`${prefix}family: ${show(family)} is not 'ipv4' or 'ipv6'`)
  const given = family == null ? undefined : familyNumber(family)
  if (input.to !== 'default') return parseNetwork(input.to, `${prefix}to`, given)
  const telling = input.src ?? input.from ?? input.via ?? input.nexthops?.[0]?.via
  if (given === undefined && typeof telling !== 'string')
    throw new TypeError(`${prefix}family: a default route without via and src needs it ('ipv4' or 'ipv6')`)
  return { family: given ?? familyOf(telling as string), address: '', length: 0 }
}

/** A prefix without bits after its length, which the kernel refuses (IPv4) or drops (IPv6). */
export function parseNetwork(value: unknown, field: string, family?: number): Prefix {
  const network = parsePrefix(value, field)
  if (family !== undefined && network.family !== family)
    throw new RangeError(`${field}: ${show(value)} is not ${family === AF_INET ? 'IPv4' : 'IPv6'}`)
  if (hasBitsAfter(network))
    throw new RangeError(`${field}: ${show(value)} has bits after its prefix length of ${network.length}`)
  return network
}

function hasBitsAfter({ family, address, length }: Prefix): boolean {
  if (length === (family === AF_INET ? 32 : 128)) return false
  const octets = parseIp(address)!
  for (let i = length >> 3; i < octets.length; i++) {
    const ours = i === length >> 3 ? 0xff >> (length & 7) : 0xff
    if (octets[i]! & ours) return true
  }
  return false
}

function checkVia(via: unknown, family: number, field: string): void {
  checkIp(via, field, family === AF_INET6 ? AF_INET6 : undefined)
}

function checkDevice({ dev, ifindex }: Pick<NexthopInput, 'dev' | 'ifindex'>, prefix: string): void {
  if (dev != null) checkDev(dev, `${prefix}dev`)
  if (ifindex != null) checkIfindex(ifindex, `${prefix}ifindex`)
}

/** An interface, by name or ifindex. */
export function checkDev(dev: Dev, field: string): void {
  if (typeof dev === 'number') checkIfindex(dev, field)
  else checkDevName(dev, field)
}

function checkNexthops(input: RouteInput, family: number, field: string): void {
  const { nexthops } = input
  if (!Array.isArray(nexthops) || nexthops.length === 0)
    throw new TypeError(`${field}: ${show(nexthops)} is not an array of nexthops`)
  if (input.via != null || input.dev != null)
    throw new TypeError(`${field}: a route has either nexthops or via and dev`)
  nexthops.forEach((hop: NexthopInput, index) => {
    const prefix = `${field}[${index}].`
    checkKeys(`${field}[${index}]`, hop, NEXTHOP_KEYS)
    if (hop.via != null) checkVia(hop.via, family, `${prefix}via`)
    checkDevice(hop, prefix)
    if (hop.weight != null) checkInteger(hop.weight, `${prefix}weight`, 1, 256)
    if (hop.onlink != null) checkBoolean(hop.onlink, `${prefix}onlink`)
    if (hop.realms != null) checkRealms(hop.realms, `${prefix}realms`)
  })
}

/** Realms as RTA_FLOW and FRA_FLOW have them. */
export function flow({ from, to }: Realms): number {
  return ((from << 16) | to) >>> 0
}

export function checkRealms(realms: Realms, field: string): void {
  checkKeys(field, realms, ['from', 'to'])
  checkInteger(realms.from, `${field}.from`, 0, 0xffff)
  checkInteger(realms.to, `${field}.to`, 0, 0xffff)
}

/** The codec knows what each metric can be. */
function checkMetrics(metrics: RouteMetrics, field: string): void {
  try {
    encodeAttributes(metricAttributes, new Writer(256), metrics as Record<string, unknown>)
  } catch (error) {
    const fault = located(error, field)
    throw fault instanceof Fault ? fault.toError('') : fault
  }
}

/** A name of the table, or a number of eight bits. */
export function checkName(table: Names<string>, value: OneOf<string>, field: string): void {
  if (typeof value === 'number') checkInteger(value, field, 0, 255)
  else if (typeof value !== 'string')
    throw new TypeError(`${field}: ${show(value)} is not a name or a number`)
  else if (!Object.hasOwn(table.numbers, value))
    throw new RangeError(`${field}: '${value}' is not one of ${Object.keys(table.numbers).join(', ')}`)
}
