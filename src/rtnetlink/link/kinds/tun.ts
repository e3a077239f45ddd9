/** linux/if_link.h, enum IFLA_TUN_*: TUN and TAP devices, which are made through /dev/net/tun (createTuntap()) and only read here. */

import { attributes, bool8, enumeration, names, u8, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** linux/if_tun.h, IFF_TUN and IFF_TAP */
const tunTypes = names({ tun: 1, tap: 2 })

/** `owner` and `group` are ids of the user and group that may open it. */
export const tun = kind(
  'tun',
  () =>
    attributes('IFLA_TUN', {
      owner: [1, u32],
      group: [2, u32],
      type: [3, enumeration(u8, tunTypes)],
      pi: [4, bool8],
      vnetHdr: [5, bool8],
      persist: [6, bool8],
      multiQueue: [7, bool8],
      numQueues: [8, u32],
      numDisabledQueues: [9, u32],
    }),
  {
    notMade: 'TUN and TAP devices are made through /dev/net/tun, not netlink: createTuntap()',
    readOnly: [
      'owner',
      'group',
      'type',
      'pi',
      'vnetHdr',
      'persist',
      'multiQueue',
      'numQueues',
      'numDisabledQueues',
    ],
  },
)
