/** Virtual functions as callers see and set them: one object each, where the kernel has an attribute for every setting. */

import type { Infer, OneOf } from '../../codec/index.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { checkMac, checkOneOf } from '../input.js'
import { type VfLinkState, type vfAttributes, type vfInfoListAttributes, vfLinkStates } from './vf.js'
import { type VlanProtocol, vlanProtocols } from './vlan-protocols.js'

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

/** What is to change of a virtual function; what is not given stays. */
export interface VfSettings {
  vf: number
  mac?: string | undefined
  /** 1 to 4094; 0 takes the VLAN away. */
  vlan?: number | undefined
  /** Goes with `vlan`. */
  qos?: number | undefined
  /** Goes with `vlan`. */
  vlanProtocol?: OneOf<VlanProtocol> | undefined
  linkState?: OneOf<VfLinkState> | undefined
  /** Mbit/s; both rates are set together, one that is not given is no limit. */
  minTxRate?: number | undefined
  maxTxRate?: number | undefined
  spoofCheck?: boolean | undefined
  trust?: boolean | undefined
  rssQuery?: boolean | undefined
  nodeGuid?: bigint | undefined
  portGuid?: bigint | undefined
}

type RawVf = Infer<typeof vfAttributes>

/** Reads IFLA_VFINFO_LIST; null where there is none. */
export function readVfs(list: Infer<typeof vfInfoListAttributes> | null): VfInfo[] | null {
  return list === null ? null : (list.info ?? []).map(readVf)
}

function readVf(raw: RawVf): VfInfo {
  const vlan = raw.vlanList?.info?.[0]
  return {
    vf: raw.mac?.vf ?? 0,
    mac: raw.mac?.mac ?? null,
    broadcast: raw.broadcast ?? null,
    vlan: vlan?.vlan ?? raw.vlan?.vlan ?? null,
    qos: vlan?.qos ?? raw.vlan?.qos ?? null,
    vlanProtocol: vlan?.protocol ?? null,
    linkState: raw.linkState?.linkState ?? null,
    minTxRate: raw.rate?.minTxRate ?? null,
    maxTxRate: raw.rate?.maxTxRate ?? raw.txRate?.rate ?? null,
    spoofCheck: raw.spoofchk?.setting ?? null,
    trust: raw.trust?.setting ?? null,
    rssQuery: raw.rssQueryEn?.setting ?? null,
    nodeGuid: raw.ibNodeGuid?.guid ?? null,
    portGuid: raw.ibPortGuid?.guid ?? null,
    stats: readStats(raw.stats),
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

const VF_KEYS: readonly (keyof VfSettings)[] = [
  'vf',
  'mac',
  'vlan',
  'qos',
  'vlanProtocol',
  'linkState',
  'minTxRate',
  'maxTxRate',
  'spoofCheck',
  'trust',
  'rssQuery',
  'nodeGuid',
  'portGuid',
]
const MAX_VLAN = 4095
const MAX_QOS = 7
const MAX_U32 = 0xffffffff

/** Throws for a setting that cannot be. */
export function checkVf(settings: VfSettings, field: string): void {
  checkKeys(field, settings, VF_KEYS)
  checkInteger(settings.vf, `${field}.vf`, 0, MAX_U32, 'a virtual function')
  if (settings.mac !== undefined) checkMac(settings.mac, `${field}.mac`)
  for (const [option, max] of [
    ['vlan', MAX_VLAN],
    ['qos', MAX_QOS],
    ['minTxRate', MAX_U32],
    ['maxTxRate', MAX_U32],
  ] as const)
    if (settings[option] !== undefined) checkInteger(settings[option], `${field}.${option}`, 0, max)
  for (const option of ['spoofCheck', 'trust', 'rssQuery'] as const)
    if (settings[option] !== undefined) checkBoolean(settings[option], `${field}.${option}`)
  if (settings.vlanProtocol !== undefined)
    checkOneOf(vlanProtocols, settings.vlanProtocol, `${field}.vlanProtocol`, 0xffff)
  if (settings.linkState !== undefined)
    checkOneOf(vfLinkStates, settings.linkState, `${field}.linkState`, MAX_U32)
  for (const option of ['qos', 'vlanProtocol'] as const)
    if (settings[option] !== undefined && settings.vlan === undefined)
      throw new TypeError(`${field}.${option}: goes with vlan, which is missing`)
}

/** The attributes of one virtual function, as iproute2 chooses them. */
export function vfAttributesOf(settings: VfSettings): RawVf {
  const { vf, mac, vlan, qos = 0, vlanProtocol, linkState, minTxRate, maxTxRate } = settings
  const raw: RawVf = {}
  if (mac !== undefined) raw.mac = { vf, mac }
  if (vlan !== undefined) {
    if (vlanProtocol === undefined || vlanProtocol === '802.1Q') raw.vlan = { vf, vlan, qos }
    else raw.vlanList = { info: [{ vf, vlan, qos, protocol: vlanProtocol }] }
  }
  if (minTxRate !== undefined || maxTxRate !== undefined)
    raw.rate = { vf, minTxRate: minTxRate ?? 0, maxTxRate: maxTxRate ?? 0 }
  if (settings.spoofCheck !== undefined) raw.spoofchk = { vf, setting: settings.spoofCheck }
  if (settings.rssQuery !== undefined) raw.rssQueryEn = { vf, setting: settings.rssQuery }
  if (settings.trust !== undefined) raw.trust = { vf, setting: settings.trust }
  if (linkState !== undefined) raw.linkState = { vf, linkState }
  if (settings.nodeGuid !== undefined) raw.ibNodeGuid = { vf, guid: settings.nodeGuid }
  if (settings.portGuid !== undefined) raw.ibPortGuid = { vf, guid: settings.portGuid }
  return raw
}
