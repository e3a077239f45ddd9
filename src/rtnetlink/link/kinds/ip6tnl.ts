/**
 * linux/if_tunnel.h, enum IFLA_IPTUN_*: IPv4 or IPv6 over IPv6. `ttl` is the hop limit, `flowinfo` the traffic class (bits 20 to 27)
 * and the flow label.
 */

import { attributes, be16, be32, flag, ipv6, u8, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'
import {
  encapFlag,
  encapType,
  initialOverIpv6,
  ip6TunnelFlags,
  OTHERWISE_OVER_IPV6,
  tunnelProtocol6,
  unlessGiven,
} from './tunnel.js'

/** `proto` says what is carried: IPv4, IPv6, or 'any', MPLS among it. Where they are not given, `ttl` is 64 and `encapLimit` 4. */
export const ip6tnl = kind(
  'ip6tnl',
  () =>
    attributes('IFLA_IPTUN', {
      link: [1, u32],
      local: [2, ipv6],
      remote: [3, ipv6],
      ttl: [4, u8],
      encapLimit: [6, u8],
      flowinfo: [7, be32],
      flags: [8, ip6TunnelFlags],
      proto: [9, tunnelProtocol6],
      encapType: [15, encapType],
      encapFlags: [16, encapFlag],
      encapSport: [17, be16],
      encapDport: [18, be16],
      collectMetadata: [19, flag],
      fwmark: [20, u32],
    }),
  {
    resets: true,
    initial: initialOverIpv6,
    complete: unlessGiven,
    fixed: ['collectMetadata'],
    otherwise: OTHERWISE_OVER_IPV6,
  },
)
