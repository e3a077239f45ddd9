/** Bytes of a packet, read into a register or written from one: enum nft_payload_attributes. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'

/** enum nft_payload_bases */
export const payloadBases = names({
  'link-layer-header': 0,
  'network-header': 1,
  'transport-header': 2,
  'inner-header': 3,
  'tun-header': 4,
})
/** enum nft_payload_csum_types */
export const checksumTypes = names({ none: 0, inet: 1, sctp: 2 })

export const payload = () =>
  attributes('NFTA_PAYLOAD', {
    dreg: [1, be32],
    base: [2, enumeration(be32, payloadBases)],
    offset: [3, be32],
    len: [4, be32],
    sreg: [5, be32],
    csumType: [6, enumeration(be32, checksumTypes)],
    csumOffset: [7, be32],
    csumFlags: [8, be32],
  })
