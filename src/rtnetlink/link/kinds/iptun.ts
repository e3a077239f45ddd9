/** linux/if_tunnel.h, enum IFLA_IPTUN_*: ipip and sit, over IPv4. A `ttl` of 0 is that of the packet, as where none is given. */

import { show } from '../../../codec/fault.js'
import {
  attributes,
  be16,
  be32,
  bool8,
  flag,
  flags,
  ipv4,
  ipv6,
  names,
  u8,
  u16,
  u32,
} from '../../../codec/index.js'
import { kind } from './kind.js'
import { encapFlag, encapType, tunnelProtocol, unlessGiven } from './tunnel.js'

/** SIT_ISATAP, in host order although the kernel's type says otherwise (ipip6_netlink_parms(), iproute2). */
const sitFlags = names({ isatap: 1 })

const iptunAttributes = () =>
  attributes('IFLA_IPTUN', {
    link: [1, u32],
    local: [2, ipv4],
    remote: [3, ipv4],
    ttl: [4, u8],
    tos: [5, u8],
    encapLimit: [6, u8],
    flowinfo: [7, be32],
    flags: [8, flags(u16, sitFlags)],
    proto: [9, tunnelProtocol],
    pmtudisc: [10, bool8],
    sixRdPrefix: [11, ipv6],
    sixRdRelayPrefix: [12, ipv4],
    sixRdPrefixLength: [13, u16],
    sixRdRelayPrefixLength: [14, u16],
    encapType: [15, encapType],
    encapFlags: [16, encapFlag],
    encapSport: [17, be16],
    encapDport: [18, be16],
    collectMetadata: [19, flag],
    fwmark: [20, u32],
  })

const SIT_ONLY = [
  'flags',
  'sixRdPrefix',
  'sixRdRelayPrefix',
  'sixRdPrefixLength',
  'sixRdRelayPrefixLength',
] as const
const IPV6_ONLY = ['encapLimit', 'flowinfo'] as const

/** Of a packet with a hop limit of its own the kernel does not let routers make fragments, whatever is said. */
function checkPmtudisc(
  { ttl }: Readonly<Record<string, unknown>>,
  { pmtudisc }: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (pmtudisc === false && ttl)
    throw new RangeError(`pmtudisc: false does not go with a ttl, which is ${show(ttl)}`)
  return {}
}

function completeIpip(
  data: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { ...checkPmtudisc(data, given), ...unlessGiven(data, given) }
}

/** What `ip` says of a new one; to a sit the kernel gives a `ttl` of 64 and nothing but IPv6 to carry. */
const initial = ({ collectMetadata }: Readonly<Record<string, unknown>>) =>
  collectMetadata === true ? {} : { proto: 'any', ttl: 0 }

/** IPv4 or MPLS in IPv4. */
export const ipip = kind('ipip', iptunAttributes, {
  resets: true,
  initial,
  complete: completeIpip,
  readOnly: [...SIT_ONLY, ...IPV6_ONLY],
  fixed: ['proto', 'collectMetadata'],
})
/** IPv6, IPv4 or MPLS in IPv4, with 6rd and ISATAP. */
export const sit = kind('sit', iptunAttributes, {
  resets: true,
  initial,
  complete: checkPmtudisc,
  readOnly: [...IPV6_ONLY, 'collectMetadata'],
  fixed: ['proto', 'flags'],
})
