/** Links as the words of ip-link(8). */

import type { CallLink } from './call.js'
import { addressWords, routeCommand } from './explain-entry.js'
import { kindWords, type Options } from './explain-kind.js'
import { device, ip, quote } from './explain-words.js'

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
    ...(changes === '' ? [] : [`${ip(netns)} link set ${device(name)}${changes}`]),
    ...(up ? [`${ip(netns)} link set ${device(name)} up`] : []),
    ...addresses.map((address) => `${ip(netns)} address add ${addressWords(address)} ${device(name)}`),
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

/** What another setting of a link is: first that of its kind, which the kernel, told both at once, changes before all else. */
export function explainChanges(netns: string, dev: string, { kind, ...options }: Options): string[] {
  const words = settingWords(options)
  const ofKind = typeof kind === 'string' ? kindWords(kind, options) : ''
  return [
    ...(ofKind === '' ? [] : [`${ip(netns)} link set ${device(dev)} type ${kind}${ofKind}`]),
    ...(words === '' ? [] : [`${ip(netns)} link set ${device(dev)}${words}`]),
  ]
}
