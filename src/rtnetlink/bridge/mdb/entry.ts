/** An entry of a bridge's multicast table as callers see it, and how they are read out of an answer to RTM_GETMDB. */

import { getU32 } from '../../../codec/bytes.js'
import { decodeAttributes } from '../../../codec/decode.js'
import type { AnyOf, Infer, OneOf, Struct } from '../../../codec/index.js'
import type { routeProtocols } from '../../route/table.js'
import type { Headed } from '../headed.js'
import type { McastRouter } from '../router-types.js'
import {
  type MdbFilterMode,
  type MdbFlag,
  type MdbState,
  mdbAttributes,
  type mdbEntry,
  type mdbEntryAttributes,
  mdbMessage,
} from './table.js'

/** Who made an entry. */
export type MdbProtocol = keyof typeof routeProtocols.numbers

/** A sender, and for how many seconds more its frames go to the port (0: they do not). */
export interface MdbSource {
  readonly address: string
  readonly timer: number
}

/**
 * A port, or a tunnel of a vxlan device, that gets a multicast group. What it does not have is null. It is accepted where an entry is
 * given: `deleteMdbEntry(entry)`. See bridge(8), linux/if_bridge.h.
 */
export interface MdbEntry {
  /** The bridge or vxlan device, by ifindex and name (null where it went away while the list was made). */
  readonly ifindex: number
  readonly dev: string | null
  /** The port; the bridge itself, where this machine listens. */
  readonly portIfindex: number
  readonly port: string | null
  /** '239.1.1.1', 'ff05::100', or a link-layer address. */
  readonly group: string
  readonly vid: number | null
  readonly state: OneOf<MdbState>
  readonly flags: AnyOf<MdbFlag>
  /** The one sender that the entry is about; null: all, but for what `sources` says. */
  readonly source: string | null
  /** Told, as `sources` are, by a bridge that speaks IGMPv3 or MLDv2 (`mcastIgmpVersion`, `mcastMldVersion`). */
  readonly filterMode: OneOf<MdbFilterMode> | null
  readonly sources: readonly MdbSource[]
  readonly protocol: OneOf<MdbProtocol> | null
  /** Seconds that a temporary entry stays without being asked for again. */
  readonly timer: number | null
  /** vxlan: the tunnel's other end, its UDP port, the network ids there and here, the interface to send by (an ifindex). */
  readonly dst: string | null
  readonly dstPort: number | null
  readonly vni: number | null
  readonly srcVni: number | null
  readonly via: number | null
}

type NameOf = (ifindex: number) => string | null
type Members<T> = T extends Struct<infer M> ? M : never
type Fields<T> = T extends { readonly fields: infer F } ? F : never
type Info = Headed<Members<typeof mdbEntry>, Fields<typeof mdbEntryAttributes>>

/** What a message says of one bridge. */
interface Found extends Infer<typeof mdbAttributes> {
  readonly ifindex: number
}

function decode(bytes: Uint8Array, start: number, end: number): Found {
  const ifindex = getU32(bytes, start + mdbMessage.offsets.ifindex)
  return { ifindex, ...decodeAttributes(mdbAttributes, bytes, start + mdbMessage.size, end) }
}

/** Reads the entries of one bridge: `start` is the struct br_port_msg. */
export function readMdb(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): MdbEntry[] {
  return entriesOf(decode(bytes, start, end), nameOf)
}

/** Reads the router ports of one bridge. */
export function readRouterPorts(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): MdbRouterPort[] {
  return routerPortsOf(decode(bytes, start, end), nameOf)
}

/** Reads the entries and the router ports of one bridge: an event has either, or both. */
export function readMdbEvent(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): { entries: MdbEntry[]; routerPorts: MdbRouterPort[] } {
  const found = decode(bytes, start, end)
  return { entries: entriesOf(found, nameOf), routerPorts: routerPortsOf(found, nameOf) }
}

function entriesOf({ ifindex, mdb }: Found, nameOf: NameOf): MdbEntry[] {
  const infos = mdb?.entry?.flatMap(({ info = [] }) => info) ?? []
  return infos.map((info) => entryOf(info, ifindex, nameOf))
}

function entryOf({ header, attributes }: Info, ifindex: number, nameOf: NameOf): MdbEntry {
  const { state } = header
  return {
    ifindex,
    dev: nameOf(ifindex),
    portIfindex: header.ifindex,
    port: nameOf(header.ifindex),
    group: header.group,
    vid: header.vid || null,
    state,
    flags: header.flags,
    source: attributes.source ?? null,
    filterMode: attributes.groupMode ?? null,
    sources: attributes.srcList?.entry?.map(({ address = '', timer = 0 }) => ({ address, timer })) ?? [],
    protocol: attributes.rtprot ?? null,
    timer: state === 'permanent' ? null : (attributes.timer ?? null),
    dst: attributes.dst ?? null,
    dstPort: attributes.dstPort ?? null,
    vni: attributes.vni ?? null,
    srcVni: attributes.srcVni ?? null,
    via: attributes.ifindex ?? null,
  }
}

/** A port behind which a bridge knows a multicast router. Timers are seconds. */
export interface MdbRouterPort {
  /** The bridge, by ifindex and name (null where it went away while the list was made). */
  readonly ifindex: number
  readonly dev: string | null
  readonly portIfindex: number
  readonly port: string | null
  /** 'permanent': set by hand; 'temp' and 'query': until the timer ends. */
  readonly type: OneOf<McastRouter> | null
  /** The longer of the two that follow. */
  readonly timer: number | null
  readonly inetTimer: number | null
  readonly inet6Timer: number | null
  readonly vid: number | null
}

function routerPortsOf({ ifindex, router }: Found, nameOf: NameOf): MdbRouterPort[] {
  return (router?.port ?? []).map(({ header, attributes }) => ({
    ifindex,
    dev: nameOf(ifindex),
    portIfindex: header.ifindex,
    port: nameOf(header.ifindex),
    type: attributes.type ?? null,
    timer: attributes.timer ?? null,
    inetTimer: attributes.inetTimer ?? null,
    inet6Timer: attributes.inet6Timer ?? null,
    vid: attributes.vid ?? null,
  }))
}
