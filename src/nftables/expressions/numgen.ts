/** A number for each packet, counting up or random: enum nft_ng_attributes. */

import { attributes, be32, enumeration, names, string } from '../../codec/index.js'

/** enum nft_ng_types */
export const numgenTypes = names({ incremental: 0, random: 1 })

/** `setName` and `setId` are deprecated by the kernel. */
export const numgen = () =>
  attributes('NFTA_NG', {
    dreg: [1, be32],
    modulus: [2, be32],
    type: [3, enumeration(be32, numgenTypes)],
    offset: [4, be32],
    setName: [5, string],
    setId: [6, be32],
  })
