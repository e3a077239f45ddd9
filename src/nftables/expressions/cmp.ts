/** Compares a register with a value: enum nft_cmp_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'
import { data } from '../data.js'

/** enum nft_cmp_ops */
export const cmpOps = names({ eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 })

export const cmp = () =>
  attributes('NFTA_CMP', {
    sreg: [1, be32],
    op: [2, enumeration(be32, cmpOps)],
    data: [3, data],
  })
