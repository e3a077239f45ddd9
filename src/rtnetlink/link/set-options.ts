/** What setLink takes, and the checks of it. */

import { show } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkArray, checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { checkDev, checkDevName, checkLinkName } from '../input.js'
import { checkAfSpec, type SetAfSpec } from './af-spec.js'
import {
  type FixedOf,
  findPortKind,
  type KindName,
  type OptionsOf,
  type PortKindName,
  type PortOptionsOf,
} from './kinds/index.js'
import { checkFixed, hasLinkData, type Kind, kindData, plainKind } from './kinds/kind.js'
import { namedKind } from './named-kind.js'
import {
  afSpecOf,
  CHECKS_OF_ANY_DEVICE,
  checkLinkOptions,
  LINK_OPTIONS,
  type LinkOptions,
  plainAttributes,
} from './options.js'
import type { Dev, LinkBody } from './request.js'
import { checkVf, type VfSettings } from './vf-settings.js'
import { checkXdp, type SetXdp } from './xdp-settings.js'

/** What can be changed of an interface of any kind. */
export interface LinkChanges extends LinkOptions, CallOptions {
  /** A new name; before Linux 6.2 only while the interface is down. */
  name?: string | undefined
  /**
   * A bridge, bond, team or VRF that it becomes a port of; null takes it out. Where that is a VRF, an interface that is up goes down and up
   * again, and its IPv6 addresses go, unless the parameter `net.ipv6.conf.all.keep_addr_on_down` is 1 (cycle_netdev()).
   */
  master?: Dev | null | undefined
  /** A text for people, of at most 255 bytes; null removes it. */
  alias?: string | null | undefined
  /** Alternative names, of at most 127 bytes each; they are removed before others are added. */
  addAltNames?: readonly string[] | undefined
  removeAltNames?: readonly string[] | undefined
  /** For devices that let software say so (dummy). */
  carrier?: boolean | undefined
  protoDown?: boolean | undefined
  /** Bits of the reasons why it is held down, and which of them change (all, without `mask`). */
  protoDownReason?: { readonly value: number; readonly mask?: number | undefined } | undefined
  /** Settings of IPv4 and IPv6. */
  afSpec?: SetAfSpec | undefined
  /** A BPF program that sees packets first; null takes it away. */
  xdp?: SetXdp | null | undefined
  /** Virtual functions of a network card. */
  vfs?: readonly VfSettings[] | undefined
  /** What its master keeps of the port: `{ kind: 'bridge', cost: 100 }`. */
  port?: PortChanges | undefined
}

/** The kind of the master, and what is to change of its port. */
export type PortChanges = { [K in PortKindName]: { kind: K } & PortOptionsOf<K> }[PortKindName]

/**
 * With `kind` the options of that kind, as in createLink, stand beside the common ones: `{ kind: 'bridge', stp: true }`; those alone are
 * left out that the kernel would overlook, as the `id` of a VLAN. The `link` of a tunnel is in the namespace of its `linkNetnsid`, if it has
 * one: a name is looked up there, which costs a request, an ifindex is one of there. Where `kind` is one of several ('gre' | 'gretap') these
 * are the options that all of them have. Of any other kind, `rawKind`, `data` is its IFLA_INFO_DATA as bytes.
 */
export type SetLinkOptions =
  | (LinkChanges & { kind?: undefined; rawKind?: undefined })
  | (LinkChanges & { kind?: undefined; rawKind: string; data: Uint8Array })
  | {
      [K in KindName]: LinkChanges & { kind: K; rawKind?: undefined; link?: Dev | undefined } & Partial<
          Omit<OptionsOf<K>, 'peer' | FixedOf<K>>
        >
    }[KindName]

const SET_OPTIONS: readonly string[] = [
  ...LINK_OPTIONS,
  'name',
  'master',
  'alias',
  'addAltNames',
  'removeAltNames',
  'carrier',
  'protoDown',
  'protoDownReason',
  'afSpec',
  'xdp',
  'vfs',
  'port',
  ...CALL_OPTIONS,
] satisfies readonly (keyof LinkChanges)[]

/** What a change is made of, once checked: the kind's attributes and the port's. */
export interface CheckedChanges {
  readonly kind: Kind | undefined
  readonly data: Record<string, unknown> | Uint8Array | undefined
  readonly portKind: Kind | undefined
  readonly portData: Record<string, unknown> | undefined
}

/** Throws for an option that cannot be; nothing has been sent so far. */
export function checkChanges(options: SetLinkOptions): CheckedChanges {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`setLink: ${show(options)} is not an options object`)
  // The kind says which of them are its own, by name; so does the kind of the port, below.
  const given = options as unknown as Readonly<Record<string, unknown>>
  const named =
    options.kind === undefined && options.rawKind === undefined ? undefined : namedKind('setLink', options)
  const known = named?.known
  if (named !== undefined && known === undefined && named.data === null)
    throw new TypeError(
      `setLink: data: null changes nothing; give the attributes of '${named.name}' as bytes`,
    )
  checkKeys('setLink', options, [
    ...SET_OPTIONS,
    ...(named?.options ?? []),
    ...(known !== undefined && hasLinkData(known) ? ['link'] : []),
  ])
  if (known !== undefined) checkFixed(known, given)
  checkLinkOptions(options, '', CHECKS_OF_ANY_DEVICE)
  checkOwnChanges(options)
  if (given['link'] !== undefined) checkDev(given['link'], 'link')
  const { port } = options
  const portKind = port === undefined ? undefined : findPortKind(port.kind)
  return {
    kind: known ?? (named && plainKind(named.name)),
    data: named?.data ?? (known && unlessEmpty(kindData('setLink', known, given))),
    portKind,
    portData:
      portKind && kindData('setLink port', portKind, port as unknown as Readonly<Record<string, unknown>>),
  }
}

/** Nothing is to be sent for a kind of which nothing changes, or that has no data. */
function unlessEmpty<T extends object>(data: T): T | undefined {
  return Object.keys(data).length === 0 ? undefined : data
}

/** Throws for a value of `LinkChanges` itself that cannot be. */
export function checkOwnChanges(options: LinkChanges): void {
  const { name, master, alias, port } = options
  if (name !== undefined) checkLinkName(name)
  if (master !== undefined && master !== null) checkDev(master, 'master')
  if (alias !== undefined && alias !== null) checkAlias(alias)
  for (const option of ['carrier', 'protoDown'] as const)
    if (options[option] !== undefined) checkBoolean(options[option], option)
  checkProtoDownReason(options.protoDownReason)
  for (const option of ['addAltNames', 'removeAltNames'] as const) {
    if (options[option] === undefined) continue
    checkArray(options[option], option)
    for (const [index, value] of options[option].entries()) checkDevName(value, `${option}[${index}]`)
  }
  if (options.afSpec !== undefined) checkAfSpec(options.afSpec)
  if (options.xdp !== undefined && options.xdp !== null) checkXdp(options.xdp)
  if (options.vfs !== undefined) {
    checkArray(options.vfs, 'vfs')
    for (const [index, vf] of options.vfs.entries()) checkVf(vf, `vfs[${index}]`)
  }
  if (port === undefined) return
  if (master === null) throw new RangeError('port: with master: null there is none')
  checkPort(port)
}

/** What needs no looking up, in the attributes of a request. */
export function changedAttributes(options: LinkChanges): LinkBody['attributes'] {
  return Object.assign(plainAttributes(options), {
    ifalias: options.alias === null ? '' : options.alias,
    carrier: options.carrier,
    protoDown: options.protoDown,
    protoDownReason: options.protoDownReason,
    afSpec: afSpecOf(options, options.afSpec),
  } satisfies LinkBody['attributes'])
}

const MAX_ALIAS = 255

function checkAlias(alias: unknown): void {
  if (typeof alias !== 'string') throw new TypeError(`alias: ${show(alias)} is not a string`)
  const { length } = new TextEncoder().encode(alias)
  if (length > MAX_ALIAS)
    throw new RangeError(`alias: ${show(alias)} has ${length} bytes; an alias has at most ${MAX_ALIAS}`)
  if (alias.includes('\0')) throw new RangeError(`alias: ${show(alias)} contains NUL`)
}

function checkProtoDownReason(reason: LinkChanges['protoDownReason']): void {
  if (reason === undefined) return
  checkKeys('protoDownReason', reason, ['value', 'mask'])
  checkInteger(reason.value, 'protoDownReason.value', 0, 0xffffffff)
  if (reason.mask !== undefined) checkInteger(reason.mask, 'protoDownReason.mask', 0, 0xffffffff)
}

function checkPort(port: PortChanges): void {
  const kind = typeof port === 'object' && port !== null ? findPortKind(port.kind) : undefined
  if (kind === undefined)
    throw new RangeError(`port: ${show(port)} has no kind of master whose ports are known here`)
  checkKeys('port', port, ['kind', ...kind.options])
}
