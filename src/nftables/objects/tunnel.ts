/** The metadata of a tunnel that a rule gives to packets: enum nft_tunnel_key_attributes. */

import {
  attributes,
  be16,
  be32,
  bytes,
  flagged,
  flags,
  ipv4,
  ipv6,
  names,
  nested,
  repeated,
  u8,
} from '../../codec/index.js'

/** enum nft_tunnel_flags */
export const tunnelFlags = names({ 'zero-csum-tx': 1, 'dont-fragment': 2, 'seq-number': 4 })

const ipAttributes = attributes('NFTA_TUNNEL_KEY_IP', { src: [1, ipv4], dst: [2, ipv4] })
const ip6Attributes = attributes('NFTA_TUNNEL_KEY_IP6', {
  src: [1, ipv6],
  dst: [2, ipv6],
  flowlabel: [3, be32],
})

const vxlanAttributes = attributes('NFTA_TUNNEL_KEY_VXLAN', { gbp: [1, be32] })
const erspanAttributes = attributes('NFTA_TUNNEL_KEY_ERSPAN', {
  version: [1, be32],
  v1Index: [2, be32],
  v2Hwid: [3, u8],
  v2Dir: [4, u8],
})
const geneveAttributes = attributes('NFTA_TUNNEL_KEY_GENEVE', {
  class: [1, be16],
  type: [2, u8],
  data: [3, bytes],
})
const optionAttributes = attributes('NFTA_TUNNEL_KEY_OPTS', {
  vxlan: [1, flagged(nested(vxlanAttributes))],
  erspan: [2, flagged(nested(erspanAttributes))],
  /** One for each option. */
  geneve: [3, repeated(flagged(nested(geneveAttributes)))],
})

export const tunnelObjectAttributes = attributes('NFTA_TUNNEL_KEY', {
  id: [1, be32],
  ip: [2, flagged(nested(ipAttributes))],
  ip6: [3, flagged(nested(ip6Attributes))],
  flags: [4, flags(be32, tunnelFlags)],
  tos: [5, u8],
  ttl: [6, u8],
  sport: [7, be16],
  dport: [8, be16],
  opts: [9, flagged(nested(optionAttributes))],
})
