/** linux/veth.h */

import { attributes } from '../../../codec/index.js'
import { kind } from './kind.js'
import { peer } from './peer.js'

export const veth = kind('veth', () => attributes('VETH_INFO', { peer: [1, peer] }), { peer: 'peer' })
