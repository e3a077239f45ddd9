/** What connection tracking knows of a packet: enum nft_ct_attributes, enum nft_ct_keys. */

import { attributes, be32, enumeration, names, u8 } from '../../codec/index.js'

export const ctKeys = names({
  state: 0,
  direction: 1,
  status: 2,
  mark: 3,
  secmark: 4,
  expiration: 5,
  helper: 6,
  l3protocol: 7,
  src: 8,
  dst: 9,
  protocol: 10,
  'proto-src': 11,
  'proto-dst': 12,
  labels: 13,
  pkts: 14,
  bytes: 15,
  avgpkt: 16,
  zone: 17,
  eventmask: 18,
  'src-ip': 19,
  'dst-ip': 20,
  'src-ip6': 21,
  'dst-ip6': 22,
  'ct-id': 23,
})
/** enum ip_conntrack_dir (linux/netfilter/nf_conntrack_tuple_common.h) */
export const ctDirections = names({ original: 0, reply: 1 })

export const ct = () =>
  attributes('NFTA_CT', {
    dreg: [1, be32],
    key: [2, enumeration(be32, ctKeys)],
    direction: [3, enumeration(u8, ctDirections)],
    sreg: [4, be32],
  })
