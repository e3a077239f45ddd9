/** Turns the byte order of a register: enum nft_byteorder_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'

/** enum nft_byteorder_ops */
export const byteorderOps = names({ ntoh: 0, hton: 1 })

export const byteorder = () =>
  attributes('NFTA_BYTEORDER', {
    sreg: [1, be32],
    dreg: [2, be32],
    op: [3, enumeration(be32, byteorderOps)],
    len: [4, be32],
    size: [5, be32],
  })
