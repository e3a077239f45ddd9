/** When a packet came here last: enum nft_last_attributes. */

import { alignedAttributes, be32, be64 } from '../../codec/index.js'

export const last = () =>
  alignedAttributes('NFTA_LAST', 3, {
    set: [1, be32],
    msecs: [2, be64],
  })
