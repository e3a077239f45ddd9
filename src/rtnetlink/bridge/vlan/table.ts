/** RTM_NEWVLAN and RTM_GETVLAN: struct br_vlan_msg and enum BRIDGE_VLANDB_* (linux/if_bridge.h). */

import {
  alignedAttributes,
  attributes,
  bool8,
  enumeration,
  flagged,
  message,
  nested,
  padding,
  repeated,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../../../codec/index.js'
import { bridgeQuerier } from '../../link/kinds/bridge.js'
import { portStates } from '../../link/kinds/bridge-port.js'
import { seconds64 } from '../../time.js'
import { RTM_DELVLAN, RTM_GETVLAN, RTM_NEWVLAN } from '../constants.js'
import { vlanInfo } from '../link-table.js'
import { routerAttributes } from '../router-table.js'
import { routerTypes } from '../router-types.js'

export const vlanMessage = struct({ family: u8, pad: padding(3), ifindex: u32 })

/** What is done with a tunnel's id: RTM_SETLINK or RTM_DELLINK. */
export const vlanTunnelInfo = attributes('BRIDGE_VLANDB_TINFO', { id: [1, u32], cmd: [2, u32] })

export const vlanStats = alignedAttributes('BRIDGE_VLANDB_STATS', 5, {
  rxBytes: [1, u64],
  rxPackets: [2, u64],
  txBytes: [3, u64],
  txPackets: [4, u64],
})

export const vlanEntry = attributes('BRIDGE_VLANDB_ENTRY', {
  info: [1, vlanInfo],
  range: [2, u16],
  state: [3, enumeration(u8, portStates)],
  tunnelInfo: [4, flagged(nested(vlanTunnelInfo))],
  stats: [5, nested(vlanStats)],
  mcastRouter: [6, enumeration(u8, routerTypes)],
  mcastNGroups: [7, u32],
  mcastMaxGroups: [8, u32],
  neighSuppress: [9, bool8],
  neighForwardGrat: [10, bool8],
})

/** Named as the same options of a whole bridge (IFLA_BR_*). Times are seconds. */
export const globalVlan = alignedAttributes('BRIDGE_VLANDB_GOPTS', 9, {
  id: [1, u16],
  range: [2, u16],
  mcastSnooping: [3, bool8],
  mcastIgmpVersion: [4, u8],
  mcastMldVersion: [5, u8],
  mcastLastMemberCount: [6, u32],
  mcastStartupQueryCount: [7, u32],
  mcastLastMemberInterval: [8, seconds64],
  mcastMembershipInterval: [10, seconds64],
  mcastQuerierInterval: [11, seconds64],
  mcastQueryInterval: [12, seconds64],
  mcastQueryResponseInterval: [13, seconds64],
  mcastStartupQueryInterval: [14, seconds64],
  mcastQuerier: [15, bool8],
  mcastRouterPorts: [16, nested(routerAttributes)],
  mcastQuerierState: [17, nested(bridgeQuerier())],
  msti: [18, u16],
})

export const vlanAttributes = attributes('BRIDGE_VLANDB', {
  entry: [1, repeated(flagged(nested(vlanEntry)))],
  globalOptions: [2, repeated(flagged(nested(globalVlan)))],
})

export const vlanDumpAttributes = attributes('BRIDGE_VLANDB_DUMP', { flags: [1, u32] })

export const newVlan = message('RTM_NEWVLAN', RTM_NEWVLAN, vlanMessage, vlanAttributes)
export const delVlan = message('RTM_DELVLAN', RTM_DELVLAN, vlanMessage, vlanAttributes)
export const getVlan = message('RTM_GETVLAN', RTM_GETVLAN, vlanMessage, vlanDumpAttributes)
