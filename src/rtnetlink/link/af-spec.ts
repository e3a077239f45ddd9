/** IFLA_AF_SPEC: what the address families keep of an interface (linux/if_link.h, linux/ip.h, linux/ipv6.h). */

import { encodeAttributes } from '../../codec/encode.js'
import { guarded } from '../../codec/fault.js'
import {
  attributes,
  bytes,
  enumeration,
  flags,
  type Infer,
  ipv6,
  names,
  nested,
  struct,
  u8,
  u32,
  Writer,
} from '../../codec/index.js'
import type { Siblings } from '../../codec/type.js'
import { checkKeys } from '../../netlink/check.js'
import { counters, settings } from './arrays.js'
import { ipv4Devconf, ipv6Devconf } from './devconf.js'

/** enum in6_addr_gen_mode, as `ip link set addrgenmode` names them. */
export const addrGenModes = names({ eui64: 0, none: 1, stable_secret: 2, random: 3 })
/** How IPv6 link-local addresses are made. */
export type AddrGenMode = keyof typeof addrGenModes.numbers

/** net/if_inet6.h, IF_* */
const inet6Flags = names({
  rs_sent: 0x10,
  ra_rcvd: 0x20,
  ra_managed: 0x40,
  ra_othercnf: 0x80,
  ready: 0x80000000,
})

/** struct ifla_cacheinfo: bytes; hundredths of a second since the last change; milliseconds. */
export const inet6CacheInfo = struct({ maxReasmLen: u32, tstamp: u32, reachableTime: u32, retransTime: u32 })

/**
 * Counters of IPv6 packets (linux/snmp.h, IPSTATS_MIB_*); the first says how many there are. Kernels put the others in another order from
 * Linux 6.15 on, without a sign of it in the message: a number is all that can be said of them. /proc/net/dev_snmp6 has names.
 */
const inet6Stats = names({ num: 0, inPkts: 1, inOctets: 2, inDelivers: 3 })

/** Counters of ICMPv6 messages (linux/snmp.h, ICMP6_MIB_*). */
const icmp6Stats = names({
  num: 0,
  inMsgs: 1,
  inErrors: 2,
  outMsgs: 3,
  outErrors: 4,
  csumErrors: 5,
  rateLimitHost: 6,
})

/** enum IFLA_INET_* */
export const inetAttributes = attributes('IFLA_INET', { conf: [1, settings(ipv4Devconf, ['mc_forwarding'])] })

/** enum IFLA_INET6_* */
export const inet6Attributes = attributes('IFLA_INET6', {
  flags: [1, flags(u32, inet6Flags)],
  conf: [2, settings(ipv6Devconf)],
  stats: [3, counters(inet6Stats)],
  mcast: [4, bytes],
  cacheinfo: [5, inet6CacheInfo],
  icmp6stats: [6, counters(icmp6Stats)],
  token: [7, ipv6],
  addrGenMode: [8, enumeration(u8, addrGenModes)],
  raMtu: [9, u32],
})

/** enum IFLA_MCTP_* */
export const mctpAttributes = attributes('IFLA_MCTP', { net: [1, u32], physBinding: [2, u8] })

/** Numbered by address family. */
export const afSpecAttributes = attributes('AF', {
  inet: [2, nested(inetAttributes)],
  inet6: [10, nested(inet6Attributes)],
  mctp: [45, nested(mctpAttributes)],
})

/** The settings and counters of the address families, by the kernel's names; families without any are missing. */
export interface AfSpec extends Readonly<Infer<typeof afSpecAttributes>> {}

/** With the mode of IPv6's addresses where Linux 5.10 tells it among the settings alone, as no counters were asked for (inet6_fill_ifla6_attrs()). */
export function withAddrGenMode(spec: AfSpec | null): AfSpec | null {
  const mode = spec?.inet6?.conf?.addr_gen_mode
  return mode === undefined || spec?.inet6?.addrGenMode !== undefined
    ? spec
    : { ...spec, inet6: { ...spec?.inet6, addrGenMode: addrGenModes.toName(mode) } }
}

/** Settings of the address families that can be changed; those that are not given stay. */
export interface SetAfSpec {
  /** As in /proc/sys/net/ipv4/conf/NAME: `{ conf: { rp_filter: 2 } }`. `mc_forwarding`, which only the kernel sets, is passed over. */
  inet?: { readonly conf: NonNullable<Infer<typeof inetAttributes>['conf']> } | undefined
  /** The last 64 bits of the addresses that IPv6 makes by itself: `{ token: '::7' }`; '::' takes it away. */
  inet6?: { readonly token: string } | undefined
  /** The network of the Management Component Transport Protocol. */
  mctp?: { readonly net: number } | undefined
}

const KEYS = { inet: ['conf'], inet6: ['token'], mctp: ['net'] } as const satisfies {
  [K in keyof SetAfSpec]-?: readonly (keyof NonNullable<SetAfSpec[K]>)[]
}

/** Throws for a setting that cannot be. */
export function checkAfSpec(spec: SetAfSpec): void {
  checkKeys('afSpec', spec, Object.keys(KEYS))
  for (const [family, keys] of Object.entries(KEYS) as [keyof SetAfSpec, readonly string[]][])
    if (spec[family] !== undefined) checkKeys(`afSpec.${family}`, spec[family], keys)
  guarded('afSpec', () => encodeAttributes(afSpecAttributes, new Writer(256), spec as Siblings))
}
