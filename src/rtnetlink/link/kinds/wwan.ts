/** linux/wwan.h, enum IFLA_WWAN_*: channels of modems; they stand on the modem, the common option `parentDev`. */

import { attributes, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** `linkId` is the number of the channel, from 0. Linux 5.14. */
export const wwan = kind('wwan', () => attributes('IFLA_WWAN', { linkId: [1, u32] }), {
  required: ['linkId'],
  fixed: ['linkId'],
})
