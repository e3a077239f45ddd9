/** Addresses, routes, rules and neighbours as the words of ip-address(8), ip-route(8), ip-rule(8) and ip-neighbour(8). */

import { type AddressInput, lifetimesOf } from '../rtnetlink/address/options.js'
import { type Family, familyName } from '../rtnetlink/family.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { destinationOf } from '../rtnetlink/route/check.js'
import type { NexthopInput, Realms, RouteInput, RouteMetrics } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import { device, ip, quote, tosWords } from './explain-words.js'

export function addressWords(address: AddressInput): string {
  const { peer, broadcast, label, scope, flags, metric, protocol } = address
  const lifetimes = lifetimesOf(address)
  return [
    peer == null
      ? address.address
      : `${address.address.replace(/\/.*/, '')} peer ${peer}${address.address.replace(/.*\//, '/')}`,
    ...(broadcast == null ? [] : [`broadcast ${broadcast === true ? '+' : broadcast}`]),
    ...(label == null ? [] : [`label ${quote(label)}`]),
    ...(scope === undefined ? [] : [`scope ${scope}`]),
    ...(flags ?? []).map((flag) => String(flag)),
    ...(metric == null ? [] : [`metric ${metric}`]),
    ...(protocol == null ? [] : [`proto ${protocol}`]),
    ...(lifetimes === undefined ? [] : [`valid_lft ${lifetimes.valid} preferred_lft ${lifetimes.prefered}`]),
  ].join(' ')
}

export function routeCommand(netns: string, action: string, route: RouteInput): string {
  const type = route.type == null || route.type === 'unicast' ? '' : `${route.type} `
  const family = familyName(destinationOf(route).family)!
  const words = [
    ...(route.tos == null ? [] : [tosWords(route.tos)]),
    ...hopWords(route, family),
    ...(route.src == null ? [] : [`src ${route.src}`]),
    ...(route.from == null ? [] : [`from ${route.from}`]),
    ...(route.metric == null ? [] : [`metric ${route.metric}`]),
    ...(route.table == null ? [] : [`table ${route.table}`]),
    ...(route.protocol == null ? [] : [`proto ${route.protocol}`]),
    ...(route.scope == null ? [] : [`scope ${route.scope}`]),
    ...(route.expires == null ? [] : [`expires ${route.expires}`]),
    ...(route.preference == null ? [] : [`pref ${route.preference}`]),
    // A route is known without them; and `rto_min` is always a locked one.
    ...(action === 'add' ? metricWords(route.metrics ?? {}) : []),
    ...(route.nexthops ?? []).map((hop) => ['nexthop', ...hopWords(hop, family)].join(' ')),
  ]
  // Without it, ip(8) goes by the gateway, or takes IPv4.
  const option = route.to === 'default' && route.family != null ? ` -${family.slice(-1)}` : ''
  return [`${ip(netns, option)} route ${action} ${type}${route.to}`, ...words].join(' ')
}

type Hop = Pick<NexthopInput, 'via' | 'dev' | 'weight' | 'realms'> & { onlink?: boolean | null | undefined }

function hopWords({ via, dev, onlink, weight, realms }: Hop, family: Family): string[] {
  const other = via?.includes(':') && family === 'ipv4' ? 'inet6 ' : ''
  return [
    ...(via == null ? [] : [`via ${other}${via}`]),
    ...(dev == null ? [] : [device(String(dev))]),
    ...(weight == null ? [] : [`weight ${weight}`]),
    ...(onlink ? ['onlink'] : []),
    ...(realms == null ? [] : [realmWords(realms)]),
  ]
}

function realmWords({ from, to }: Realms): string {
  return `realms ${from}/${to}`
}

const MILLISECONDS = ['rtt', 'rttvar', 'rtoMin']
/** Words of ip-route(8) that are not the metric's name. */
const METRIC_WORDS: Readonly<Record<string, string>> = {
  rtoMin: 'rto_min',
  ccAlgo: 'congctl',
  fastopenNoCookie: 'fastopen_no_cookie',
}

function metricWords({ lock = [], ...metrics }: RouteMetrics): string[] {
  // A lock is a word before a value.
  const locked = Object.fromEntries(lock.map((key) => [key, 0]))
  return Object.entries({ ...locked, ...metrics })
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => {
      const word = METRIC_WORDS[key] ?? key
      const unit = MILLISECONDS.includes(key) ? 'ms' : ''
      return `${word} ${key in locked && key !== 'rtoMin' ? 'lock ' : ''}${String(value)}${unit}`
    })
}

/** Selectors and the action, in the words of ip-rule(8). */
const RULE_WORDS: Readonly<Record<string, string>> = {
  priority: 'priority',
  from: 'from',
  to: 'to',
  iif: 'iif',
  oif: 'oif',
  fwmark: 'fwmark',
  dscp: 'dscp',
  tunId: 'tun_id',
  flowlabel: 'flowlabel',
  ipProtocol: 'ipproto',
  sport: 'sport',
  dport: 'dport',
  uidRange: 'uidrange',
  table: 'lookup',
  goto: 'goto',
  suppressPrefixLength: 'suppress_prefixlength',
  suppressIfgroup: 'suppress_ifgroup',
  protocol: 'protocol',
}

const MASKS: Readonly<Record<string, keyof RuleInput>> = {
  fwmark: 'fwmask',
  dscp: 'dscpMask',
  flowlabel: 'flowlabelMask',
  sport: 'sportMask',
  dport: 'dportMask',
}

/** ip(8) takes IPv4 without it. */
export function familyOption({ family, from, to }: RuleInput): string {
  return family === 'ipv6' || (from ?? to ?? '').includes(':') ? ' -6' : ''
}

export function ruleWords(rule: RuleInput): string {
  const { invert, tos, l3mdev, action, realms } = rule
  const words = [...(invert ? ['not'] : [])]
  for (const [key, word] of Object.entries(RULE_WORDS)) {
    const mask = MASKS[key] === undefined ? null : rule[MASKS[key]]
    const value = rule[key as keyof RuleInput] ?? (mask == null ? null : 0)
    if (value == null) continue
    const range =
      typeof value === 'object' && 'start' in value ? `${value.start}-${value.end}` : String(value)
    words.push(`${word} ${quote(mask == null ? range : `${range}/${mask}`)}`)
  }
  if (tos != null) words.push(tosWords(tos))
  if (l3mdev) words.push('l3mdev')
  if (realms != null) words.push(realmWords(realms))
  if (action != null && action !== 'lookup' && action !== 'goto') words.push(String(action))
  return words.map((word) => ` ${word}`).join('')
}

export function neighbourWords(
  { to, dev, mac, state, proxy, protocol }: NeighbourInput,
  call: string,
): string {
  return [
    ...(proxy ? ['proxy'] : []),
    to,
    ...(call === 'deleteNeighbour'
      ? []
      : [
          ...(mac == null ? [] : [`lladdr ${mac}`]),
          ...(state === undefined ? [] : [`nud ${state}`]),
          ...(protocol == null ? [] : [`protocol ${protocol}`]),
        ]),
    device(String(dev)),
  ].join(' ')
}
