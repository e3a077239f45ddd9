/** A hash of a register, or of the flow: enum nft_hash_attributes. */

import { attributes, be32, enumeration, names, string } from '../../codec/index.js'

/** enum nft_hash_types */
export const hashTypes = names({ jenkins: 0, sym: 1 })

/** `setName` and `setId` are deprecated by the kernel. */
export const hash = () =>
  attributes('NFTA_HASH', {
    sreg: [1, be32],
    dreg: [2, be32],
    len: [3, be32],
    modulus: [4, be32],
    seed: [5, be32],
    offset: [6, be32],
    type: [7, enumeration(be32, hashTypes)],
    setName: [8, string],
    setId: [9, be32],
  })
