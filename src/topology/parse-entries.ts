/** Routes, rules, neighbours and kernel parameters of a place. */

import { isRecord, show } from '../codec/fault.js'
import { checkArray, checkKeys } from '../netlink/check.js'
import { sysctlPath, sysctlText } from '../netns/sysctl.js'
import { familyName } from '../rtnetlink/family.js'
import { parsePrefix } from '../rtnetlink/input.js'
import { checkNeighbourInput, type NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { neighbourStates } from '../rtnetlink/neighbour/table.js'
import { checkRouteInput, destinationOf, parseNetwork } from '../rtnetlink/route/check.js'
import { normalAddress, normalPrefix } from '../rtnetlink/route/filter.js'
import { ROUTE_KEYS, type RouteInput } from '../rtnetlink/route/input.js'
import {
  ipProtocols,
  routePreferences,
  routeProtocols,
  routeScopes,
  routeTypes,
} from '../rtnetlink/route/table.js'
import { checkNewRule, checkRule, familyOfRule, RULE_KEYS, type RuleInput } from '../rtnetlink/rule/input.js'
import { ruleActions } from '../rtnetlink/rule/table.js'
import { parseNat } from './nat.js'
import { HOST, type Item, join, type Place } from './network.js'
import { named, normalMac, within } from './parse-link.js'
import { defaultMetric, familyToSay } from './project-entries.js'
import { contains } from './reach.js'
import { entries, withoutNothing } from './record.js'
import type { TopologyPlace } from './value.js'

/** The lists of a place whose links are known. */
export function parseEntries(place: Place, given: TopologyPlace, topology: string): void {
  const { path } = place
  place.routes.push(...list(given.routes, join(path, 'routes'), parseRoute, routeKey))
  place.rules.push(...list(given.rules, join(path, 'rules'), parseRule, JSON.stringify))
  place.neighbours.push(...list(given.neighbours, join(path, 'neighbours'), parseNeighbour, neighbourKey))
  place.nat.push(...parseNat(given.nat, topology, join(path, 'nat')))
  for (const [key, value] of entries(given.sysctls, join(path, 'sysctls'))) {
    within(join(path, 'sysctls'), () => sysctlPath(key))
    place.sysctls.set(key, sysctlText(value, join(path, `sysctls.${key}`)))
  }
  for (const route of place.routes) checkDevice(place, route)
  for (const { path: at, value } of place.neighbours) {
    if (value.dev != null && place.netns !== HOST && !place.links.has(value.dev as string))
      throw new RangeError(`${at}.dev: there is no link '${value.dev}' in this namespace`)
  }
  if (place.netns !== HOST) for (const route of place.routes) checkReach(place, route)
}

function list<T extends object>(
  given: readonly object[] | undefined,
  path: string,
  parse: (input: T, path: string) => T,
  keyOf: (value: T) => string,
): Item<T>[] {
  if (given === undefined) return []
  checkArray(given, path)
  const seen = new Set<string>()
  return given.map((item, index) => {
    const at = `${path}[${index}]`
    if (!isRecord(item)) throw new TypeError(`${at}: ${show(item)} is not an object`)
    const value = withoutNothing(parse(item as T, at))
    const key = keyOf(value)
    if (seen.has(key)) throw new RangeError(`${at}: it is there twice`)
    seen.add(key)
    return { path: at, value }
  })
}

const NO_ROUTE_KEYS: readonly string[] = ['ifindex', 'flags', 'nhid', 'encap']
const KNOWN_ROUTE_KEYS = ROUTE_KEYS.filter((key) => !NO_ROUTE_KEYS.includes(key))
const KNOWN_RULE_KEYS = RULE_KEYS.filter((key) => !['flags', 'tunId', 'multicast'].includes(key))

function parseRoute(input: RouteInput, path: string): RouteInput {
  checkKeys(path, input, KNOWN_ROUTE_KEYS)
  for (const [index, hop] of [...(Array.isArray(input.nexthops) ? input.nexthops : [])].entries())
    checkKeys(`${path}.nexthops[${index}]`, hop, ['via', 'dev', 'weight', 'onlink', 'realms'])
  checkRouteInput(input, path)
  if (typeof input.dev === 'number') throw new TypeError(`${path}.dev: a topology has names, not ifindexes`)
  // IPv4 passes it over, and IPv6 tells it of each.
  if (input.onlink && input.nexthops != null)
    throw new RangeError(`${path}.onlink: of several nexthops each says it (nexthops[0].onlink)`)
  const { from, via, src, metric, nexthops } = input
  const prefix = destinationOf(input)
  const family = familyName(prefix.family)!
  const to = input.to === 'default' ? 'default' : (normalPrefix(prefix) ?? 'default')
  return {
    ...input,
    to,
    family: familyToSay(to, family, via),
    via: via == null ? null : normalAddress(via),
    src: src == null ? null : normalAddress(src),
    from: from == null ? null : normalPrefix(parseNetwork(from, 'from')),
    metric: metric === defaultMetric(family) ? null : metric || null,
    nexthops: nexthops?.map((hop) => (hop.via == null ? hop : { ...hop, via: normalAddress(hop.via) })),
    protocol: named(routeProtocols, input.protocol),
    // rt6_fill_node() of net/ipv6/route.c tells the same of all.
    scope: family === 'ipv6' ? null : named(routeScopes, input.scope),
    type: named(routeTypes, input.type),
    preference: named(routePreferences, input.preference),
  }
}

/** What tells a route of a place from the others. */
function routeKey(route: RouteInput): string {
  const { to, table, metric, tos, type, via, dev, from } = route
  const family = destinationOf(route).family
  return JSON.stringify([family, to, table ?? 254, metric ?? 0, tos ?? 0, type ?? 'unicast', via, dev, from])
}

function parseRule(input: RuleInput, path: string): RuleInput {
  checkKeys(path, input, KNOWN_RULE_KEYS)
  const family = within(path, () => {
    checkRule(input)
    checkNewRule(input)
    return familyOfRule(input)
  })
  const [from, to] = (['from', 'to'] as const).map((key) =>
    input[key] == null ? null : normalPrefix(parseNetwork(input[key], key)),
  )
  return {
    ...input,
    from,
    to,
    family: from == null && to == null ? familyName(family) : null,
    protocol: named(routeProtocols, input.protocol),
    ipProtocol: named(ipProtocols, input.ipProtocol),
    action: named(ruleActions, input.action),
  }
}

function parseNeighbour(input: NeighbourInput, path: string): NeighbourInput {
  checkKeys(path, input, ['to', 'dev', 'mac', 'state', 'proxy', 'protocol'])
  within(path, () => checkNeighbourInput(input))
  if (typeof input.dev !== 'string')
    throw new TypeError(`${path}.dev: ${show(input.dev)} is not the name of a link`)
  return {
    ...input,
    to: normalAddress(input.to),
    mac: input.mac == null ? null : normalMac(input.mac),
    protocol: named(routeProtocols, input.protocol),
    state: named(neighbourStates, input.state) ?? undefined,
  }
}

/** What tells a neighbour of a place from the others. */
function neighbourKey({ to, dev, proxy }: NeighbourInput): string {
  return `${dev} ${to}${proxy ? ' proxy' : ''}`
}

function checkDevice(place: Place, { path, value }: Item<RouteInput>): void {
  const devs = [
    [value.dev, `${path}.dev`],
    ...(value.nexthops ?? []).map((hop, index) => [hop.dev, `${path}.nexthops[${index}].dev`]),
  ]
  for (const [dev, field] of devs) {
    if (dev == null) continue
    const link = place.links.get(dev as string)
    if (link === undefined && place.netns !== HOST && dev !== 'lo')
      throw new RangeError(`${field}: there is no link '${dev}' in this namespace`)
    if (link?.options['up'] === false)
      throw new RangeError(`${field}: '${dev}' is down, and a link that is down has no routes`)
  }
}

/** A gateway has to be on the network of an address, or of a route without a gateway: the kernel would say ENETUNREACH. */
function checkReach(place: Place, { path, value }: Item<RouteInput>): void {
  const hops = [
    { via: value.via, onlink: value.onlink, path },
    ...(value.nexthops ?? []).map(({ via, onlink }, index) => ({
      via,
      onlink,
      path: `${path}.nexthops[${index}]`,
    })),
  ]
  for (const { via, onlink, path: at } of hops) {
    if (via == null || onlink || via.startsWith('fe80:')) continue
    const nets = [...place.links.values()].flatMap((link) =>
      link.options['up'] === false ? [] : link.addresses.map(({ address, peer }) => networkOf(address, peer)),
    )
    const direct = place.routes.flatMap((route) =>
      route.value.via == null && route.value.to !== 'default' ? [route.value.to] : [],
    )
    if (![...nets, ...direct].some((net) => contains(net, via)))
      throw new RangeError(
        `${at}.via: ${via} is in the network of no address of this namespace (onlink with dev skips the check)`,
      )
  }
}

function networkOf(address: string, peer: string | null | undefined): string {
  return peer == null ? address : `${peer}/${parsePrefix(address, '').length}`
}
