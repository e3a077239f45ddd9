/** Extension headers and options of IPv6, IPv4, TCP, SCTP and DCCP: enum nft_exthdr_attributes. */

import { attributes, be32, enumeration, names, u8 } from '../../codec/index.js'

/** enum nft_exthdr_op */
export const exthdrOps = names({ ipv6: 0, tcpopt: 1, ipv4: 2, sctp: 3, dccp: 4 })

export const exthdr = () =>
  attributes('NFTA_EXTHDR', {
    dreg: [1, be32],
    type: [2, u8],
    offset: [3, be32],
    len: [4, be32],
    flags: [5, be32],
    op: [6, enumeration(be32, exthdrOps)],
    sreg: [7, be32],
  })
