/** Which routes a list or a flush is about. */

import { formatIp, type OneOf, parseIp } from '../../codec/index.js'
import { checkInteger } from '../../netlink/check.js'
import { AF_INET6, type Family, familyName, familyNumber } from '../family.js'
import { checkDev, checkIp, checkOneOf, type Prefix } from '../input.js'
import type { Dev } from '../link/request.js'
import { networkText } from './address-text.js'
import { parseNetwork } from './check.js'
import type { RouteProtocol, RouteScope, RouteType } from './input.js'
import type { Route } from './route.js'
import { routeProtocols, routeScopes, routeTypes } from './table.js'

/** Which routes; whatever is given must hold. */
export interface RouteFilter {
  family?: Family | undefined
  /** 254 is main, 255 local, 253 default. */
  table?: number | undefined
  /** The interface of the route, or of one of its nexthops. */
  dev?: Dev | undefined
  type?: OneOf<RouteType> | undefined
  protocol?: OneOf<RouteProtocol> | undefined
  /** Exactly this destination: 'default', a prefix or one address. */
  to?: string | undefined
  /** The gateway of the route, or of one of its nexthops. */
  via?: string | undefined
  src?: string | undefined
  scope?: OneOf<RouteScope> | undefined
  /** 0 is that of a route without a metric. */
  metric?: number | undefined
  tos?: number | undefined
}

export const FILTER_KEYS: readonly (keyof RouteFilter)[] = [
  'family',
  'table',
  'dev',
  'type',
  'protocol',
  'to',
  'via',
  'src',
  'scope',
  'metric',
  'tos',
]

/** Checks a filter and writes its values as routes have them. Throws RangeError or TypeError. */
export function checkFilter(filter: RouteFilter): RouteFilter {
  const { family, to, via, src, scope } = filter
  const asked = familyNumber(family) || undefined
  if (filter.table !== undefined) checkInteger(filter.table, 'table', 1, 0xffffffff)
  if (filter.dev !== undefined) checkDev(filter.dev, 'dev')
  if (filter.type !== undefined) checkOneOf(routeTypes, filter.type, 'type')
  if (filter.protocol !== undefined) checkOneOf(routeProtocols, filter.protocol, 'protocol')
  if (scope !== undefined) checkOneOf(routeScopes, scope, 'scope')
  if (filter.metric !== undefined) checkInteger(filter.metric, 'metric', 0, 0xffffffff)
  if (filter.tos !== undefined) checkInteger(filter.tos, 'tos', 0, 255)
  if (via !== undefined) checkIp(via, 'via')
  if (src !== undefined) checkIp(src, 'src', asked)
  return {
    ...filter,
    ...(to === undefined || to === 'default' ? {} : destination(to, asked)),
    via: via && normalAddress(via),
    src: src && normalAddress(src),
    scope: scope && routeScopes.toName(routeScopes.toNumber(scope)),
  }
}

/** A prefix tells the family too. */
function destination(to: string, asked: number | undefined): Pick<RouteFilter, 'to' | 'family'> {
  const prefix = parseNetwork(to, 'to', asked)
  return { to: normalPrefix(prefix) ?? 'default', family: familyName(prefix.family)! }
}

/** A prefix in the form that the kernel's are decoded into; null for that of length 0. */
export function normalPrefix({ family, address, length }: Prefix): string | null {
  return networkText(normalAddress(address), length, family === AF_INET6)
}

/** An address in the form that the kernel's are decoded into. */
function normalAddress(address: string): string {
  const octets = parseIp(address)!
  return formatIp(octets, 0, octets.length)!
}

const COMPARED = ['to', 'src', 'scope', 'metric', 'tos'] as const

/** What the kernel cannot filter, as a test on routes; null where there is nothing of it. */
export function matcher(filter: RouteFilter): ((route: Route) => boolean) | null {
  const keys = COMPARED.filter((key) => filter[key] !== undefined)
  const { via } = filter
  if (keys.length === 0 && via === undefined) return null
  return (route) =>
    keys.every((key) => (route[key] ?? 0) === filter[key]) &&
    (via === undefined || route.via === via || (route.nexthops?.some((hop) => hop.via === via) ?? false))
}
