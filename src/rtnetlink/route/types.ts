/** The kinds of value that only route messages have. */

import { align, getU16, getU32, putU16 } from '../../codec/bytes.js'
import { encodeEach } from '../../codec/encode.js'
import { located } from '../../codec/fault.js'
import {
  decodeAttributes,
  encodeAttributes,
  type Fields,
  formatIp,
  type Infer,
  mac,
  malformed,
  outOfRange,
  parseIp,
  parseMac,
  type Table,
  type Type,
  u8,
  u32,
  wrongType,
} from '../../codec/index.js'
import { AF_INET, AF_INET6, AF_PACKET } from '../family.js'
import { RTA_FLOW } from './constants.js'
import type { Realms } from './input.js'

/** Milliseconds that the kernel counts in parts of a millisecond. */
function parts(count: number): Type<number> {
  return {
    label: `milliseconds/${count}`,
    size: 4,
    encode(out, value, siblings) {
      if (typeof value !== 'number') throw wrongType(value, 'a number of milliseconds')
      const raw = Math.round(value * count)
      if (!(raw >= 0 && raw <= 0xffffffff)) throw outOfRange(value, 'a number of milliseconds')
      u32.encode(out, raw, siblings)
    },
    decode(bytes, start, end, siblings) {
      return u32.decode(bytes, start, end, siblings) / count
    },
  }
}

/** RTAX_RTT: eighths of a millisecond, as TCP keeps its smoothed round trip time. */
export const eighths = parts(8)
/** RTAX_RTTVAR: quarters of a millisecond. */
export const quarters = parts(4)

/** Where the family of a struct rtvia ends. */
const VIA_FAMILY = 2
const VIA_LENGTHS: Readonly<Record<number, number>> = { [AF_INET]: 4, [AF_INET6]: 16 }

/**
 * struct rtvia: a gateway of a family that need not be the route's own. Text; of MPLS routes it can be a link-layer address (AF_PACKET). ''
 * for a family that is not known.
 */
export const via: Type<string> = {
  label: 'rtvia',
  size: 0,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    const ip = parseIp(value)
    const octets = ip ?? parseMac(value)
    if (octets === null) throw outOfRange(value, 'an IPv4, IPv6 or link-layer address')
    const at = out.reserve(VIA_FAMILY)
    putU16(out.bytes, at, ip === null ? AF_PACKET : ip.length === 4 ? AF_INET : AF_INET6)
    out.raw(octets)
  },
  decode(bytes, start, end, siblings) {
    if (end - start < VIA_FAMILY)
      throw malformed(`${end - start} bytes where rtvia has at least ${VIA_FAMILY}`, start)
    const family = getU16(bytes, start)
    const from = start + VIA_FAMILY
    if (family === AF_PACKET) return mac.decode(bytes, from, end, siblings)
    const length = VIA_LENGTHS[family] ?? 0
    if (end - from < length)
      throw malformed(`${end - start} bytes where rtvia has ${VIA_FAMILY + length}`, start)
    return formatIp(bytes, from, length) ?? ''
  },
}

/** One nexthop of RTA_MULTIPATH: struct rtnexthop and its attributes. */
export interface RawHop<F extends Fields = Fields> {
  /** RTNH_F_* */
  flags: number
  /** The weight less one. */
  hops: number
  /** 0: the kernel finds it by the gateway. */
  ifindex: number
  attributes: Infer<Table<F>>
}

const HOP_SIZE = 8

/**
 * Whether what stands where a nexthop begins are the realms of the one before: kernels before Linux 5.15 count them as no part of it
 * (fib_add_nexthop()). As a nexthop, it would have neither gateway nor attributes, and flags that the kernel gives to none.
 */
const areRealms = (bytes: Uint8Array, at: number, length: number): boolean =>
  length === HOP_SIZE && bytes[at + 2] === RTA_FLOW && bytes[at + 3] === 0

/** RTA_MULTIPATH: any number of struct rtnexthop (length, flags, hops, ifindex), each with attributes of its own. */
export function multipathOf<F extends Fields>(table: Table<F>): Type<readonly RawHop<F>[]> {
  return {
    label: 'multipath',
    size: 0,
    encode(out, value, siblings) {
      encodeEach(value, (item) => {
        const hop = item as RawHop<F>
        const start = out.reserve(2)
        u8.encode(out, hop.flags, siblings)
        u8.encode(out, hop.hops, siblings)
        u32.encode(out, hop.ifindex, siblings)
        encodeAttributes(table, out, hop.attributes as Record<string, unknown>)
        putU16(out.bytes, start, out.length - start)
      })
    },
    decode(bytes, start, end) {
      const hops: RawHop<F>[] = []
      try {
        for (let at = start; at < end; ) {
          const length = at + HOP_SIZE <= end ? getU16(bytes, at) : 0
          if (length < HOP_SIZE || at + length > end)
            throw malformed(`a nexthop of length ${length} where ${end - at} bytes are left`, at)
          const last = hops.at(-1)
          if (last !== undefined && areRealms(bytes, at, length)) {
            Object.assign(last.attributes, { flow: getU32(bytes, at + 4) })
            at += length
            continue
          }
          hops.push({
            flags: bytes[at + 2]!,
            hops: bytes[at + 3]!,
            ifindex: getU32(bytes, at + 4),
            attributes: decodeAttributes(table, bytes, at + HOP_SIZE, at + length),
          })
          at += align(length)
        }
      } catch (error) {
        throw located(error, `[${hops.length}]`)
      }
      return hops
    },
  }
}

/** Realms as RTA_FLOW and FRA_FLOW have them. */
export function flow({ from, to }: Realms): number {
  return ((from << 16) | to) >>> 0
}

/** The realms of an RTA_FLOW or FRA_FLOW. */
export function realms(flow: number): Realms {
  return { from: flow >>> 16, to: flow & 0xffff }
}
