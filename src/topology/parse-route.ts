/** A route of a topology. */

import { toBits } from '../codec/choice.js'
import { checkKeys } from '../netlink/check.js'
import { familyName } from '../rtnetlink/family.js'
import { checkRouteInput, destinationOf, parseNetwork } from '../rtnetlink/route/check.js'
import { normalAddress, normalPrefix } from '../rtnetlink/route/filter.js'
import { type Realms, ROUTE_KEYS, type RouteInput, type RouteMetrics } from '../rtnetlink/route/input.js'
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
  for (const [index, hop] of [...(Array.isArray(input.nexthops) ? input.nexthops : [])].entries())
    checkKeys(`${path}.nexthops[${index}]`, hop, ['via', 'dev', 'weight', 'onlink', 'realms'])
  checkRouteInput(input, path)
  if (typeof input.dev === 'number') throw new TypeError(`${path}.dev: a topology has names, not ifindexes`)
  if (input.onlink && input.nexthops != null)
    throw new RangeError(`${path}.onlink: of several nexthops each says it (nexthops[0].onlink)`)
  for (const [at, hop] of [
    ['', input] as const,
    ...(input.nexthops ?? []).map((hop, n) => [`.nexthops[${n}]`, hop] as const),
  ])
    if (hop.onlink && hop.via != null && hop.dev == null)
      throw new RangeError(`${path}${at}.onlink: it goes with dev, the interface that the gateway is on`)
  const prefix = destinationOf(input)
  const family = familyName(prefix.family)!
  const route = withOneHop(input, family, path)
  const { from, via, src, metric, nexthops } = route
  const type = named(routeTypes, input.type)
  const to = input.to === 'default' ? 'default' : (normalPrefix(prefix) ?? 'default')
  return {
    ...route,
    to,
    family: familyToSay(to, family, via),
    via: via == null ? null : normalAddress(via),
    src: src == null ? null : normalAddress(src),
    from: from == null ? null : normalPrefix(parseNetwork(from, 'from')),
    metric: metric === defaultMetric(family) ? null : metric || null,
    nexthops: nexthops?.map(({ via, realms, ...hop }) =>
      withoutNothing({ ...hop, via: via == null ? null : normalAddress(via), realms: normalRealms(realms) }),
    ),
    realms: normalRealms(route.realms),
    metrics: normalMetrics(route.metrics),
    protocol: named(routeProtocols, input.protocol),
    // rt6_fill_node() of net/ipv6/route.c tells the same of all.
    scope: family === 'ipv6' ? null : named(routeScopes, route.scope),
    type,
    // Of one that leads nowhere IPv6 forgets it (ip6_route_info_create()).
    preference: REJECTING.includes(type ?? '') ? null : named(routePreferences, input.preference),
  }
}

const REJECTING: readonly unknown[] = ['blackhole', 'unreachable', 'prohibit', 'throw']

function normalRealms(realms: Realms | null | undefined): Realms | null {
  return realms == null || (realms.from === 0 && realms.to === 0) ? null : realms
}

/** Locks in the kernel's order. */
function normalMetrics(metrics: RouteMetrics | null | undefined): RouteMetrics | null {
  const { lock = [], ...values } = metrics ?? {}
  const locked = metricLocks.toNames(toBits(metricLocks, lock))
  const all = Object.entries({ ...values, lock: locked })
  const given = all.filter(
    ([, value]) => value != null && value !== 0 && !(Array.isArray(value) && value.length === 0),
  )
  return given.length === 0 ? null : Object.fromEntries(given)
}

/** One nexthop alone is told as that of the route, without its weight; but where no scope is said, a unicast one has not that of an interface. */
function withOneHop({ nexthops, ...route }: RouteInput, family: string, path: string): RouteInput {
  if (nexthops?.length !== 1) return { ...route, nexthops }
  const { weight: _, ...hop } = nexthops[0]!
  const [its, whole] = [hop.realms, route.realms].map((realms) => realms && `${realms.from}/${realms.to}`)
  if (its != null && whole != null && its !== whole)
    throw new RangeError(`${path}.nexthops[0].realms: ${its} is not ${whole}, the realms of the route`)
  const isUnicast = (named(routeTypes, route.type) ?? 'unicast') === 'unicast'
  const scope = family === 'ipv4' && isUnicast && hop.via == null ? 'global' : undefined
  return { ...route, ...hop, scope: route.scope ?? scope, realms: hop.realms ?? route.realms }
}

/** What tells a route of a place from the others. */
export function routeKey(route: RouteInput): string {
  const { to, table, metric, tos, type, via, dev, from } = route
  const family = destinationOf(route).family
  return JSON.stringify([family, to, table ?? 254, metric ?? 0, tos ?? 0, type ?? 'unicast', via, dev, from])
}
