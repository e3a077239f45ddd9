/** linux/if_link.h, enum IFLA_NETKIT_*: pairs for containers, whose packets BPF programs decide on. */

import { attributes, bool8, enumeration, names, u16, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'
import { peer } from './peer.js'

/** enum netkit_action: what becomes of packets without a program. */
const policies = names({ forward: 0, blackhole: 2 })
/** enum netkit_mode */
const modes = names({ l2: 0, l3: 1 })
/** enum netkit_scrub: whether marks and priorities are forgotten on the way. */
const scrubs = names({ none: 0, default: 1 })
/** enum netkit_pairing: 'single' has no other end. */
const pairings = names({ pair: 0, single: 1 })

/** `policy` and `scrub` are the near end's, `peerPolicy` and `peerScrub` the other one's. */
export const netkit = kind(
  'netkit',
  () =>
    attributes('IFLA_NETKIT', {
      peerInfo: [1, peer],
      primary: [2, bool8],
      policy: [3, enumeration(u32, policies)],
      peerPolicy: [4, enumeration(u32, policies)],
      mode: [5, enumeration(u32, modes)],
      scrub: [6, enumeration(u32, scrubs)],
      peerScrub: [7, enumeration(u32, scrubs)],
      headroom: [8, u16],
      tailroom: [9, u16],
      pairing: [10, enumeration(u32, pairings)],
    }),
  { peer: 'peerInfo', readOnly: ['primary'] },
)
