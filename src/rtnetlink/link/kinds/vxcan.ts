/** linux/can/vxcan.h: a pair of CAN interfaces. */

import { attributes } from '../../../codec/index.js'
import { kind } from './kind.js'
import { peer } from './peer.js'

/** What one end sends the other receives. */
export const vxcan = kind('vxcan', () => attributes('VXCAN_INFO', { peer: [1, peer] }), { peer: 'peer' })
