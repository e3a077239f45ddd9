/**
 * The types of values in sets and maps, with the numbers that nft(8) gives them: the kernel keeps the number without looking at it, and
 * nft shows the values by it. Values are written in network order; `order` says how the kernel has them in a register.
 */

import { host } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6, parseMac, toHex } from '../codec/index.js'
import { ctDirections } from './expressions/ct.js'
import { checkText } from './input.js'
import { bitmask, integerType } from './integers.js'
import {
  addrTypes,
  arpOperations,
  ctEvents,
  ctStates,
  ctStatuses,
  dccpTypes,
  deviceTypes,
  dscps,
  ecns,
  etherTypes,
  icmpCodes,
  icmpTypes,
  icmpv6Codes,
  icmpv6Types,
  igmpTypes,
  mobilityTypes,
  nfprotos,
  packetTypes,
  protocols,
  tcpFlags,
} from './value-names.js'

/** A value as callers write it: an address, a name, a number; bytes for a type that is not known. */
export type Scalar = string | number | Uint8Array

/** One type of values. */
export interface Datatype {
  readonly name: string
  /** The number that nft(8) has for it. */
  readonly id: number
  /** Bytes. */
  readonly size: number
  /** How the bytes lie in a register: as in a packet, as the host has integers, or as a text. */
  readonly order: 'network' | 'host' | 'text'
  /** A prefix length can follow, '10.0.0.0/8'. */
  readonly prefixes: boolean
  /**
   * Its last value, where its bytes have others behind it. In a set an interval up to it has no end, as nft(8) makes it and deletes it, though
   * nft 1.0.6 lists it up to the last value of the bytes then, 'dscp 60-63' as '0x3c-0xff', and takes that from nobody.
   */
  readonly last?: Uint8Array
  /** The first value comes after the last, as midnight does: outside of sets a range may go on there, '23:00-01:00'. */
  readonly turns?: boolean
  /** In network order. Throws RangeError or TypeError naming the field. */
  encode(value: unknown, field: string): Uint8Array
  /** From network order. */
  decode(bytes: Uint8Array): string | number
}

function address(
  name: string,
  id: number,
  size: number,
  what: string,
  parse: typeof parseIpv4,
  format: typeof formatIpv4,
): Datatype {
  return {
    name,
    id,
    size,
    order: 'network',
    prefixes: true,
    encode(value, field) {
      const bytes = new Uint8Array(size)
      if (typeof value !== 'string' || !parse(value, bytes, 0))
        throw new RangeError(`${field}: ${show(value)} is not an ${what} address`)
      return bytes
    },
    decode: (bytes) => format(bytes, 0),
  }
}

const ethernet: Datatype = {
  name: 'ether_addr',
  id: 9,
  size: 6,
  order: 'network',
  prefixes: false,
  encode(value, field) {
    const bytes = parseMac(value)
    if (bytes?.length !== 6)
      throw new RangeError(`${field}: ${show(value)} is not a MAC address such as '02:00:00:00:00:01'`)
    return bytes
  },
  decode: (bytes) => toHex(bytes).replace(/..(?!$)/g, '$&:'),
}

const utf8 = new TextEncoder()
const text = new TextDecoder()

function encodeText(value: unknown, field: string): Uint8Array {
  const bytes = new Uint8Array(16)
  if (value !== '') bytes.set(utf8.encode(checkText(value, field, 15)))
  return bytes
}

/** Padded with zeros, as the kernel keeps names of interfaces in registers; empty where a packet has no such interface. */
const ifname: Datatype = {
  name: 'ifname',
  id: 41,
  size: 16,
  order: 'text',
  prefixes: false,
  encode(value, field) {
    if (typeof value === 'string' && value.endsWith('*'))
      throw new RangeError(`${field}: ${show(value)} is more than one name`)
    return encodeText(value, field)
  },
  decode(bytes) {
    const end = bytes.indexOf(0)
    return text.decode(end < 0 ? bytes : bytes.subarray(0, end))
  },
}

const plainClassid = integerType('classid', 23, 4, 'host')
/** TC_H_UNSPEC and TC_H_ROOT of linux/pkt_sched.h */
const CLASSES = new Map([
  ['none', 0],
  ['root', 0xffffffff],
])

/** A class of traffic control: a number, or its halves in hexadecimal as tc(8) has them, '1:5'. */
const classid: Datatype = {
  ...plainClassid,
  encode(value, field) {
    if (typeof value !== 'string') return plainClassid.encode(value, field)
    const [, major, minor] = /^([\da-f]{0,4}):([\da-f]{0,4})$/i.exec(value) ?? []
    const number =
      major === undefined || minor === undefined
        ? CLASSES.get(value)
        : Number.parseInt(`0${major}`, 16) * 0x10000 + Number.parseInt(`0${minor}`, 16)
    if (number === undefined || value === ':')
      throw new RangeError(
        `${field}: ${show(value)} is not a class such as '1:5', 'root', 'none' or a number`,
      )
    return plainClassid.encode(number, field)
  },
}

/** The types that sets can have, by the names of nft(8). */
export const datatypes = {
  ipv4_addr: address('ipv4_addr', 7, 4, 'IPv4', parseIpv4, formatIpv4),
  ipv6_addr: address('ipv6_addr', 8, 16, 'IPv6', parseIpv6, formatIpv6),
  ether_addr: ethernet,
  nf_proto: integerType('nf_proto', 2, 1, 'network', nfprotos),
  ether_type: integerType('ether_type', 10, 2, 'network', etherTypes),
  arp_op: integerType('arp_op', 11, 2, 'network', arpOperations),
  inet_proto: integerType('inet_proto', 12, 1, 'network', protocols),
  inet_service: integerType('inet_service', 13, 2),
  icmp_type: integerType('icmp_type', 14, 1, 'network', icmpTypes),
  tcp_flag: bitmask('tcp_flag', 15, 1, 'network', tcpFlags),
  dccp_pkttype: integerType('dccp_pkttype', 16, 1, 'network', dccpTypes),
  mh_type: integerType('mh_type', 17, 1, 'network', mobilityTypes),
  mark: integerType('mark', 19, 4, 'host'),
  iface_index: integerType('iface_index', 20, 4, 'host'),
  iface_type: integerType('iface_type', 21, 2, 'host', deviceTypes),
  realm: integerType('realm', 22, 4, 'host'),
  classid,
  uid: integerType('uid', 24, 4, 'host'),
  gid: integerType('gid', 25, 4, 'host'),
  ct_state: bitmask('ct_state', 26, 4, 'host', ctStates),
  ct_dir: integerType('ct_dir', 27, 1, 'network', ctDirections),
  ct_status: bitmask('ct_status', 28, 4, 'host', ctStatuses),
  icmpv6_type: integerType('icmpv6_type', 29, 1, 'network', icmpv6Types),
  pkt_type: integerType('pkt_type', 31, 1, 'network', packetTypes),
  icmp_code: integerType('icmp_code', 32, 1, 'network', icmpCodes),
  icmpv6_code: integerType('icmpv6_code', 33, 1, 'network', icmpv6Codes),
  devgroup: integerType('devgroup', 35, 4, 'host'),
  dscp: { ...integerType('dscp', 36, 1, 'network', dscps), last: Uint8Array.of(0x3f) },
  ecn: { ...integerType('ecn', 37, 1, 'network', ecns), last: Uint8Array.of(0x3) },
  fib_addrtype: integerType('fib_addrtype', 38, 4, 'host', addrTypes),
  ifname,
  igmp_type: integerType('igmp_type', 42, 1, 'network', igmpTypes),
  /** The number of a control group of version 2: the inode of its directory. */
  cgroupsv2: integerType('cgroupsv2', 46, 8, 'host'),
} satisfies Record<string, Datatype>

/** A type of values in sets and maps, by the name that nft(8) has for it: 'ipv4_addr', 'inet_service'. */
export type DatatypeName = keyof typeof datatypes

/** Types of values in rules that nft(8) gives no set a name for. */
export const ruleTypes = {
  /** Milliseconds. */
  time: integerType('time', 18, 4, 'host'),
  /** NF_CT_HELPER_NAME_LEN, NFT_OSF_MAXGENRELEN: 16 bytes, as names of interfaces have. */
  string: { ...ifname, name: 'string', id: 5, encode: encodeText },
  ct_event: bitmask('ct_event', 40, 4, 'host', ctEvents),
} satisfies Record<string, Datatype>

const byId = new Map<number, Datatype>()

/** The type of a number; undefined where it is not known. */
function datatypeOf(id: number): Datatype | undefined {
  if (byId.size === 0) for (const type of Object.values(datatypes)) byId.set(type.id, type)
  return byId.get(id)
}

/** Bits of one type's number in the number of a concatenation. */
const TYPE_BITS = 6

const MAX_TYPES = Math.floor(32 / TYPE_BITS)

/**
 * The number of a concatenation: one number after another.
 *
 * @throws RangeError for more than five, of which nft(8) cuts the number, and shows other types
 */
export function concatId(types: readonly Datatype[]): number {
  if (types.length > MAX_TYPES)
    throw new RangeError(
      `${types.map(({ name }) => name).join(' . ')}: a set can have concatenations of ${MAX_TYPES} types, not ${types.length}`,
    )
  return types.reduce((id, type) => (id << TYPE_BITS) | type.id, 0) >>> 0
}

/** The types of a number, one for a plain type; null where one is not known. */
export function typesOf(id: number): Datatype[] | null {
  const types: Datatype[] = []
  for (let rest = id; rest > 0; rest >>>= TYPE_BITS) {
    const type = datatypeOf(rest & ((1 << TYPE_BITS) - 1))
    if (type === undefined) return null
    types.unshift(type)
  }
  return types.length === 0 ? null : types
}

/** Between network order and that of the register, in both directions. */
export function inRegister(type: Datatype, bytes: Uint8Array): Uint8Array {
  return type.order === 'host' && host.littleEndian ? bytes.slice().reverse() : bytes
}
