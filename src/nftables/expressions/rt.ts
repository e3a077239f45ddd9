/** The route that was chosen: enum nft_rt_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'

/** enum nft_rt_keys */
export const rtKeys = names({ classid: 0, nexthop4: 1, nexthop6: 2, tcpmss: 3, xfrm: 4 })

export const rt = () =>
  attributes('NFTA_RT', {
    dreg: [1, be32],
    key: [2, enumeration(be32, rtKeys)],
  })
