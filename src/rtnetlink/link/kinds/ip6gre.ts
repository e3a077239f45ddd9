/**
 * linux/if_tunnel.h, enum IFLA_GRE_*: ip6gre (IP), ip6gretap (Ethernet) and ip6erspan, over IPv6. `ttl` is the hop limit (64 where it is not
 * given), `encapLimit` 4, `flowinfo` the traffic class (bits 20 to 27) and the flow label.
 */

import { attributes, be16, be32, flag, ipv6, u8, u32 } from '../../../codec/index.js'
import { between } from '../types.js'
import { kind } from './kind.js'
import {
  checkNewErspan,
  completeErspan,
  completeTap,
  ERSPAN_ONLY,
  encapFlag,
  encapType,
  erspanDirection,
  erspanHwid,
  erspanIndex,
  greFlags,
  greTraits,
  initialOverIpv6,
  ip6TunnelFlags,
  OTHERWISE_OVER_IPV6,
} from './tunnel.js'

const ip6greAttributes = () =>
  attributes('IFLA_GRE', {
    link: [1, u32],
    iflags: [2, greFlags],
    oflags: [3, greFlags],
    ikey: [4, be32],
    okey: [5, be32],
    local: [6, ipv6],
    remote: [7, ipv6],
    ttl: [8, u8],
    encapLimit: [11, u8],
    flowinfo: [12, be32],
    flags: [13, ip6TunnelFlags],
    encapType: [14, encapType],
    encapFlags: [15, encapFlag],
    encapSport: [16, be16],
    encapDport: [17, be16],
    collectMetadata: [18, flag],
    fwmark: [20, u32],
    erspanIndex: [21, erspanIndex],
    erspanVer: [22, between(u8, 1, 2)],
    erspanDir: [23, erspanDirection],
    erspanHwid: [24, erspanHwid],
  })

const common = {
  ...greTraits,
  initial: initialOverIpv6,
  fixed: ['collectMetadata'],
  otherwise: OTHERWISE_OVER_IPV6,
} as const
const traits = { ...common, readOnly: ERSPAN_ONLY } as const

/** IP in GRE. */
export const ip6gre = kind('ip6gre', ip6greAttributes, traits)
/** Ethernet in GRE. */
export const ip6gretap = kind('ip6gretap', ip6greAttributes, { ...traits, complete: completeTap })
/** Mirrored Ethernet in GRE. */
export const ip6erspan = kind('ip6erspan', ip6greAttributes, {
  ...common,
  complete: completeErspan,
  check: checkNewErspan,
})
