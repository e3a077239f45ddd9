/** From the kernel's tables to a network, with the fields that the wanted one has: equal where the kernel has what was wanted. */

import { encodeAttributes } from '../codec/table.js'
import { Writer } from '../codec/writer.js'
import type { NatEntry } from '../nat/list-nat.js'
import type { Address } from '../rtnetlink/address/address.js'
import type { AddressInput } from '../rtnetlink/address/options.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { Link } from '../rtnetlink/link/link.js'
import { same, words } from './compare.js'
import { natInput, natMatches } from './nat.js'
import {
  emptyPlace,
  HOST,
  type Item,
  join,
  type LinkModel,
  type Network,
  type Place,
  portName,
} from './network.js'
import { addressKey } from './parse-link.js'
import {
  isMadeNeighbour,
  isMadeRoute,
  isMadeRule,
  neighbourInput,
  neighbourMatches,
  routeInput,
  routeMatches,
  ruleInput,
  ruleMatches,
} from './project-entries.js'
import type { Raw, RawPlace } from './raw.js'

/** `like` null: all that the kernel has, but for what it makes itself. */
export function project(raw: Raw, like: Network | null, name = like?.name ?? ''): Network {
  const places = new Map<string, Place>()
  const order = like === null ? [...raw.keys()] : [...like.places.keys()]
  for (const netns of order) {
    const found = raw.get(netns)
    if (found !== undefined) places.set(netns, projectPlace(found, like?.places.get(netns) ?? null))
  }
  return { name, places }
}

function projectPlace(raw: RawPlace, like: Place | null): Place {
  const place = emptyPlace(raw.netns)
  place.loopback = raw.links.find((link) => link.name === 'lo')?.up ?? false
  // The process's own namespace belongs to everybody: what the value does not name is not the topology's.
  const strangers = like === null || raw.netns !== HOST
  const links = raw.links.filter((link) => isMade(link) && (strangers || like?.links.has(link.name)))
  for (const link of inOrder(links, like)) place.links.set(link.name, projectLink(raw, link, like))
  place.routes.push(
    ...matched(
      raw.routes,
      isMadeRoute,
      like?.routes,
      routeMatches,
      routeInput,
      strangers,
      place.path,
      'routes',
    ),
  )
  place.rules.push(
    ...matched(raw.rules, isMadeRule, like?.rules, ruleMatches, ruleInput, strangers, place.path, 'rules'),
  )
  place.neighbours.push(
    ...matched(
      raw.neighbours,
      isMadeNeighbour,
      like?.neighbours,
      neighbourMatches,
      neighbourInput,
      strangers,
      place.path,
      'neighbours',
    ),
  )
  const isKnown = (one: NatEntry) => natInput(one) !== null
  const toInput = (one: NatEntry) => natInput(one)!
  place.nat.push(...matched(raw.nat, isKnown, like?.nat, natMatches, toInput, strangers, place.path, 'nat'))
  for (const [key, value] of like?.sysctls ?? []) {
    const found = raw.sysctls.get(key)
    if (found !== undefined) place.sysctls.set(key, words(found) === words(value) ? value : words(found))
  }
  return place
}

function inOrder(links: readonly Link[], like: Place | null): Link[] {
  if (like === null) return [...links]
  const names = [...like.links.keys()]
  const at = ({ name }: Link) => (names.includes(name) ? names.indexOf(name) : names.length)
  return [...links].sort((a, b) => at(a) - at(b))
}

/** What is wanted and there, in its order and its words; then, for a whole namespace, what somebody has made besides. */
function matched<T extends object, Read>(
  found: readonly Read[],
  isMade: (found: Read) => boolean,
  wanted: readonly Item<T>[] | undefined,
  matches: (wanted: T, found: Read) => boolean,
  input: (found: Read) => T,
  strangers: boolean,
  path: string,
  list: string,
): Item<T>[] {
  const left = [...found]
  const there = new Map<Item<T>, Read>()
  // What says most chooses first: what says little may be any of several.
  const size = ({ value }: Item<T>) => Object.keys(value).length
  for (const item of [...(wanted ?? [])].sort((a, b) => size(b) - size(a))) {
    const index = left.findIndex((one) => matches(item.value, one))
    if (index < 0) continue
    there.set(item, left.splice(index, 1)[0]!)
  }
  const items: Item<T>[] = (wanted ?? [])
    .filter((item) => there.has(item))
    .map((item) => ({ ...item, found: there.get(item) }))
  if (strangers)
    for (const one of left.filter(isMade))
      items.push({ path: join(path, `${list}[${items.length}]`), value: input(one) })
  return items
}

/** Interfaces that modules make in every namespace. */
const FALLBACK = /^(lo|tunl0|gre0|gretap0|erspan0|sit0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0|teql0|bond0)$/

function isMade({ name, kind }: Link): boolean {
  return kind !== null && (kind === 'bond' || !FALLBACK.test(name))
}

function projectLink(raw: RawPlace, link: Link, place: Place | null): LinkModel {
  const named = place?.links.get(link.name)
  const like = named?.kind === link.kind ? named : undefined
  const below = raw.below.get(link) ?? null
  const peer = link.kind === 'veth' ? below : null
  const master = link.master === null ? null : (raw.byIndex.get(link.master)?.name ?? null)
  const options = like === undefined ? fullOptions(link) : givenOptions(link, like.options)
  const implied =
    like?.implied ?? (place === null && peer !== null && master !== null && portName(peer) === link.name)
  return {
    netns: raw.netns,
    name: link.name,
    path: like?.path ?? join(emptyPlace(raw.netns).path, `links.${link.name}`),
    kind: link.kind!,
    options: implied && like === undefined ? { up: link.up } : options,
    addresses: projectAddresses(
      raw.addresses.filter(({ ifindex }) => ifindex === link.ifindex),
      like?.addresses ?? [],
    ),
    master,
    peer,
    link: link.kind === 'veth' ? null : below,
    implied,
  }
}

/** Options whose name in a link is another, or that are a flag of it. */
const READ: Readonly<Record<string, (link: Link) => unknown>> = {
  arp: (link) => !link.flags.includes('noarp' as never),
  multicast: (link) => link.flags.includes('multicast' as never),
  allMulticast: (link) => link.flags.includes('allmulti' as never),
  promiscuous: (link) => link.flags.includes('promisc' as never),
  trailers: (link) => !link.flags.includes('notrailers' as never),
  dynamic: (link) => link.flags.includes('dynamic' as never),
  addrGenMode: (link) => link.afSpec?.inet6?.addrGenMode,
}

function givenOptions(link: Link, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    const found = optionOf(link, key, value)
    if (found !== undefined && found !== null)
      options[key] = same(value, found) || sameBytes(link.kind!, key, value, found) ? value : found
  }
  return options
}

function optionOf(link: Link, key: string, given: unknown): unknown {
  if (key === 'queues') {
    const { tx, rx } =
      typeof given === 'object' && given !== null
        ? (given as { tx?: number; rx?: number })
        : { tx: given as number, rx: given as number }
    // A kernel without RPS does not tell how many it receives with.
    const isSo = same(tx, link.txQueues) && (link.rxQueues === null || same(rx, link.rxQueues))
    return isSo ? given : { tx: link.txQueues, rx: link.rxQueues }
  }
  const read = READ[key]
  if (read !== undefined) return read(link)
  const kind = findKind(link.kind!)
  // Some kinds have flags and a mode of their own.
  if (!kind?.options.includes(key)) return link[key as keyof Link]
  const data = link.data instanceof Uint8Array ? {} : (link.data ?? {})
  // A name where the kernel has an ifindex cannot be compared here; nor what the kernel does not show.
  if (kind.devs?.includes(key)) return given
  return data[key] ?? given
}

/** Whether an option of a kind means the same: an address in another form, a number that has a name. */
function sameBytes(kind: string, key: string, given: unknown, found: unknown): boolean {
  const { table, twins, devs } = findKind(kind) ?? {}
  const name = typeof given === 'string' && given.includes(':') ? (twins?.[key] ?? key) : key
  if (table?.byName(name) === undefined || devs?.includes(key)) return false
  const bytes = [given, found].map((value) => {
    const out = new Writer()
    encodeAttributes(table, out, { [name]: value })
    return out.bytes.subarray(0, out.length).join(' ')
  })
  return bytes[0] === bytes[1]
}

/** Of a kind's data, what makes it what it is. */
const ESSENTIAL: Readonly<Record<string, readonly string[]>> = {
  vlan: ['id', 'protocol'],
  vxlan: ['id', 'group', 'local', 'dstport', 'learning'],
  macvlan: ['mode'],
  macvtap: ['mode'],
  ipvlan: ['mode'],
  ipvtap: ['mode'],
  vrf: ['table'],
  bond: ['mode', 'miimon'],
  gre: ['local', 'remote'],
  gretap: ['local', 'remote'],
  ipip: ['local', 'remote'],
  sit: ['local', 'remote'],
  ip6tnl: ['local', 'remote'],
  geneve: ['id', 'remote'],
  bridge: ['stp', 'vlanFiltering'],
}
const DEFAULTS: Readonly<Record<string, unknown>> = {
  protocol: '802.1q',
  stp: false,
  vlanFiltering: false,
  mtu: 1500,
  learning: true,
}
/** Kinds with an address of their own, which matters to others. */
const ADDRESSED = ['veth', 'bridge', 'dummy', 'macvlan', 'vxlan', 'gretap', 'geneve', 'bond']

function fullOptions(link: Link): Record<string, unknown> {
  const { kind, up, mtu, mac, data } = link
  const options: Record<string, unknown> = { up }
  if (mtu !== DEFAULTS['mtu']) options['mtu'] = mtu
  if (mac !== null && ADDRESSED.includes(kind!)) options['mac'] = mac
  if (data instanceof Uint8Array || data === null) return options
  for (const key of ESSENTIAL[kind!] ?? [])
    if (data[key] != null && data[key] !== DEFAULTS[key]) options[key] = data[key]
  return options
}

function projectAddresses(found: readonly Address[], wanted: readonly AddressInput[]): AddressInput[] {
  const left = found.filter(
    (address) => isMadeAddress(address) || wanted.some((one) => isAddress(one, address)),
  )
  const addresses: AddressInput[] = []
  for (const one of wanted) {
    const index = left.findIndex((address) => isAddress(one, address))
    if (index < 0) continue
    const [address] = left.splice(index, 1)
    addresses.push(addressLike(one, address!))
  }
  return [...addresses, ...left.map(({ address, peer }) => (peer === null ? { address } : { address, peer }))]
}

function isAddress(wanted: AddressInput, found: Address): boolean {
  return addressKey(wanted) === addressKey(found)
}

/** Fields that count down, or that the kernel adds to. */
const UNCOMPARED = ['validLifetime', 'preferredLifetime', 'flags', 'address', 'peer']

function addressLike(wanted: AddressInput, found: Address): AddressInput {
  const address: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(wanted)) {
    const actual = found[key as keyof Address]
    const computed = key === 'broadcast' && value === true && actual !== null
    address[key] = UNCOMPARED.includes(key) || computed || same(value, actual) ? value : actual
  }
  return address as unknown as AddressInput
}

function isMadeAddress({ scope, protocol, flags, validLifetime }: Address): boolean {
  if (scope === 'host' || validLifetime !== 'forever') return false
  return !(
    scope === 'link' &&
    (protocol === 'kernel_ll' || protocol === null) &&
    flags.includes('permanent' as never)
  )
}
