/** A route as callers see it, and how one is read out of an RTM_NEWROUTE. */

import { getU16, getU32 } from '../../codec/bytes.js'
import { attributeLength, decodeField } from '../../codec/decode.js'
import {
  type AnyOf,
  Attributes,
  align,
  type Chosen,
  type Field,
  type Names,
  type OneOf,
} from '../../codec/index.js'
import { NLA_TYPE_MASK } from '../../codec/table.js'
import { NO_SIBLINGS } from '../../codec/type.js'
import type { NameOf } from '../devnames.js'
import { AF_INET6, type Family } from '../family.js'
import { networkText, readAddress, readGateway } from './address-text.js'
import { type RouteCacheinfo, readCacheinfo, readExpires } from './cacheinfo.js'
import * as c from './constants.js'
import { encapOf, type RouteEncap } from './encap/encap.js'
import type { EncapType } from './encap/table.js'
import type {
  NexthopFlag,
  Realms,
  RouteFlag,
  RouteMetrics,
  RoutePreference,
  RouteProtocol,
  RouteScope,
  RouteType,
} from './input.js'
import {
  type deletionReasons,
  type hopAttributes,
  lookupFlags,
  nexthopFlags,
  routeAttributes,
  routeCacheinfo,
  routeFlags,
  routePreferences,
  routeProtocols,
  routeScopes,
  routeTypes,
  rtmsg,
} from './table.js'
import { type RawHop, realms } from './types.js'

/** One of several nexthops of a route. */
export interface RouteNexthop {
  readonly via: string | null
  readonly dev: string | null
  readonly ifindex: number
  /** 1 to 256. */
  readonly weight: number
  readonly onlink: boolean
  readonly realms: Realms | null
  /** The lightweight tunnel. */
  readonly encap: RouteEncap | null
  /** 'linkdown', 'dead' and the like. */
  readonly flags: AnyOf<NexthopFlag>
}

/** A route. What a route does not have is null. See rtnetlink(7), ip-route(8). */
export interface Route {
  readonly family: Family
  /** 'default', a prefix ('192.168.1.0/24') or one address, as `ip route` prints it. */
  readonly to: string
  /** The gateway; of an IPv4 route it can be an IPv6 address. */
  readonly via: string | null
  /** The interface's name; null where the route has none, or it has just gone. */
  readonly dev: string | null
  readonly ifindex: number | null
  /** The source address of packets that have none yet. */
  readonly src: string | null
  /** IPv6: only for packets from this prefix. */
  readonly from: string | null
  /** Null stands for 0. */
  readonly metric: number | null
  readonly table: number
  /** Who made it. */
  readonly protocol: OneOf<RouteProtocol>
  readonly scope: OneOf<RouteScope>
  readonly type: OneOf<RouteType>
  readonly tos: number
  readonly onlink: boolean
  readonly metrics: RouteMetrics | null
  /** Null where there is only one, which `via`, `dev` and `ifindex` tell. */
  readonly nexthops: readonly RouteNexthop[] | null
  /** The nexthop object. */
  readonly nhid: number | null
  readonly preference: OneOf<RoutePreference> | null
  /** Seconds from now, rounded up; 0 where the time is over and the kernel has not removed it yet. Of IPv4 only what the kernel has learned has it (`cache: true`): an entry of a table stays. */
  readonly expires: number | null
  /** Of what getRoute() answers and of what the kernel has learned (`cache: true`); null of entries of tables. */
  readonly cacheinfo: RouteCacheinfo | null
  readonly realms: Realms | null
  /** 'linkdown', 'offload' and the like; in the answer to getRoute 'cloned', 'local' and the like. */
  readonly flags: AnyOf<RouteFlag>
  /** The lightweight tunnel. */
  readonly encap: RouteEncap | null
}

const at = rtmsg.offsets
let fields: typeof routeAttributes.field | undefined
const NO_FLAGS: readonly never[] = Object.freeze([])

/**
 * Reads an IPv4 or IPv6 route: `start` is its struct rtmsg. Tables have a million
 * routes, so that this goes through a message once, with a case for each attribute, and allocates the route and its text.
 */
export function readRoute(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): Route {
  fields ??= routeAttributes.field
  const field = fields
  let dst: string | null = null
  let src: string | null = null
  let oif: number | null = null
  let gateway: string | null = null
  let priority: number | null = null
  let prefsrc: string | null = null
  let metrics: RouteMetrics | null = null
  let nexthops: readonly RouteNexthop[] | null = null
  let flow: number | null = null
  let expires: number | null = null
  let cacheinfo: RouteCacheinfo | null = null
  let table = bytes[start + at.table]!
  let pref: OneOf<RoutePreference> | null = null
  let encapType: OneOf<EncapType> | null = null
  let encapStart = 0
  let encapEnd = 0
  let nhid: number | null = null
  for (let here = start + rtmsg.size; here < end; ) {
    const length = attributeLength(bytes, here, end)
    if (length === 0) break
    const from = here + 4
    const to = here + length
    switch (getU16(bytes, here + 2) & NLA_TYPE_MASK) {
      case c.RTA_TABLE:
        table = readNumber(field.table, bytes, from, to)
        break
      case c.RTA_DST:
        dst = readAddress(field.dst, bytes, from, to)
        break
      case c.RTA_OIF:
        oif = readNumber(field.oif, bytes, from, to)
        break
      case c.RTA_GATEWAY:
        gateway = readGateway(field.gateway, bytes, from, to)
        break
      case c.RTA_PRIORITY:
        priority = readNumber(field.priority, bytes, from, to)
        break
      case c.RTA_PREFSRC:
        prefsrc = readAddress(field.prefsrc, bytes, from, to)
        break
      case c.RTA_PREF:
        pref = to > from ? preferenceName(bytes[from]!) : read(field.pref, bytes, from, to)
        break
      case c.RTA_CACHEINFO:
        if (to - from < routeCacheinfo.size) break
        expires = readExpires(bytes, from)
        cacheinfo = readCacheinfo(bytes, from)
        break
      case c.RTA_SRC:
        src = readAddress(field.src, bytes, from, to)
        break
      case c.RTA_METRICS:
        metrics = read(field.metrics, bytes, from, to)
        break
      case c.RTA_MULTIPATH:
        nexthops = read(field.multipath, bytes, from, to).map((hop) => readNexthop(hop, nameOf))
        break
      case c.RTA_FLOW:
        flow = readNumber(field.flow, bytes, from, to)
        break
      case c.RTA_VIA:
        gateway = read(field.via, bytes, from, to)
        break
      case c.RTA_ENCAP_TYPE:
        encapType = read(field.encapType, bytes, from, to)
        break
      case c.RTA_ENCAP:
        // Its type comes behind it.
        encapStart = from
        encapEnd = to
        break
      case c.RTA_NH_ID:
        nhid = readNumber(field.nhId, bytes, from, to)
        break
    }
    here += align(length)
  }
  const v6 = bytes[start + at.family] === AF_INET6
  const flags = getU32(bytes, start + at.flags)
  return {
    family: v6 ? 'ipv6' : 'ipv4',
    to: networkText(dst, bytes[start + at.dstLen]!, v6) ?? 'default',
    via: gateway,
    dev: oif === null ? null : nameOf(oif),
    ifindex: oif,
    src: prefsrc,
    from: networkText(src, bytes[start + at.srcLen]!, v6),
    metric: priority,
    table,
    protocol: protocolName(bytes[start + at.protocol]!),
    scope: scopeName(bytes[start + at.scope]!),
    type: typeName(bytes[start + at.type]!),
    tos: bytes[start + at.tos]!,
    onlink: (flags & c.RTNH_F_ONLINK) !== 0,
    metrics,
    nexthops,
    nhid,
    preference: pref,
    expires,
    cacheinfo,
    realms: flow === null ? null : realms(flow),
    flags: flags === 0 ? NO_FLAGS : flagNames(flags),
    encap: encapType === null ? null : readEncap(field.encap, encapType, bytes, encapStart, encapEnd),
  }
}

function readEncap(
  field: Field<Chosen>,
  encapType: OneOf<EncapType>,
  bytes: Uint8Array,
  start: number,
  end: number,
): RouteEncap {
  return encapOf(encapType, decodeField(field, bytes, start, end, { encapType }))
}

function flagNames(flags: number): AnyOf<RouteFlag> {
  return flags & c.RTM_F_CLONED ? lookupFlags.toNames(flags) : routeFlags.toNames(flags)
}

function read<T>(field: Field<T>, bytes: Uint8Array, start: number, end: number): T {
  return decodeField(field, bytes, start, end, NO_SIBLINGS)
}

function readNumber(field: Field<number>, bytes: Uint8Array, start: number, end: number): number {
  return end - start === 4 ? getU32(bytes, start) : read(field, bytes, start, end)
}

const protocolName = byteNames(routeProtocols)
const scopeName = byteNames(routeScopes)
const typeName = byteNames(routeTypes)
const preferenceName = byteNames(routePreferences)

/** Names of one byte's values: an array is quicker than the table's Map. */
function byteNames<N extends string>(table: Names<N>): (value: number) => OneOf<N> {
  let known: OneOf<N>[] | undefined
  return (value) => {
    known ??= Array.from({ length: 256 }, (_, number) => table.toName(number))
    return known[value]!
  }
}

function readNexthop(
  { flags, hops, ifindex, attributes }: RawHop<typeof hopAttributes.fields>,
  nameOf: NameOf,
): RouteNexthop {
  return {
    via: attributes.gateway ?? attributes.via ?? null,
    dev: nameOf(ifindex),
    ifindex,
    weight: hops + 1,
    onlink: (flags & c.RTNH_F_ONLINK) !== 0,
    realms: attributes.flow === undefined ? null : realms(attributes.flow),
    encap: attributes.encapType === undefined ? null : encapOf(attributes.encapType, attributes.encap),
    flags: nexthopFlags.toNames(flags),
  }
}

/** Why the kernel deleted a route: its time was over, or its router took it back. RT_DEL_REASON_* of linux/rtnetlink.h. */
export type RouteDeletionReason = Exclude<keyof typeof deletionReasons.numbers, 'unspec'>

/** What the RTM_DELROUTE of a route says of it besides. */
export function deletionReason(
  bytes: Uint8Array,
  start: number,
  end: number,
): OneOf<RouteDeletionReason> | null {
  const found = new Attributes(routeAttributes).load(bytes, start + rtmsg.size, end)
  const reason = found.get(routeAttributes.field.delReason)
  return reason === 'unspec' ? null : reason
}
