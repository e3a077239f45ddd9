/** Addresses, routes, rules and neighbours as the words of ip-address(8), ip-route(8), ip-rule(8) and ip-neighbour(8). */

import type { AddressInput } from '../rtnetlink/address/options.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { NexthopInput, RouteInput } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import { ip, quote } from './explain-words.js'

export function addressWords(address: AddressInput): string {
  const { peer, broadcast, label, scope, flags, validLifetime, preferredLifetime, metric } = address
  return [
    peer == null
      ? address.address
      : `${address.address.replace(/\/.*/, '')} peer ${peer}${address.address.replace(/.*\//, '/')}`,
    ...(broadcast == null ? [] : [`broadcast ${broadcast === true ? '+' : broadcast}`]),
    ...(label == null ? [] : [`label ${quote(label)}`]),
    ...(scope === undefined ? [] : [`scope ${scope}`]),
    ...(flags ?? []).map((flag) => String(flag)),
    ...(metric == null ? [] : [`metric ${metric}`]),
    ...(validLifetime === undefined ? [] : [`valid_lft ${validLifetime}`]),
    ...(preferredLifetime === undefined ? [] : [`preferred_lft ${preferredLifetime}`]),
  ].join(' ')
}

export function routeCommand(netns: string, action: string, route: RouteInput): string {
  const type = route.type == null || route.type === 'unicast' ? '' : `${route.type} `
  const words = [
    ...(route.tos == null ? [] : [`tos ${route.tos}`]),
    ...hopWords(route),
    ...(route.src == null ? [] : [`src ${route.src}`]),
    ...(route.from == null ? [] : [`from ${route.from}`]),
    ...(route.metric == null ? [] : [`metric ${route.metric}`]),
    ...(route.table == null ? [] : [`table ${route.table}`]),
    ...(route.protocol == null ? [] : [`proto ${route.protocol}`]),
    ...(route.scope == null ? [] : [`scope ${route.scope}`]),
    ...(route.expires == null ? [] : [`expires ${route.expires}`]),
    ...(route.preference == null ? [] : [`pref ${route.preference}`]),
    ...Object.entries(route.metrics ?? {}).map(([key, value]) => `${key.toLowerCase()} ${String(value)}`),
    ...(route.nexthops ?? []).map((hop) => ['nexthop', ...hopWords(hop)].join(' ')),
  ]
  const v6 = route.to === 'default' && route.family === 'ipv6' ? ' -6' : ''
  return [`${ip(netns, v6)} route ${action} ${type}${route.to}`, ...words].join(' ')
}

function hopWords({ via, dev, onlink, weight }: Hop): string[] {
  return [
    ...(via == null ? [] : [`via ${via}`]),
    ...(dev == null ? [] : [`dev ${quote(String(dev))}`]),
    ...(weight == null ? [] : [`weight ${weight}`]),
    ...(onlink ? ['onlink'] : []),
  ]
}

type Hop = Pick<NexthopInput, 'via' | 'dev' | 'weight'> & { onlink?: boolean | null | undefined }

/** Selectors and the action, in the words of ip-rule(8). */
const RULE_WORDS: Readonly<Record<string, string>> = {
  priority: 'priority',
  from: 'from',
  to: 'to',
  iif: 'iif',
  oif: 'oif',
  tos: 'tos',
  dscp: 'dscp',
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

export function familyOf({ family, from, to }: RuleInput): string {
  return family === 'ipv6' || (from ?? to ?? '').includes(':') ? ' -6' : ''
}

export function ruleWords(rule: RuleInput): string {
  const { invert, fwmark, fwmask, l3mdev, action } = rule
  const words = [
    ...(invert ? ['not'] : []),
    ...(fwmark == null ? [] : [`fwmark ${fwmark}${fwmask == null ? '' : `/${fwmask}`}`]),
  ]
  for (const [key, word] of Object.entries(RULE_WORDS)) {
    const value = rule[key as keyof RuleInput]
    if (value == null) continue
    const range =
      typeof value === 'object' && 'start' in value ? `${value.start}-${value.end}` : String(value)
    words.push(`${word} ${quote(range)}`)
  }
  if (l3mdev) words.push('l3mdev')
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
    `dev ${quote(String(dev))}`,
  ].join(' ')
}
