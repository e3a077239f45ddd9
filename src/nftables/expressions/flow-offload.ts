/** Puts a connection into a flowtable: enum nft_offload_attributes. */

import { attributes, string } from '../../codec/index.js'

export const flowOffload = () =>
  attributes('NFTA_FLOW', {
    tableName: [1, string],
  })
