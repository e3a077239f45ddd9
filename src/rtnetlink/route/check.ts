/** The checks of a route that need no kernel. Each throws RangeError or TypeError naming the field and the value. */

import { encodeAttributes } from '../../codec/encode.js'
import { located, show } from '../../codec/fault.js'
import { Fault, formatIp, type Names, parseIp, Writer } from '../../codec/index.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { AF_INET, AF_INET6, familyNumber, familyOf } from '../family.js'
import { checkDev, checkIfindex, checkIp, checkOneOf, type Prefix, parsePrefix } from '../input.js'
import { checkEncap } from './encap/encap.js'
import {
  NEXTHOP_KEYS,
  type NexthopInput,
  type Realms,
  ROUTE_KEYS,
  type RouteInput,
  type RouteMetrics,
  type RoutePreference,
} from './input.js'
import { metricAttributes, routePreferences, routeProtocols, routeScopes, routeTypes } from './table.js'

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
  const { via, src, from, metrics, nexthops, encap } = input
  if (via != null) checkVia(via, family, `${prefix}via`)
  checkDevice(input, prefix)
  if (src != null) checkIp(src, `${prefix}src`, family)
  if (from != null) parseNetwork(from, `${prefix}from`, family)
  for (const name in input) {
    const value = input[name as keyof RouteInput]
    if (value == null) continue
    checkHas(family, name, value, prefix)
    CHECKS.get(name)?.(value, prefix + name)
  }
  if (metrics != null) checkMetrics(metrics, `${prefix}metrics`)
  if (nexthops != null) checkNexthops(input, family, `${prefix}nexthops`)
  if (input.realms != null) checkRealms(input.realms, `${prefix}realms`)
  if (encap != null) checkEncap(encap, `${prefix}encap`)
  return input
}

/** What routes of one family alone have; of another the kernel would pass over it. */
const OF_ONE_FAMILY: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ from: AF_INET6, preference: AF_INET6, expires: AF_INET6 },
    ...{ realms: AF_INET, scope: AF_INET },
  } satisfies Partial<Record<keyof RouteInput, number>>),
)

function checkHas(family: number, name: string, value: unknown, prefix: string): void {
  // Each listed IPv6 route has this one.
  if (name === 'scope' && (value === 'global' || value === 0)) return
  if ((OF_ONE_FAMILY.get(name) ?? family) !== family)
    throw new RangeError(
      `${prefix}${name}: ${show(value)} is not for ${family === AF_INET ? 'IPv4' : 'IPv6'} routes`,
    )
}

/** Properties whose check needs nothing else of the route. */
const CHECKS: ReadonlyMap<string, (value: unknown, field: string) => unknown> = new Map(
  Object.entries({
    metric: integer(0, MAX_U32),
    table: integer(1, MAX_U32),
    tos: integer(0, 255),
    nhid: integer(1, MAX_U32),
    expires: integer(0, MAX_U32),
    protocol: named(routeProtocols),
    scope: named(routeScopes),
    type: named(routeTypes),
    preference: checkPreference,
    onlink: checkBoolean,
  } satisfies Partial<Record<keyof RouteInput, unknown>>),
)

/** Of anything else the kernel makes 'medium' (rtm_to_fib6_config() of net/ipv6/route.c). */
function checkPreference(value: unknown, field: string): void {
  checkOneOf(routePreferences, value, field)
  if (![...PREFERENCES, ...PREFERENCES.map(routePreferences.toNumber)].includes(value as RoutePreference))
    throw new RangeError(`${field}: ${show(value)} is not one of ${PREFERENCES.join(', ')}`)
}

const PREFERENCES: readonly RoutePreference[] = ['low', 'medium', 'high']

function integer(min: number, max: number) {
  return (value: unknown, field: string) => checkInteger(value, field, min, max)
}

function named(table: Names<string>) {
  return (value: unknown, field: string) => checkOneOf(table, value, field)
}

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
  if (given === undefined && telling == null)
    throw new TypeError(`${prefix}family: a default route without via and src needs it ('ipv4' or 'ipv6')`)
  // What is no text is of no family, as its own check says.
  return { family: given ?? familyOf(typeof telling === 'string' ? telling : ''), address: '', length: 0 }
}

/** A prefix without bits after its length, which the kernel refuses (IPv4) or drops (IPv6). */
export function parseNetwork(value: unknown, field: string, family?: number): Prefix {
  const network = parsePrefix(value, field)
  if (family !== undefined && network.family !== family)
    throw new RangeError(`${field}: ${show(value)} is not ${family === AF_INET ? 'IPv4' : 'IPv6'}`)
  if (hasBitsAfter(network))
    throw new RangeError(
      `${field}: ${show(value)} has bits after its prefix length of ${network.length}: the network is '${maskedText(network)}'`,
    )
  return network
}

/** The network of an address, as text. */
export function maskedText({ address, length }: Prefix): string {
  const octets = parseIp(address)!
  for (let i = length >> 3; i < octets.length; i++)
    octets[i]! &= i === length >> 3 ? 0xff00 >> (length & 7) : 0
  return `${formatIp(octets, 0, octets.length)}/${length}`
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

function checkNexthops(input: RouteInput, family: number, field: string): void {
  const { nexthops } = input
  if (!Array.isArray(nexthops) || nexthops.length === 0)
    throw new TypeError(`${field}: ${show(nexthops)} is not an array of nexthops`)
  for (const name of ['via', 'dev', 'ifindex', 'encap'] as const)
    if (input[name] != null)
      throw new TypeError(`${field}: a route has either nexthops or ${name}, which each of them can have`)
  for (const [index, hop] of (nexthops as readonly NexthopInput[]).entries()) {
    const prefix = `${field}[${index}].`
    checkKeys(`${field}[${index}]`, hop, NEXTHOP_KEYS)
    if (hop.via != null) checkVia(hop.via, family, `${prefix}via`)
    checkDevice(hop, prefix)
    if (hop.weight != null) checkInteger(hop.weight, `${prefix}weight`, 1, 256)
    if (hop.onlink != null) checkBoolean(hop.onlink, `${prefix}onlink`)
    if (hop.realms != null) {
      checkHas(family, 'realms', hop.realms, prefix)
      checkRealms(hop.realms, `${prefix}realms`)
    }
    if (hop.encap != null) checkEncap(hop.encap, `${prefix}encap`)
  }
}

export function checkRealms(realms: Realms, field: string): void {
  checkKeys(field, realms, ['from', 'to'])
  checkInteger(realms.from, `${field}.from`, 0, 0xffff)
  checkInteger(realms.to, `${field}.to`, 0, 0xffff)
}

/** What is above them the kernel makes as much (ip_metrics_convert() of net/ipv4/metrics.c). */
const MAX_METRICS = { mtu: 65520, advmss: 65495, hoplimit: 255 } as const

/** The codec knows what else each metric can be. */
function checkMetrics(metrics: RouteMetrics, field: string): void {
  try {
    encodeAttributes(metricAttributes, new Writer(256), metrics as Record<string, unknown>)
  } catch (error) {
    const fault = located(error, field)
    throw fault instanceof Fault ? fault.toError('') : fault
  }
  for (const [name, max] of Object.entries(MAX_METRICS)) {
    const value = metrics[name as keyof typeof MAX_METRICS]
    if (value != null) checkInteger(value, `${field}.${name}`, 0, max)
  }
}
