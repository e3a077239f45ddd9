/** The networks of a vxlan device as callers see them, and how they are read out of an RTM_NEWTUNNEL. */

import { getU32 } from '../../codec/bytes.js'
import { decodeAttributes } from '../../codec/decode.js'
import { type Infer, malformed } from '../../codec/index.js'
import { MAX_VNI } from '../vni.js'
import { tunnelMessage, vniAttributes, type vniStatsAttributes } from './table.js'

/** Counters of a network of a vxlan device. */
export interface VxlanVniStats {
  readonly rxBytes: number
  readonly rxPackets: number
  readonly rxDropped: number
  readonly rxErrors: number
  readonly txBytes: number
  readonly txPackets: number
  readonly txDropped: number
  readonly txErrors: number
}
/** The same as bigint. */
export type BigVxlanVniStats = { readonly [K in keyof VxlanVniStats]: bigint }

/**
 * A network that a vxlan device with `vnifilter` takes part in. What it does not have is null. It is accepted where one is given:
 * `deleteVxlanVni(it.ifindex, it)`. See bridge(8), linux/if_link.h (VXLAN_VNIFILTER_*).
 */
export interface VxlanVni {
  readonly ifindex: number
  /** The vxlan device; null where it went away while the list was made. */
  readonly dev: string | null
  /** From 1 to 2^24 - 1. */
  readonly vni: number
  /** Where frames go whose destination is not known: a multicast group, or the other end. */
  readonly group: string | null
  /** Null unless asked for with `statistics: true`. */
  readonly stats: VxlanVniStats | null
  /** The same as bigint; null unless asked for with `bigint: true` besides. */
  readonly bigStats: BigVxlanVniStats | null
}

/** Reads the networks of one device: `start` is the struct tunnel_msg. A range is one element for each of its networks. */
export function readVxlanVnis(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: (ifindex: number) => string | null,
  bigint: boolean,
): VxlanVni[] {
  const ifindex = getU32(bytes, start + tunnelMessage.offsets.ifindex)
  const { entry = [] } = decodeAttributes(vniAttributes, bytes, start + tunnelMessage.size, end)
  const dev = entry.length === 0 ? null : nameOf(ifindex)
  const found: VxlanVni[] = []
  for (const { start: first = 0, end: last = first, group, group6, stats } of entry) {
    if (last < first || last > MAX_VNI) throw malformed(`${first}-${last} is no range of networks`, start)
    const rest = {
      group: group ?? group6 ?? null,
      stats: stats === undefined ? null : statsOf(stats, Number),
      bigStats: stats === undefined || !bigint ? null : statsOf(stats, (count) => count),
    }
    for (let vni = first; vni <= last; vni++) found.push({ ifindex, dev, vni, ...rest })
  }
  return found
}

function statsOf<T>(stats: Infer<typeof vniStatsAttributes>, convert: (count: bigint) => T) {
  const { rxBytes = 0n, rxPackets = 0n, rxDropped = 0n, rxErrors = 0n } = stats
  const { txBytes = 0n, txPackets = 0n, txDropped = 0n, txErrors = 0n } = stats
  return {
    rxBytes: convert(rxBytes),
    rxPackets: convert(rxPackets),
    rxDropped: convert(rxDropped),
    rxErrors: convert(rxErrors),
    txBytes: convert(txBytes),
    txPackets: convert(txPackets),
    txDropped: convert(txDropped),
    txErrors: convert(txErrors),
  }
}
