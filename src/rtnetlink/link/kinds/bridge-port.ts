/** linux/if_link.h, enum IFLA_BRPORT_*: what a bridge knows of a port, in IFLA_INFO_SLAVE_DATA. Times are seconds. */

import { alignedAttributes, bool8, enumeration, flag, names, u8, u16, u32 } from '../../../codec/index.js'
import { routerTypes } from '../../bridge/router-types.js'
import { seconds64 } from '../../time.js'
import { bridgeId } from './bridge.js'
import { kind } from './kind.js'

/** linux/if_bridge.h, BR_STATE_* */
export const portStates = names({ disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 })

/**
 * Its number in IFLA_INFO_SLAVE_KIND is the bridge's. Booleans are flags of one byte, although some descriptions have them without.
 * `learningSync` is a setting of network cards (setBridgePort() with `self`): a bridge passes over it (br_setport()).
 */
export const bridgePort = kind(
  'bridge',
  () =>
    alignedAttributes('IFLA_BRPORT', 26, {
      state: [1, enumeration(u8, portStates)],
      priority: [2, u16],
      cost: [3, u32],
      hairpin: [4, bool8],
      guard: [5, bool8],
      rootBlock: [6, bool8],
      fastLeave: [7, bool8],
      learning: [8, bool8],
      flood: [9, bool8],
      proxyArp: [10, bool8],
      learningSync: [11, bool8],
      proxyArpWifi: [12, bool8],
      rootId: [13, bridgeId],
      bridgeId: [14, bridgeId],
      designatedPort: [15, u16],
      designatedCost: [16, u16],
      id: [17, u16],
      number: [18, u16],
      topologyChangeAck: [19, bool8],
      configPending: [20, bool8],
      messageAgeTimer: [21, seconds64],
      forwardDelayTimer: [22, seconds64],
      holdTimer: [23, seconds64],
      flush: [24, flag],
      mcastRouter: [25, enumeration(u8, routerTypes)],
      mcastFlood: [27, bool8],
      mcastToUnicast: [28, bool8],
      vlanTunnel: [29, bool8],
      bcastFlood: [30, bool8],
      groupFwdMask: [31, u16],
      neighSuppress: [32, bool8],
      isolated: [33, bool8],
      backupPort: [34, u32],
      mrpRingOpen: [35, bool8],
      mrpInOpen: [36, bool8],
      mcastEhtHostsLimit: [37, u32],
      mcastEhtHostsCount: [38, u32],
      locked: [39, bool8],
      mab: [40, bool8],
      mcastNGroups: [41, u32],
      mcastMaxGroups: [42, u32],
      neighVlanSuppress: [43, bool8],
      backupNhid: [44, u32],
      neighForwardGrat: [45, bool8],
    }),
  {
    devs: ['backupPort'],
    readOnly: [
      'rootId',
      'bridgeId',
      'designatedPort',
      'designatedCost',
      'id',
      'number',
      'topologyChangeAck',
      'configPending',
      'messageAgeTimer',
      'forwardDelayTimer',
      'holdTimer',
      'mrpRingOpen',
      'mrpInOpen',
      'mcastEhtHostsCount',
      'mcastNGroups',
    ],
  },
)
