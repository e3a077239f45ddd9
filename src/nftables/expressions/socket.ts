/** The socket that will get the packet: enum nft_socket_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'

/** enum nft_socket_keys */
export const socketKeys = names({ transparent: 0, mark: 1, wildcard: 2, cgroupv2: 3 })

export const socket = () =>
  attributes('NFTA_SOCKET', {
    key: [1, enumeration(be32, socketKeys)],
    dreg: [2, be32],
    level: [3, be32],
  })
