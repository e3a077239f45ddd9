/** Routes, rules and neighbours that the kernel has: which are somebody's, whether one is what was wanted, and as what it is written. */

import { type Family, familyName, familyOf } from '../rtnetlink/family.js'
import type { Neighbour } from '../rtnetlink/neighbour/neighbour.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { NexthopInput, RouteInput } from '../rtnetlink/route/input.js'
import { tableOf } from '../rtnetlink/route/request.js'
import type { Route } from '../rtnetlink/route/route.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import { WHOLE_LABEL, WHOLE_MARK } from '../rtnetlink/rule/request.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import { same } from './compare.js'
import { withoutNothing } from './record.js'

/**
 * Nexthop objects, and what tunnels do to packets, cannot be said in a topology: without them it would be another route. What the kernel makes
 * itself has its protocol, but for copies of routes.
 */
export function isMadeRoute(route: Route): boolean {
  const { protocol, flags, nhid } = route
  if (isEncapsulating(route) || nhid !== null) return false
  return protocol !== 'kernel' && protocol !== 'ra' && !flags.includes('cloned' as never)
}

function isEncapsulating({ encap, nexthops }: Route): boolean {
  return encap !== null || (nexthops?.some((hop) => hop.encap !== null) ?? false)
}

/** The kernel's for an IPv6 route of which none is said: IP6_RT_PRIO_USER of linux/ipv6_route.h. */
export const IPV6_METRIC = 1024

export function defaultMetric(family: Family): number {
  return family === 'ipv6' ? IPV6_METRIC : 0
}

/** Null where the rest of a route tells its family: a default route has that of its gateway, unless it is said. */
export function familyToSay(to: string, family: Family, via: string | null | undefined): Family | null {
  const isTold = to !== 'default' || (via != null && familyName(familyOf(via)) === family)
  return isTold ? null : family
}

const ROUTE_DEFAULTS: Readonly<Record<string, unknown>> = {
  table: 254,
  type: 'unicast',
  tos: 0,
  onlink: false,
}

export function routeMatches(wanted: RouteInput, found: Route): boolean {
  const { nexthops, family, expires: _, ...rest } = wanted
  if (family != null && family !== found.family) return false
  const { type = 'unicast' } = wanted
  if (tableOf(wanted) !== found.table || type !== found.type) return false
  if ((wanted.via ?? null) !== found.via && nexthops == null) return false
  if ((wanted.metric ?? defaultMetric(found.family)) !== (found.metric ?? 0)) return false
  if ((wanted.from ?? null) !== found.from || (wanted.tos ?? 0) !== found.tos || isEncapsulating(found))
    return false
  if (nexthops != null && !same(nexthops, found.nexthops?.map(hopLike(nexthops)))) return false
  return Object.entries(rest).every(
    ([key, value]) => key === 'metric' || same(value, found[key as keyof Route] ?? ROUTE_DEFAULTS[key]),
  )
}

/** What the kernel makes of what is not said of a route, but for what tells it from others (routeMatches()). */
export function unsaidOfRoute(found: Route): object {
  return {
    ...{ src: null, metrics: null, realms: null, expires: null, onlink: false, protocol: 'boot' },
    scope: scopeOf(found),
    preference: found.family === 'ipv6' ? 'medium' : null,
    nexthops: UNSAID_OF_HOP,
  }
}

const UNSAID_OF_HOP = { weight: 1, onlink: false, realms: null }

/** The scope of an IPv4 route of which none is said, and of any IPv6 route. */
function scopeOf({ family, type, via, nexthops }: Route): Route['scope'] {
  if (family === 'ipv6') return 'global'
  if (type === 'local' || type === 'nat') return 'host'
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return 'link'
  return type === 'unicast' && via === null && nexthops === null ? 'link' : 'global'
}

/** A nexthop with the fields that the wanted one in its place has. */
function hopLike(wanted: NonNullable<RouteInput['nexthops']>) {
  return (hop: object, index: number) =>
    Object.fromEntries(
      Object.keys(wanted[index] ?? hop).map((key) => [key, hop[key as keyof typeof hop] as unknown]),
    )
}

export function routeInput(route: Route): RouteInput {
  const { to, family, via, dev, src, from, metric, table, protocol, type, scope, onlink, nexthops, tos } =
    route
  const { metrics, realms, preference } = route
  return withoutNothing<RouteInput>({
    to,
    family: familyToSay(to, family, via),
    via,
    dev,
    src,
    from,
    metric: metric === defaultMetric(family) ? null : metric,
    table: table === tableOf({ to, type }) ? null : table,
    protocol: protocol === 'boot' ? null : protocol,
    type: type === 'unicast' ? null : type,
    scope: family === 'ipv6' || scope === scopeOf(route) ? null : scope,
    onlink: onlink || null,
    tos: tos || null,
    metrics,
    realms,
    preference: preference === 'medium' ? null : preference,
    nexthops:
      nexthops?.map(
        ({ via, dev, weight, onlink, realms }): NexthopInput => ({
          via,
          dev,
          ...(weight === 1 ? {} : { weight }),
          ...(onlink ? { onlink } : {}),
          ...(realms === null ? {} : { realms }),
        }),
      ) ?? null,
  })
}

/** Every namespace has three rules of the kernel's, and with the first VRF another one (vrf_fib_rule() of drivers/net/vrf.c). */
export function isMadeRule({ priority, protocol, table, from, to, l3mdev }: Rule): boolean {
  const isTables = [0, 32766, 32767].includes(priority) && table !== null
  const isVrfs = priority === 1000 && l3mdev
  return !(protocol === 'kernel' && from === null && to === null && (isTables || isVrfs))
}

/** What a rule looks at: where nothing is said, the kernel's says nothing either. */
const SELECTORS: readonly (keyof RuleInput & keyof Rule)[] = [
  ...([
    'from',
    'to',
    'invert',
    'iif',
    'oif',
    'fwmark',
    'tos',
    'dscp',
    'ipProtocol',
    'sport',
    'dport',
  ] as const),
  ...(['uidRange', 'tunId', 'flowlabel', 'l3mdev', 'suppressPrefixLength', 'suppressIfgroup'] as const),
]

/** Masks that are not given, or that the kernel does not tell, are these. */
const WHOLE = {
  fwmask: WHOLE_MARK,
  dscpMask: 0x3f,
  sportMask: 0xffff,
  dportMask: 0xffff,
  flowlabelMask: WHOLE_LABEL,
}
const MASKS = Object.entries(WHOLE) as [keyof typeof WHOLE, number][]

export function ruleMatches(wanted: RuleInput, found: Rule): boolean {
  if (MASKS.some(([key, whole]) => (wanted[key] ?? whole) !== (found[key] ?? whole))) return false
  // Null, false and 0 are nothing; but of a prefix length 0 is one.
  const isNothing = (value: unknown) => value == null || value === false || value === 0
  for (const key of SELECTORS)
    if (wanted[key] == null && !(key === 'suppressPrefixLength' ? found[key] == null : isNothing(found[key])))
      return false
  return Object.entries(wanted).every(([key, value]) => {
    const actual = found[key as keyof Rule]
    if (key in WHOLE) return true
    if (key === 'tunId') return found.tunId !== null && Number(value) === Number(found.tunId)
    if (key === 'sport' || key === 'dport')
      return same(typeof value === 'number' ? { start: value, end: value } : value, actual)
    return same(value, actual)
  })
}

/** Whether it is what the kernel makes of a rule. */
export function ruleIs(wanted: RuleInput, found: Rule): boolean {
  return ruleMatches({ ...wanted, protocol: wanted.protocol ?? 'unspec' }, found)
}

/** Whether the kernel deletes it, of the same priority, where a rule is to be deleted: what is not said it does not compare, nor some of what is (rule_find()). */
export function isTakenFor(wanted: RuleInput, found: Rule): boolean {
  const { goto: _goto, realms: _realms, invert: _invert, ...compared } = withoutNothing(wanted)
  return ruleMatches({ ...ruleInput(found), protocol: found.protocol, ...compared }, found)
}

/** What the kernel makes of what is not said of a rule, but for what it looks at and its priority, which it chooses. */
export function unsaidOfRule({ goto }: Rule): object {
  const action = goto === null ? 'lookup' : 'goto'
  return { action, table: null, goto: null, realms: null, protocol: 'unspec' }
}

/** A number that JSON has not cannot be said in a topology: without it, it would be another rule. */
export function isSayable({ tunId }: Rule): boolean {
  return tunId === null || tunId <= Number.MAX_SAFE_INTEGER
}

export function ruleInput(rule: Rule): RuleInput {
  const { flags: _flags, multicast: _multicast, tunId, invert, l3mdev, tos, action, ...rest } = rule
  return withoutNothing<RuleInput>({
    ...rest,
    tunId: tunId === null ? null : Number(tunId),
    protocol: rest.protocol === 'boot' ? null : rest.protocol,
    invert: invert || null,
    l3mdev: l3mdev || null,
    tos: tos || null,
    action: action === 'lookup' ? null : action,
  })
}

export function isMadeNeighbour({ state, proxy, protocol }: Neighbour): boolean {
  return (state === 'permanent' || proxy) && protocol !== 'kernel'
}

export function neighbourMatches(wanted: NeighbourInput, found: Neighbour): boolean {
  const { to, dev, mac, proxy = false, protocol, state = mac == null ? 'none' : 'permanent' } = wanted
  if (to !== found.to || dev !== found.dev || proxy !== found.proxy || !same(protocol, found.protocol))
    return false
  return (
    proxy ||
    (same(mac, found.mac) && (state === found.state || (isFleeting(state) && isFleeting(found.state))))
  )
}

/** What the kernel makes of what is not said of a neighbour, but for its state. */
export function unsaidOfNeighbour(): object {
  return { mac: null, protocol: null }
}

/** The kernel goes from one such state to the next by itself. */
function isFleeting(state: NeighbourInput['state']): boolean {
  return state !== 'permanent' && state !== 'noarp'
}

export function neighbourInput({ to, dev, mac, proxy, protocol }: Neighbour): NeighbourInput {
  return withoutNothing<NeighbourInput>({ to, dev, mac, protocol, ...(proxy ? { proxy } : {}) })
}
