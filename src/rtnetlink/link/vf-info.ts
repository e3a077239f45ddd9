/** Virtual functions as callers see them: one object each, where the kernel has an attribute for every setting. */

import type { Infer, OneOf } from '../../codec/index.js'
import type { VfLinkState, vfAttributes, vfInfoListAttributes } from './vf.js'
import type { VlanProtocol } from './vlan-protocols.js'

/** A virtual function of a network card. What its driver does not tell is null. */
export interface VfInfo {
  readonly vf: number
  readonly mac: string | null
  readonly broadcast: string | null
  /** 0: none. */
  readonly vlan: number | null
  readonly qos: number | null
  readonly vlanProtocol: OneOf<VlanProtocol> | null
  readonly linkState: OneOf<VfLinkState> | null
  /** Mbit/s; 0: no limit. */
  readonly minTxRate: number | null
  readonly maxTxRate: number | null
  readonly spoofCheck: boolean | null
  readonly trust: boolean | null
  /** It may ask for the card's RSS configuration. */
  readonly rssQuery: boolean | null
  readonly nodeGuid: bigint | null
  readonly portGuid: bigint | null
  /** Null unless `stats` are asked for besides. */
  readonly stats: VfStats | null
}

/** Packets and bytes of a virtual function. */
export interface VfStats {
  readonly rxPackets: number
  readonly txPackets: number
  readonly rxBytes: number
  readonly txBytes: number
  readonly broadcast: number
  readonly multicast: number
  readonly rxDropped: number
  readonly txDropped: number
}

type RawVf = Infer<typeof vfAttributes>

/** Reads IFLA_VFINFO_LIST of a card with the address `mac`; null where there is none. */
export function readVfs(
  list: Infer<typeof vfInfoListAttributes> | null,
  mac: string | null,
  withStats: boolean,
): VfInfo[] | null {
  return list === null ? null : (list.info ?? []).map((raw) => readVf(raw, mac ?? '', withStats))
}

function readVf(raw: RawVf, { length }: string, withStats: boolean): VfInfo {
  const vlan = raw.vlanList?.info?.[0]
  return {
    vf: raw.mac?.vf ?? 0,
    mac: raw.mac?.mac?.slice(0, length) ?? null,
    broadcast: raw.broadcast?.slice(0, length) ?? null,
    vlan: vlan?.vlan ?? raw.vlan?.vlan ?? null,
    qos: vlan?.qos ?? raw.vlan?.qos ?? null,
    // The kernel presets 802.1Q, and drivers overwrite it.
    vlanProtocol: vlan?.protocol || null,
    linkState: raw.linkState?.linkState ?? null,
    minTxRate: raw.rate?.minTxRate ?? null,
    maxTxRate: raw.rate?.maxTxRate ?? raw.txRate?.rate ?? null,
    spoofCheck: raw.spoofchk?.setting ?? null,
    trust: raw.trust?.setting ?? null,
    rssQuery: raw.rssQueryEn?.setting ?? null,
    nodeGuid: raw.ibNodeGuid?.guid ?? null,
    portGuid: raw.ibPortGuid?.guid ?? null,
    stats: withStats ? readStats(raw.stats) : null,
  }
}

function readStats(raw: RawVf['stats']): VfStats | null {
  if (raw === undefined) return null
  return {
    rxPackets: Number(raw.rxPackets ?? 0n),
    txPackets: Number(raw.txPackets ?? 0n),
    rxBytes: Number(raw.rxBytes ?? 0n),
    txBytes: Number(raw.txBytes ?? 0n),
    broadcast: Number(raw.broadcast ?? 0n),
    multicast: Number(raw.multicast ?? 0n),
    rxDropped: Number(raw.rxDropped ?? 0n),
    txDropped: Number(raw.txDropped ?? 0n),
  }
}
