/** A constant into a register, or the verdict: enum nft_immediate_attributes. */

import { attributes, be32 } from '../../codec/index.js'
import { data } from '../data.js'

export const immediate = () =>
  attributes('NFTA_IMMEDIATE', {
    dreg: [1, be32],
    data: [2, data],
  })
