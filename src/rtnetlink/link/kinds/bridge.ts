/** linux/if_link.h, enum IFLA_BR_*; docs in Documentation/networking/bridge.rst. Times are seconds. */

import { show } from '../../../codec/fault.js'
import {
  alignedAttributes,
  be16,
  bool8,
  enumeration,
  flag,
  ipv4,
  ipv6,
  mac,
  names,
  nested,
  type Type,
  u8,
  u16,
  u32,
} from '../../../codec/index.js'
import { routerTypes } from '../../bridge/router-types.js'
import { seconds32, seconds64 } from '../../time.js'
import { bool32, ethernet, switches } from '../types.js'
import { vlanProtocols } from '../vlan-protocols.js'
import { kind } from './kind.js'

/** struct ifla_bridge_id: priority in network order, then the address; `ip -d link` prints '8000.2:0:0:0:0:1'. */
export const bridgeId: Type<{ priority: number; mac: string }> = {
  label: 'bridge id',
  size: 8,
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

const BR_USER_STP = 2

/**
 * Whether the spanning tree protocol runs; 'user' where a program does it (enum of net/bridge/br_private.h). It is the kernel that asks
 * /sbin/bridge-stp and finds out, so that 'user' is sent as true.
 */
const spanningTree: Type<boolean | 'user'> = {
  ...bool32,
  encode: (out, value, siblings) => bool32.encode(out, value === 'user' || value, siblings),
  decode(bytes, start, end, siblings) {
    const state = u32.decode(bytes, start, end, siblings)
    return state === BR_USER_STP ? 'user' : state !== 0
  },
}

/** linux/if_bridge.h, BR_BOOLOPT_* */
const bridgeSwitches = names({
  no_ll_learn: 1 << 0,
  mcast_vlan_snooping: 1 << 1,
  mst_enable: 1 << 2,
  mdb_offload_fail_notification: 1 << 3,
  fdb_local_vlan_0: 1 << 4,
})

/** linux/if_link.h, BR_STP_MODE_*: who runs the spanning tree protocol; 'auto' has /sbin/bridge-stp say it, in the first namespace alone. */
const stpModes = names({ auto: 0, user: 1, kernel: 2 })

/** linux/if_bridge.h, BRIDGE_QUERIER_* */
export const bridgeQuerier = () =>
  alignedAttributes('BRIDGE_QUERIER', 4, {
    ipAddress: [1, ipv4],
    ipPort: [2, u32],
    ipOtherTimer: [3, seconds64],
    ipv6Address: [5, ipv6],
    ipv6Port: [6, u32],
    ipv6OtherTimer: [7, seconds64],
  })

/** BR_MIN_FORWARD_DELAY and BR_MAX_FORWARD_DELAY, seconds: to set the protocol going is to bring the delay between them (br_stp_start()). */
const [MIN_FORWARD_DELAY, MAX_FORWARD_DELAY] = [2, 30]

function checkForwardDelay({
  stp,
  forwardDelay,
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const runs = stp === true || stp === 'user'
  if (
    runs &&
    typeof forwardDelay === 'number' &&
    !(forwardDelay >= MIN_FORWARD_DELAY && forwardDelay <= MAX_FORWARD_DELAY)
  )
    throw new RangeError(
      `forwardDelay: ${forwardDelay} is not from ${MIN_FORWARD_DELAY} to ${MAX_FORWARD_DELAY} seconds, which stp: ${show(stp)} needs`,
    )
  return {}
}

/**
 * A software switch. `multiBoolopt` are switches by name; those that are not given stay. Older kernels pass over those that they lack, which are
 * absent when they are read. `stp` is read as 'user' where a program runs the spanning tree protocol. Of `mcastQueryInterval` and
 * `mcastStartupQueryInterval` the kernel takes at least a second.
 */
export const bridge = kind(
  'bridge',
  () =>
    alignedAttributes('IFLA_BR', 40, {
      forwardDelay: [1, seconds32],
      helloTime: [2, seconds32],
      maxAge: [3, seconds32],
      ageingTime: [4, seconds32],
      stp: [5, spanningTree],
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
      groupAddress: [20, ethernet],
      fdbFlush: [21, flag],
      mcastRouter: [22, enumeration(u8, routerTypes)],
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
      multiBoolopt: [46, switches(bridgeSwitches)],
      mcastQuerierState: [47, nested(bridgeQuerier())],
      fdbLearned: [48, u32],
      fdbMaxLearned: [49, u32],
      stpMode: [50, enumeration(u32, stpModes)],
    }),
  {
    readOnly: [
      'rootId',
      'bridgeId',
      'rootPort',
      'rootPathCost',
      'topologyChange',
      'topologyChangeDetected',
      'helloTimer',
      'tcnTimer',
      'topologyChangeTimer',
      'gcTimer',
      // Always 16 since Linux 4.20.
      'mcastHashElasticity',
      'mcastQuerierState',
      'fdbLearned',
    ],
    actions: ['fdbFlush'],
    complete: checkForwardDelay,
  },
)
