/** Asks the routing table: enum nft_fib_attributes. */

import { attributes, be32, enumeration, flags, names } from '../../codec/index.js'

/** enum nft_fib_result */
export const fibResults = names({ unspec: 0, oif: 1, oifname: 2, addrtype: 3 })
/** enum nft_fib_flags */
export const fibFlags = names({ saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16, present: 32 })

export const fib = () =>
  attributes('NFTA_FIB', {
    dreg: [1, be32],
    result: [2, enumeration(be32, fibResults)],
    flags: [3, flags(be32, fibFlags)],
  })
