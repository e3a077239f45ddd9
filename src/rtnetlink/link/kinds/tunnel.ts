/** What tunnels over IP have in common (linux/if_tunnel.h, linux/ip6_tunnel.h). */

import { toBits } from '../../../codec/choice.js'
import { outOfRange, show } from '../../../codec/fault.js'
import { be16, enumeration, flags, names, u8, u16, u32 } from '../../../codec/index.js'
import { parseIp } from '../../../codec/ip.js'
import { between } from '../types.js'

/** enum tunnel_encap_types: an outer UDP header. */
const encapTypes = names({ none: 0, fou: 1, gue: 2, mpls: 3 })
/** TUNNEL_ENCAP_FLAG_* */
const encapFlags = names({ csum: 1, csum6: 2, remcsum: 4 })

/** IFLA_GRE_ENCAP_TYPE, IFLA_IPTUN_ENCAP_TYPE */
export const encapType = enumeration(u16, encapTypes)
/** IFLA_GRE_ENCAP_FLAGS, IFLA_IPTUN_ENCAP_FLAGS */
export const encapFlag = flags(u16, encapFlags)

/** linux/in.h, IPPROTO_*: what a tunnel over IPv4 carries. */
export const tunnelProtocol = enumeration(u8, names({ any: 0, ipv4: 4, ipv6: 41, mpls: 137 }))
/** Over IPv6; MPLS goes by 'any' (ip6_tnl_validate()). */
export const tunnelProtocol6 = enumeration(u8, names({ any: 0, ipv4: 4, ipv6: 41 }))

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
const anyGreFlags = flags(be16, greFlagNames)
/** GRE_VERSION and GRE_ROUTING, which are told of no tunnel and taken for none (ipgre_tunnel_validate(), ip6gre_tunnel_validate()). */
const REFUSED_BITS = 0x4007

/** GRE_*: which optional fields the header has. */
export const greFlags: typeof anyGreFlags = {
  ...anyGreFlags,
  encode(out, value, siblings) {
    if (Array.isArray(value) && (toBits(greFlagNames, value) & REFUSED_BITS) !== 0)
      throw outOfRange(value, "a list of 'csum', 'key' and 'seq', which are all that the kernel takes")
    anyGreFlags.encode(out, value, siblings)
  },
}

const erspanDirections = names({ ingress: 0, egress: 1 })
/** IFLA_GRE_ERSPAN_DIR */
export const erspanDirection = enumeration(u8, erspanDirections)
/** IFLA_GRE_ERSPAN_INDEX and _HWID, of which the header has 20 and 6 bits (INDEX_MASK, HWID_MASK of net/erspan.h). */
export const erspanIndex = between(u32, 0, 0xfffff)
export const erspanHwid = between(u16, 0, 0x3f)

type Data = Readonly<Record<string, unknown>>

/** A flag by its name, or bits of several. */
const says = (name: keyof typeof greFlagNames.numbers) => (flag: unknown) =>
  flag === name || (typeof flag === 'number' && (flag & greFlagNames.numbers[name]) !== 0)

const KEYS = [
  ['ikey', 'iflags'],
  ['okey', 'oflags'],
] as const

/** Keys of a header without them: the kernel sends zeros. */
const strayKeys = (data: Data) =>
  KEYS.filter(([key, flags]) => {
    const { [flags]: set = [] } = data
    return data[key] !== undefined && Array.isArray(set) && !set.some(says('key'))
  })

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

/** Where packets go is not sent where they go nowhere in particular: to the kernel, a tunnel of Ethernet to no address is EINVAL. */
const isNowhere = (address: unknown): boolean =>
  typeof address === 'string' && parseIp(address)?.every((byte) => byte === 0) === true

/** Of tunnels of Ethernet (ipgre_tap_validate(), ip6gre_tap_validate()). */
export const completeTap = (data: Data, given: Data): Record<string, unknown> => ({
  ...flagKeys(data, given),
  ...(isNowhere(data['remote']) && { remote: undefined }),
})

/** The most that a session's id can be, which travels as the key (ID_MASK of net/erspan.h). */
const MAX_SESSION = 0x3ff
const isOfErspan = (flag: unknown) =>
  flag === 'key' || flag === 'seq' || (typeof flag === 'number' && (flag & ~0x3000) === 0)

/** What erspan_validate() and ip6erspan_tap_validate() refuse without a word; version 0 has neither a session nor a sequence. */
function checkErspan({ erspanVer, collectMetadata, iflags, oflags, ...keys }: Data): void {
  if (erspanVer === 0) return
  for (const key of ['ikey', 'okey'])
    if (typeof keys[key] === 'number' && keys[key] > MAX_SESSION)
      throw new RangeError(`${key}: ${keys[key]} is not the id of a session, which is at most ${MAX_SESSION}`)
  if (collectMetadata === true) return
  for (const [field, value] of Object.entries({ iflags, oflags }))
    if (Array.isArray(value) && !value.every(isOfErspan))
      throw new RangeError(`${field}: ${show(value)} has more than ERSPAN has, 'key' and 'seq'`)
}

/** Of a change the version may be missing, and is then that of before, which is not known yet. */
export function completeErspan(data: Data, given: Data): Record<string, unknown> {
  if (data['erspanVer'] !== undefined) checkErspan(data)
  return completeTap(data, given)
}

/** Without a version a new one has version 1, whose header has a sequence and a key. */
export function checkNewErspan(options: Data): void {
  checkErspan(options)
  const { erspanVer, collectMetadata, iflags = [], oflags = [], ikey, okey } = options
  if (erspanVer === 0 || collectMetadata === true || !Array.isArray(iflags) || !Array.isArray(oflags)) return
  const flags: unknown[] = [...iflags, ...oflags]
  if (!flags.some(says('seq'))) throw new TypeError("iflags: ERSPAN needs 'seq', there or in oflags")
  if (!flags.some(says('key')) && ikey === undefined && okey === undefined)
    throw new TypeError('ikey: ERSPAN needs it, or okey: the id of the session')
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
/** Of one that has it the kernel refuses a change that says so again (ipip_changelink(), ip6_tnl_changelink()). */
export const unlessGiven = (data: Data, given: Data): Record<string, unknown> =>
  data['collectMetadata'] === given['collectMetadata'] ? {} : { collectMetadata: undefined }

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
