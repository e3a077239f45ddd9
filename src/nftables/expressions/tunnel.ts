/** The tunnel that a packet came out of: enum nft_tunnel_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'

/** enum nft_tunnel_keys */
export const tunnelKeys = names({ path: 0, id: 1 })
/** enum nft_tunnel_mode */
export const tunnelModes = names({ none: 0, rx: 1, tx: 2 })

export const tunnel = () =>
  attributes('NFTA_TUNNEL', {
    key: [1, enumeration(be32, tunnelKeys)],
    dreg: [2, be32],
    mode: [3, enumeration(be32, tunnelModes)],
  })
