/** What can be said of a link both when it is made and later: each option once, with its check and where it stands in a message. */

import { show } from '../../codec/fault.js'
import type { Infer, Names, OneOf } from '../../codec/index.js'
import { checkBoolean, checkInteger } from '../../netlink/check.js'
import { checkAnyMac, checkEthernet, checkLinkAddress, checkMac, checkOneOf } from '../input.js'
import { type AddrGenMode, addrGenModes, type SetAfSpec } from './af-spec.js'
import {
  IFF_ALLMULTI,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PROMISC,
  IFF_UP,
} from './constants.js'
import type { LinkBody } from './request.js'
import { type LinkMode, type linkAttributes, linkModes, type OperState, operStates } from './table.js'

/** Settings of a link that is made or changed. What is not given stays as it is, or as the kernel makes it. */
export interface LinkOptions {
  /** Administratively up. */
  up?: boolean | undefined
  /**
   * The link-layer address, '02:00:00:00:00:01'; setLink takes one of another length for a device that has such. Given on creation, it is
   * there from the start, so that nothing rewrites it later.
   */
  mac?: string | undefined
  /** The link-layer broadcast address, as long as `mac`. */
  broadcast?: string | undefined
  /** Bytes. With less than 1280 an interface has no IPv6, and loses the addresses that it had. */
  mtu?: number | undefined
  /** Packets. */
  txQueueLength?: number | undefined
  /** A number by which links can be changed, deleted and listed together. */
  group?: number | undefined
  /** Answers ARP. */
  arp?: boolean | undefined
  multicast?: boolean | undefined
  allMulticast?: boolean | undefined
  promiscuous?: boolean | undefined
  trailers?: boolean | undefined
  /** The interface may change its address by itself (IFF_DYNAMIC). */
  dynamic?: boolean | undefined
  /** Bytes of the largest segment that the device is given to cut, for IPv6 and (unless said otherwise) IPv4. */
  gsoMaxSize?: number | undefined
  gsoMaxSegs?: number | undefined
  /** Bytes of the largest segment that is put together on receipt (Linux 5.17; older kernels pass over it). */
  groMaxSize?: number | undefined
  /** The same for IPv4 alone (Linux 6.3; older kernels pass over both). */
  gsoIpv4MaxSize?: number | undefined
  groIpv4MaxSize?: number | undefined
  linkMode?: OneOf<LinkMode> | undefined
  /**
   * 'dormant' and 'testing' of an interface that is up, and 'up' of one that is either; the kernel passes over a change from another state. The
   * rest is the driver's to say.
   */
  operState?: OneOf<OperState> | undefined
  /** How IPv6 link-local addresses are made; 'none' makes creation faster where they are not wanted. */
  addrGenMode?: OneOf<AddrGenMode> | undefined
}

// These are maps, and what goes through options goes through those that are given: most links are made with few of the many.

/** Options that are a bit of ifi_flags; `inverted` where the kernel's bit means the opposite. */
const FLAGS = byOption({
  up: { bit: IFF_UP, inverted: false },
  arp: { bit: IFF_NOARP, inverted: true },
  multicast: { bit: IFF_MULTICAST, inverted: false },
  allMulticast: { bit: IFF_ALLMULTI, inverted: false },
  promiscuous: { bit: IFF_PROMISC, inverted: false },
  trailers: { bit: IFF_NOTRAILERS, inverted: true },
  dynamic: { bit: IFF_DYNAMIC, inverted: false },
})

const MAX_U32 = 0xffffffff
const MAX_MTU = 0x7fffffff

type Check = (value: unknown, field: string) => unknown
const integer =
  (max: number, what?: string): Check =>
  (value, field) =>
    checkInteger(value, field, 0, max, what)

/** Anything else the kernel passes over (set_operstate() of net/core/rtnetlink.c). */
const SETTABLE: readonly OperState[] = ['testing', 'dormant', 'up']

/** Whether a state of the kernel's can be set, too. */
export function isSettableState(state: OneOf<OperState>): boolean {
  return SETTABLE.includes(operStates.normal(state) as OperState)
}

function checkOperState(value: unknown, field: string): void {
  checkOneOf(operStates, value, field)
  if (!isSettableState(value as OneOf<OperState>))
    throw new RangeError(`${field}: ${show(value)} is not one of ${SETTABLE.join(', ')}`)
}

/** Options that are one attribute. */
const PLAIN = byOption<{ attribute: keyof Infer<typeof linkAttributes>; check: Check }>({
  mac: { attribute: 'address', check: checkMac },
  broadcast: { attribute: 'broadcast', check: checkEthernet },
  mtu: { attribute: 'mtu', check: integer(MAX_MTU, 'an MTU') },
  txQueueLength: { attribute: 'txqlen', check: integer(MAX_U32) },
  // The group of a VXLAN, by the words of ip-link(8), is its `remote`.
  group: { attribute: 'group', check: integer(MAX_U32, 'a group of interfaces') },
  gsoMaxSize: { attribute: 'gsoMaxSize', check: integer(MAX_U32) },
  gsoMaxSegs: { attribute: 'gsoMaxSegs', check: integer(MAX_U32) },
  groMaxSize: { attribute: 'groMaxSize', check: integer(MAX_U32) },
  gsoIpv4MaxSize: { attribute: 'gsoIpv4MaxSize', check: integer(MAX_U32) },
  groIpv4MaxSize: { attribute: 'groIpv4MaxSize', check: integer(MAX_U32) },
  linkMode: { attribute: 'linkmode', check: named(linkModes) },
  operState: { attribute: 'operstate', check: checkOperState },
})

/** The options of `LinkOptions`. */
export const LINK_OPTIONS: readonly (keyof LinkOptions)[] = [...FLAGS.keys(), ...PLAIN.keys(), 'addrGenMode']

const CHECKS = byOption<Check>({
  ...Object.fromEntries([...FLAGS.keys()].map((option) => [option, checkBoolean])),
  ...Object.fromEntries([...PLAIN].map(([option, { check }]) => [option, check])),
  addrGenMode: named(addrGenModes),
})

/** Those of a link that is there, which need not be an Ethernet one: how long its addresses are is asked (address-length.ts). */
export const CHECKS_OF_ANY_DEVICE: ReadonlyMap<keyof LinkOptions, Check> = new Map([
  ...CHECKS,
  ['mac', checkAnyMac],
  ['broadcast', checkLinkAddress],
])

function byOption<T>(table: Partial<Record<keyof LinkOptions, T>>): ReadonlyMap<keyof LinkOptions, T> {
  return new Map(Object.entries(table) as [keyof LinkOptions, T][])
}

type AnyNames = Pick<Names<string>, 'numbers'>

function named(table: AnyNames): Check {
  return (value, field) => checkOneOf(table, value, field)
}

/** Throws for a value that cannot be; `prefix` tells the ends of a veth pair apart ('far.'). Other options are the caller's. */
export function checkLinkOptions(options: LinkOptions, prefix = '', checks = CHECKS): void {
  for (const name in options) {
    const option = name as keyof LinkOptions
    const value = options[option]
    if (value !== undefined) checks.get(option)?.(value, prefix + option)
  }
}

/** ifi_flags and ifi_change: what is given of the flags, and no other. */
export function flagsHeader(options: LinkOptions): NonNullable<LinkBody['header']> {
  let flags = 0
  let change = 0
  for (const option in options) {
    const flag = FLAGS.get(option as keyof LinkOptions)
    const value = flag && options[option as keyof LinkOptions]
    if (value === undefined) continue
    change |= flag!.bit
    if (value !== flag!.inverted) flags |= flag!.bit
  }
  return change === 0 ? {} : { flags: [flags], change: [change] }
}

/** The options that are one attribute. */
export function plainAttributes(options: LinkOptions): LinkBody['attributes'] {
  const attributes: Record<string, unknown> = {}
  for (const option in options) {
    const plain = PLAIN.get(option as keyof LinkOptions)
    if (plain !== undefined) attributes[plain.attribute] = options[option as keyof LinkOptions]
  }
  return attributes
}

/** IFLA_AF_SPEC of the options, or undefined. The kernel takes it for a link that is there, not in the request that makes one. */
export function afSpecOf(
  { addrGenMode }: LinkOptions,
  { inet, inet6, mctp }: SetAfSpec = {},
): LinkBody['attributes']['afSpec'] {
  const ipv6 = addrGenMode === undefined ? inet6 : { ...inet6, addrGenMode }
  return inet === undefined && ipv6 === undefined && mctp === undefined
    ? undefined
    : { inet, inet6: ipv6, mctp }
}
