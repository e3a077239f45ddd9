/** Source NAT to the address of the outgoing interface: enum nft_masq_attributes. */

import { attributes, be32, flags } from '../../codec/index.js'
import { natFlags } from '../names.js'

export const masq = () =>
  attributes('NFTA_MASQ', {
    flags: [1, flags(be32, natFlags)],
    regProtoMin: [2, be32],
    regProtoMax: [3, be32],
  })
