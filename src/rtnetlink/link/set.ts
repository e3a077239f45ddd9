import { show } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import {
  type Channel,
  exchange,
  type Operation,
  request,
  requestOne,
  withChannel,
} from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { checkDevName, checkIfname } from '../input.js'
import { adviseMaster } from './advice.js'
import { checkAfSpec, type SetAfSpec } from './af-spec.js'
import {
  findKind,
  findPortKind,
  type KindName,
  type OptionsOf,
  type PortKindName,
  type PortOptionsOf,
} from './kinds/index.js'
import { hasLinkData, type Kind, kindData } from './kinds/kind.js'
import {
  afSpecOf,
  checkDev,
  checkLinkOptions,
  flagsHeader,
  LINK_OPTIONS,
  type LinkOptions,
  plainAttributes,
} from './options.js'
import {
  type Dev,
  describeDev,
  getLinkRequest,
  type LinkBody,
  newLinkRequest,
  resolveDev,
} from './request.js'
import { checkArray } from './settings.js'
import { delLinkProp, newLinkProp } from './table.js'
import { resolveData } from './target.js'
import { checkVf, type VfSettings, vfAttributesOf } from './vf-info.js'
import { checkXdp, type SetXdp, xdpChanges } from './xdp-settings.js'

/** What can be changed of an interface of any kind. */
export interface LinkChanges extends LinkOptions, CallOptions {
  /** A new name; before Linux 6.2 only while the interface is down. */
  name?: string | undefined
  /** A bridge, bond, team or VRF that it becomes a port of; null takes it out. */
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

/** With `kind` the options of that kind, as in createLink, stand beside the common ones: `{ kind: 'bridge', stp: true }`. */
export type SetLinkOptions =
  | (LinkChanges & { kind?: undefined })
  | {
      [K in KindName]: LinkChanges & { kind: K; link?: Dev | undefined } & Partial<Omit<OptionsOf<K>, 'peer'>>
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

/**
 * Changes an interface: all that is given in one request (alternative names in others, which leave together with it). What is not given
 * stays. The kernel carries a request out step by step: where it refuses one option, those before it have taken effect.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where there is no such interface, EEXIST where a name is
 * taken, EOPNOTSUPP where the master takes no ports or the device cannot do it
 * @see ip-link(8), rtnetlink(7)
 * @example await setLink('veth-red', { mtu: 9000, master: null, up: true, netns: 'red' })
 */
export function* setLink(dev: Dev, options: SetLinkOptions): Operation<void> {
  const plan = checkSetting(options)
  checkDev(dev, 'dev')
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    const resolved = yield* resolve(channel, ifindex, plan, options)
    const requests = setLinkRequests(ifindex, describeDev(dev), options, resolved)
    if (requests.length === 1) yield* request(channel, requests[0]!)
    if (requests.length < 2) return
    const outcomes = yield* exchange(channel, requests)
    const failed = outcomes.find(({ error }) => error !== null)
    if (failed !== undefined) throw failed.error
  })
}

/** What can be changed of all interfaces of a group at once. */
export interface SetLinkGroupOptions extends LinkOptions, CallOptions {
  master?: Dev | null | undefined
}

/**
 * Changes all interfaces of a group (`group` when they were made) in one request; none, where it is empty.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError as setLink: then some of them may have been changed
 * @see ip-link(8), rtnetlink(7)
 * @example await setLinkGroup(42, { up: false })
 */
export function* setLinkGroup(group: number, options: SetLinkGroupOptions): Operation<void> {
  checkKeys('setLinkGroup', options, [...LINK_OPTIONS, 'master', ...CALL_OPTIONS])
  checkInteger(group, 'group', 0, 0xffffffff, 'a group')
  checkLinkOptions(options)
  const { master } = options
  if (master !== undefined && master !== null) checkDev(master, 'master')
  if (options.group !== undefined)
    throw new TypeError('group: a group cannot be renumbered; setLink moves an interface to another one')
  yield* withChannel(options.netns, function* (channel) {
    const attributes = {
      ...plainAttributes(options),
      master: yield* resolveMaster(channel, master),
      afSpec: afSpecOf(options),
      group,
    }
    yield* request(channel, newLinkRequest(`group ${group}`, 0, { header: flagsHeader(options), attributes }))
  })
}

function* resolveMaster(channel: Channel, master: Dev | null | undefined): Operation<number | undefined> {
  return master === null ? 0 : master === undefined ? undefined : yield* resolveDev(channel, master, 'master')
}

interface Plan {
  readonly kind: Kind | undefined
  readonly data: Record<string, unknown> | undefined
  readonly portKind: Kind | undefined
  readonly portData: Record<string, unknown> | undefined
}

/** Options that had to be looked up. */
export interface ResolvedChanges {
  /** 0: none. */
  readonly master?: number | undefined
  readonly linkinfo?: LinkBody['attributes']['linkinfo']
  readonly xdp: readonly NonNullable<LinkBody['attributes']['xdp']>[]
}

function checkSetting(options: SetLinkOptions): Plan {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`setLink: ${show(options)} is not an options object`)
  const given = options as unknown as Readonly<Record<string, unknown>>
  const kind = options.kind === undefined ? undefined : findKind(options.kind)
  if (options.kind !== undefined && kind === undefined)
    throw new RangeError(`kind: ${show(options.kind)} is not a kind whose options are known here`)
  checkKeys('setLink', options, [
    ...SET_OPTIONS,
    ...(kind === undefined ? [] : ['kind', ...kind.options, ...(hasLinkData(kind) ? ['link'] : [])]),
  ])
  checkLinkOptions(options)
  checkChanges(options)
  if (given['link'] !== undefined) checkDev(given['link'], 'link')
  const { port } = options
  const portKind = port === undefined ? undefined : findPortKind(port.kind)
  return {
    kind,
    data: kind && unlessEmpty(kindData('setLink', kind, given)),
    portKind,
    portData:
      portKind && kindData('setLink port', portKind, port as unknown as Readonly<Record<string, unknown>>),
  }
}

/** Nothing is to be sent for a kind of which nothing changes, or that has no data. */
function unlessEmpty<T extends object>(data: T): T | undefined {
  return Object.keys(data).length === 0 ? undefined : data
}

function checkChanges(options: LinkChanges): void {
  const { name, master, alias, port } = options
  if (name !== undefined) checkIfname(name)
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
  if (port !== undefined) checkPort(port)
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

function* resolve(
  channel: Channel,
  ifindex: number,
  { kind, data, portKind, portData }: Plan,
  options: SetLinkOptions,
): Operation<ResolvedChanges> {
  const master = yield* resolveMaster(channel, options.master)
  const xdp = yield* xdpChanges(channel, ifindex, options.xdp)
  if (kind === undefined && portKind === undefined) return { master, xdp }
  const { link } = options as { link?: Dev | undefined }
  const below = link === undefined ? undefined : { link: yield* resolveDev(channel, link, 'link') }
  const changes = below === undefined ? data : { ...data, ...below }
  const whole = changes && (yield* completeData(channel, ifindex, kind, options, changes))
  return {
    master,
    xdp,
    linkinfo: {
      kind: kind?.name,
      data: yield* resolveData(channel, kind, whole),
      slaveKind: portKind?.name,
      slaveData: yield* resolveData(channel, portKind, portData),
    },
  }
}

/** For a kind that resets what a change does not name: its attributes as they are, with the changes. */
function* completeData(
  channel: Channel,
  ifindex: number,
  kind: Kind | undefined,
  options: SetLinkOptions,
  changes: Record<string, unknown>,
): Operation<Record<string, unknown>> {
  if (!kind?.resets) return changes
  const current = yield* requestOne(channel, getLinkRequest(ifindex))
  if (current.kind !== kind.name) return changes
  const kept = current.data as Record<string, unknown>
  const { link = kept['link'] } = changes
  return { ...kindData('setLink', kind, { ...kept, ...options }), ...(link !== undefined && { link }) }
}

/** The requests of one change. */
export function setLinkRequests(
  ifindex: number,
  subject: string,
  options: LinkChanges,
  { master, linkinfo, xdp }: ResolvedChanges,
): Request[] {
  const { addAltNames = [], removeAltNames = [] } = options
  const header = flagsHeader(options)
  const attributes: LinkBody['attributes'] = {
    ...plainAttributes(options),
    ifalias: options.alias === null ? '' : options.alias,
    carrier: options.carrier,
    protoDown: options.protoDown,
    protoDownReason: options.protoDownReason,
    xdp: xdp[0],
    vfinfoList: options.vfs && { info: options.vfs.map(vfAttributesOf) },
    afSpec: afSpecOf(options, options.afSpec),
    master,
    ifname: options.name,
    linkinfo,
  }
  const requests: Request[] = []
  if (header.change !== undefined || Object.values(attributes).some((value) => value !== undefined)) {
    const change = newLinkRequest(subject, 0, { header: { index: ifindex, ...header }, attributes })
    requests.push({ ...change, advise: (code) => adviseMaster(code, options.master) })
  }
  for (const more of xdp.slice(1))
    requests.push(newLinkRequest(subject, 0, { header: { index: ifindex }, attributes: { xdp: more } }))
  for (const [message, names, flags] of [
    [delLinkProp, removeAltNames, 0] as const,
    [newLinkProp, addAltNames, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND] as const,
  ]) {
    if (names.length === 0) continue
    const body = { header: { index: ifindex }, attributes: { propList: { altIfname: names } } }
    requests.push({ message, body, flags, answer: 'ack', subject })
  }
  return requests
}
