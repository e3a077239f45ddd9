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
import { checkTunnelId } from './check.js'
import { kind } from './kind.js'
import { dontFragment, portRange } from './vxlan.js'

/** Ethernet in UDP. `remote` is IPv4 or IPv6, `dstport` a UDP port. */
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
    }),
  { twins: { remote: 'remote6' }, check: (options) => checkTunnelId('geneve', options) },
)
