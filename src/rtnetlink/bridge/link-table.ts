/**
 * The messages of `bridge link`, `bridge vlan` and `bridge mst`: those of links in the family AF_BRIDGE, where IFLA_PROTINFO and
 * IFLA_AF_SPEC hold what linux/if_bridge.h says.
 */

import {
  attributes,
  enumeration,
  flagged,
  flags,
  message,
  names,
  nested,
  repeated,
  struct,
  type Table,
  u8,
  u16,
  u32,
} from '../../codec/index.js'
import { IFLA_AF_SPEC, IFLA_PROTINFO, RTM_DELLINK, RTM_GETLINK } from '../link/constants.js'
import { bridgePort, portStates } from '../link/kinds/bridge-port.js'
import { ifinfomsg, linkAttributes } from '../link/table.js'
import { cfmAttributes } from './cfm-table.js'
import * as c from './constants.js'
import { mrpAttributes } from './mrp-table.js'

/** BRIDGE_FLAGS_*: whether the bridge or the device below is meant. */
export const bridgeFlags = names({ master: c.BRIDGE_FLAGS_MASTER, self: c.BRIDGE_FLAGS_SELF })

/** BRIDGE_MODE_*: whether a network card switches between its functions itself. */
export const bridgeModes = names({ veb: c.BRIDGE_MODE_VEB, vepa: c.BRIDGE_MODE_VEPA })

/** BRIDGE_VLAN_INFO_* */
export const vlanFlags = names({
  master: c.BRIDGE_VLAN_INFO_MASTER,
  pvid: c.BRIDGE_VLAN_INFO_PVID,
  untagged: c.BRIDGE_VLAN_INFO_UNTAGGED,
  range_begin: c.BRIDGE_VLAN_INFO_RANGE_BEGIN,
  range_end: c.BRIDGE_VLAN_INFO_RANGE_END,
  brentry: c.BRIDGE_VLAN_INFO_BRENTRY,
  only_opts: c.BRIDGE_VLAN_INFO_ONLY_OPTS,
})
export type VlanFlag = keyof typeof vlanFlags.numbers

/** struct bridge_vlan_info */
export const vlanInfo = struct({ flags: flags(u16, vlanFlags), vid: u16 })

export const vlanTunnelAttributes = attributes('IFLA_BRIDGE_VLAN_TUNNEL', {
  id: [1, u32],
  vid: [2, u16],
  flags: [3, flags(u16, vlanFlags)],
})

export const mstEntryAttributes = attributes('IFLA_BRIDGE_MST_ENTRY', {
  msti: [1, u16],
  state: [2, enumeration(u8, portStates)],
})

export const mstAttributes = attributes('IFLA_BRIDGE_MST', {
  entry: [1, repeated(flagged(nested(mstEntryAttributes)))],
})

/** What IFLA_AF_SPEC holds. */
export const bridgeAfSpec = attributes('IFLA_BRIDGE', {
  flags: [0, flags(u16, bridgeFlags)],
  mode: [1, enumeration(u16, bridgeModes)],
  vlanInfo: [2, repeated(vlanInfo)],
  vlanTunnelInfo: [3, repeated(nested(vlanTunnelAttributes))],
  mrp: [4, flagged(nested(mrpAttributes))],
  cfm: [5, flagged(nested(cfmAttributes))],
  mst: [6, flagged(nested(mstAttributes))],
})

export const bridgeLinkAttributes = attributes('IFLA', {
  ...linkAttributes.fields,
  protinfo: [IFLA_PROTINFO, flagged(nested(bridgePort.table as Table))],
  afSpec: [IFLA_AF_SPEC, nested(bridgeAfSpec)],
})

export const setBridgeLink = message('RTM_SETLINK', c.RTM_SETLINK, ifinfomsg, bridgeLinkAttributes)
export const getBridgeLink = message('RTM_GETLINK', RTM_GETLINK, ifinfomsg, bridgeLinkAttributes)
export const deleteBridgeLink = message('RTM_DELLINK', RTM_DELLINK, ifinfomsg, bridgeLinkAttributes)
