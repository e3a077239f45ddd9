/** A route of a topology. */

import { toBits } from '../codec/choice.js'
import { checkKeys } from '../netlink/check.js'
import { familyName } from '../rtnetlink/family.js'
import { checkRouteInput, destinationOf, parseNetwork } from '../rtnetlink/route/check.js'
import { normalAddress, normalPrefix } from '../rtnetlink/route/filter.js'
import {
  type NexthopInput,
  type Realms,
  ROUTE_KEYS,
  type RouteInput,
  type RouteMetrics,
} from '../rtnetlink/route/input.js'
import {
  metricLocks,
  routePreferences,
  routeProtocols,
  routeScopes,
  routeTypes,
} from '../rtnetlink/route/table.js'
import { named } from './parse-link.js'
import { defaultMetric, familyToSay } from './project-entries.js'
import { withoutNothing } from './record.js'

const NO_ROUTE_KEYS: readonly string[] = ['ifindex', 'flags', 'nhid', 'encap']
const KNOWN_ROUTE_KEYS = ROUTE_KEYS.filter((key) => !NO_ROUTE_KEYS.includes(key))

/** A route with every check of its options, as lists show it: what the kernel takes for nothing is left out. */
export function parseRoute(input: RouteInput, path: string): RouteInput {
  checkKeys(path, input, KNOWN_ROUTE_KEYS)
  if (Array.isArray(input.nexthops))
    for (const [index, hop] of input.nexthops.entries())
      checkKeys(`${path}.nexthops[${index}]`, hop, ['via', 'dev', 'weight', 'onlink', 'realms'])
  checkRouteInput(input, path)
  if (typeof input.dev === 'number') throw new TypeError(`${path}.dev: a topology has names, not ifindexes`)
  if (input.onlink && input.nexthops != null)
    throw new RangeError(`${path}.onlink: of several nexthops each says it (nexthops[0].onlink)`)
  checkOnlink(input, path)
  for (const [index, hop] of (input.nexthops ?? NONE).entries())
    checkOnlink(hop, `${path}.nexthops[${index}]`)
  const prefix = destinationOf(input)
  const family = familyName(prefix.family)!
  const route = withOneHop(input, family, path)
  const { via, src, from, metric, nexthops, realms, metrics, protocol, scope, type, preference } = route
  // What is not given is not touched: a route has twenty properties, and most have two.
  const normal: RouteInput = { ...route }
  normal.to = input.to === 'default' ? 'default' : (normalPrefix(prefix) ?? 'default')
  normal.family = familyToSay(normal.to, family, via)
  if (via != null) normal.via = normalAddress(via)
  if (src != null) normal.src = normalAddress(src)
  if (from != null) normal.from = normalPrefix(parseNetwork(from, 'from'))
  if (metric != null) normal.metric = metric === defaultMetric(family) ? null : metric || null
  if (nexthops != null) normal.nexthops = nexthops.map(normalHop)
  if (realms != null) normal.realms = normalRealms(realms)
  if (metrics != null) normal.metrics = normalMetrics(metrics)
  if (protocol != null) normal.protocol = named(routeProtocols, protocol)
  // rt6_fill_node() of net/ipv6/route.c tells the same of all.
  if (scope != null) normal.scope = family === 'ipv6' ? null : named(routeScopes, scope)
  if (type != null) normal.type = named(routeTypes, type)
  // Of one that leads nowhere IPv6 forgets it (ip6_route_info_create()).
  if (preference != null)
    normal.preference = REJECTING.includes(normal.type) ? null : named(routePreferences, preference)
  return normal
}

const NONE: readonly NexthopInput[] = []

function checkOnlink({ onlink, via, dev }: Pick<RouteInput, 'onlink' | 'via' | 'dev'>, path: string): void {
  if (onlink && via != null && dev == null)
    throw new RangeError(`${path}.onlink: it goes with dev, the interface that the gateway is on`)
}

function normalHop({ via, realms, ...hop }: NexthopInput): NexthopInput {
  return withoutNothing({
    ...hop,
    via: via == null ? null : normalAddress(via),
    realms: normalRealms(realms),
  })
}

const REJECTING: readonly unknown[] = ['blackhole', 'unreachable', 'prohibit', 'throw']

/** None is nothing. */
export function normalRealms(realms: Realms | null | undefined): Realms | null {
  return realms == null || (realms.from === 0 && realms.to === 0) ? null : realms
}

/** Locks in the kernel's order. */
function normalMetrics({ lock = [], ...values }: RouteMetrics): RouteMetrics | null {
  const locked = metricLocks.toNames(toBits(metricLocks, lock))
  const all = Object.entries({ ...values, lock: locked })
  const given = all.filter(
    ([, value]) => value != null && value !== 0 && !(Array.isArray(value) && value.length === 0),
  )
  return given.length === 0 ? null : Object.fromEntries(given)
}

/** One nexthop alone is told as that of the route, without its weight; but where no scope is said, a unicast one has not that of an interface. */
function withOneHop(input: RouteInput, family: string, path: string): RouteInput {
  if (input.nexthops?.length !== 1) return input
  const { nexthops, ...route } = input
  const { weight: _, ...hop } = nexthops[0]!
  const [its, whole] = [hop.realms, route.realms].map((realms) => realms && `${realms.from}/${realms.to}`)
  if (its != null && whole != null && its !== whole)
    throw new RangeError(`${path}.nexthops[0].realms: ${its} is not ${whole}, the realms of the route`)
  const isUnicast = (named(routeTypes, route.type) ?? 'unicast') === 'unicast'
  const scope = family === 'ipv4' && isUnicast && hop.via == null ? 'global' : undefined
  return { ...route, ...hop, scope: route.scope ?? scope, realms: hop.realms ?? route.realms }
}
