/** An MPLS route as callers see it, and how one is read out of an RTM_NEWROUTE. */

import { getU32 } from '../../codec/bytes.js'
import { type AnyOf, Attributes, malformed, type OneOf } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { AF_MPLS } from '../family.js'
import type { NexthopFlag, RouteProtocol } from '../route/input.js'
import { nexthopFlags, routeProtocols, rtmsg } from '../route/table.js'
import { mplsRouteAttributes } from './table.js'

/** One of several nexthops of an MPLS route. */
export interface MplsNexthop {
  /** IPv4, IPv6 or link-layer; null where there is none. */
  readonly via: string | null
  readonly dev: string | null
  readonly ifindex: number
  /** The labels that take the place of the one that came, the outermost first; null takes it off. */
  readonly as: readonly number[] | null
  readonly flags: AnyOf<NexthopFlag>
}

/** What is done with packets that have an MPLS label. What a route does not have is null. See ip-route(8), net/mpls/af_mpls.c. */
export interface MplsRoute {
  readonly label: number
  /** The labels that take its place, the outermost first; null takes it off. */
  readonly as: readonly number[] | null
  /** IPv4, IPv6 or link-layer. */
  readonly via: string | null
  readonly dev: string | null
  readonly ifindex: number | null
  /** Null where there is only one, which `via`, `dev` and `as` tell. */
  readonly nexthops: readonly MplsNexthop[] | null
  /** Whether the time to live of the label goes back into the packet; null is as the system is set. */
  readonly ttlPropagate: boolean | null
  /** Who made it. */
  readonly protocol: OneOf<RouteProtocol>
  readonly flags: AnyOf<NexthopFlag>
}

const at = rtmsg.offsets

/** Reads an MPLS route: `start` is its struct rtmsg. Null for another family. */
export function readMplsRoute(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): MplsRoute | null {
  if (bytes[start + at.family] !== AF_MPLS) return null
  const found = new Attributes(mplsRouteAttributes).load(bytes, start + rtmsg.size, end)
  const field = mplsRouteAttributes.field
  const [label] = found.get(field.dst) ?? []
  if (label === undefined) throw malformed('no label', start)
  const ttlPropagate = found.get(field.ttlPropagate)
  const ifindex = found.get(field.oif)
  return {
    label,
    as: found.get(field.newdst),
    via: found.get(field.via),
    dev: ifindex === null ? null : nameOf(ifindex),
    ifindex,
    nexthops:
      found.get(field.multipath)?.map(({ flags, ifindex, attributes }) => ({
        via: attributes.via ?? null,
        dev: nameOf(ifindex),
        ifindex,
        as: attributes.newdst ?? null,
        flags: nexthopFlags.toNames(flags),
      })) ?? null,
    ttlPropagate: ttlPropagate === null ? null : ttlPropagate !== 0,
    protocol: routeProtocols.toName(bytes[start + at.protocol]!),
    flags: nexthopFlags.toNames(getU32(bytes, start + at.flags)),
  }
}
