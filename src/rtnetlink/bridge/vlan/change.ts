/** Which VLANs a port belongs to: `bridge vlan add` and `bridge vlan delete`. */

import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../../netlink/check.js'
import { NetlinkError } from '../../../netlink/errors.js'
import {
  type Channel,
  type Operation,
  request,
  unabortable,
  withChannel,
} from '../../../netlink/operation.js'
import type { Request } from '../../../netlink/request.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev } from '../../input.js'
import { type Dev, describeDev, requestAbout, resolveDev } from '../../link/request.js'
import { deleteBridgeLink, setBridgeLink, type VlanFlag } from '../link-table.js'
import { NO_VLAN_FILTERING } from '../no-filtering.js'
import { checkTarget, targetFlags } from '../target.js'
import { type Vids, vidRange } from '../vid.js'
import { listVlans } from './list.js'
import type { VlanRead } from './vlan.js'

/** Which VLANs, and where. Null is the same as leaving out, so that a listed `BridgeVlan` fits. */
export interface DeleteBridgeVlanOptions extends CallOptions {
  /** One VLAN or a range of them, from 1 to 4094: 100, [100, 200]. */
  vid: Vids
  /** Tell the bridge of a port, which is the default. */
  master?: boolean | undefined
  /** Tell the device itself: a bridge of its own VLANs, or a network card with a switch in it. Not with `master`. */
  self?: boolean | undefined
}

/** VLANs that a port gets, and how. */
export interface AddBridgeVlanOptions extends DeleteBridgeVlanOptions {
  /** Frames that come without a tag belong to it; one VLAN of a port is, and takes the place of the one before. */
  pvid?: boolean | undefined
  /** Its frames leave without a tag. */
  untagged?: boolean | undefined
  /**
   * The id by which the VLAN travels through a tunnel, from 0 to 2^24 - 1; of a range that of the first, and the others follow. The
   * port needs `vlanTunnel` (setBridgePort).
   */
  tunnelId?: number | null | undefined
}

/** All properties of a listed VLAN are known; those that are not options here are not sent. */
const VLAN_KEYS = [
  ...['vid', 'master', 'self', 'pvid', 'untagged', 'tunnelId'],
  ...['ifindex', 'dev', 'state', 'mcastRouter', 'mcastGroups', 'mcastMaxGroups'],
  ...['neighSuppress', 'neighForwardGrat', 'stats', 'bigStats', ...CALL_OPTIONS],
]

export const MAX_TUNNEL_ID = 0xffffff

/**
 * Makes a port of a bridge, or with `self` the bridge itself, a member of VLANs, as `bridge vlan add`. Of a VLAN that it has,
 * `untagged`, `pvid` and `tunnelId` are changed (the latter by several requests); its state and the like stay (setBridgeVlan). What is
 * not given is off, also with `tunnelId`: a VLAN that is to keep what it has, as with `bridge vlan add … tunnel_info`, gets its tunnel id
 * by setBridgeVlan(). Where the kernel refuses a tunnel id, VLANs that were not there go again.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * EOPNOTSUPP where it is no port of a bridge, where a bridge is told without `self`, or where the kernel has no VLAN filtering; EINVAL
 * with `tunnelId` where the port has no `vlanTunnel`, EEXIST where another VLAN of it has the id
 * @see bridge(8), rtnetlink(7)
 * @example await addBridgeVlan('veth-red-br', { vid: 100, pvid: true, untagged: true })
 * @example await addBridgeVlan('v-net-0', { vid: [100, 200], self: true })
 */
export function* addBridgeVlan(dev: Dev, options: AddBridgeVlanOptions): Operation<void> {
  const { first, last } = check('addBridgeVlan', dev, options)
  const { pvid, untagged, tunnelId } = options
  for (const key of ['pvid', 'untagged'] as const)
    if (options[key] !== undefined) checkBoolean(options[key], key)
  if (pvid && first !== last)
    throw new RangeError(`pvid: a port has one such VLAN, not those from ${first} to ${last}`)
  if (tunnelId != null)
    checkInteger(tunnelId, 'tunnelId', 0, MAX_TUNNEL_ID - (last - first), 'the id of a tunnel')
  const flags: VlanFlag[] = [
    ...(pvid ? (['pvid'] as const) : []),
    ...(untagged ? (['untagged'] as const) : []),
  ]
  const vlanInfo = ends(first, last, (vid, end) => ({ flags: [...flags, ...end], vid }))
  if (tunnelId == null) return yield* change(setBridgeLink, dev, options, { vlanInfo })
  const vlanTunnelInfo = ends(first, last, (vid, end) => ({ id: tunnelId + vid - first, vid, flags: end }))
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    const ask = (message: Request['message'], vlans: Vlans) =>
      request(channel, changeRequest(message, dev, ifindex, options, vlans))
    const before = yield* vlansOf(channel, ifindex)
    const own = before.filter(({ vid }) => vid >= first && vid <= last)
    yield* unabortable(
      orWithout(
        ask,
        range(first, last).filter((vid) => !own.some((vlan) => vlan.vid === vid)),
        addWithTunnels(ask, { vlanInfo, vlanTunnelInfo }, before, own),
      ),
    )
  })
}

type Ask = (message: Request['message'], vlans: Vlans) => Operation<unknown>

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** How the kernel says that there are no VLANs to list, which the change itself is told, too. */
const NONE = ['EINVAL', 'EOPNOTSUPP', 'ENODEV']

function* vlansOf(channel: Channel, ifindex: number): Operation<readonly VlanRead[]> {
  try {
    return yield* listVlans(channel, ifindex)
  } catch (error) {
    if (error instanceof NetlinkError && NONE.includes(error.code)) return []
    throw error
  }
}

/** The kernel makes the VLANs before it looks at their tunnel ids: where it refuses those, the new VLANs go again. */
function* orWithout(ask: Ask, made: readonly number[], work: Operation<void>): Operation<void> {
  try {
    yield* work
  } catch (error) {
    if (made.length > 0) yield* removed(ask, made)
    throw error
  }
}

function* removed(ask: Ask, vids: readonly number[]): Operation<void> {
  try {
    yield* ask(deleteBridgeLink, { vlanInfo: vids.map((vid) => ({ flags: [], vid })) })
  } catch (error) {
    // None of them was made.
    if (!(error instanceof NetlinkError)) throw error
  }
}

function* addWithTunnels(
  ask: Ask,
  vlans: {
    readonly vlanInfo: readonly unknown[]
    readonly vlanTunnelInfo: readonly { readonly id: number }[]
  },
  before: readonly VlanRead[],
  own: readonly VlanRead[],
): Operation<void> {
  try {
    yield* ask(setBridgeLink, vlans)
  } catch (error) {
    // A VLAN that has a tunnel id takes none, not even the same, nor one that another has (__vlan_tunnel_info_add() of
    // net/bridge/br_vlan_tunnel.c).
    if (!(error instanceof NetlinkError && error.code === 'EEXIST')) throw error
    const { vlanTunnelInfo } = vlans
    const [from, to] = [vlanTunnelInfo[0]!.id, vlanTunnelInfo.at(-1)!.id]
    const isTaken = ({ vid, tunnelId }: VlanRead) =>
      tunnelId !== null && tunnelId >= from && tunnelId <= to && !own.some((vlan) => vlan.vid === vid)
    if (before.some(isTaken)) throw error
    yield* replaceTunnels(
      ask,
      vlanTunnelInfo,
      own.filter(({ tunnelId }) => tunnelId !== null),
    )
  }
}

/** Between the two requests the VLANs have no tunnel ids: where the second is refused, they get those back that they had. */
function* replaceTunnels(
  ask: Ask,
  vlanTunnelInfo: readonly unknown[],
  before: readonly VlanRead[],
): Operation<void> {
  yield* ask(deleteBridgeLink, { vlanTunnelInfo })
  try {
    yield* ask(setBridgeLink, { vlanTunnelInfo })
  } catch (error) {
    yield* ask(deleteBridgeLink, { vlanTunnelInfo })
    for (const { vid, tunnelId } of before)
      yield* ask(setBridgeLink, { vlanTunnelInfo: [{ id: tunnelId, vid, flags: [] }] })
    throw error
  }
}

/**
 * Takes VLANs from a port of a bridge, or with `self` from the bridge itself, as `bridge vlan delete`; with them go their states and
 * tunnel ids. A VLAN that it does not have is no error where others of the range are there.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * ENOENT where it has none of these VLANs
 * @see bridge(8), rtnetlink(7)
 * @example await deleteBridgeVlan('veth-red-br', { vid: 1 })
 */
export function* deleteBridgeVlan(dev: Dev, options: DeleteBridgeVlanOptions): Operation<void> {
  const { first, last } = check('deleteBridgeVlan', dev, options)
  yield* change(deleteBridgeLink, dev, options, {
    vlanInfo: ends(first, last, (vid, end) => ({ flags: end, vid })),
  })
}

function check(call: string, dev: Dev, options: DeleteBridgeVlanOptions): { first: number; last: number } {
  checkKeys(call, options, VLAN_KEYS)
  checkDev(dev, 'dev')
  checkTarget(options)
  return vidRange(options.vid, 'vid')
}

/** One element for a VLAN, two for a range. */
function ends<T>(first: number, last: number, make: (vid: number, end: VlanFlag[]) => T): T[] {
  return first === last ? [make(first, [])] : [make(first, ['range_begin']), make(last, ['range_end'])]
}

type Vlans = Readonly<Record<string, unknown>>

function* change(
  message: Request['message'],
  dev: Dev,
  options: DeleteBridgeVlanOptions,
  vlans: Vlans,
): Operation<void> {
  yield* requestAbout(options.netns, dev, (index) => changeRequest(message, dev, index, options, vlans))
}

function changeRequest(
  message: Request['message'],
  dev: Dev,
  index: number,
  options: DeleteBridgeVlanOptions,
  vlans: Vlans,
): Request {
  return {
    message,
    body: {
      header: { family: AF_BRIDGE, index },
      attributes: { afSpec: { flags: targetFlags(options), ...vlans } },
    },
    flags: 0,
    answer: 'ack',
    subject: describeDev(dev),
    advise: {
      EOPNOTSUPP: `it is no port of a bridge (a bridge itself is told with self), or ${NO_VLAN_FILTERING}`,
      // br_afspec() of net/bridge/br_netlink.c, without a word
      ...(vlans['vlanTunnelInfo'] !== undefined && {
        EINVAL:
          'the port has no vlanTunnel, which setBridgePort() gives it, or it is a bridge, which has no tunnels',
      }),
    },
  }
}
