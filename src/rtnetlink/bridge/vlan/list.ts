/** What is read of VLANs. */

import { getU32 } from '../../../codec/bytes.js'
import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../../netlink/check.js'
import { type Channel, dump, type Operation, withChannel } from '../../../netlink/operation.js'
import { mapped, type Request } from '../../../netlink/request.js'
import { devNames } from '../../devnames.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev } from '../../input.js'
import { listLinksRequest } from '../../link/list.js'
import { type Dev, describeDev, resolveDev } from '../../link/request.js'
import { BRIDGE_VLANDB_DUMPF_GLOBAL, BRIDGE_VLANDB_DUMPF_STATS } from '../constants.js'
import { NO_VLAN_FILTERING } from '../no-filtering.js'
import { type Vids, vidRange } from '../vid.js'
import { getVlan, vlanMessage } from './table.js'
import { type BridgeVlan, type GlobalBridgeVlan, readGlobalVlans, readVlans, type VlanRead } from './vlan.js'

/** Which VLANs, and where. */
export interface ListBridgeVlansOptions extends CallOptions {
  /** Only of this port or bridge. */
  dev?: Dev | undefined
  /** Only this VLAN, or those of a range: 100, [100, 200]. */
  vid?: Vids | undefined
  /** With counters. */
  statistics?: boolean | undefined
  /** Counters as bigint besides, in `bigStats`: exact beyond 2^53. */
  bigint?: boolean | undefined
}

/**
 * The VLANs of all bridges and their ports, or of one, as `bridge -d vlan`: one element for each VLAN of each port, also where the kernel
 * tells of a range. All are asked for, also with `dev`: Linux 5.6 to 5.16 never end the list of one interface.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where `dev` is no interface, EINVAL
 * where it is no bridge and no port of one, EOPNOTSUPP where the kernel has no VLAN filtering
 * @see bridge(8), rtnetlink(7)
 * @example const vlans = await listBridgeVlans({ dev: 'veth-red-br' })
 */
export function* listBridgeVlans(options: ListBridgeVlansOptions = {}): Operation<BridgeVlan[]> {
  checkKeys('listBridgeVlans', options, ['dev', 'vid', 'statistics', 'bigint', ...CALL_OPTIONS])
  const { statistics = false, bigint = false } = options
  checkBoolean(statistics, 'statistics')
  checkBoolean(bigint, 'bigint')
  const wanted = checkFilter('dev', options.dev, options.vid)
  const flags = statistics ? BRIDGE_VLANDB_DUMPF_STATS : 0
  return yield* withChannel(options.netns, function* (channel) {
    const vlans = yield* dumpVlans(channel, 'dev', options.dev, flags, (bytes, start, end, nameOf) =>
      readVlans(bytes, start, end, nameOf, bigint).filter(wanted),
    )
    if (vlans.length === 0) return []
    // The answer does not say which interfaces are bridges, whose own VLANs are told by `self`.
    const asked = mapped(listLinksRequest({ kind: 'bridge' }, undefined), ({ ifindex }) => ifindex)
    const bridges = new Set(yield* dump(channel, asked))
    return vlans.map((vlan) => ({ ...vlan, self: bridges.has(vlan.ifindex) }))
  })
}

/** Those of one port, where it is not asked whether it is a bridge; none where there is no such port. */
export function* listVlans(channel: Channel, ifindex: number): Operation<VlanRead[]> {
  const nameOf = devNames(channel)
  const read = (bytes: Uint8Array, start: number, end: number) => readVlans(bytes, start, end, nameOf, false)
  return (yield* dump(channel, vlansRequest(0, 0, only(ifindex, read), undefined))).flat()
}

/** Which VLANs, and where. */
export interface ListGlobalBridgeVlansOptions extends CallOptions {
  /** Only of this bridge. */
  bridge?: Dev | undefined
  /** Only this VLAN, or those of a range: 100, [100, 200]. */
  vid?: Vids | undefined
}

/**
 * What all bridges, or one, have for their VLANs on all ports, as `bridge vlan global`: one element for each VLAN. Linux has this since
 * 5.15; an older one tells none. All are asked for, also with `bridge`.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where `bridge` is no interface, EINVAL
 * where it is no bridge and no port of one, EOPNOTSUPP where the kernel has no VLAN filtering
 * @see bridge(8), rtnetlink(7)
 * @example const snooping = (await listGlobalBridgeVlans({ bridge: 'v-net-0' })).filter(({ mcastSnooping }) => mcastSnooping)
 */
export function* listGlobalBridgeVlans(
  options: ListGlobalBridgeVlansOptions = {},
): Operation<GlobalBridgeVlan[]> {
  checkKeys('listGlobalBridgeVlans', options, ['bridge', 'vid', ...CALL_OPTIONS])
  const wanted = checkFilter('bridge', options.bridge, options.vid)
  return yield* withChannel(options.netns, (channel) =>
    dumpVlans(channel, 'bridge', options.bridge, BRIDGE_VLANDB_DUMPF_GLOBAL, (bytes, start, end, nameOf) =>
      readGlobalVlans(bytes, start, end, nameOf).filter(wanted),
    ),
  )
}

/** A test on VLANs; throws RangeError or TypeError naming the option. */
function checkFilter(field: string, dev: Dev | undefined, vid: Vids | undefined) {
  if (dev !== undefined) checkDev(dev, field)
  const { first, last } = vid === undefined ? { first: 1, last: 4094 } : vidRange(vid, 'vid')
  return (vlan: { readonly vid: number }) => vlan.vid >= first && vlan.vid <= last
}

type Read<T> = (bytes: Uint8Array, start: number, end: number) => T

/** Those of all, or of one interface. A message has many VLANs, and an interface may take more than one message. */
function* dumpVlans<T>(
  channel: Channel,
  field: string,
  dev: Dev | undefined,
  flags: number,
  read: (bytes: Uint8Array, start: number, end: number, nameOf: (ifindex: number) => string | null) => T[],
): Operation<T[]> {
  const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev, field)
  const nameOf = devNames(channel)
  const readAll: Read<T[]> = (bytes, start, end) => read(bytes, start, end, nameOf)
  const wanted = ifindex === 0 ? readAll : only(ifindex, readAll)
  const subject = dev === undefined ? undefined : describeDev(dev)
  const asked = (of: number) => vlansRequest(of, flags, wanted, subject)
  const lists = yield* dump(channel, asked(0))
  // Of an interface of which no message tells (no bridge, no port of one) the kernel says what is so, and ends in all versions. One without
  // VLANs has a message all the same.
  if (ifindex !== 0 && lists.length === 0) return (yield* dump(channel, asked(ifindex))).flat()
  return lists.flat()
}

/** Nothing of the messages about other interfaces. */
function only<T>(ifindex: number, read: Read<T>): Read<T | undefined> {
  return (bytes, start, end) =>
    getU32(bytes, start + vlanMessage.offsets.ifindex) === ifindex ? read(bytes, start, end) : undefined
}

/**
 * RTM_GETVLAN of all (0), or of an interface of which nothing is told: before Linux 5.17 (commit dcb2c5c6ca9b) br_vlan_rtm_dump()
 * begins anew when it has told those of one interface, for ever. bridge asks for all, too.
 */
function vlansRequest<T>(
  ifindex: number,
  flags: number,
  read: Read<T | undefined>,
  subject: string | undefined,
): Request<T> {
  return {
    message: getVlan,
    body: { header: { family: AF_BRIDGE, ifindex }, attributes: { flags } },
    flags: 0,
    answer: 'dump',
    read,
    subject,
    advise: { EOPNOTSUPP: NO_VLAN_FILTERING },
  }
}
