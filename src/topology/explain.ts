/** Calls as the commands that a person would type. */

import type { AddressInput } from '../rtnetlink/address/options.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import type { NexthopInput, RouteInput } from '../rtnetlink/route/input.js'
import type { RuleInput } from '../rtnetlink/rule/input.js'
import type { Call, CallLink } from './call.js'
import { explainNat } from './nat.js'
import { HOST } from './network.js'

/** The commands of ip(8) and sysctl(8) that do what a call does. */
export function explainCall(call: Call): string[] {
  switch (call.call) {
    case 'createNetns':
      return [
        `ip netns add ${quote(call.netns)}`,
        ...(call.loopback ? [`${ip(call.netns)} link set lo up`] : []),
      ]
    case 'deleteNetns':
      return [`ip netns delete ${quote(call.netns)}`]
    case 'setSysctl': {
      const where = call.netns === HOST ? '' : `ip netns exec ${quote(call.netns)} `
      return [`${where}sysctl -w ${quote(`${call.key}=${call.value}`)}`]
    }
    case 'createVethPair': {
      const { near, far } = call
      const elsewhere = near.netns === far.netns ? '' : ` netns ${target(far.netns)}`
      const peer = `peer name ${quote(far.name)}${creation(far.options)}${elsewhere}`
      return [
        `${ip(near.netns)} link add ${quote(near.name)}${creation(near.options)} type veth ${peer}`,
        ...furnish(near),
        ...furnish(far),
      ]
    }
    case 'createLink': {
      const { link, kind, below } = call
      const from = below?.netns ?? link.netns
      const over = below === null ? '' : ` link ${quote(below.name)}`
      const elsewhere = from === link.netns ? '' : ` netns ${target(link.netns)}`
      const words = kindWords(kind, link.options)
      return [
        `${ip(from)} link add${over} name ${quote(link.name)}${elsewhere}${creation(link.options)} type ${kind}${words}`,
        ...furnish(link),
      ]
    }
    case 'setLink':
      return explainChanges(call.netns, call.dev, call.options)
    case 'deleteLink':
      return [`${ip(call.netns)} link delete ${quote(call.dev)}`]
    case 'addAddress':
    case 'deleteAddress':
      return [
        `${ip(call.netns)} address ${verb(call.call)} ${addressWords(call.address)} dev ${quote(call.dev)}`,
      ]
    case 'addRoute':
    case 'deleteRoute':
      return [routeCommand(call.netns, verb(call.call), call.route)]
    case 'addRule':
    case 'deleteRule':
      return [`${ip(call.netns, familyOf(call.rule))} rule ${verb(call.call)}${ruleWords(call.rule)}`]
    case 'addNat':
    case 'deleteNat': {
      const where = call.netns === HOST ? '' : `ip netns exec ${quote(call.netns)} `
      return explainNat(call).map((command) => where + command)
    }
    case 'addNeighbour':
    case 'deleteNeighbour':
      return [`${ip(call.netns)} neighbour ${verb(call.call)} ${neighbourWords(call.neighbour, call.call)}`]
  }
}

function verb(call: string): string {
  return call.startsWith('add') ? 'add' : 'delete'
}

function ip(netns: string, option = ''): string {
  return `ip${netns === HOST ? '' : ` -n ${quote(netns)}`}${option}`
}

/** The shell's own namespace has no name: it is that of the shell. */
function target(netns: string): string {
  return netns === HOST ? '$$' : quote(netns)
}

/** A word for sh(1). */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

type Options = Readonly<Record<string, unknown>>

const CREATION: Readonly<Record<string, string>> = {
  mac: 'address',
  broadcast: 'broadcast',
  mtu: 'mtu',
  txQueueLength: 'txqueuelen',
}
/** Words of `ip link set` for what is switched on and off. */
const SWITCHES: Readonly<Record<string, string>> = {
  arp: 'arp',
  multicast: 'multicast',
  allMulticast: 'allmulticast',
  promiscuous: 'promisc',
  trailers: 'trailers',
  dynamic: 'dynamic',
}
const SETTINGS: Readonly<Record<string, string>> = {
  ...CREATION,
  group: 'group',
  gsoMaxSize: 'gso_max_size',
  gsoMaxSegs: 'gso_max_segs',
  groMaxSize: 'gro_max_size',
  gsoIpv4MaxSize: 'gso_ipv4_max_size',
  groIpv4MaxSize: 'gro_ipv4_max_size',
  linkMode: 'mode',
  operState: 'state',
  addrGenMode: 'addrgenmode',
}

/** What stands in the command that makes a link. */
function creation(options: Options): string {
  const words = Object.entries(CREATION).filter(([option]) => options[option] !== undefined)
  const { queues } = options
  const { tx, rx } =
    typeof queues === 'object' && queues !== null
      ? (queues as { tx?: number; rx?: number })
      : { tx: queues as number | undefined, rx: queues as number | undefined }
  return [
    ...words.map(([option, word]) => ` ${word} ${options[option]}`),
    ...(tx === undefined ? [] : [` numtxqueues ${tx}`]),
    ...(rx === undefined ? [] : [` numrxqueues ${rx}`]),
  ].join('')
}

/** What follows once the link is there. */
function furnish({ netns, name, options, master, addresses, routes }: CallLink): string[] {
  const later = Object.fromEntries(
    Object.entries(options).filter(
      ([key, value]) => !(key in CREATION) && !(key === 'up' && value === false),
    ),
  )
  const up = later['up'] === true
  delete later['up']
  const changes = settingWords(later) + (master === null ? '' : ` master ${quote(master)}`)
  return [
    ...(changes === '' ? [] : [`${ip(netns)} link set ${quote(name)}${changes}`]),
    ...addresses.map((address) => `${ip(netns)} address add ${addressWords(address)} dev ${quote(name)}`),
    ...(up ? [`${ip(netns)} link set ${quote(name)} up`] : []),
    ...routes.map((route) => routeCommand(netns, 'add', { ...route, dev: route.dev ?? name })),
  ]
}

function settingWords(options: Options): string {
  return Object.entries(options)
    .map(([key, value]) => {
      if (value === undefined) return ''
      if (key === 'up') return value ? ' up' : ' down'
      if (key === 'master') return value === null ? ' nomaster' : ` master ${quote(String(value))}`
      if (key in SWITCHES) return ` ${SWITCHES[key]} ${value ? 'on' : 'off'}`
      return key in SETTINGS ? ` ${SETTINGS[key]} ${String(value)}` : ''
    })
    .join('')
}

function explainChanges(netns: string, dev: string, { kind, ...options }: Options): string[] {
  const words = settingWords(options)
  const ofKind = typeof kind === 'string' ? kindWords(kind, options) : ''
  return [
    ...(words === '' ? [] : [`${ip(netns)} link set ${quote(dev)}${words}`]),
    ...(ofKind === '' ? [] : [`${ip(netns)} link set ${quote(dev)} type ${kind}${ofKind}`]),
  ]
}

/** iproute2's words where they are not the option's in small letters with underscores. */
const KIND_WORDS: Readonly<Record<string, string>> = {
  stp: 'stp_state',
  mcastRouter: 'mcast_router',
  vlanStats: 'vlan_stats_enabled',
  mcastStats: 'mcast_stats_enabled',
  learning: 'learning',
  ageing: 'ageing',
  macAddressLimit: 'maxaddress',
}
/** Of bridges, whose times `ip` has in hundredths of a second. */
const HUNDREDTHS = ['forwardDelay', 'helloTime', 'maxAge', 'ageingTime']
/** Written 'learning' or 'nolearning'. */
const PREFIXED = ['vxlan']

function kindWords(kind: string, options: Options): string {
  return Object.entries(options)
    .map(([key, value]) => {
      if (key in SETTINGS || key in SWITCHES || ['up', 'queues', 'master'].includes(key)) return ''
      const word = KIND_WORDS[key] ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      if (typeof value === 'boolean') {
        if (PREFIXED.includes(kind)) return ` ${value ? '' : 'no'}${word}`
        return ` ${word} ${value ? 1 : 0}`
      }
      if (kind === 'bridge' && HUNDREDTHS.includes(key)) return ` ${word} ${Number(value) * 100}`
      if (typeof value === 'object') return ` ${word} ${quote(JSON.stringify(value))}`
      return ` ${word} ${quote(String(value))}`
    })
    .join('')
}

function addressWords(address: AddressInput): string {
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

function routeCommand(netns: string, action: string, route: RouteInput): string {
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

function familyOf({ family, from, to }: RuleInput): string {
  return family === 'ipv6' || (from ?? to ?? '').includes(':') ? ' -6' : ''
}

function ruleWords(rule: RuleInput): string {
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

function neighbourWords({ to, dev, mac, state, proxy, protocol }: NeighbourInput, call: string): string {
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
