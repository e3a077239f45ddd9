/** What tunnels over IP have in common (linux/if_tunnel.h, linux/ip6_tunnel.h). */

import { be16, enumeration, flags, names, u8, u16, u32 } from '../../../codec/index.js'

/** enum tunnel_encap_types: an outer UDP header. */
const encapTypes = names({ none: 0, fou: 1, gue: 2, mpls: 3 })
/** TUNNEL_ENCAP_FLAG_* */
const encapFlags = names({ csum: 1, csum6: 2, remcsum: 4 })

/** IFLA_GRE_ENCAP_TYPE, IFLA_IPTUN_ENCAP_TYPE */
export const encapType = enumeration(u16, encapTypes)
/** IFLA_GRE_ENCAP_FLAGS, IFLA_IPTUN_ENCAP_FLAGS */
export const encapFlag = flags(u16, encapFlags)

/** linux/in.h, IPPROTO_*: what an IP tunnel carries. */
export const tunnelProtocol = enumeration(u8, names({ any: 0, ipv4: 4, ipv6: 41, mpls: 137 }))

/** IP6_TNL_F_*; the last three are the kernel's findings about the addresses. */
export const ip6TunnelFlags = flags(
  u32,
  names({
    ign_encap_limit: 0x1,
    use_orig_tclass: 0x2,
    use_orig_flowlabel: 0x4,
    mip6_dev: 0x8,
    rcv_dscp_copy: 0x10,
    use_orig_fwmark: 0x20,
    allow_local_remote: 0x40,
    cap_xmit: 0x10000,
    cap_rcv: 0x20000,
    cap_per_packet: 0x40000,
  }),
)

const greFlagNames = names({ csum: 0x8000, routing: 0x4000, key: 0x2000, seq: 0x1000 })
/** GRE_*: which optional fields the header has. */
export const greFlags = flags(be16, greFlagNames)

const erspanDirections = names({ ingress: 0, egress: 1 })
/** IFLA_GRE_ERSPAN_DIR */
export const erspanDirection = enumeration(u8, erspanDirections)

type Data = Readonly<Record<string, unknown>>

const KEYS = [
  ['ikey', 'iflags'],
  ['okey', 'oflags'],
] as const

/** Keys of a header without them: the kernel sends zeros. */
const strayKeys = (data: Data) =>
  KEYS.filter(([key, flags]) => {
    const { [flags]: set = [] } = data
    return data[key] !== undefined && Array.isArray(set) && !set.some(saysKey)
  })

/** A flag by its name, or bits of several. */
const saysKey = (flag: unknown) =>
  flag === 'key' || (typeof flag === 'number' && (flag & greFlagNames.numbers.key) !== 0)

/** A key is looked at only where the header is said to have one: the caller's is said, that of before goes with its flag. */
function flagKeys(data: Data, given: Data): Record<string, unknown> {
  return Object.fromEntries(
    strayKeys(data).map(([key, flags]) =>
      given[key] === undefined
        ? [key, undefined]
        : [flags, [...((data[flags] ?? []) as readonly unknown[]), 'key']],
    ),
  )
}

/** What tunnels with the header of GRE have in common. */
export const greTraits = {
  resets: true,
  complete: flagKeys,
  meaningless: (data: Data) => strayKeys(data).map(([key]) => key),
} as const

/** What the other kinds overlook, new or not. */
export const ERSPAN_ONLY = ['erspanIndex', 'erspanVer', 'erspanDir', 'erspanHwid'] as const

/** linux/ip6_tunnel.h, IPV6_DEFAULT_TNL_ENCAP_LIMIT; without one the kernel takes 0, no tunnel within this one. */
const DEFAULT_ENCAP_LIMIT = 4
/** Without one the kernel takes that of the packet: multicast would not get far. */
const DEFAULT_HOP_LIMIT = 64

const TRAFFIC_CLASS = 'the traffic class is bits 20 to 27 of flowinfo'
/** What tunnels over IPv4, and ip-link(8), have under names of their own. */
export const OTHERWISE_OVER_IPV6 = {
  tos: TRAFFIC_CLASS,
  tclass: TRAFFIC_CLASS,
  flowlabel: 'the flow label is bits 0 to 19 of flowinfo',
  hoplimit: 'the hop limit is ttl',
} as const

/** What a tunnel over IPv6 gets besides, as `ip` has it: receivers drop UDP in IPv6 without a checksum. */
export const initialOverIpv6 = ({ collectMetadata, encapType }: Data) =>
  collectMetadata === true
    ? {}
    : {
        encapLimit: DEFAULT_ENCAP_LIMIT,
        ttl: DEFAULT_HOP_LIMIT,
        ...(encapType !== undefined && { encapFlags: ['csum6'] }),
      }
