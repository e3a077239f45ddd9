/**
 * IFLA_BRIDGE_CFM: whether the other ends of a network can be reached (Connectivity Fault Management, IEEE 802.1Q section 12.14). Enums
 * IFLA_BRIDGE_CFM_* of linux/if_bridge.h and BR_CFM_* of linux/cfm_bridge.h; types of br_cfm_netlink.c. An `instance` is the number of a
 * maintenance end point (MEP) in the bridge. No operation has them: they are for messages of one's own and for those that are decoded.
 */

import {
  attributes,
  bytesOf,
  enumeration,
  flagged,
  names,
  nested,
  repeated,
  u8,
  u32,
} from '../../codec/index.js'
import { bool32, ethernet } from '../link/types.js'

const domain = enumeration(u32, names({ port: 0, vlan: 1 }))
const direction = enumeration(u32, names({ down: 0, up: 1 }))
/** How often continuity is told of. */
const interval = enumeration(
  u32,
  names({
    none: 0,
    '3.3ms': 1,
    '10ms': 2,
    '100ms': 3,
    '1s': 4,
    '10s': 5,
    '1min': 6,
    '10min': 7,
  }),
)

const CFM_MAID_LENGTH = 48

export const cfmMepCreate = attributes('IFLA_BRIDGE_CFM_MEP_CREATE', {
  instance: [1, u32],
  domain: [2, domain],
  direction: [3, direction],
  ifindex: [4, u32],
})
export const cfmMepDelete = attributes('IFLA_BRIDGE_CFM_MEP_DELETE', { instance: [1, u32] })
export const cfmMepConfig = attributes('IFLA_BRIDGE_CFM_MEP_CONFIG', {
  instance: [1, u32],
  unicastMac: [2, ethernet],
  mdlevel: [3, u32],
  mepid: [4, u32],
})
export const cfmCcConfig = attributes('IFLA_BRIDGE_CFM_CC_CONFIG', {
  instance: [1, u32],
  enable: [2, bool32],
  expInterval: [3, interval],
  expMaid: [4, bytesOf(CFM_MAID_LENGTH)],
})
export const cfmPeerMep = attributes('IFLA_BRIDGE_CFM_CC_PEER_MEP', { instance: [1, u32], mepid: [2, u32] })
export const cfmRdi = attributes('IFLA_BRIDGE_CFM_CC_RDI', { instance: [1, u32], rdi: [2, bool32] })
/** Frames that tell of this end go out for `period` seconds. */
export const cfmCcmTx = attributes('IFLA_BRIDGE_CFM_CC_CCM_TX', {
  instance: [1, u32],
  dmac: [2, ethernet],
  seqNoUpdate: [3, bool32],
  period: [4, u32],
  ifTlv: [5, bool32],
  ifTlvValue: [6, u8],
  portTlv: [7, bool32],
  portTlvValue: [8, u8],
})
/** What was seen since it was last asked for (RTEXT_FILTER_CFM_STATUS). */
export const cfmMepStatus = attributes('IFLA_BRIDGE_CFM_MEP_STATUS', {
  instance: [1, u32],
  opcodeUnexpSeen: [2, bool32],
  versionUnexpSeen: [3, bool32],
  rxLevelLowSeen: [4, bool32],
})
export const cfmPeerStatus = attributes('IFLA_BRIDGE_CFM_CC_PEER_STATUS', {
  instance: [1, u32],
  peerMepid: [2, u32],
  ccmDefect: [3, bool32],
  rdi: [4, bool32],
  portTlvValue: [5, u8],
  ifTlvValue: [6, u8],
  seen: [7, bool32],
  tlvSeen: [8, bool32],
  seqUnexpSeen: [9, bool32],
})

/** One change each; what ends with `Info` is what answers hold, one for each end point. */
export const cfmAttributes = attributes('IFLA_BRIDGE_CFM', {
  mepCreate: [1, flagged(nested(cfmMepCreate))],
  mepDelete: [2, flagged(nested(cfmMepDelete))],
  mepConfig: [3, flagged(nested(cfmMepConfig))],
  ccConfig: [4, flagged(nested(cfmCcConfig))],
  ccPeerMepAdd: [5, flagged(nested(cfmPeerMep))],
  ccPeerMepRemove: [6, flagged(nested(cfmPeerMep))],
  ccRdi: [7, flagged(nested(cfmRdi))],
  ccCcmTx: [8, flagged(nested(cfmCcmTx))],
  mepCreateInfo: [9, repeated(flagged(nested(cfmMepCreate)))],
  mepConfigInfo: [10, repeated(flagged(nested(cfmMepConfig)))],
  ccConfigInfo: [11, repeated(flagged(nested(cfmCcConfig)))],
  ccRdiInfo: [12, repeated(flagged(nested(cfmRdi)))],
  ccCcmTxInfo: [13, repeated(flagged(nested(cfmCcmTx)))],
  ccPeerMepInfo: [14, repeated(flagged(nested(cfmPeerMep)))],
  mepStatusInfo: [15, repeated(flagged(nested(cfmMepStatus)))],
  ccPeerStatusInfo: [16, repeated(flagged(nested(cfmPeerStatus)))],
})
