import { toBits } from '../../codec/choice.js'
import type { AnyOf, OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../netlink/check.js'
import { deleteAll } from '../../netlink/delete-all.js'
import { type Channel, items, type Operation, requestOne, withChannel } from '../../netlink/operation.js'
import { mapped } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import type { Family } from '../family.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { checkDev, checkOneOf, parsePrefix } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { oneOrMany } from '../one-or-many.js'
import type { RouteProtocol } from '../route/input.js'
import { routeProtocols } from '../route/table.js'
import { familyOfPrefix, isWithin } from '../within.js'
import type { Neighbour } from './neighbour.js'
import {
  checkFlags,
  checkNeighbourKey,
  checkState,
  NEIGHBOUR_KEYS,
  type NeighbourFlag,
  type NeighbourKey,
  type NeighbourState,
} from './options.js'
import {
  deleteNeighbourRequest,
  EVERY_INTERFACE,
  getNeighbourRequest,
  listNeighboursRequest,
  NO_MASTER,
} from './request.js'
import { neighbourFlags, neighbourStates } from './table.js'

/** Which neighbours: those that everything given applies to. */
export interface NeighbourFilter {
  dev?: Dev | undefined
  family?: Family | undefined
  /** One state, or any of several, by name or number. */
  state?: OneOf<NeighbourState> | AnyOf<NeighbourState> | undefined
  /** Only addresses in this prefix: '192.168.15.0/24', or one address. Bits after its length do not count. */
  within?: string | undefined
  /** Only entries that have all of these: `['router']`. */
  flags?: AnyOf<NeighbourFlag> | undefined
  /** Only entries that have none of these: without 'extern_learn' those that no controller made. */
  withoutFlags?: AnyOf<NeighbourFlag> | undefined
  /** Who made it, by name or number. */
  protocol?: OneOf<RouteProtocol> | undefined
  /** Only entries that nothing in the kernel refers to (or does: false). */
  unused?: boolean | undefined
  /** The proxy entries instead of the neighbours. */
  proxy?: boolean | undefined
  /** Only those of ports of this bridge, bond or VRF; null: only those of interfaces that are nobody's port (Linux 5.19). Not with `proxy`. */
  master?: Dev | null | undefined
}

/** Which neighbours, and where. */
export interface ListNeighboursOptions extends NeighbourFilter, CallOptions {}

/** Which entries are to go, and where. */
export interface FlushNeighboursOptions extends ListNeighboursOptions, FlushAll {}

const FILTERS = [
  ...['dev', 'family', 'state', 'within', 'flags', 'withoutFlags', 'protocol', 'unused', 'proxy', 'master'],
] as readonly (keyof NeighbourFilter)[]
/** The options of listNeighbours. */
const LIST_NEIGHBOUR_KEYS = [...FILTERS, ...CALL_OPTIONS]

/** Throws RangeError or TypeError naming the option. */
function checkFilter(options: NeighbourFilter): void {
  const { dev, family, state, within, flags, withoutFlags, protocol, unused, proxy, master } = options
  if (dev !== undefined) checkDev(dev, 'dev')
  familyOfPrefix(family, within, 'within')
  for (const one of oneOrMany(state) ?? []) checkState(one, 'state')
  if (flags !== undefined) checkFlags(flags, 'flags')
  if (withoutFlags !== undefined) checkFlags(withoutFlags, 'withoutFlags')
  if (protocol !== undefined) checkOneOf(routeProtocols, protocol, 'protocol')
  if (unused !== undefined) checkBoolean(unused, 'unused')
  if (proxy !== undefined) checkBoolean(proxy, 'proxy')
  if (master != null) checkDev(master, 'master')
  if (master !== undefined && proxy === true)
    throw new TypeError('master: not with proxy, whose entries the kernel does not filter by it')
}

/**
 * The ARP and NDP tables of a namespace, with the entries that `ip neighbour` hides ('noarp': multicast groups and the like);
 * with `proxy` the addresses that this machine answers for. The kernel filters by interface, family and master.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no interface of that name
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example const known = await listNeighbours({ dev: 'eth0', state: ['reachable', 'stale', 'permanent'] })
 */
export function* listNeighbours(options: ListNeighboursOptions = {}): Operation<Neighbour[]> {
  checkKeys('listNeighbours', options, LIST_NEIGHBOUR_KEYS)
  checkFilter(options)
  return yield* withChannel(options.netns, (channel) => select(channel, options))
}

/** Which entry, and the namespace of its interface. */
export interface GetNeighbourOptions extends NeighbourKey, CallOptions {}

/**
 * One entry of the ARP (IPv4) or NDP (IPv6) table of an interface, or of those of the proxies: one request, no dump. A listed neighbour
 * names itself. Linux 5.0.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENOENT where there is no such entry, ENODEV where there is no such
 * interface
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example const { mac, state } = await getNeighbour({ to: '192.168.15.9', dev: 'eth0' })
 */
export function* getNeighbour(neighbour: GetNeighbourOptions): Operation<Neighbour> {
  checkKeys('getNeighbour', neighbour, [...NEIGHBOUR_KEYS, ...CALL_OPTIONS])
  checkNeighbourKey(neighbour)
  const { dev, ifindex } = neighbour
  return yield* withChannel(neighbour.netns, function* (channel) {
    const index = dev == null ? (ifindex ?? EVERY_INTERFACE) : yield* resolveDev(channel, dev)
    return yield* requestOne(channel, getNeighbourRequest(index, neighbour, devNames(channel)))
  })
}

/** States of entries that a program or the kernel's own set-up made, not traffic. */
const LASTING: AnyOf<NeighbourState> = ['permanent', 'noarp']

/**
 * Deletes the entries that the options apply to, of which there has to be at least one that is not false, and returns how many it deleted;
 * with `all: true` all of them. As `ip neighbour flush` it spares 'permanent' and 'noarp' entries unless `state` asks for them. An entry that went away
 * meanwhile is no error.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no interface of that name
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example await flushNeighbours({ dev: 'eth0' })
 */
export function* flushNeighbours(options: FlushNeighboursOptions): Operation<number> {
  checkKeys('flushNeighbours', options, ['all', ...LIST_NEIGHBOUR_KEYS])
  checkFilter(options)
  checkFlush('flushNeighbours', 'entries', FILTERS, options)
  return yield* withChannel(options.netns, function* (channel) {
    const found = yield* select(channel, options)
    const doomed = options.state === undefined ? found.filter(({ state }) => !LASTING.includes(state)) : found
    const requests = doomed.map((it) => deleteNeighbourRequest(it.ifindex ?? EVERY_INTERFACE, it))
    return yield* deleteAll(channel, requests, ['ENOENT', 'ENODEV'])
  })
}

function* select(channel: Channel, options: NeighbourFilter): Operation<Neighbour[]> {
  const { dev, proxy = false } = options
  const ifindex = dev === undefined ? undefined : yield* resolveDev(channel, dev)
  const master = yield* resolveMaster(channel, options.master)
  const family = familyOfPrefix(options.family, options.within, 'within')
  const matches = matcher(options)
  const asked = listNeighboursRequest(family, ifindex, proxy, devNames(channel), master)
  return yield* items(
    channel,
    mapped(asked, (it) => (matches(it) ? it : undefined)),
  )
}

/** What the kernel cannot filter. */
function matcher(filter: NeighbourFilter): (neighbour: Neighbour) => boolean {
  const { state, within, protocol, unused } = filter
  const wanted = toBits(neighbourFlags, filter.flags ?? [])
  const unwanted = toBits(neighbourFlags, filter.withoutFlags ?? [])
  const states = oneOrMany(state)?.map((one) => neighbourStates.normal(one))
  const inside = within === undefined ? undefined : isWithin(parsePrefix(within, 'within'))
  const maker = protocol === undefined ? undefined : routeProtocols.normal(protocol)
  return (neighbour) => {
    if (states !== undefined && !states.includes(neighbour.state)) return false
    const bits = toBits(neighbourFlags, neighbour.flags)
    if ((wanted & ~bits) !== 0 || (unwanted & bits) !== 0) return false
    if (inside !== undefined && !inside(neighbour.to)) return false
    if (maker !== undefined && neighbour.protocol !== maker) return false
    return unused === undefined || ((neighbour.cacheinfo?.references ?? 0) === 0) === unused
  }
}

function* resolveMaster(channel: Channel, master: Dev | null | undefined): Operation<number | undefined> {
  if (master === undefined) return undefined
  return master === null ? NO_MASTER : yield* resolveDev(channel, master, 'master')
}
