/** The IPsec states of a packet: enum nft_xfrm_attributes. */

import { attributes, be32, enumeration, names, u8 } from '../../codec/index.js'

/** enum nft_xfrm_keys */
export const xfrmKeys = names({
  unspec: 0,
  'daddr-ip4': 1,
  'daddr-ip6': 2,
  'saddr-ip4': 3,
  'saddr-ip6': 4,
  reqid: 5,
  spi: 6,
})
/** XFRM_POLICY_IN and XFRM_POLICY_OUT of linux/xfrm.h */
export const xfrmDirections = names({ in: 0, out: 1 })

export const xfrm = () =>
  attributes('NFTA_XFRM', {
    dreg: [1, be32],
    key: [2, enumeration(be32, xfrmKeys)],
    dir: [3, enumeration(u8, xfrmDirections)],
    spnum: [4, be32],
  })
