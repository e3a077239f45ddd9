/** To a queue of user space: enum nft_queue_attributes. */

import { attributes, be16, be32, flags, names } from '../../codec/index.js'

/** NFT_QUEUE_FLAG_* */
export const queueFlags = names({ bypass: 1, fanout: 2 })

export const queue = () =>
  attributes('NFTA_QUEUE', {
    num: [1, be16],
    total: [2, be16],
    flags: [3, flags(be16, queueFlags)],
    sregQnum: [4, be32],
  })
