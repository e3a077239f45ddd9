/** A tracked connection as callers see it, and how one is read out of an IPCTNL_MSG_CT_NEW or _DELETE. */

import { type AnyOf, Attributes, type Infer, malformed, type OneOf } from '../codec/index.js'
import { nfgenmsg } from '../netlink/netfilter.js'
import { readLabels } from './labels.js'
import {
  type dccpStates,
  protoinfoAttributes,
  type sctpStates,
  tcpAttributes,
  type tcpFlags,
  type tcpStates,
} from './protoinfo-table.js'
import {
  conntrackAttributes,
  type conntrackStatuses,
  type counterAttributes,
  type seqadjAttributes,
} from './table.js'
import { type ConntrackFamily, type ConntrackTuple, familyNameOf, readTuple } from './tuple.js'

/** What a connection has been through: 'seen-reply', 'assured', 'dst-nat' …; IPS_* of linux/netfilter/nf_conntrack_common.h. */
export type ConntrackStatus = keyof typeof conntrackStatuses.numbers
/** The state of a TCP connection, as conntrack sees it. */
export type TcpState = keyof typeof tcpStates.numbers
/** The state of an SCTP association. */
export type SctpState = keyof typeof sctpStates.numbers
/** The state of a DCCP connection; the kernel tracked them up to Linux 6.16. */
export type DccpState = keyof typeof dccpStates.numbers
/** The state of a connection, of a protocol that has one. */
export type ConntrackState = TcpState | SctpState | DccpState
/** What conntrack knows of an end of a TCP connection; IP_CT_TCP_FLAG_* of linux/netfilter/nf_conntrack_tcp.h. */
export type ConntrackTcpFlag = keyof typeof tcpFlags.numbers

/**
 * A connection that the kernel tracks. What it does not have is null. It is accepted where a connection is given:
 * `deleteConntrack(entry)`. See conntrack(8), linux/netfilter/nfnetlink_conntrack.h.
 */
export interface ConntrackEntry {
  readonly family: ConntrackFamily
  /** The packets of the end that began, as they arrive: before any translation. */
  readonly original: ConntrackTuple
  /** The answers, as they arrive: the opposite of `original` unless addresses or ports are translated. */
  readonly reply: ConntrackTuple
  /** 0 where nobody has set one, and where it counts for one direction alone: then that has it. */
  readonly zone: number
  /** Tells the entry from a later one with the same addresses and ports. */
  readonly id: number
  readonly status: AnyOf<ConntrackStatus>
  /** Of TCP, SCTP and DCCP; null also in an event that is not about it. */
  readonly state: OneOf<ConntrackState> | null
  /** Seconds that it has left without packets; null where it has no end (offloaded), and in the event of its end. */
  readonly timeout: number | null
  readonly mark: number
  /** Numbers of the labels that are set, 0 to 127; none also in an event that is not about them, and in that of their end. */
  readonly labels: readonly number[]
  /** The helper that reads along: 'ftp', 'sip' …; null where none does. */
  readonly helper: string | null
  /** The connection that this one was expected by. */
  readonly master: ConntrackTuple | null
  /** Null unless net.netfilter.nf_conntrack_acct was 1 when it began. */
  readonly counters: ConntrackCounters | null
  /** The same as bigint, where they were asked for. */
  readonly bigCounters: BigConntrackCounters | null
  /** Null unless net.netfilter.nf_conntrack_timestamp was 1 when it began. */
  readonly timestamp: ConntrackTimestamp | null
  readonly tcp: ConntrackTcp | null
  readonly sctp: ConntrackSctp | null
  readonly dccp: ConntrackDccp | null
  /** How a helper has moved the sequence numbers of TCP. */
  readonly seqAdjust: ConntrackSeqAdjust | null
  readonly synproxy: ConntrackSynproxy | null
  /** References inside the kernel, that of getConntrack() included; null in events. */
  readonly use: number | null
  /** The security context (SELinux). */
  readonly secctx: string | null
}

/** Packets and bytes of one direction. */
export interface ConntrackCounter<T> {
  readonly packets: T
  readonly bytes: T
}
/** Packets and bytes since the connection began. Exact up to 2^53; beyond it `BigConntrackCounters` is. */
export interface ConntrackCounters {
  readonly original: ConntrackCounter<number>
  readonly reply: ConntrackCounter<number>
}
/** The same as bigint: exact. */
export interface BigConntrackCounters {
  readonly original: ConntrackCounter<bigint>
  readonly reply: ConntrackCounter<bigint>
}
/** When a connection began and ended: milliseconds since 1970, as Date.now() counts them, with their fraction. */
export interface ConntrackTimestamp {
  readonly start: number
  /** Null while it lasts. */
  readonly stop: number | null
}
/** What conntrack knows of the ends of a TCP connection: how many bits their windows are shifted, and flags. */
export interface ConntrackTcp {
  readonly wscaleOriginal: number
  readonly wscaleReply: number
  readonly flagsOriginal: AnyOf<ConntrackTcpFlag>
  readonly flagsReply: AnyOf<ConntrackTcpFlag>
}
/** The verification tags of an SCTP association. */
export interface ConntrackSctp {
  readonly vtagOriginal: number
  readonly vtagReply: number
}
/** Which end of a DCCP connection began (0: the client is `original`), and its handshake's sequence number. */
export interface ConntrackDccp {
  readonly role: number
  readonly handshakeSeq: bigint
}
/** How sequence numbers are moved, in each direction. */
export interface ConntrackSeqAdjust {
  readonly original: ConntrackSeqOffset | null
  readonly reply: ConntrackSeqOffset | null
}
/** Sequence numbers after `correctionPos` are moved by `offsetAfter`, those before by `offsetBefore`: back where those are below 0. */
export interface ConntrackSeqOffset {
  readonly correctionPos: number
  readonly offsetBefore: number
  readonly offsetAfter: number
}
/** What a SYN proxy remembers of a connection: its initial sequence number and timestamps. */
export interface ConntrackSynproxy {
  readonly isn: number
  readonly its: number
  readonly tsoff: number
}

/** How entries are read. */
export interface ReadOptions {
  /** Counters as bigint besides, in `bigCounters`: exact beyond 2^53. */
  bigint?: boolean | undefined
  /** Set counters back to zero as they are read. */
  reset?: boolean | undefined
}

let reused: Attributes | undefined

/** Reads an entry: `start` is its struct nfgenmsg. Undefined for a family that is not IPv4 or IPv6. */
export function readEntry(
  bytes: Uint8Array,
  start: number,
  end: number,
  bigint = false,
): ConntrackEntry | undefined {
  const family = familyNameOf(bytes[start]!)
  if (family === null) return undefined
  reused ??= new Attributes(conntrackAttributes)
  const found = reused.load(bytes, start + nfgenmsg.size, end)
  const { field } = conntrackAttributes
  const original = readTuple(found, field.tupleOrig)
  const reply = readTuple(found, field.tupleReply)
  if (original === null || reply === null) throw malformed('a connection without its tuples', start)
  const details = readProtoinfo(found)
  const labels = found.get(field.labels)
  const timestamp = found.get(field.timestamp)
  const synproxy = found.get(field.synproxy)
  const sent = counters(found.get(field.countersOrig))
  const answered = counters(found.get(field.countersReply))
  return {
    family,
    original,
    reply,
    zone: found.get(field.zone) ?? 0,
    id: found.get(field.id) ?? 0,
    status: found.get(field.status) ?? [],
    state: details.state,
    timeout: found.get(field.timeout),
    mark: found.get(field.mark) ?? 0,
    labels: labels === null ? [] : readLabels(labels),
    helper: found.get(field.help)?.helpName ?? null,
    master: readTuple(found, field.tupleMaster),
    counters: sent && answered && { original: asNumbers(sent), reply: asNumbers(answered) },
    bigCounters: bigint ? sent && answered && { original: sent, reply: answered } : null,
    timestamp:
      timestamp?.start === undefined
        ? null
        : {
            start: milliseconds(timestamp.start),
            stop: timestamp.stop === undefined ? null : milliseconds(timestamp.stop),
          },
    tcp: details.tcp,
    sctp: details.sctp,
    dccp: details.dccp,
    seqAdjust: seqAdjust(found.get(field.seqAdjOrig), found.get(field.seqAdjReply)),
    synproxy:
      synproxy === null
        ? null
        : { isn: synproxy.isn ?? 0, its: synproxy.its ?? 0, tsoff: synproxy.tsoff ?? 0 },
    use: found.get(field.use),
    secctx: found.get(field.secctx)?.secctxName ?? null,
  }
}

/** When it came to what an event tells, in milliseconds since 1970; null where the kernel does not say. */
export function eventTime(bytes: Uint8Array, start: number, end: number): number | null {
  reused ??= new Attributes(conntrackAttributes)
  const found = reused.load(bytes, start + nfgenmsg.size, end)
  const time = found.get(conntrackAttributes.field.timestampEvent)
  return time === null ? null : milliseconds(time)
}

/** Nanoseconds in bigint as milliseconds, with the fraction that a number has room for. */
function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n) / 1000
}

type Details = Pick<ConntrackEntry, 'state' | 'tcp' | 'sctp' | 'dccp'>

const NO_DETAILS: Details = { state: null, tcp: null, sctp: null, dccp: null }
let reusedProtoinfo: Attributes | undefined
let reusedTcp: Attributes | undefined

function readProtoinfo(found: Attributes): Details {
  reusedProtoinfo ??= new Attributes(protoinfoAttributes)
  return found.inside(conntrackAttributes.field.protoinfo, reusedProtoinfo, readDetails) ?? NO_DETAILS
}

function readDetails(protoinfo: Attributes): Details {
  const { protoinfoTcp, protoinfoSctp, protoinfoDccp } = protoinfoAttributes.field
  reusedTcp ??= new Attributes(tcpAttributes)
  const tcp = protoinfo.inside(protoinfoTcp, reusedTcp, readTcpDetails)
  if (tcp !== null) return tcp
  const sctp = protoinfo.get(protoinfoSctp)
  const dccp = protoinfo.get(protoinfoDccp)
  return {
    state: sctp?.sctpState ?? dccp?.dccpState ?? null,
    tcp: null,
    sctp:
      sctp?.vtagOriginal === undefined
        ? null
        : { vtagOriginal: sctp.vtagOriginal, vtagReply: sctp.vtagReply ?? 0 },
    dccp:
      dccp?.dccpRole === undefined
        ? null
        : { role: dccp.dccpRole, handshakeSeq: dccp.dccpHandshakeSeq ?? 0n },
  }
}

function readTcpDetails(tcp: Attributes): Details {
  return { state: tcp.get(tcpAttributes.field.tcpState), tcp: readTcp(tcp), sctp: null, dccp: null }
}

/** Null in the event of a connection's end, which has its state alone. */
function readTcp(tcp: Attributes): ConntrackTcp | null {
  const { field } = tcpAttributes
  const flagsOriginal = tcp.get(field.tcpFlagsOriginal)
  if (flagsOriginal === null) return null
  return {
    wscaleOriginal: tcp.get(field.tcpWscaleOriginal) ?? 0,
    wscaleReply: tcp.get(field.tcpWscaleReply) ?? 0,
    flagsOriginal: flagsOriginal.flags,
    flagsReply: tcp.get(field.tcpFlagsReply)?.flags ?? [],
  }
}

function counters(found: Infer<typeof counterAttributes> | null): ConntrackCounter<bigint> | null {
  return found === null ? null : { packets: found.packets ?? 0n, bytes: found.bytes ?? 0n }
}

function asNumbers({ packets, bytes }: ConntrackCounter<bigint>): ConntrackCounter<number> {
  return { packets: Number(packets), bytes: Number(bytes) }
}

type Offset = Infer<typeof seqadjAttributes> | null

function seqAdjust(original: Offset, reply: Offset): ConntrackSeqAdjust | null {
  if (original === null && reply === null) return null
  return { original: offset(original), reply: offset(reply) }
}

function offset(found: Offset): ConntrackSeqOffset | null {
  if (found === null) return null
  const { correctionPos = 0, offsetBefore = 0, offsetAfter = 0 } = found
  return { correctionPos, offsetBefore, offsetAfter }
}
