/** Routes, rules, neighbours and kernel parameters of a place. */

import { isRecord, show } from '../codec/fault.js'
import { checkArray, checkKeys } from '../netlink/check.js'
import { sysctlPath, sysctlText } from '../netns/sysctl.js'
import { familyName } from '../rtnetlink/family.js'
import { parsePrefix } from '../rtnetlink/input.js'
import { checkNeighbourInput, type NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { neighbourStates } from '../rtnetlink/neighbour/table.js'
import { parseNetwork } from '../rtnetlink/route/check.js'
import { normalAddress, normalPrefix } from '../rtnetlink/route/filter.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import { ipProtocols, routeProtocols } from '../rtnetlink/route/table.js'
import { checkNewRule, checkRule, familyOfRule, RULE_KEYS, type RuleInput } from '../rtnetlink/rule/input.js'
import { ruleActions } from '../rtnetlink/rule/table.js'
import { parseNat } from './nat.js'
import { HOST, type Item, join, type Place } from './network.js'
import { named, normalMac, within } from './parse-link.js'
import { parseRoute, routeKey } from './parse-route.js'
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
  const files = new Set<string>()
  for (const [key, value] of entries(given.sysctls, join(path, 'sysctls'))) {
    const file = within(join(path, 'sysctls'), () => sysctlPath(key))
    const at = join(path, `sysctls.${key}`)
    // It would be set for the whole machine, and not be put back when the namespace goes.
    if (place.netns !== HOST && !file.startsWith('/proc/sys/net/'))
      throw new RangeError(`${at}: only parameters of net belong to a network namespace`)
    if (files.has(file)) throw new RangeError(`${at}: it is there twice`)
    files.add(file)
    place.sysctls.set(key, sysctlText(value, at))
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
  // Not map(), which passes over holes.
  return Array.from(given, (item, index) => {
    const at = `${path}[${index}]`
    if (!isRecord(item)) throw new TypeError(`${at}: ${show(item)} is not an object`)
    const value = withoutNothing(parse(item as T, at))
    const key = keyOf(value)
    if (seen.has(key)) throw new RangeError(`${at}: it is there twice`)
    seen.add(key)
    return { path: at, value }
  })
}

const KNOWN_RULE_KEYS = RULE_KEYS.filter((key) => !['flags', 'tunId', 'multicast'].includes(key))

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
