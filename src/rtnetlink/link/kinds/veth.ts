/** linux/veth.h */

import { attributes } from '../../../codec/index.js'
import { kind } from './kind.js'
import { peer } from './peer.js'

/** Two Ethernet interfaces, each of which receives what the other sends; createVethPair() returns both. */
export const veth = kind('veth', () => attributes('VETH_INFO', { peer: [1, peer] }), { peer: 'peer' })
