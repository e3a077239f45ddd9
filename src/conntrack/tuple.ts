/** One direction of a connection as callers see it, and how it lies in a message. */

import { Attributes, type Field, type OneOf, outOfRange } from '../codec/index.js'
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../netlink/netfilter.js'
import { type IpProtocol, ipProtocols } from '../netlink/protocols.js'
import {
  type TupleAttributes,
  tupleAttributes,
  tupleIpAttributes,
  tupleProtoAttributes,
} from './tuple-table.js'

/** The family of a connection's addresses: 'ipv4' or 'ipv6'. */
export type ConntrackFamily = 'ipv4' | 'ipv6'

/**
 * Addresses and ports of the packets of one direction, as they are before this machine translates them. struct
 * nf_conntrack_tuple of the kernel.
 */
export interface ConntrackTuple {
  readonly src: string
  readonly dst: string
  readonly protocol: OneOf<IpProtocol>
  /** The port of TCP, UDP, UDP-Lite, SCTP and DCCP, and the key of GRE; null for what has none. */
  readonly sport: number | null
  readonly dport: number | null
  /** Of ICMP and ICMPv6: what takes the place of ports. */
  readonly icmp: ConntrackIcmp | null
  /** The zone, where it counts for this direction alone. */
  readonly zone: number | null
}

/** What tells one ICMP exchange from another: type and code of its packets, and the id that a `ping` has. */
export interface ConntrackIcmp {
  readonly type: number
  readonly code: number
  readonly id: number
}

export function protocolFamily(address: string): number {
  return address.includes(':') ? NFPROTO_IPV6 : NFPROTO_IPV4
}

export function familyNameOf(number: number): ConntrackFamily | null {
  return number === NFPROTO_IPV4 ? 'ipv4' : number === NFPROTO_IPV6 ? 'ipv6' : null
}

export const IPPROTO_ICMP = ipProtocols.numbers.icmp
export const IPPROTO_ICMPV6 = ipProtocols.numbers['ipv6-icmp']

/** Where the sets inside of a tuple lie; a reader of long tables makes no objects of them. */
interface Views {
  readonly tuple: Attributes
  readonly ip: Attributes
  readonly proto: Attributes
}

let views: Views | undefined

/** The tuple that lies in one of the attributes of `from`; null where it is missing. */
export function readTuple(from: Attributes, field: Field): ConntrackTuple | null {
  views ??= {
    tuple: new Attributes(tupleAttributes),
    ip: new Attributes(tupleIpAttributes),
    proto: new Attributes(tupleProtoAttributes),
  }
  return from.inside(field, views.tuple, readInside)
}

function readInside(tuple: Attributes): ConntrackTuple {
  const { tupleIp, tupleProto, tupleZone } = tupleAttributes.field
  const addresses = tuple.inside(tupleIp, views!.ip, readAddresses)
  const found = tuple.inside(tupleProto, views!.proto, readProto)
  return {
    src: addresses?.src ?? '',
    dst: addresses?.dst ?? '',
    protocol: found?.protocol ?? 0,
    sport: found?.sport ?? null,
    dport: found?.dport ?? null,
    icmp: found?.icmp ?? null,
    zone: tuple.get(tupleZone),
  }
}

function readAddresses(ip: Attributes): Pick<ConntrackTuple, 'src' | 'dst'> {
  const { ipV4Src, ipV4Dst, ipV6Src, ipV6Dst } = tupleIpAttributes.field
  return {
    src: ip.get(ipV4Src) ?? ip.get(ipV6Src) ?? '',
    dst: ip.get(ipV4Dst) ?? ip.get(ipV6Dst) ?? '',
  }
}

function readProto(proto: Attributes): Pick<ConntrackTuple, 'protocol' | 'sport' | 'dport' | 'icmp'> {
  const { protoNum, protoSrcPort, protoDstPort } = tupleProtoAttributes.field
  return {
    protocol: ipProtocols.toName(proto.get(protoNum) ?? 0),
    sport: proto.get(protoSrcPort),
    dport: proto.get(protoDstPort),
    icmp: readIcmp(proto),
  }
}

function readIcmp(proto: Attributes): ConntrackIcmp | null {
  const { field } = tupleProtoAttributes
  const type = proto.get(field.protoIcmpType) ?? proto.get(field.protoIcmpv6Type)
  if (type === null) return null
  return {
    type,
    code: proto.get(field.protoIcmpCode) ?? proto.get(field.protoIcmpv6Code) ?? 0,
    id: proto.get(field.protoIcmpId) ?? proto.get(field.protoIcmpv6Id) ?? 0,
  }
}

/** The attributes of a tuple, in the order of conntrack(8). Only what is given: a filter gives less than the whole. */
export function tupleBody(
  tuple: Partial<ConntrackTuple>,
  family = protocolFamily(tuple.src ?? ''),
): TupleAttributes {
  const { src, dst, protocol, sport, dport, icmp, zone } = tuple
  const v6 = family === NFPROTO_IPV6
  const hasAddress = src !== undefined || dst !== undefined
  return {
    tupleIp: !hasAddress ? undefined : v6 ? { ipV6Src: src, ipV6Dst: dst } : { ipV4Src: src, ipV4Dst: dst },
    tupleProto:
      protocol === undefined
        ? undefined
        : {
            protoNum: ipProtocols.toNumber(protocol),
            protoSrcPort: sport ?? undefined,
            protoDstPort: dport ?? undefined,
            ...(icmp == null
              ? {}
              : v6
                ? { protoIcmpv6Code: icmp.code, protoIcmpv6Type: icmp.type, protoIcmpv6Id: icmp.id }
                : { protoIcmpCode: icmp.code, protoIcmpType: icmp.type, protoIcmpId: icmp.id }),
          },
    tupleZone: zone ?? undefined,
  }
}

/** Types of ICMP and ICMPv6 that conntrack knows an answer to: it tracks no others (nf_conntrack_proto_icmp.c, _icmpv6.c). */
const ANSWERS: Readonly<Record<number, readonly (readonly [request: number, answer: number])[]>> = {
  [IPPROTO_ICMP]: [
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
  ],
  [IPPROTO_ICMPV6]: [
    [128, 129],
    [139, 140],
  ],
}

/** The type of the answers to an ICMP type, or of what it answers. Throws a fault for one that conntrack does not track. */
export function answeringType(protocol: number, type: number): number {
  for (const [request, answer] of ANSWERS[protocol] ?? []) {
    if (type === request) return answer
    if (type === answer) return request
  }
  throw outOfRange(type, 'an ICMP type that is a request or its answer')
}

/** The tuple of the answers, where nothing is translated. Throws a fault for ICMP that has none. */
export function inverted(tuple: ConntrackTuple): ConntrackTuple {
  const { src, dst, protocol, sport, dport, icmp } = tuple
  return {
    src: dst,
    dst: src,
    protocol,
    sport: dport,
    dport: sport,
    icmp: icmp === null ? null : { ...icmp, type: answeringType(ipProtocols.toNumber(protocol), icmp.type) },
    zone: null,
  }
}

/** A tuple in errors: 'tcp 10.0.0.1:1000 > 10.0.0.2:80'. */
export function describeTuple({ src, dst, protocol, sport, dport, icmp }: ConntrackTuple): string {
  const at = (address: string, port: number | null) =>
    port === null ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const id = icmp === null ? '' : ` id ${icmp.id}`
  return `${ipProtocols.normal(protocol)} ${at(src, sport)} > ${at(dst, dport)}${id}`
}
