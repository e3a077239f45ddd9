/** linux/if_link.h, enum IFLA_VXLAN_*; docs in Documentation/networking/vxlan.rst. `ageing` is seconds. */

import {
  attributes,
  be16,
  be32,
  bool8,
  bytesOf,
  enumeration,
  flag,
  ipv4,
  ipv6,
  names,
  struct,
  type Type,
  u8,
  u32,
} from '../../../codec/index.js'
import { whole } from '../types.js'
import { checkOneFamily, checkTunnelId, completeUdpTunnel, meaninglessTtl } from './check.js'
import { kind } from './kind.js'

/** enum ifla_vxlan_df, enum ifla_geneve_df: the outer header's don't-fragment bit. */
export const dontFragment = names({ unset: 0, set: 1, inherit: 2 })
/** enum ifla_vxlan_label_policy */
const labelPolicies = names({ fixed: 0, inherit: 1 })

/** struct ifla_vxlan_port_range, struct ifla_geneve_port_range: source ports. */
export const portRange = whole(struct({ low: be16, high: be16 }))

/** Given as a flag, told as a number (vxlan_fill_info()). */
const toldFlag: Type<boolean> = {
  ...flag,
  decode: (bytes, start, end, siblings) => start === end || bool8.decode(bytes, start, end, siblings),
}

/** struct vxlanhdr: which of its reserved bits are looked at. */
const VXLAN_HEADER = 8

/**
 * Ethernet in UDP. `remote` (a peer or a multicast group) and `local` are both IPv4 or both IPv6, `dstport` is a UDP port, 8472 where
 * none is given (that of the standard is 4789). One made with `ttlInherit` keeps to it: a `ttl` that it is given later does nothing.
 */
export const vxlan = kind(
  'vxlan',
  () =>
    attributes('IFLA_VXLAN', {
      id: [1, u32],
      remote: [2, ipv4],
      link: [3, u32],
      local: [4, ipv4],
      ttl: [5, u8],
      tos: [6, u8],
      learning: [7, bool8],
      ageing: [8, u32],
      limit: [9, u32],
      portRange: [10, portRange],
      proxy: [11, bool8],
      rsc: [12, bool8],
      l2miss: [13, bool8],
      l3miss: [14, bool8],
      dstport: [15, be16],
      remote6: [16, ipv6],
      local6: [17, ipv6],
      udpCsum: [18, bool8],
      udpZeroCsum6Tx: [19, bool8],
      udpZeroCsum6Rx: [20, bool8],
      remcsumTx: [21, bool8],
      remcsumRx: [22, bool8],
      gbp: [23, flag],
      remcsumNopartial: [24, flag],
      collectMetadata: [25, bool8],
      label: [26, be32],
      gpe: [27, flag],
      ttlInherit: [28, toldFlag],
      df: [29, enumeration(u8, dontFragment)],
      vnifilter: [30, bool8],
      localbypass: [31, bool8],
      labelPolicy: [32, enumeration(u32, labelPolicies)],
      reservedBits: [33, bytesOf(VXLAN_HEADER)],
      mcRoute: [34, bool8],
    }),
  {
    twins: { remote: 'remote6', local: 'local6' },
    complete: completeUdpTunnel,
    meaningless: meaninglessTtl,
    check(options) {
      checkTunnelId('vxlan', options)
      checkOneFamily(options, ['remote', 'local'])
    },
  },
)
