/** Facts about a packet that are not in it: enum nft_meta_attributes, enum nft_meta_keys. */

import { attributes, be32, enumeration, names } from '../../codec/index.js'

export const metaKeys = names({
  len: 0,
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8,
  oiftype: 9,
  skuid: 10,
  skgid: 11,
  nftrace: 12,
  rtclassid: 13,
  secmark: 14,
  nfproto: 15,
  l4proto: 16,
  'bri-iifname': 17,
  'bri-oifname': 18,
  pkttype: 19,
  cpu: 20,
  iifgroup: 21,
  oifgroup: 22,
  cgroup: 23,
  prandom: 24,
  secpath: 25,
  iifkind: 26,
  oifkind: 27,
  'bri-iifpvid': 28,
  'bri-iifvproto': 29,
  'time-ns': 30,
  'time-day': 31,
  'time-hour': 32,
  sdif: 33,
  sdifname: 34,
  'bri-broute': 35,
})

export const meta = () =>
  attributes('NFTA_META', {
    dreg: [1, be32],
    key: [2, enumeration(be32, metaKeys)],
    sreg: [3, be32],
  })
