/** linux/if_tunnel.h, enum IFLA_GRE_*: gre (IP), gretap (Ethernet) and erspan, over IPv4. A `ttl` of 0 is that of the packet. */

import { attributes, be16, be32, bool8, flag, ipv4, u8, u16, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'
import {
  ERSPAN_ONLY,
  encapFlag,
  encapType,
  erspanDirection,
  greFlags,
  greTraits,
  ip6TunnelFlags,
} from './tunnel.js'

const greAttributes = () =>
  attributes('IFLA_GRE', {
    link: [1, u32],
    iflags: [2, greFlags],
    oflags: [3, greFlags],
    ikey: [4, be32],
    okey: [5, be32],
    local: [6, ipv4],
    remote: [7, ipv4],
    ttl: [8, u8],
    tos: [9, u8],
    pmtudisc: [10, bool8],
    encapLimit: [11, u8],
    flowinfo: [12, be32],
    flags: [13, ip6TunnelFlags],
    encapType: [14, encapType],
    encapFlags: [15, encapFlag],
    encapSport: [16, be16],
    encapDport: [17, be16],
    collectMetadata: [18, flag],
    ignoreDf: [19, bool8],
    fwmark: [20, u32],
    erspanIndex: [21, u32],
    erspanVer: [22, u8],
    erspanDir: [23, erspanDirection],
    erspanHwid: [24, u16],
  })

const IPV6_ONLY = ['encapLimit', 'flowinfo', 'flags'] as const
const traits = { ...greTraits, readOnly: [...IPV6_ONLY, ...ERSPAN_ONLY] } as const

/** IP in GRE. */
export const gre = kind('gre', greAttributes, traits)
/** Ethernet in GRE. */
export const gretap = kind('gretap', greAttributes, traits)
/** Mirrored Ethernet in GRE: version 1 has an index, version 2 a direction and a hardware id. */
export const erspan = kind('erspan', greAttributes, { ...greTraits, readOnly: IPV6_ONLY })
