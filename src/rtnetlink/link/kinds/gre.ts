/** linux/if_tunnel.h, enum IFLA_GRE_*: gre (IP), gretap (Ethernet) and erspan, over IPv4. A `ttl` of 0 is that of the packet. */

import { show } from '../../../codec/fault.js'
import { attributes, be16, be32, bool8, flag, ipv4, u8, u32 } from '../../../codec/index.js'
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
    erspanIndex: [21, erspanIndex],
    erspanVer: [22, between(u8, 0, 2)],
    erspanDir: [23, erspanDirection],
    erspanHwid: [24, erspanHwid],
  })

const IPV6_ONLY = ['encapLimit', 'flowinfo', 'flags'] as const

type Data = Readonly<Record<string, unknown>>

/** The bit that is overlooked must not be one that is set (ipgre_netlink_parms()). */
function checkIgnoreDf({ ignoreDf, pmtudisc }: Data): void {
  if (ignoreDf === true && pmtudisc !== false)
    throw new RangeError(`ignoreDf: true goes with pmtudisc: false, not with ${show(pmtudisc ?? true)}`)
}

/** Of a change `pmtudisc` may be missing, and is then that of before, which is not known yet. */
const withDf =
  (complete: (data: Data, given: Data) => Record<string, unknown>) => (data: Data, given: Data) => {
    if (data['pmtudisc'] !== undefined) checkIgnoreDf(data)
    return complete(data, given)
  }

const common = { ...greTraits, complete: withDf(greTraits.complete), check: checkIgnoreDf } as const
const traits = { ...common, readOnly: [...IPV6_ONLY, ...ERSPAN_ONLY] } as const

/** IP in GRE. */
export const gre = kind('gre', greAttributes, traits)
/** Ethernet in GRE. */
export const gretap = kind('gretap', greAttributes, { ...traits, complete: withDf(completeTap) })
/** Mirrored Ethernet in GRE: version 1 has an index, version 2 a direction and a hardware id, version 0 (Linux 5.8) none of these. */
export const erspan = kind('erspan', greAttributes, {
  ...common,
  complete: withDf(completeErspan),
  check(options) {
    checkIgnoreDf(options)
    checkNewErspan(options)
  },
  readOnly: IPV6_ONLY,
})
