/** A link of a topology, with every check of its options. */

import { isRecord, show } from '../codec/fault.js'
import type { Names, OneOf } from '../codec/index.js'
import { checkArray, checkKeys } from '../netlink/check.js'
import { type AddressInput, checkAddressInput, placeOf } from '../rtnetlink/address/options.js'
import { addressProtocols } from '../rtnetlink/address/table.js'
import { checkIfname } from '../rtnetlink/input.js'
import { addrGenModes } from '../rtnetlink/link/af-spec.js'
import { type CreateLinkOptions, checkCreation } from '../rtnetlink/link/create.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import { LINK_OPTIONS } from '../rtnetlink/link/options.js'
import { checkLinkSettings } from '../rtnetlink/link/settings.js'
import { linkModes, operStates } from '../rtnetlink/link/table.js'
import { normalAddress } from '../rtnetlink/route/filter.js'
import { routeScopes } from '../rtnetlink/route/table.js'
import { join, type LinkModel, type Place, type Reference } from './network.js'
import { withoutNothing } from './record.js'
import type { TopologyBridge, TopologyLink } from './value.js'

const SETTINGS = [...LINK_OPTIONS, 'queues', 'addresses', 'master'] as const
const VETH_SETTINGS = [...SETTINGS, 'kind', 'peer']
const EXCLUDED = ['vxcan', 'netkit', 'macsec']

/** Options of every link whose numbers may have names. */
const NAMES: Readonly<Record<string, Names<string>>> = {
  linkMode: linkModes,
  operState: operStates,
  addrGenMode: addrGenModes,
}

/** Kinds that have no address of their own, whatever they are given (ipvlan_link_new(), hsr_dev_finalize()). */
const BORROWING = ['ipvlan', 'ipvtap', 'hsr']

/** In this mode they have none either (macvlan_common_newlink()). */
const MACVLANS = ['macvlan', 'macvtap']
const PASSTHRU: readonly unknown[] = ['passthru', 8]

/** Whether a link has the MAC address of the one underneath, and cannot be given another. */
export function borrowsMac(kind: string, mode: unknown): boolean {
  return BORROWING.includes(kind) || isPassthru(kind, mode)
}

function isPassthru(kind: string, mode: unknown): boolean {
  return MACVLANS.includes(kind) && PASSTHRU.includes(mode)
}

type Given = Readonly<Record<string, unknown>>

/** Any link but a bridge. Its references are checked by connect(). */
export function parseLink(place: Place, name: string, link: TopologyLink): LinkModel {
  const path = join(place.path, `links.${name}`)
  if (!isRecord(link)) throw new TypeError(`${path}: ${show(link)} is not an object`)
  const given = link as Given
  const kind = given['kind'] ?? 'veth'
  if (kind === 'veth') {
    checkKeys(path, given, VETH_SETTINGS)
    return parseSettings(place, name, path, 'veth', given)
  }
  const known = typeof kind === 'string' && !EXCLUDED.includes(kind) ? findKind(kind) : undefined
  if (known === undefined)
    throw new RangeError(`${path}.kind: ${show(kind)} is not a kind of link that a topology can have`)
  if (kind === 'bridge') throw new RangeError(`${path}.kind: a bridge stands among the bridges`)
  checkKeys(path, given, [...SETTINGS, 'kind', 'link', ...known.options])
  return parseSettings(place, name, path, kind as string, given)
}

export function parseBridge(
  place: Place,
  name: string,
  bridge: TopologyBridge,
): { model: LinkModel; ports: readonly string[] } {
  const path = join(place.path, `bridges.${name}`)
  if (!isRecord(bridge)) throw new TypeError(`${path}: ${show(bridge)} is not an object`)
  checkKeys(path, bridge, [...SETTINGS, 'ports', ...findKind('bridge')!.options])
  const { ports = [], ...rest } = bridge as TopologyBridge
  checkArray(ports, `${path}.ports`)
  return { model: parseSettings(place, name, path, 'bridge', rest as Given), ports }
}

function parseSettings(place: Place, name: string, path: string, kind: string, given: Given): LinkModel {
  checkIfname(name, path)
  if (name === 'lo') throw new RangeError(`${path}: every namespace has an interface of this name`)
  const { kind: _, addresses = [], master, peer, link, ...rest } = given
  const options: Record<string, unknown> = { up: true }
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined) options[key] = key in NAMES ? named(NAMES[key]!, value as number) : value
  checkLinkSettings({ name, ...options }, `${path}.`)
  checkJson(options, path)
  const { mac, mode } = options
  if (mac !== undefined && borrowsMac(kind, mode))
    throw new RangeError(
      `${path}.mac: ${show(mac)} cannot be given: ${isPassthru(kind, mode) ? `in mode ${show(mode)} ` : ''}${kind} has the MAC address of the interface underneath`,
    )
  for (const key of ['mac', 'broadcast']) if (key in options) options[key] = normalMac(options[key] as string)
  // Of what a driver makes only what is there is told.
  if (kind !== 'veth' && findKind(kind)?.notMade === undefined) checkKind(path, name, kind, options, link)
  checkArray(addresses, `${path}.addresses`)
  return {
    netns: place.netns,
    name,
    path,
    kind,
    options,
    addresses: parseAddresses(addresses as (string | AddressInput)[], `${path}.addresses`),
    master: master === undefined ? null : checkIfname(master, `${path}.master`),
    peer: peer === undefined ? null : parseReference(peer, place.netns, `${path}.peer`),
    link: link === undefined ? null : parseReference(link, place.netns, `${path}.link`),
    implied: false,
  }
}

/** The options of the kind, by the operation's own check. */
function checkKind(
  path: string,
  name: string,
  kind: string,
  options: Record<string, unknown>,
  link: unknown,
): void {
  const whole = { name, kind, ...options, ...(link === undefined ? {} : { link: 'eth0' }) }
  // What is not of the type is what the check is for.
  within(path, () => checkCreation(path, whole as unknown as CreateLinkOptions))
}

/** Values that JSON cannot carry would be lost in the journal. */
function checkJson(options: object, path: string): void {
  for (const [key, value] of Object.entries(options))
    if (typeof value === 'bigint' || value instanceof Uint8Array)
      throw new TypeError(
        `${path}.${key}: ${show(value)} cannot be written as JSON, which a topology has to be`,
      )
}

/** Addresses in the kernel's form, none twice. */
function parseAddresses(addresses: readonly (string | AddressInput)[], path: string): AddressInput[] {
  const seen = new Set<string>()
  return Array.from(addresses, (address, index) => {
    const field = `${path}[${index}]`
    const normal = normalInput(checkAddressInput(address, field))
    const key = addressKey(normal)
    if (seen.has(key)) throw new RangeError(`${field}: ${normal.address} is there twice`)
    seen.add(key)
    return normal
  })
}

/** A checked address as lists show it; what is left out stays out. */
function normalInput(input: AddressInput): AddressInput {
  const { local, length } = placeOf(input)
  const { peer, scope, protocol, broadcast } = input
  const normal: AddressInput = { ...input }
  normal.address = `${normalAddress(local)}/${length}`
  if (peer != null) normal.peer = normalAddress(peer.replace(/\/.*/, ''))
  // It has none.
  if (broadcast === true && length > 30) normal.broadcast = null
  // IPv6 goes by the address (inet6_addr_add()).
  if (scope != null) normal.scope = local.includes(':') ? undefined : (named(routeScopes, scope) ?? undefined)
  if (protocol != null) normal.protocol = named(addressProtocols, protocol)
  return withoutNothing(normal)
}

/** What tells an address of an interface from its others. */
export function addressKey({ address, peer }: Pick<AddressInput, 'address' | 'peer'>): string {
  return peer == null ? address : `${address} peer ${peer}`
}

/** As lists tell it: a number that has a name is that name. */
export function named<N extends string>(
  table: Names<N>,
  value: OneOf<N> | null | undefined,
): OneOf<N> | null | undefined {
  return typeof value === 'number' ? table.toName(value) : value
}

export function normalMac(text: string): string {
  return text.toLowerCase().replaceAll('-', ':')
}

/** 'red:eth0', ':eth0' or 'eth0'. A namespace may have a colon in its name, an interface none. */
export function parseReference(text: unknown, here: string, path: string): Reference {
  if (typeof text !== 'string')
    throw new TypeError(`${path}: ${show(text)} is not an interface such as 'red:eth0' or 'eth0'`)
  const colon = text.lastIndexOf(':')
  const name = colon < 0 ? text : text.slice(colon + 1)
  checkIfname(name, path)
  return { netns: colon < 0 ? here : text.slice(0, colon), name }
}

/** Puts the path before the messages of errors that name a field, or nothing. */
export function within<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    const { message } = error
    // Checks of calls have the call's name in front, which is the path here.
    const said = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
    if (said !== message || !message.startsWith(path))
      error.message = path + (/^[\w[\].]+: /.test(said) ? '.' : ': ') + said
    throw error
  }
}
