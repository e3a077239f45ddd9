/** Sends the packet out of another device: enum nft_fwd_attributes. */

import { attributes, be32, enumeration } from '../../codec/index.js'
import { families } from '../names.js'

export const fwd = () =>
  attributes('NFTA_FWD', {
    sregDev: [1, be32],
    sregAddr: [2, be32],
    nfproto: [3, enumeration(be32, families)],
  })
