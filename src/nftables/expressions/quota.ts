/** Bytes up to a limit: enum nft_quota_attributes. Also the data of a quota object. */

import { alignedAttributes, be32, be64, flags, names } from '../../codec/index.js'

/** enum nft_quota_flags */
export const quotaFlags = names({ invert: 1, depleted: 2 })

export const quotaAttributes = alignedAttributes('NFTA_QUOTA', 3, {
  bytes: [1, be64],
  flags: [2, flags(be32, quotaFlags)],
  consumed: [4, be64],
})

export const quota = () => quotaAttributes
