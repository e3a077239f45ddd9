/** linux/if_link.h, enum IFLA_BOND_SLAVE_*: what a bond knows of a port. A port has to be down when it is added. */

import { attributes, enumeration, flags, mac, names, s32, u8, u16, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** linux/if_bonding.h, BOND_STATE_* */
const portStates = names({ active: 0, backup: 1 })
/** BOND_LINK_* */
const miiStatuses = names({ up: 0, going_down: 1, down: 2, going_back: 3 })
/** IEEE 802.1AX, the actor's and the partner's state (LACP_STATE_* of linux/if_bonding.h). */
const lacpStates = names({
  active: 1 << 0,
  short_timeout: 1 << 1,
  aggregating: 1 << 2,
  in_sync: 1 << 3,
  collecting: 1 << 4,
  distributing: 1 << 5,
  defaulted: 1 << 6,
  expired: 1 << 7,
})

/** Its name in IFLA_INFO_SLAVE_KIND is the bond's. `queueId`, `prio` and `actorPortPrio` can be set. */
export const bondPort = kind(
  'bond',
  () =>
    attributes('IFLA_BOND_SLAVE', {
      state: [1, enumeration(u8, portStates)],
      miiStatus: [2, enumeration(u8, miiStatuses)],
      linkFailureCount: [3, u32],
      permHwaddr: [4, mac],
      queueId: [5, u16],
      adAggregatorId: [6, u16],
      adActorOperPortState: [7, flags(u8, lacpStates)],
      adPartnerOperPortState: [8, flags(u16, lacpStates)],
      prio: [9, s32],
      actorPortPrio: [10, u16],
      adChurnActorState: [11, u8],
      adChurnPartnerState: [12, u8],
    }),
  {
    readOnly: [
      'state',
      'miiStatus',
      'linkFailureCount',
      'permHwaddr',
      'adAggregatorId',
      'adActorOperPortState',
      'adPartnerOperPortState',
      'adChurnActorState',
      'adChurnPartnerState',
    ],
  },
)
