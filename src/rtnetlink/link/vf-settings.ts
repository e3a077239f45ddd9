/** Virtual functions as callers set them: the checks, and the attributes of a change. */

import { show } from '../../codec/fault.js'
import type { Infer, OneOf } from '../../codec/index.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Channel, type Operation, requestOne } from '../../netlink/operation.js'
import { checkOneOf, checkUnicast } from '../input.js'
import { getLinkRequest } from './request.js'
import { type VfLinkState, type vfAttributes, vfLinkStates } from './vf.js'
import { type VlanProtocol, vlanProtocols } from './vlan-protocols.js'

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
  /** Mbit/s; 0: no limit. */
  minTxRate?: number | undefined
  maxTxRate?: number | undefined
  spoofCheck?: boolean | undefined
  trust?: boolean | undefined
  rssQuery?: boolean | undefined
  nodeGuid?: bigint | undefined
  portGuid?: bigint | undefined
}

type RawVf = Infer<typeof vfAttributes>

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
const MAX_VLAN = 4094
const MAX_QOS = 7
const MAX_U32 = 0xffffffff

/** Throws for a setting that cannot be. */
export function checkVf(settings: VfSettings, field: string): void {
  checkKeys(field, settings, VF_KEYS)
  checkInteger(settings.vf, `${field}.vf`, 0, MAX_U32, 'a virtual function')
  if (settings.mac !== undefined) checkUnicast(settings.mac, `${field}.mac`)
  for (const [option, max] of [
    ['vlan', MAX_VLAN],
    ['qos', MAX_QOS],
    ['minTxRate', MAX_U32],
    ['maxTxRate', MAX_U32],
  ] as const)
    if (settings[option] !== undefined) checkInteger(settings[option], `${field}.${option}`, 0, max)
  checkRates(settings.minTxRate, settings.maxTxRate, field)
  for (const option of ['nodeGuid', 'portGuid'] as const)
    if (settings[option] !== undefined) checkGuid(settings[option], `${field}.${option}`)
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

function checkRates(min: number | undefined, max: number | undefined, field: string): void {
  // 0 is no limit.
  if (min !== undefined && max && min > max)
    throw new RangeError(`${field}.minTxRate: ${min} is more than maxTxRate, ${max}`)
}

function checkGuid(value: unknown, field: string): void {
  if (typeof value !== 'bigint') throw new TypeError(`${field}: ${show(value)} is not a bigint`)
  if (value < 0n || value >= 1n << 64n) throw new RangeError(`${field}: ${value} is not from 0 to 2^64 - 1`)
}

/**
 * The attributes of the virtual functions of one card. The kernel sets both rates together: one that is not given is sent as it is.
 * Throws RangeError where they do not fit.
 */
export function* vfChanges(
  channel: Channel,
  ifindex: number,
  vfs: readonly VfSettings[] | undefined,
): Operation<readonly RawVf[] | undefined> {
  if (vfs === undefined) return undefined
  if (!vfs.some(hasOneRate)) return vfs.map(vfAttributesOf)
  const there = (yield* requestOne(channel, getLinkRequest(ifindex, { include: ['vfs'] }))).vfs ?? []
  return vfs.map((settings, index) => {
    if (!hasOneRate(settings)) return vfAttributesOf(settings)
    const found = there.find(({ vf }) => vf === settings.vf)
    const { minTxRate = found?.minTxRate ?? 0, maxTxRate = found?.maxTxRate ?? 0 } = settings
    checkRates(minTxRate, maxTxRate, `vfs[${index}]`)
    return vfAttributesOf({ ...settings, minTxRate, maxTxRate })
  })
}

function hasOneRate({ minTxRate, maxTxRate }: VfSettings): boolean {
  return (minTxRate === undefined) !== (maxTxRate === undefined)
}

/** The attributes of one virtual function, as iproute2 chooses them. */
function vfAttributesOf(settings: VfSettings): RawVf {
  const { vf, mac, vlan, qos = 0, vlanProtocol, linkState, minTxRate, maxTxRate } = settings
  const raw: RawVf = {}
  if (mac !== undefined) raw.mac = { vf, mac }
  if (vlan !== undefined) {
    if (vlanProtocol === undefined || vlanProtocol === '802.1Q') raw.vlan = { vf, vlan, qos }
    else raw.vlanList = { info: [{ vf, vlan, qos, protocol: vlanProtocol }] }
  }
  if (minTxRate !== undefined && maxTxRate !== undefined) raw.rate = { vf, minTxRate, maxTxRate }
  if (settings.spoofCheck !== undefined) raw.spoofchk = { vf, setting: settings.spoofCheck }
  if (settings.rssQuery !== undefined) raw.rssQueryEn = { vf, setting: settings.rssQuery }
  if (settings.trust !== undefined) raw.trust = { vf, setting: settings.trust }
  if (linkState !== undefined) raw.linkState = { vf, linkState }
  if (settings.nodeGuid !== undefined) raw.ibNodeGuid = { vf, guid: settings.nodeGuid }
  if (settings.portGuid !== undefined) raw.ibPortGuid = { vf, guid: settings.portGuid }
  return raw
}
