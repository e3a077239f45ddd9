/** Answers SYNs in place of a server: enum nft_synproxy_attributes. Also the data of a synproxy object. */

import { attributes, be16, be32, flags, names, u8 } from '../../codec/index.js'

/** NF_SYNPROXY_OPT_* of linux/netfilter/nf_synproxy.h */
export const synproxyFlags = names({ mss: 1, wscale: 2, 'sack-perm': 4, timestamp: 8, ecn: 16 })

export const synproxyAttributes = attributes('NFTA_SYNPROXY', {
  mss: [1, be16],
  wscale: [2, u8],
  flags: [3, flags(be32, synproxyFlags)],
})

export const synproxy = () => synproxyAttributes
