/** Whether a register lies in a range, both ends included: enum nft_range_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'
import { data } from '../data.js'

/** enum nft_range_ops */
export const rangeOps = names({ eq: 0, neq: 1 })

export const range = () =>
  attributes('NFTA_RANGE', {
    sreg: [1, be32],
    op: [2, enumeration(be32, rangeOps)],
    fromData: [3, data],
    toData: [4, data],
  })
