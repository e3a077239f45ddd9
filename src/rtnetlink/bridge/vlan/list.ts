/** What is read of VLANs. */

import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../../netlink/check.js'
import { type Channel, dump, type Operation, withChannel } from '../../../netlink/operation.js'
import { mapped } from '../../../netlink/request.js'
import { devNames } from '../../devnames.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev } from '../../input.js'
import { listLinksRequest } from '../../link/list.js'
import { type Dev, describeDev, resolveDev } from '../../link/request.js'
import { BRIDGE_VLANDB_DUMPF_GLOBAL, BRIDGE_VLANDB_DUMPF_STATS } from '../constants.js'
import { NO_VLAN_FILTERING } from '../no-filtering.js'
import { type Vids, vidRange } from '../vid.js'
import { getVlan } from './table.js'
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
 * tells of a range. The kernel filters by `dev`.
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

/** Those of one port, where it is not asked whether it is a bridge. */
export function listVlans(channel: Channel, ifindex: number): Operation<VlanRead[]> {
  return dumpVlans(channel, 'dev', ifindex, 0, (bytes, start, end, nameOf) =>
    readVlans(bytes, start, end, nameOf, false),
  )
}

/** Which VLANs, and where. */
export interface ListGlobalBridgeVlansOptions extends CallOptions {
  /** Only of this bridge. */
  bridge?: Dev | undefined
  /** Only this VLAN, or those of a range: 100, [100, 200]. */
  vid?: Vids | undefined
}

/**
 * What all bridges, or one, have for their VLANs on all ports, as `bridge vlan global`: one element for each VLAN. The kernel filters by
 * `bridge`.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where `bridge` is no interface, EINVAL
 * where it is no bridge, EOPNOTSUPP where the kernel has no VLAN filtering
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

/** RTM_GETVLAN of all, or of one interface. A message has many VLANs, and an interface may take more than one message. */
function* dumpVlans<T>(
  channel: Channel,
  field: string,
  dev: Dev | undefined,
  flags: number,
  read: (bytes: Uint8Array, start: number, end: number, nameOf: (ifindex: number) => string | null) => T[],
): Operation<T[]> {
  const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev, field)
  const nameOf = devNames(channel)
  const lists = yield* dump<T[]>(channel, {
    message: getVlan,
    body: { header: { family: AF_BRIDGE, ifindex }, attributes: { flags } },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => read(bytes, start, end, nameOf),
    subject: dev === undefined ? undefined : describeDev(dev),
    advise: { EOPNOTSUPP: NO_VLAN_FILTERING },
  })
  return lists.flat()
}
