/** Links as the words of ip-link(8). */

import type { OneOf } from '../codec/index.js'
import { type McastRouter, routerTypes } from '../rtnetlink/bridge/router-types.js'
import type { CallLink } from './call.js'
import { addressWords, routeCommand } from './explain-entry.js'
import { ip, quote } from './explain-words.js'

export type Options = Readonly<Record<string, unknown>>

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
export function creation(options: Options): string {
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
export function furnish({ netns, name, options, master, addresses, routes }: CallLink): string[] {
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

/** What another setting of a link is. */
export function explainChanges(netns: string, dev: string, { kind, ...options }: Options): string[] {
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

export function kindWords(kind: string, options: Options): string {
  return Object.entries(options)
    .map(([key, value]) => {
      if (key in SETTINGS || key in SWITCHES || ['up', 'queues', 'master'].includes(key)) return ''
      const word = KIND_WORDS[key] ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      if (key === 'mcastRouter') return ` ${word} ${routerTypes.toNumber(value as OneOf<McastRouter>)}`
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
