/** Drops and tells the sender: enum nft_reject_attributes. */

import { attributes, be32, enumeration, names, u8 } from '../../codec/index.js'

/** enum nft_reject_types */
export const rejectTypes = names({ 'icmp-unreach': 0, 'tcp-rst': 1, 'icmpx-unreach': 2 })

/** `icmpCode` is of ICMP or ICMPv6, as the family has it; of enum nft_reject_inet_code for 'icmpx-unreach'. */
export const reject = () =>
  attributes('NFTA_REJECT', {
    type: [1, enumeration(be32, rejectTypes)],
    icmpCode: [2, u8],
  })
