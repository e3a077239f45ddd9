/** Virtual functions of a network card (linux/if_link.h, IFLA_VF_* and IFLA_PORT_*). Rates are Mbit/s. */

import { wrongType } from '../../codec/fault.js'
import {
  alignedAttributes,
  attributes,
  be16,
  bytes,
  enumeration,
  mac,
  names,
  nested,
  padding,
  repeated,
  s32,
  string,
  struct,
  type Type,
  u8,
  u16,
  u32,
  u64,
} from '../../codec/index.js'
import { bool32 } from './types.js'
import { vlanProtocols } from './vlan-protocols.js'

const MAX_ADDR_LEN = 32

/** u8[MAX_ADDR_LEN]: an address, padded with zeros. Where it ends is not said: as the address of the card does. */
const paddedMac: Type<string> = {
  label: 'mac',
  size: MAX_ADDR_LEN,
  encode(out, value, siblings) {
    const start = out.length
    mac.encode(out, value, siblings)
    const length = out.length - start
    if (length > MAX_ADDR_LEN) throw wrongType(value, `an address of at most ${MAX_ADDR_LEN} bytes`)
    out.reserve(MAX_ADDR_LEN - length)
  },
  decode: mac.decode,
}

/** A boolean in 32 bits that is -1 where the driver does not tell (rtnl_fill_vfinfo()). */
const told: Type<boolean | null> = {
  label: bool32.label,
  size: bool32.size,
  encode(out, value, siblings) {
    if (value === null) s32.encode(out, -1, siblings)
    else bool32.encode(out, value, siblings)
  },
  decode: (data, start, end, siblings) =>
    s32.decode(data, start, end, siblings) === -1 ? null : bool32.decode(data, start, end, siblings),
}

/** Whether the virtual function has the link state of the card or its own. */
export const vfLinkStates = names({ auto: 0, enable: 1, disable: 2 })
/** What the link of a virtual function does. */
export type VfLinkState = keyof typeof vfLinkStates.numbers

/** struct ifla_vf_mac */
export const vfMac = struct({ vf: u32, mac: paddedMac })
/** struct ifla_vf_vlan */
export const vfVlan = struct({ vf: u32, vlan: u32, qos: u32 })
/** struct ifla_vf_tx_rate */
export const vfTxRate = struct({ vf: u32, rate: u32 })
/** struct ifla_vf_rate */
export const vfRate = struct({ vf: u32, minTxRate: u32, maxTxRate: u32 })
/** struct ifla_vf_spoofchk, ifla_vf_rss_query_en and ifla_vf_trust */
export const vfSetting = struct({ vf: u32, setting: told })
/** struct ifla_vf_link_state */
export const vfLinkState = struct({ vf: u32, linkState: enumeration(u32, vfLinkStates) })
/** struct ifla_vf_guid */
export const vfGuid = struct({ vf: u32, pad: padding(4), guid: u64 })
/** struct ifla_vf_vlan_info */
export const vfVlanInfo = struct({
  vf: u32,
  vlan: u32,
  qos: u32,
  protocol: enumeration(be16, vlanProtocols),
  pad: padding(2),
})

/** enum IFLA_VF_STATS_* */
export const vfStatsAttributes = alignedAttributes('IFLA_VF_STATS', 6, {
  rxPackets: [0, u64],
  txPackets: [1, u64],
  rxBytes: [2, u64],
  txBytes: [3, u64],
  broadcast: [4, u64],
  multicast: [5, u64],
  rxDropped: [7, u64],
  txDropped: [8, u64],
})

/** enum IFLA_VF_VLAN_INFO_* */
export const vfVlanAttributes = attributes('IFLA_VF_VLAN', { info: [1, repeated(vfVlanInfo)] })

/** enum IFLA_VF_* */
export const vfAttributes = attributes('IFLA_VF', {
  mac: [1, vfMac],
  vlan: [2, vfVlan],
  txRate: [3, vfTxRate],
  spoofchk: [4, vfSetting],
  linkState: [5, vfLinkState],
  rate: [6, vfRate],
  rssQueryEn: [7, vfSetting],
  stats: [8, nested(vfStatsAttributes)],
  trust: [9, vfSetting],
  ibNodeGuid: [10, vfGuid],
  ibPortGuid: [11, vfGuid],
  vlanList: [12, nested(vfVlanAttributes)],
  broadcast: [13, paddedMac],
})

/** enum IFLA_VF_INFO_* */
export const vfInfoListAttributes = attributes('IFLA_VF_INFO', { info: [1, repeated(nested(vfAttributes))] })

/** What a virtual function's port tells of its VDP association (802.1Qbg). */
export const portAttributes = attributes('IFLA_PORT', {
  vf: [1, u32],
  profile: [2, string],
  vsiType: [3, bytes],
  instanceUuid: [4, bytes],
  hostUuid: [5, bytes],
  request: [6, u8],
  response: [7, u16],
})
/** enum IFLA_VF_PORT_* */
export const vfPortsAttributes = attributes('IFLA_VF_PORT', { port: [1, repeated(nested(portAttributes))] })
