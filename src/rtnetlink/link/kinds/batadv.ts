/** linux/batman_adv.h, enum IFLA_BATADV_*: B.A.T.M.A.N. meshes. */

import { attributes, string } from '../../../codec/index.js'
import { kind } from './kind.js'

/** The routing algorithm, 'BATMAN_IV' or 'BATMAN_V', cannot be changed and is not read. */
export const batadv = kind('batadv', () => attributes('IFLA_BATADV', { algoName: [1, string] }), {
  fixed: ['algoName'],
})
