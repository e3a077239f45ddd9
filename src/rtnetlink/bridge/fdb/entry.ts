/** An entry of a forwarding table as callers see it, and how one is read out of an RTM_NEWNEIGH of the family AF_BRIDGE. */

import { getU16, getU32 } from '../../../codec/bytes.js'
import { toBits } from '../../../codec/choice.js'
import { type AnyOf, Attributes, type OneOf } from '../../../codec/index.js'
import { NTF_EXT_SHIFT, NTF_MASTER, NTF_SELF } from '../../neighbour/constants.js'
import { extendedFlags, ndmsg, neighbourAttributes } from '../../neighbour/table.js'
import { FDB_NOTIFY_BIT, FDB_NOTIFY_INACTIVE_BIT } from '../constants.js'
import { type FdbFlag, type FdbState, fdbFlags, stateName } from './table.js'

/**
 * Where frames to a link-layer address leave: an entry of a bridge, of a vxlan device (which tunnel end), or an address that a device
 * takes in. What it does not have is null. It is accepted where an entry is given: `deleteFdbEntry(entry)`. See bridge(8),
 * linux/neighbour.h.
 */
export interface FdbEntry {
  readonly mac: string
  readonly ifindex: number
  /** The interface: a bridge's port, a vxlan device, or the bridge itself; null where it went away while the list was made. */
  readonly dev: string | null
  /** The bridge in whose table it stands, by ifindex and name; null for an entry of the device's own table. */
  readonly bridgeIfindex: number | null
  readonly bridge: string | null
  /** It stands in the table of the bridge that `dev` is a port of. */
  readonly master: boolean
  /** It stands in the table of `dev` itself. */
  readonly self: boolean
  /** 'permanent': the bridge's own address; 'static' and 'dynamic' lead elsewhere; 'stale' is a dynamic one past its time. */
  readonly state: OneOf<FdbState>
  readonly flags: AnyOf<FdbFlag>
  readonly vlan: number | null
  /** The tunnel's other end, of a vxlan entry, and what there is besides: UDP port, network ids, the interface to send by. */
  readonly dst: string | null
  readonly port: number | null
  readonly vni: number | null
  readonly srcVni: number | null
  /** An ifindex, in the namespace `linkNetnsid` if that is not null. */
  readonly via: number | null
  readonly linkNetnsid: number | null
  /** A nexthop object instead of `dst`. */
  readonly nhid: number | null
  /** Listeners are told when it is used again after it was not for the ageing time. */
  readonly activityNotify: boolean
  /** It has not been used for that time. */
  readonly inactive: boolean
  /** Seconds since a frame went to it, and since it was learnt or changed. */
  readonly used: number | null
  readonly updated: number | null
}

let reused: Attributes | undefined
const at = ndmsg.offsets

/** Reads an entry: `start` is its struct ndmsg. */
export function readFdbEntry(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: (ifindex: number) => string | null,
): FdbEntry {
  reused ??= new Attributes(neighbourAttributes)
  const found = reused.load(bytes, start + ndmsg.size, end)
  const field = neighbourAttributes.field
  const ifindex = getU32(bytes, start + at.ifindex)
  const bridge = found.get(field.master)
  const header = bytes[start + at.flags]!
  const extended = toBits(extendedFlags, found.get(field.flagsExt) ?? [])
  const notify = found.get(field.fdbExtAttrs)?.activityNotify ?? 0
  const times = found.get(field.cacheinfo)
  return {
    mac: found.get(field.lladdr) ?? '',
    ifindex,
    dev: nameOf(ifindex),
    bridgeIfindex: bridge,
    bridge: bridge === null ? null : nameOf(bridge),
    master: bridge !== null && bridge !== ifindex,
    self: (header & NTF_SELF) !== 0 || bridge === ifindex,
    state: stateName(getU16(bytes, start + at.state)),
    flags: fdbFlags.toNames((header & ~(NTF_SELF | NTF_MASTER)) | (extended << NTF_EXT_SHIFT)),
    vlan: found.get(field.vlan),
    dst: found.get(field.dst),
    port: found.get(field.port),
    vni: found.get(field.vni),
    srcVni: found.get(field.srcVni),
    via: found.get(field.ifindex),
    linkNetnsid: found.get(field.linkNetnsid),
    nhid: found.get(field.nhId),
    activityNotify: (notify & FDB_NOTIFY_BIT) !== 0,
    inactive: (notify & FDB_NOTIFY_INACTIVE_BIT) !== 0,
    used: times?.used ?? null,
    updated: times?.updated ?? null,
  }
}
