/** Source and destination NAT: enum nft_nat_attributes. */

import { attributes, be32, enumeration, flags, names } from '../../codec/index.js'
import { families, natFlags } from '../names.js'

/** enum nft_nat_types */
export const natTypes = names({ snat: 0, dnat: 1 })

export const nat = () =>
  attributes('NFTA_NAT', {
    type: [1, enumeration(be32, natTypes)],
    family: [2, enumeration(be32, families)],
    regAddrMin: [3, be32],
    regAddrMax: [4, be32],
    regProtoMin: [5, be32],
    regProtoMax: [6, be32],
    flags: [7, flags(be32, natFlags)],
  })
