/** Which routes a list or a flush is about. */

import { show } from '../../codec/fault.js'
import { formatIp, type OneOf, parseIp } from '../../codec/index.js'
import { checkBoolean, checkInteger } from '../../netlink/check.js'
import { AF_INET, AF_INET6, type Family, familyName } from '../family.js'
import { checkDev, checkIp, checkOneOf, type Prefix, parsePrefix } from '../input.js'
import type { Dev } from '../link/request.js'
import { familyOfPrefix, isCovering, isWithin } from '../within.js'
import { networkText } from './address-text.js'
import { checkRealms, parseNetwork } from './check.js'
import type { Realms, RouteProtocol, RouteScope, RouteType } from './input.js'
import type { Route } from './route.js'
import { routeProtocols, routeScopes, routeTypes } from './table.js'

/** Which routes; whatever is given must hold. */
export interface RouteFilter {
  family?: Family | undefined
  /** 254 is main, 255 local, 253 default. A list without it is one of all; a flush of all has to say so. */
  table?: number | 'all' | undefined
  /**
   * Only the table of this VRF, by its name or ifindex; not with `table`. Without `type` its 'local' and 'broadcast' routes are left out,
   * as `ip route` leaves them out: those are of the addresses of its ports, which would not answer without them.
   */
  vrf?: Dev | undefined
  /** The interface of the route, or of one of its nexthops. */
  dev?: Dev | undefined
  type?: OneOf<RouteType> | undefined
  protocol?: OneOf<RouteProtocol> | undefined
  /** Exactly this destination: 'default', a prefix or one address. */
  to?: string | undefined
  /** Only destinations in this prefix, itself included (`root` of ip-route(8)). */
  within?: string | undefined
  /** Only destinations that have this address or prefix in them, the default route included (`match` of ip-route(8)). */
  covers?: string | undefined
  /** The gateway of the route, or of one of its nexthops. */
  via?: string | undefined
  src?: string | undefined
  /** IPv6: exactly this prefix of sources; 'default': any source. */
  from?: string | undefined
  scope?: OneOf<RouteScope> | undefined
  /** 0 is that of a route without a metric. */
  metric?: number | undefined
  tos?: number | undefined
  /** IPv4: exactly these, of the route or of one of its nexthops. */
  realms?: Realms | undefined
  /**
   * What the kernel has learned of single destinations (path MTUs, redirects), instead of the routes of the tables. It tells those of
   * IPv4 that are in use. Linux 5.3 for IPv4.
   */
  cache?: boolean | undefined
}

/** A filter as it has been checked. */
export interface CheckedFilter extends Omit<RouteFilter, 'table'> {
  /** Of all without it. */
  table?: number | undefined
}

export const FILTER_KEYS: readonly (keyof RouteFilter)[] = [
  'family',
  'table',
  'vrf',
  'dev',
  'type',
  'protocol',
  'to',
  'within',
  'covers',
  'via',
  'src',
  'from',
  'scope',
  'metric',
  'tos',
  'realms',
  'cache',
]

/** Checks a filter and writes its values as routes have them. Throws RangeError or TypeError. */
export function checkFilter(filter: RouteFilter): CheckedFilter {
  const { to, within, covers, via, src, from, scope } = filter
  let family = familyOfPrefix(filter.family, within, 'within')
  family = familyOfPrefix(familyName(family) ?? undefined, covers, 'covers')
  const asked = family || undefined
  const table = filter.table === 'all' ? undefined : filter.table
  if (table !== undefined) checkInteger(table, 'table', 1, 0xffffffff, "'all' or the number of a table")
  if (filter.vrf !== undefined) checkDev(filter.vrf, 'vrf')
  if (filter.vrf !== undefined && filter.table !== undefined)
    throw new TypeError('vrf: not with table, of which a VRF has one')
  if (filter.dev !== undefined) checkDev(filter.dev, 'dev')
  if (filter.type !== undefined) checkOneOf(routeTypes, filter.type, 'type')
  if (filter.protocol !== undefined) checkOneOf(routeProtocols, filter.protocol, 'protocol')
  if (scope !== undefined) checkOneOf(routeScopes, scope, 'scope')
  if (filter.metric !== undefined) checkInteger(filter.metric, 'metric', 0, 0xffffffff)
  if (filter.tos !== undefined) checkInteger(filter.tos, 'tos', 0, 255)
  if (filter.cache !== undefined) checkBoolean(filter.cache, 'cache')
  if (via !== undefined) checkIp(via, 'via')
  if (src !== undefined) checkIp(src, 'src', asked)
  if (filter.realms !== undefined) checkRealms(filter.realms, 'realms')
  const destination = to === undefined || to === 'default' ? undefined : parseNetwork(to, 'to', asked)
  checkFamily(filter, destination?.family ?? asked)
  return {
    ...filter,
    table,
    family: familyName(destination?.family ?? family) ?? undefined,
    ...(destination && { to: normalPrefix(destination) ?? 'default' }),
    ...(from !== undefined && sources(from)),
    via: via && normalAddress(via),
    src: src && normalAddress(src),
    scope: scope && routeScopes.normal(scope),
  }
}

/** What routes of one family alone have is not asked for of those of the other. */
function checkFamily(filter: RouteFilter, family: number | undefined): void {
  const { from, realms } = filter
  const told = (['family', 'within', 'covers', 'to'] as const).find(
    (key) => filter[key] !== undefined && filter[key] !== 'default',
  )
  if (from !== undefined && family === AF_INET)
    throw new RangeError(`from: ${show(from)} is not for IPv4 routes, and ${told} is ${show(filter[told!])}`)
  if (realms === undefined) return
  if (family === AF_INET6)
    throw new RangeError(`realms: not for IPv6 routes, and ${told} is ${show(filter[told!])}`)
  if (from !== undefined)
    throw new RangeError(
      `realms: ${show(realms)} is not for IPv6 routes, which alone have from: ${show(from)}`,
    )
}

/** IPv6 routes alone have them. */
function sources(from: string): Pick<RouteFilter, 'from' | 'family'> {
  const prefix = from === 'default' ? null : parseNetwork(from, 'from', AF_INET6)
  return { from: (prefix && normalPrefix(prefix)) ?? 'default', family: 'ipv6' }
}

/** A prefix in the form that the kernel's are decoded into; null for that of length 0. */
export function normalPrefix({ family, address, length }: Prefix): string | null {
  return networkText(normalAddress(address), length, family === AF_INET6)
}

/** An address in the form that the kernel's are decoded into. */
export function normalAddress(address: string): string {
  const octets = parseIp(address)!
  return formatIp(octets, 0, octets.length)!
}

/** What belongs to addresses (fib_add_ifaddr() of the kernel): a VRF has them in its one table. */
const OF_ADDRESSES: readonly unknown[] = ['local', 'broadcast']

const COMPARED = ['to', 'src', 'scope', 'metric', 'tos'] as const

/** What the kernel cannot filter, as a test on routes; null where there is nothing of it. */
export function matcher(filter: CheckedFilter): ((route: Route) => boolean) | null {
  const keys = COMPARED.filter((key) => filter[key] !== undefined)
  const { within, covers, via, from, realms, vrf, type } = filter
  const tests: ((route: Route) => boolean)[] = []
  if (vrf !== undefined && type === undefined) tests.push((route) => !OF_ADDRESSES.includes(route.type))
  if (keys.length > 0) tests.push((route) => keys.every((key) => (route[key] ?? 0) === filter[key]))
  if (within !== undefined) tests.push(insideOf(parsePrefix(within, 'within')))
  if (covers !== undefined) {
    const hasIt = isCovering(parsePrefix(covers, 'covers'))
    tests.push(({ to }) => to === 'default' || hasIt(to))
  }
  if (from !== undefined) tests.push((route) => (route.from ?? 'default') === from)
  if (realms !== undefined)
    tests.push((route) => [route, ...(route.nexthops ?? [])].some((hop) => isSame(hop.realms, realms)))
  if (via !== undefined)
    tests.push((route) => route.via === via || (route.nexthops?.some((hop) => hop.via === via) ?? false))
  return tests.length === 0 ? null : (route) => tests.every((test) => test(route))
}

function isSame(one: Realms | null, other: Realms): boolean {
  return one?.from === other.from && one.to === other.to
}

function insideOf(network: Prefix): (route: Route) => boolean {
  const isInside = isWithin(network)
  return ({ to }) => {
    if (to === 'default') return network.length === 0
    const { address, length } = parsePrefix(to, 'to')
    return length >= network.length && isInside(address)
  }
}
