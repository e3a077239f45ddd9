/** To a transparent proxy's socket: enum nft_tproxy_attributes. */

import { attributes, be32, enumeration } from '../../codec/index.js'
import { families } from '../names.js'

export const tproxy = () =>
  attributes('NFTA_TPROXY', {
    family: [1, enumeration(be32, families)],
    regAddr: [2, be32],
    regPort: [3, be32],
  })
