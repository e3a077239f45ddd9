/** The VLANs of a port as callers see them, and how they are read out of an RTM_NEWVLAN. */

import { getU32 } from '../../../codec/bytes.js'
import { decodeAttributes } from '../../../codec/decode.js'
import { type Infer, malformed, type OneOf } from '../../../codec/index.js'
import type { portStates } from '../../link/kinds/bridge-port.js'
import type { McastRouter } from '../router-types.js'
import { globalVlan, vlanAttributes, type vlanEntry, vlanMessage, type vlanStats } from './table.js'

/** What a port does with frames, as the spanning tree protocol names it. */
export type BridgePortState = keyof typeof portStates.numbers

/** Counters of a VLAN: of a port where the bridge counts by port (`vlanStatsPerPort`), else of the whole bridge. */
export interface BridgeVlanStats {
  readonly rxBytes: number
  readonly rxPackets: number
  readonly txBytes: number
  readonly txPackets: number
}
/** The same as bigint. */
export type BigBridgeVlanStats = { readonly [K in keyof BridgeVlanStats]: bigint }

/**
 * One VLAN of one port of a bridge, or of the bridge itself. What it does not have, or an older kernel does not tell, is null. It is
 * accepted where a VLAN is given: `deleteBridgeVlan(vlan.ifindex, vlan)`. See bridge(8), linux/if_bridge.h.
 */
export interface BridgeVlan {
  readonly ifindex: number
  /** The interface's name; null where it went away while the list was made. */
  readonly dev: string | null
  readonly vid: number
  /** It is a VLAN of the bridge itself, not of a port. */
  readonly self: boolean
  /** Frames that come without a tag belong to it. */
  readonly pvid: boolean
  /** Its frames leave without a tag. */
  readonly untagged: boolean
  readonly state: OneOf<BridgePortState> | null
  /** The id by which it travels through a tunnel: a vxlan network. */
  readonly tunnelId: number | null
  readonly mcastRouter: OneOf<McastRouter> | null
  /** How many multicast groups it has, and can have at most (0: any number). */
  readonly mcastGroups: number | null
  readonly mcastMaxGroups: number | null
  readonly neighSuppress: boolean | null
  readonly neighForwardGrat: boolean | null
  /** Null unless asked for with `statistics: true`. */
  readonly stats: BridgeVlanStats | null
  /** The same as bigint; null unless asked for with `bigint: true` besides. */
  readonly bigStats: BigBridgeVlanStats | null
}

type NameOf = (ifindex: number) => string | null

/** The message does not tell whether the interface is a bridge. */
export type VlanRead = Omit<BridgeVlan, 'self'>

/** Reads the VLANs of one interface: `start` is the struct br_vlan_msg. A range is one element for each of its VLANs. */
export function readVlans(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
  bigint: boolean,
): VlanRead[] {
  return vlansOf(decode(bytes, start, end, nameOf), bigint)
}

/** What a message says of one interface. */
interface Found extends Infer<typeof vlanAttributes> {
  readonly ifindex: number
  readonly dev: string | null
  /** Where the message begins. */
  readonly at: number
}

function decode(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): Found {
  const ifindex = getU32(bytes, start + vlanMessage.offsets.ifindex)
  const found = decodeAttributes(vlanAttributes, bytes, start + vlanMessage.size, end)
  return { ifindex, dev: nameOf(ifindex), at: start, ...found }
}

function vlansOf({ ifindex, dev, at, entry = [] }: Found, bigint: boolean): VlanRead[] {
  return entry.flatMap((it) => {
    const first = it.info?.vid ?? 0
    return expand(at, first, it.range, (vid) => ({ ifindex, dev, vid, ...vlanOf(it, vid - first, bigint) }))
  })
}

function expand<T>(
  at: number,
  first: number,
  last: number | undefined = first,
  make: (vid: number) => T,
): T[] {
  if (last < first) throw malformed(`${first}-${last} is no range of VLANs`, at)
  const all: T[] = []
  for (let vid = first; vid <= last; vid++) all.push(make(vid))
  return all
}

function vlanOf(
  entry: Infer<typeof vlanEntry>,
  offset: number,
  bigint: boolean,
): Omit<VlanRead, 'ifindex' | 'dev' | 'vid'> {
  const flags = entry.info?.flags ?? []
  const { tunnelInfo, stats } = entry
  return {
    pvid: flags.includes('pvid'),
    untagged: flags.includes('untagged'),
    state: entry.state ?? null,
    // Of a range it is the first one's; the others follow.
    tunnelId: tunnelInfo?.id === undefined ? null : tunnelInfo.id + offset,
    mcastRouter: entry.mcastRouter ?? null,
    mcastGroups: entry.mcastNGroups ?? null,
    mcastMaxGroups: entry.mcastMaxGroups ?? null,
    neighSuppress: entry.neighSuppress ?? null,
    neighForwardGrat: entry.neighForwardGrat ?? null,
    stats: stats === undefined ? null : statsOf(stats, Number),
    bigStats: stats === undefined || !bigint ? null : statsOf(stats, (count) => count),
  }
}

function statsOf<T>(stats: Infer<typeof vlanStats>, convert: (count: bigint) => T) {
  const { rxBytes = 0n, rxPackets = 0n, txBytes = 0n, txPackets = 0n } = stats
  return {
    rxBytes: convert(rxBytes),
    rxPackets: convert(rxPackets),
    txBytes: convert(txBytes),
    txPackets: convert(txPackets),
  }
}

type GlobalOptions = Omit<Infer<typeof globalVlan>, 'id' | 'range' | 'unknown'>

/**
 * What a bridge has for a VLAN on all its ports; times are seconds. What this kernel does not have is missing. It is accepted by
 * setGlobalBridgeVlan(). See bridge(8), linux/if_bridge.h (BRIDGE_VLANDB_GOPTS_*).
 */
export interface GlobalBridgeVlan extends Readonly<GlobalOptions> {
  /** The bridge. */
  readonly ifindex: number
  readonly dev: string | null
  readonly vid: number
}

/** Reads what a bridge has for its VLANs: `start` is the struct br_vlan_msg. */
export function readGlobalVlans(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): GlobalBridgeVlan[] {
  return globalVlansOf(decode(bytes, start, end, nameOf))
}

/** Reads the VLANs of an interface and those of a bridge on all its ports, without counters as bigint: an event has either. */
export function readVlanEvent(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): { vlans: Omit<BridgeVlan, 'self'>[]; globalVlans: GlobalBridgeVlan[] } {
  const found = decode(bytes, start, end, nameOf)
  return { vlans: vlansOf(found, false), globalVlans: globalVlansOf(found) }
}

function globalVlansOf({ ifindex, dev, at, globalOptions = [] }: Found): GlobalBridgeVlan[] {
  return globalOptions.flatMap(({ id = 0, range, unknown: _, ...options }) =>
    expand(at, id, range, (vid) => ({ ifindex, dev, vid, ...options })),
  )
}

/** The options by name, those that only the kernel sets included. */
export const GLOBAL_OPTIONS = Object.keys(globalVlan.fields).filter(
  (name) => name !== 'id' && name !== 'range',
)
