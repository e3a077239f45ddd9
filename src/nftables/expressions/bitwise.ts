/** Operations on the bits of a register: enum nft_bitwise_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'
import { data } from '../data.js'

/** enum nft_bitwise_ops; the last three came with Linux 6.13. */
export const bitwiseOps = names({ 'mask-xor': 0, lshift: 1, rshift: 2, and: 3, or: 4, xor: 5 })

export const bitwise = () =>
  attributes('NFTA_BITWISE', {
    sreg: [1, be32],
    dreg: [2, be32],
    len: [3, be32],
    mask: [4, data],
    xor: [5, data],
    op: [6, enumeration(be32, bitwiseOps)],
    data: [7, data],
    sreg2: [8, be32],
  })
