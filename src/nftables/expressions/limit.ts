/** A token bucket: enum nft_limit_attributes. Also the data of a limit object. */

import { alignedAttributes, be32, be64, enumeration, flags, names } from '../../codec/index.js'

/** enum nft_limit_type */
export const limitTypes = names({ packets: 0, bytes: 1 })
/** enum nft_limit_flags */
export const limitFlags = names({ invert: 1 })

/** `rate` in `unit` seconds. */
export const limitAttributes = alignedAttributes('NFTA_LIMIT', 6, {
  rate: [1, be64],
  unit: [2, be64],
  burst: [3, be32],
  type: [4, enumeration(be32, limitTypes)],
  flags: [5, flags(be32, limitFlags)],
})

export const limit = () => limitAttributes
