/** linux/if_link.h, enum IFLA_GENEVE_* (RFC 8926). */

import {
  attributes,
  be16,
  be32,
  bool8,
  enumeration,
  flag,
  ipv4,
  ipv6,
  u8,
  u32,
} from '../../../codec/index.js'
import { checkOneFamily, checkTunnelId, completeUdpTunnel, meaninglessTtl } from './check.js'
import { kind } from './kind.js'
import { dontFragment, portRange } from './vxlan.js'

/** Ethernet in UDP. `remote` and `local` are both IPv4 or both IPv6, `dstport` is a UDP port; either `ttl` or `ttlInherit`. */
export const geneve = kind(
  'geneve',
  () =>
    attributes('IFLA_GENEVE', {
      id: [1, u32],
      remote: [2, ipv4],
      ttl: [3, u8],
      tos: [4, u8],
      dstport: [5, be16],
      collectMetadata: [6, flag],
      remote6: [7, ipv6],
      udpCsum: [8, bool8],
      udpZeroCsum6Tx: [9, bool8],
      udpZeroCsum6Rx: [10, bool8],
      label: [11, be32],
      ttlInherit: [12, bool8],
      df: [13, enumeration(u8, dontFragment)],
      innerProtoInherit: [14, flag],
      portRange: [15, portRange],
      groHint: [16, flag],
      local: [17, ipv4],
      local6: [18, ipv6],
    }),
  {
    twins: { remote: 'remote6', local: 'local6' },
    complete: completeUdpTunnel,
    meaningless: meaninglessTtl,
    check(options) {
      checkTunnelId('geneve', options)
      checkOneFamily(options, ['remote', 'local'])
    },
  },
)
