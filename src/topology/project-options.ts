/** Options of a link that the kernel has: those that the value gives, or those that tell it from others. */

import { encodeAttributes } from '../codec/encode.js'
import { Writer } from '../codec/writer.js'
import { findKind, type OptionsOf } from '../rtnetlink/link/kinds/index.js'
import type { Link } from '../rtnetlink/link/link.js'
import { seconds32, seconds64 } from '../rtnetlink/time.js'
import { same } from './compare.js'
import { borrowsMac, normalMac } from './parse-link.js'
import { DEFAULT_MTU, unsaidOfKind } from './unsaid-link.js'
import type { TopologyKind } from './value.js'

/** Options whose name in a link is another, or that are a flag of it. */
const READ: Readonly<Record<string, (link: Link) => unknown>> = {
  arp: (link) => !link.flags.includes('noarp' as never),
  multicast: (link) => link.flags.includes('multicast' as never),
  allMulticast: (link) => link.flags.includes('allmulti' as never),
  promiscuous: (link) => link.flags.includes('promisc' as never),
  trailers: (link) => !link.flags.includes('notrailers' as never),
  dynamic: (link) => link.flags.includes('dynamic' as never),
  addrGenMode: (link) => link.afSpec?.inet6?.addrGenMode,
}

/** The options that the value gives, in its words where they mean the same. */
export function givenOptions(link: Link, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    const found = optionOf(link, key, value)
    if (found !== undefined && found !== null)
      options[key] =
        same(value, found) ||
        isAsKept(link.kind!, key, value, found) ||
        TAKEN_FOR[link.kind!]?.[key]?.(value, found) ||
        sameBytes(link.kind!, key, value, found)
          ? value
          : found
  }
  return options
}

/** What a link has of an option; `given` for what the kernel does not tell. */
export function optionOf(link: Link, key: string, given: unknown): unknown {
  if (key === 'queues') {
    const { tx, rx } =
      typeof given === 'object' && given !== null
        ? (given as { tx?: number; rx?: number })
        : { tx: given as number, rx: given as number }
    // A kernel without RPS does not tell how many it receives with.
    const isSo = same(tx, link.txQueues) && (link.rxQueues === null || same(rx, link.rxQueues))
    return isSo ? given : { tx: link.txQueues, rx: link.rxQueues }
  }
  const read = READ[key]
  if (read !== undefined) return read(link)
  const kind = findKind(link.kind!)
  // Some kinds have flags and a mode of their own.
  if (!kind?.options.includes(key)) return link[key as keyof Link]
  const data = link.data instanceof Uint8Array ? {} : (link.data ?? {})
  // A name where the kernel has an ifindex cannot be compared here; nor what the kernel does not show.
  if (kind.devs?.includes(key)) return given
  if (data[key] === undefined && TOLD_IF_ANY.get(link.kind!)?.includes(key))
    return isNowhere(given) ? given : null
  return data[key] ?? given
}

/** Addresses that are not told where there are none (vxlan_fill_info()). */
const TOLD_IF_ANY: ReadonlyMap<string, readonly string[]> = new Map([['vxlan', ['local', 'remote']]])

const isNowhere = (address: unknown) => /^[0.:]+$/.test(String(address))
const isIpv6 = (address: unknown) => typeof address === 'string' && address.includes(':')

/** CONFIG_HZ of a kernel, which no call tells. */
const TICKS_PER_SECOND = [100, 250, 300, 1000]

/** A time in hundredths of a second that the kernel keeps in its own ticks (clock_t_to_jiffies(), jiffies_to_clock_t()). */
function isAsKept(kind: string, key: string, given: unknown, found: unknown): boolean {
  const type = findKind(kind)?.table?.byName(key)?.type
  if (!CLOCKS.includes(type) || typeof given !== 'number' || typeof found !== 'number') return false
  return TICKS_PER_SECOND.some((hz) => {
    const ticks = Math.floor((Math.round(given * 100) * hz) / 100)
    return Math.floor((ticks * Math.round(1e9 / hz)) / 1e7) === Math.round(found * 100)
  })
}

const CLOCKS: readonly unknown[] = [seconds32, seconds64]

type Taken = (given: unknown, found: unknown) => boolean

/** The kernel's own choice, which it does not tell (vxlan_config_validate(); the port is a parameter of its module). */
const chosen: Taken = (given) => given === 0
/** BR_MULTICAST_QUERY_INTVL_MIN and, in newer kernels, BR_MULTICAST_QUERY_INTVL_MAX, of which the log alone tells (br_multicast_set_query_intvl()). */
const limited: Taken = (given, found) => Math.min(Math.max(Number(given), 1), 24 * 3600) === found
/** Values for which the kernel takes another without an error. */
const TAKEN_FOR: Readonly<Record<string, Readonly<Record<string, Taken>>>> = {
  bridge: { mcastQueryInterval: limited, mcastStartupQueryInterval: limited },
  vxlan: { ageing: chosen, dstport: chosen },
}

/** That there is a key is told as a flag, too. */
const withoutKey = (flags: readonly string[]) => flags.filter((flag) => flag !== 'key')
/** What an IPv6 tunnel's addresses allow (ip6_tnl_get_cap()) is told among its flags; a VLAN's flags are no list. */
const withoutFindings = (flags: readonly string[]) =>
  Array.isArray(flags) ? flags.filter((flag) => !/^cap_/.test(flag)) : flags
/** Lists that the kernel tells in another form: source addresses in the order of a hash table. */
const AS_TOLD: Readonly<Record<string, (value: readonly string[]) => readonly string[]>> = {
  macaddrData: (macs) => macs.map(normalMac).sort(),
  flags: withoutFindings,
  iflags: withoutKey,
  oflags: withoutKey,
}

/** Whether an option of a kind means the same: an address in another form, a number that has a name. */
function sameBytes(kind: string, key: string, given: unknown, found: unknown): boolean {
  const { table, twins, devs } = findKind(kind) ?? {}
  const twin = twins?.[key]
  if (twin !== undefined && isIpv6(given) !== isIpv6(found)) return false
  const name = isIpv6(given) ? (twin ?? key) : key
  if (table?.byName(name) === undefined || devs?.includes(key)) return false
  const bytes = [given, found].map((value) => {
    const out = new Writer()
    encodeAttributes(table, out, { [name]: AS_TOLD[key]?.(value as string[]) ?? value })
    return out.bytes.subarray(0, out.length).join(' ')
  })
  return bytes[0] === bytes[1]
}

const ENDS = ['local', 'remote'] as const
const GRE = [...ENDS, 'iflags', 'ikey', 'oflags', 'okey'] as const
const ERSPAN = [...GRE, 'erspanVer', 'erspanIndex', 'erspanDir', 'erspanHwid'] as const

/** Of a kind's data, what makes it what it is. */
const ESSENTIAL = {
  amt: ['mode', 'relayPort', 'gatewayPort', 'localIp', 'discoveryIp'],
  bareudp: ['dstport', 'ethertype', 'multiprotoMode'],
  // The kernel does not tell what it routes by.
  batadv: [],
  bond: ['mode', 'miimon'],
  bridge: ['stp', 'vlanFiltering'],
  can: [],
  // Its driver makes it.
  dsa: [],
  dummy: [],
  erspan: ERSPAN,
  geneve: ['id', 'remote', 'dstport'],
  gre: GRE,
  gretap: GRE,
  gtp: ['role', 'local'],
  hsr: ['slave1', 'slave2', 'interlink', 'protocol'],
  ifb: [],
  ip6erspan: ERSPAN,
  ip6gre: GRE,
  ip6gretap: GRE,
  ip6tnl: [...ENDS, 'proto'],
  ipip: [...ENDS, 'proto'],
  ipoib: ['pkey', 'mode', 'umcast'],
  ipvlan: ['mode'],
  ipvtap: ['mode'],
  macvlan: ['mode'],
  macvtap: ['mode'],
  netdevsim: [],
  nlmon: [],
  ovpn: ['mode'],
  pfcp: [],
  rmnet: ['muxId'],
  sit: [...ENDS, 'proto'],
  team: [],
  tun: [],
  vcan: [],
  virt_wifi: [],
  vlan: ['id', 'protocol'],
  vrf: ['table'],
  vti: [...ENDS, 'ikey', 'okey'],
  vti6: [...ENDS, 'ikey', 'okey'],
  vxlan: ['id', ...ENDS, 'dstport', 'learning'],
  wireguard: [],
  wwan: ['linkId'],
  xfrm: ['ifId'],
} satisfies { readonly [K in TopologyKind | 'bridge']: readonly (keyof OptionsOf<K>)[] }
/** Settings that every link can have, and that tell what passes through it. */
const SETTINGS = ['group', 'txQueueLength', 'arp', 'multicast', 'allMulticast', 'promiscuous']

/** ARPHRD_ETHER: the address of others is no MAC address, as that of a tunnel, or not one that can be given. */
const ETHERNET = 1

/** Without a value: what tells a link from others. `lower` is what its `link` is. */
export function fullOptions(
  link: Link,
  byIndex: ReadonlyMap<number, Link>,
  lower: Link | undefined,
): Record<string, unknown> {
  const { kind, up, mtu, mac, data } = link
  const options: Record<string, unknown> = { up }
  if (mtu !== DEFAULT_MTU) options['mtu'] = mtu
  if (hasOwnMac(link, lower)) options['mac'] = mac
  const unsaid = unsaidOfKind(kind!)
  for (const key of SETTINGS) {
    const value = optionOf(link, key, undefined)
    // Where nothing is definite, it is the kind's affair.
    if (!same(unsaid[key], value)) options[key] = value
  }
  if (data instanceof Uint8Array || data === null) return options
  const essential: readonly string[] = kind! in ESSENTIAL ? ESSENTIAL[kind as keyof typeof ESSENTIAL] : []
  const devs: readonly string[] = findKind(kind!)?.devs ?? []
  for (const key of essential) {
    const value = devs.includes(key) ? byIndex.get(data[key] as number)?.name : data[key]
    if (value != null && !(key in unsaid && same(unsaid[key], value))) options[key] = value
  }
  return options
}

/**
 * That of the link underneath is told, and drawn, there alone: a VLAN that is made without one follows it, and one that is drawn on a VLAN
 * says that the VLAN has another. A veth's other end is not underneath.
 */
function hasOwnMac({ kind, type, mac, data }: Link, lower: Link | undefined): boolean {
  if (mac === null || type !== ETHERNET) return false
  const mode = data instanceof Uint8Array ? undefined : data?.['mode']
  return !borrowsMac(kind!, mode) && (kind === 'veth' || mac !== lower?.mac)
}
