/** Sends a copy of the packet elsewhere: enum nft_dup_attributes. */

import { attributes, be32 } from '../../codec/index.js'

export const dup = () =>
  attributes('NFTA_DUP', {
    sregAddr: [1, be32],
    sregDev: [2, be32],
  })
