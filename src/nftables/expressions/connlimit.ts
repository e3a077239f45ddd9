/** The number of connections: enum nft_connlimit_attributes. Also the data of a connlimit object. */

import { attributes, be32, flags, names } from '../../codec/index.js'

/** enum nft_connlimit_flags */
export const connlimitFlags = names({ invert: 1 })

export const connlimitAttributes = attributes('NFTA_CONNLIMIT', {
  count: [1, be32],
  flags: [2, flags(be32, connlimitFlags)],
})

export const connlimit = () => connlimitAttributes
