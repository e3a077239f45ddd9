/** Checks on what callers give, before anything is sent: each throws an error that names the field and the value. */

import { show } from '../codec/fault.js'
import { guarded, type OneOf } from '../codec/index.js'
import { ipLength } from '../codec/ip.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_UNSPEC } from '../netlink/netfilter.js'
import { type IpProtocol, ipProtocols } from '../netlink/protocols.js'
import {
  answeringType,
  type ConntrackFamily,
  type ConntrackTuple,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
} from './tuple.js'

/**
 * One direction of a connection, as callers give it. Ports belong to TCP, UDP, UDP-Lite, SCTP and DCCP (for GRE they are its keys), but
 * for TCP and UDP only where the kernel knows the protocol; `icmp` to ICMP and ICMPv6. Other protocols have neither.
 */
export interface ConntrackTupleInput {
  src: string
  dst: string
  protocol: OneOf<IpProtocol>
  sport?: number | null | undefined
  dport?: number | null | undefined
  icmp?: { readonly type: number; readonly code?: number | undefined; readonly id: number } | null | undefined
  /** The zone, where it counts for this direction alone. */
  zone?: number | null | undefined
}

const TUPLE_KEYS = ['src', 'dst', 'protocol', 'sport', 'dport', 'icmp', 'zone'] as const

const MAX_ZONE = 0xffff
export const MAX_U32 = 0xffffffff

/** TCP and UDP; DCCP, GRE, SCTP and UDP-Lite: those whose tuples have two numbers of 16 bits. */
const WITH_PORTS: readonly number[] = ['tcp', 'udp', 'dccp', 'gre', 'sctp', 'udplite'].map((name) =>
  ipProtocols.toNumber(name as IpProtocol),
)

/** Of these, a kernel that is built without them or has no code for them any more (DCCP since 6.17) sees no ports. */
const UNPORTED: readonly number[] = WITH_PORTS.slice(2)

export function hasPorts(protocol: number): boolean {
  return WITH_PORTS.includes(protocol)
}

export function checkFamily(family: unknown): number {
  if (family === undefined) return NFPROTO_UNSPEC
  if (family === 'ipv4') return NFPROTO_IPV4
  if (family === 'ipv6') return NFPROTO_IPV6
  throw new RangeError(`family: ${show(family)} is not 'ipv4' or 'ipv6'`)
}

export function familyText(family: number): ConntrackFamily {
  return family === NFPROTO_IPV6 ? 'ipv6' : 'ipv4'
}

/** An address, of a family if one is given (not NFPROTO_UNSPEC); returns its family. */
export function checkAddress(value: unknown, field: string, family: number): number {
  const length = typeof value === 'string' ? ipLength(value) : 0
  if (length === 0) throw new RangeError(`${field}: ${show(value)} is not an IPv4 or IPv6 address`)
  const is = length === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6
  if (family !== NFPROTO_UNSPEC && is !== family)
    throw new RangeError(
      `${field}: ${show(value)} is not an ${family === NFPROTO_IPV4 ? 'IPv4' : 'IPv6'} address`,
    )
  return is
}

/** The number of a protocol. */
export function checkProtocol(value: unknown, field: string): number {
  const number = guarded(field, () => ipProtocols.toNumber(value as OneOf<IpProtocol>))
  return checkInteger(number, field, 0, 255, 'a protocol')
}

/** Port 0 is of no use in a connection, but GRE has keys, which can be 0. */
export function checkPort(value: unknown, field: string, protocol: number): number {
  const least = protocol === ipProtocols.numbers.gre ? 0 : 1
  return checkInteger(value, field, least, 0xffff, least === 0 ? 'a key' : 'a port')
}

export function checkZone(value: unknown, field: string): number {
  return checkInteger(value, field, 0, MAX_ZONE, 'a zone')
}

/** Throws what is wrong with a tuple; `family` is one that it has to have, or NFPROTO_UNSPEC. Returns it complete. */
export function checkTuple(value: ConntrackTupleInput, field: string, family: number): ConntrackTuple {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${field}: ${show(value)} is not a tuple { src, dst, protocol, … }`)
  checkKeys(field, value, TUPLE_KEYS)
  const { src, dst, sport = null, dport = null, icmp = null, zone = null } = value
  const is = checkAddress(src, `${field}.src`, family)
  checkAddress(dst, `${field}.dst`, is)
  const protocol = checkProtocol(value.protocol, `${field}.protocol`)
  // As it is listed: ports that are forgotten are not meant to be none.
  const lacksPorts = value.sport === null && value.dport === null && UNPORTED.includes(protocol)
  if (hasPorts(protocol) && !lacksPorts) {
    checkPort(sport, `${field}.sport`, protocol)
    checkPort(dport, `${field}.dport`, protocol)
  } else {
    for (const key of ['sport', 'dport'] as const)
      if (value[key] != null) throw new TypeError(`${field}.${key}: ${show(value.protocol)} has no ports`)
  }
  if (zone !== null) checkZone(zone, `${field}.zone`)
  return {
    src,
    dst,
    protocol: ipProtocols.toName(protocol),
    sport,
    dport,
    icmp: checkIcmp(icmp, `${field}.icmp`, protocol, is),
    zone,
  }
}

function checkIcmp(
  icmp: NonNullable<ConntrackTupleInput['icmp']> | null,
  field: string,
  protocol: number,
  family: number,
): ConntrackTuple['icmp'] {
  const wanted = protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6
  if (wanted && (protocol === IPPROTO_ICMP) !== (family === NFPROTO_IPV4))
    throw new RangeError(
      `${field.replace(/icmp$/, 'protocol')}: '${ipProtocols.toName(protocol)}' is not of ${familyText(family)}`,
    )
  if (icmp === null) {
    if (wanted) throw new TypeError(`${field}: missing; type and id tell one exchange from another`)
    return null
  }
  if (!wanted) throw new TypeError(`${field}: '${ipProtocols.toName(protocol)}' has none`)
  checkKeys(field, icmp, ['type', 'code', 'id'])
  const { type, code = 0, id } = icmp
  checkInteger(type, `${field}.type`, 0, 255, 'an ICMP type')
  guarded(`${field}.type`, () => answeringType(protocol, type))
  checkInteger(code, `${field}.code`, 0, 255, 'an ICMP code')
  checkInteger(id, `${field}.id`, 0, 0xffff, 'an ICMP id')
  return { type, code, id }
}
