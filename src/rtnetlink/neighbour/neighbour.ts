/** A neighbour as callers see it, and how one is read out of an RTM_NEWNEIGH or RTM_DELNEIGH. */

import { getU16, getU32 } from '../../codec/bytes.js'
import { toBits } from '../../codec/choice.js'
import { type AnyOf, Attributes, malformed, type OneOf } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { type Family, familyName } from '../family.js'
import { type routeProtocols, routeTypes } from '../route/table.js'
import { NTF_EXT_SHIFT, NTF_PROXY } from './constants.js'
import type { NeighbourFlag, NeighbourState } from './options.js'
import { extendedFlags, ndmsg, neighbourAttributes, neighbourFlags, neighbourStates } from './table.js'

/**
 * An entry of the ARP or the NDP table, or of their proxies. What it does not have is null. It is accepted where a neighbour is
 * given: `deleteNeighbour(n)`. See rtnetlink(7), arp(7), linux/neighbour.h.
 */
export interface Neighbour {
  readonly family: Family
  /** The neighbour's address: '192.168.15.9'. */
  readonly to: string
  /** Its link-layer address; null while it is not known ('incomplete', 'failed', 'none'), and for a proxy entry. */
  readonly mac: string | null
  /** Null for a proxy entry that is not bound to an interface. */
  readonly ifindex: number | null
  /** The interface's name; null also where the interface went away while the list was made. */
  readonly dev: string | null
  /** 'none' for a proxy entry. */
  readonly state: OneOf<NeighbourState>
  /** Without 'proxy', which is a property of its own. */
  readonly flags: AnyOf<NeighbourFlag>
  /** An address that this machine answers for. */
  readonly proxy: boolean
  /** What kind of address it is: 'unicast', 'multicast', 'broadcast', 'local'. */
  readonly type: OneOf<keyof typeof routeTypes.numbers>
  /** Who made it; null where nobody said. */
  readonly protocol: OneOf<keyof typeof routeProtocols.numbers> | null
  /** Solicitations sent that were not answered. */
  readonly probes: number | null
  /** Null for a proxy entry. */
  readonly cacheinfo: NeighbourTimes | null
}

/** What happened how many seconds ago, and how many users inside the kernel an entry has. */
export interface NeighbourTimes {
  /** The neighbour was known to answer. */
  readonly confirmed: number
  /** Something was sent to it. */
  readonly used: number
  /** State or link-layer address changed. */
  readonly updated: number
  readonly references: number
}

let reused: Attributes | undefined
const at = ndmsg.offsets

/** Reads a neighbour: `start` is its struct ndmsg. Null for a family that is not IPv4 or IPv6. */
export function readNeighbour(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): Neighbour | null {
  const family = familyName(bytes[start + at.family]!)
  if (family === null) return null
  reused ??= new Attributes(neighbourAttributes)
  const found = reused.load(bytes, start + ndmsg.size, end)
  const field = neighbourAttributes.field
  const to = found.get(field.dst)
  if (to === null) throw malformed('no address', start)
  const flags = bytes[start + at.flags]!
  const extended = toBits(extendedFlags, found.get(field.flagsExt) ?? [])
  const times = found.get(field.cacheinfo)
  const ifindex = getU32(bytes, start + at.ifindex) || null
  return {
    family,
    to,
    mac: found.get(field.lladdr) || null,
    ifindex,
    dev: ifindex === null ? null : nameOf(ifindex),
    state: neighbourStates.toName(getU16(bytes, start + at.state)),
    flags: neighbourFlags.toNames((flags & ~NTF_PROXY) | (extended << NTF_EXT_SHIFT)),
    proxy: (flags & NTF_PROXY) !== 0,
    type: routeTypes.toName(bytes[start + at.type]!),
    protocol: found.get(field.protocol),
    probes: found.get(field.probes),
    cacheinfo:
      times === null
        ? null
        : { confirmed: times.confirmed, used: times.used, updated: times.updated, references: times.refcnt },
  }
}

/**
 * What the kernel has to know to send something, and asks programs for (RTM_GETNEIGH). What it did not say is null. See linux/neighbour.h.
 */
export interface NeighbourMiss {
  readonly ifindex: number
  readonly dev: string | null
  /** The address whose link-layer address it wants. */
  readonly to: string | null
  /** The link-layer address for which a vxlan device knows no tunnel end; with `to` the one that is being tried. */
  readonly mac: string | null
}

/** Reads such a question: `start` is its struct ndmsg. */
export function readNeighbourMiss(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): NeighbourMiss {
  reused ??= new Attributes(neighbourAttributes)
  const found = reused.load(bytes, start + ndmsg.size, end)
  const ifindex = getU32(bytes, start + at.ifindex)
  const { dst, lladdr } = neighbourAttributes.field
  return { ifindex, dev: nameOf(ifindex), to: found.get(dst), mac: found.get(lladdr) || null }
}
