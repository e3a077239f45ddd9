/** Destination NAT to the host itself: enum nft_redir_attributes. */

import { attributes, be32, flags } from '../../codec/index.js'
import { natFlags } from '../names.js'

export const redir = () =>
  attributes('NFTA_REDIR', {
    regProtoMin: [1, be32],
    regProtoMax: [2, be32],
    flags: [3, flags(be32, natFlags)],
  })
