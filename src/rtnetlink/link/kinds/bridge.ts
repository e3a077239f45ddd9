/** linux/if_link.h, enum IFLA_BR_*; docs in Documentation/networking/bridge.rst. Times are seconds. */

import { wrongType } from '../../../codec/fault.js'
import {
  attributes,
  be16,
  bitfield32,
  bool8,
  bytes,
  enumeration,
  flag,
  mac,
  names,
  struct,
  type Type,
  u8,
  u16,
  u32,
} from '../../../codec/index.js'
import { seconds32, seconds64 } from '../../time.js'
import { kind } from './kind.js'

/** The EtherTypes of VLAN tags, as `ip link … type vlan protocol` names them. */
export const vlanProtocols = names({ '802.1Q': 0x8100, '802.1ad': 0x88a8 })

/** struct ifla_bridge_id: priority in network order, then the address; as `ip -d link` prints it, '8000.2:0:0:0:0:1'. */
const bridgeIdStruct = struct({
  priority: be16,
  address0: u8,
  address1: u8,
  address2: u8,
  address3: u8,
  address4: u8,
  address5: u8,
})
const bridgeId: Type<{ priority: number; mac: string }> = {
  label: 'bridge id',
  size: bridgeIdStruct.size,
  encode(out, value, siblings) {
    be16.encode(out, value.priority, siblings)
    mac.encode(out, value.mac, siblings)
  },
  decode(data, start, end, siblings) {
    return {
      priority: be16.decode(data, start, end, siblings),
      mac: mac.decode(data, start + 2, Math.min(end, start + 8), siblings),
    }
  },
}

/** The kernel tells its own STP (1) from a daemon's (2); both are true. */
const bool32: Type<boolean> = {
  label: 'bool32',
  size: u32.size,
  encode(out, value, siblings) {
    if (typeof value !== 'boolean') throw wrongType(value, 'true or false')
    u32.encode(out, value ? 1 : 0, siblings)
  },
  decode(data, start, end, siblings) {
    return u32.decode(data, start, end, siblings) !== 0
  },
}

export const bridge = kind(
  'bridge',
  attributes('IFLA_BR', {
    forwardDelay: [1, seconds32],
    helloTime: [2, seconds32],
    maxAge: [3, seconds32],
    ageingTime: [4, seconds32],
    stp: [5, bool32],
    priority: [6, u16],
    vlanFiltering: [7, bool8],
    vlanProtocol: [8, enumeration(be16, vlanProtocols)],
    groupFwdMask: [9, u16],
    rootId: [10, bridgeId],
    bridgeId: [11, bridgeId],
    rootPort: [12, u16],
    rootPathCost: [13, u32],
    topologyChange: [14, bool8],
    topologyChangeDetected: [15, bool8],
    helloTimer: [16, seconds64],
    tcnTimer: [17, seconds64],
    topologyChangeTimer: [18, seconds64],
    gcTimer: [19, seconds64],
    groupAddress: [20, mac],
    fdbFlush: [21, flag],
    mcastRouter: [22, u8],
    mcastSnooping: [23, bool8],
    mcastQueryUseIfaddr: [24, bool8],
    mcastQuerier: [25, bool8],
    mcastHashElasticity: [26, u32],
    mcastHashMax: [27, u32],
    mcastLastMemberCount: [28, u32],
    mcastStartupQueryCount: [29, u32],
    mcastLastMemberInterval: [30, seconds64],
    mcastMembershipInterval: [31, seconds64],
    mcastQuerierInterval: [32, seconds64],
    mcastQueryInterval: [33, seconds64],
    mcastQueryResponseInterval: [34, seconds64],
    mcastStartupQueryInterval: [35, seconds64],
    nfCallIptables: [36, bool8],
    nfCallIp6tables: [37, bool8],
    nfCallArptables: [38, bool8],
    vlanDefaultPvid: [39, u16],
    vlanStats: [41, bool8],
    mcastStats: [42, bool8],
    mcastIgmpVersion: [43, u8],
    mcastMldVersion: [44, u8],
    vlanStatsPerPort: [45, bool8],
    multiBoolopt: [46, bitfield32],
    mcastQuerierState: [47, bytes],
    fdbLearned: [48, u32],
    fdbMaxLearned: [49, u32],
  }),
)
