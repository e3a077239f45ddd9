/** Looks a register up in a set, or in a map for what it maps to: enum nft_lookup_attributes. */

import { attributes, be32, flags, names, string } from '../../codec/index.js'

/** enum nft_lookup_flags */
export const lookupFlags = names({ invert: 1 })

export const lookup = () =>
  attributes('NFTA_LOOKUP', {
    set: [1, string],
    sreg: [2, be32],
    dreg: [3, be32],
    setId: [4, be32],
    flags: [5, flags(be32, lookupFlags)],
  })
