/** A nexthop object as callers see it, and how one is read out of an RTM_NEWNEXTHOP. */

import { getU32 } from '../../codec/bytes.js'
import { type AnyOf, Attributes, type Infer, type OneOf } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { type Family, familyName } from '../family.js'
import { RTNH_F_ONLINK } from '../route/constants.js'
import { encapOf, type RouteEncap } from '../route/encap/encap.js'
import type { NexthopFlag, RouteProtocol, RouteScope } from '../route/input.js'
import { nexthopFlags, routeProtocols, routeScopes } from '../route/table.js'
import { type groupTypes, nexthopAttributes, nhmsg } from './table.js'

/**
 * How a group chooses a member: by a hash over the weights ('mpath'), or so that flows stay where they are ('resilient').
 * NEXTHOP_GRP_TYPE_* of linux/nexthop.h.
 */
export type NexthopGroupType = keyof typeof groupTypes.numbers

/** A member of a group. */
export interface NexthopGroupEntry {
  /** The id of a nexthop that is no group itself. */
  readonly id: number
  /** 1 to 255, since Linux 6.12 to 65,535. */
  readonly weight: number
}

/** How many packets a member of a group got. */
export interface NexthopMemberStats {
  readonly id: number
  /** Those that the kernel sent itself, and those of hardware that it has been told of. */
  readonly packets: number
  /** Those of hardware that forwards; null unless asked for with `statistics: 'hardware'`. */
  readonly packetsHw: number | null
}

/** A group that keeps flows where they are when its members change. Times are seconds. */
export interface ResilientGroup {
  readonly buckets: number
  /** How long a bucket has to be unused before it goes to another member. */
  readonly idleTimer: number
  /** How long the group may be out of balance before buckets in use move; 0 is for ever. */
  readonly unbalancedTimer: number
  /** How long it has been out of balance. */
  readonly unbalancedTime: number
}

/** A nexthop object, which routes name by its id. What one does not have is null. See ip-nexthop(8), linux/nexthop.h. */
export interface Nexthop {
  readonly id: number
  /** Null for a group. */
  readonly family: Family | null
  readonly via: string | null
  readonly dev: string | null
  readonly ifindex: number | null
  readonly onlink: boolean
  /** Drops what is sent to it. */
  readonly blackhole: boolean
  /** For entries of a bridge's or VXLAN's table (fdb), not for routes. */
  readonly fdb: boolean
  /** Of one for VXLAN: the UDP port at the other end; null for that of the device (Linux 7.3). */
  readonly dstPort: number | null
  readonly group: readonly NexthopGroupEntry[] | null
  readonly groupType: OneOf<NexthopGroupType> | null
  readonly resilient: ResilientGroup | null
  /** Of each member of a group; null unless asked for with `statistics` (Linux 6.9). */
  readonly groupStats: readonly NexthopMemberStats[] | null
  /** Of a group: whether hardware that forwards is to count, too; null unless asked for with `statistics` (Linux 6.9). */
  readonly hwStats: boolean | null
  /** Whether any hardware does; null unless it is to, and asked for with `statistics: 'hardware'`. */
  readonly hwStatsUsed: boolean | null
  readonly scope: OneOf<RouteScope>
  /** Who made it. */
  readonly protocol: OneOf<RouteProtocol>
  /** 'linkdown', 'dead' and the like. */
  readonly flags: AnyOf<NexthopFlag>
  /** The lightweight tunnel. */
  readonly encap: RouteEncap | null
}

const at = nhmsg.offsets

/** Reads a nexthop object: `start` is its struct nhmsg. */
export function readNexthop(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): Nexthop {
  const found = new Attributes(nexthopAttributes).load(bytes, start + nhmsg.size, end)
  const field = nexthopAttributes.field
  const flags = getU32(bytes, start + at.flags)
  const group = found.get(field.group)
  const resilient = found.get(field.resGroup)
  const encapType = found.get(field.encapType)
  const ifindex = found.get(field.oif)
  const hwStats = found.get(field.hwStatsEnable)
  const hwStatsUsed = found.get(field.hwStatsUsed)
  return {
    id: found.get(field.id) ?? 0,
    family: familyName(bytes[start + at.family]!),
    via: found.get(field.gateway),
    dev: ifindex === null ? null : nameOf(ifindex),
    ifindex,
    onlink: (flags & RTNH_F_ONLINK) !== 0,
    blackhole: found.has(field.blackhole),
    fdb: found.has(field.fdb),
    dstPort: found.get(field.dstPort),
    group:
      group?.map(({ id, weight, weightHigh }) => ({ id, weight: (weightHigh << 8) + weight + 1 })) ?? null,
    groupType: found.get(field.groupType),
    resilient: resilient && {
      buckets: resilient.buckets ?? 0,
      idleTimer: resilient.idleTimer ?? 0,
      unbalancedTimer: resilient.unbalancedTimer ?? 0,
      unbalancedTime: resilient.unbalancedTime ?? 0,
    },
    groupStats: statsOf(found.get(field.groupStats)),
    hwStats: hwStats === null ? null : hwStats !== 0,
    hwStatsUsed: hwStatsUsed === null ? null : hwStatsUsed !== 0,
    scope: routeScopes.toName(bytes[start + at.scope]!),
    protocol: routeProtocols.toName(bytes[start + at.protocol]!),
    flags: nexthopFlags.toNames(flags),
    encap: encapType === null ? null : encapOf(encapType, found.get(field.encap) ?? undefined),
  }
}

function statsOf(
  stats: Infer<typeof nexthopAttributes>['groupStats'] | null,
): readonly NexthopMemberStats[] | null {
  return (
    stats?.entry?.map(({ id = 0, packets = 0, packetsHw = null }) => ({ id, packets, packetsHw })) ?? null
  )
}
