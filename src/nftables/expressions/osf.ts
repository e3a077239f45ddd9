/** The operating system of the sender, by its SYN: enum nft_osf_attributes. */

import { attributes, be32, flags, names, u8 } from '../../codec/index.js'

/** enum nft_osf_flags */
export const osfFlags = names({ version: 1 })

export const osf = () =>
  attributes('NFTA_OSF', {
    dreg: [1, be32],
    ttl: [2, u8],
    flags: [3, flags(be32, osfFlags)],
  })
