/** The options of a router advertisement that are for programs, and how they are read out of an RTM_NEWNDUSEROPT. */

import { copyOf, getBe32, getU16, getU32 } from '../../codec/bytes.js'
import { Attributes, align, formatIpv6, malformed } from '../../codec/index.js'
import { INFINITY_LIFE_TIME } from '../address/constants.js'
import type { Lifetime } from '../address/options.js'
import type { NameOf } from '../devnames.js'
import { AF_INET6 } from '../family.js'
import { ND_OPT_DNSSL, ND_OPT_RDNSS } from './constants.js'
import { ndUserOptionAttributes, nduseroptmsg } from './table.js'

/**
 * An option that a router has advertised and that programs are to act on: DNS servers, search domains (RFC 8106), or another as bytes by
 * its number (IANA, IPv6 Neighbor Discovery option formats). Lifetimes are seconds; 0 takes back what was said before.
 */
export type NdOption =
  | { readonly type: 'rdnss'; readonly lifetime: Lifetime; readonly servers: readonly string[] }
  | { readonly type: 'dnssl'; readonly lifetime: Lifetime; readonly domains: readonly string[] }
  /** `data` is what follows the option's type and length. */
  | { readonly type: number; readonly data: Uint8Array }

/** Options of one router advertisement for programs. See rtnetlink(7), RFC 4861. */
export interface NdUserOptions {
  /** The router's address; null where the kernel does not tell. */
  readonly from: string | null
  readonly ifindex: number
  /** The interface by which they came; null where it has just gone. */
  readonly dev: string | null
  /** The ICMPv6 message: 134 is a router advertisement. */
  readonly icmpType: number
  readonly icmpCode: number
  readonly options: readonly NdOption[]
}

const at = nduseroptmsg.offsets

/** Reads options: `start` is their struct nduseroptmsg. Null for a family that is not IPv6. */
export function readNdUserOptions(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): NdUserOptions | null {
  if (bytes[start + at.family] !== AF_INET6) return null
  const first = start + nduseroptmsg.size
  const stop = first + getU16(bytes, start + at.optsLen)
  if (stop > end) throw malformed(`options of ${stop - first} bytes where ${end - first} are left`, first)
  const options = readOptions(bytes, first, stop)
  const ifindex = getU32(bytes, start + at.ifindex)
  const found = new Attributes(ndUserOptionAttributes).load(
    bytes,
    Math.min(end, first + align(stop - first)),
    end,
  )
  return {
    from: found.get(ndUserOptionAttributes.field.srcaddr),
    ifindex,
    dev: nameOf(ifindex),
    icmpType: bytes[start + at.icmpType]!,
    icmpCode: bytes[start + at.icmpCode]!,
    options,
  }
}

function readOptions(bytes: Uint8Array, start: number, end: number): NdOption[] {
  const options: NdOption[] = []
  for (let here = start; here < end; ) {
    const stop = here + 8 * (bytes[here + 1] ?? 0)
    if (stop === here || stop > end)
      throw malformed(`an option of ${stop - here} bytes where ${end - here} are left`, here)
    options.push(readOption(bytes[here]!, bytes, here, stop))
    here = stop
  }
  return options
}

/**
 * Both known ones have two bytes that are reserved, and the lifetime. The kernel has looked at type and length alone: what makes no sense
 * is no error, as anyone on the network could send it, but an option as bytes.
 */
function readOption(type: number, bytes: Uint8Array, start: number, end: number): NdOption {
  if (end - start >= 8 && type === ND_OPT_RDNSS) {
    const servers: string[] = []
    for (let here = start + 8; here + 16 <= end; here += 16) servers.push(formatIpv6(bytes, here))
    return { type: 'rdnss', lifetime: lifetimeAt(bytes, start + 4), servers }
  }
  if (end - start >= 8 && type === ND_OPT_DNSSL) {
    const domains = readDomains(bytes, start + 8, end)
    if (domains !== null) return { type: 'dnssl', lifetime: lifetimeAt(bytes, start + 4), domains }
  }
  return { type, data: copyOf(bytes, start + 2, end) }
}

function lifetimeAt(bytes: Uint8Array, offset: number): Lifetime {
  const seconds = getBe32(bytes, offset)
  return seconds === INFINITY_LIFE_TIME ? 'forever' : seconds
}

/** Names as DNS writes them (RFC 1035, section 3.1), without compression, one after another, and zeros behind; null for anything else. */
function readDomains(bytes: Uint8Array, start: number, end: number): string[] | null {
  const domains: string[] = []
  let labels: string[] = []
  for (let here = start; here < end; ) {
    const length = bytes[here]!
    if (here + 1 + length > end) return null
    if (length > 0) labels.push(labelText(bytes, here + 1, here + 1 + length))
    else if (labels.length > 0) {
      domains.push(labels.join('.'))
      labels = []
    }
    here += 1 + length
  }
  return labels.length === 0 ? domains : null
}

function labelText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let here = start; here < end; here++) text += String.fromCharCode(bytes[here]!)
  return text
}
