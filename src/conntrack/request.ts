/** The requests that operations on connections are made of. */

import type { Advice, Request } from '../netlink/request.js'
import { type ConntrackEntry, type ConntrackTcpFlag, type ReadOptions, readEntry } from './entry.js'
import type { CheckedChange, CheckedInput } from './input.js'
import { settableStatus } from './input.js'
import { type CheckedKey, describeKey, keyBody } from './key.js'
import { labelBytes } from './labels.js'
import type { ProtoinfoAttributes } from './protoinfo-table.js'
import {
  type ConntrackAttributes,
  delConntrack,
  getConntrackMessage,
  getConntrackReset,
  newConntrack,
} from './table.js'
import { type ConntrackTuple, tupleBody } from './tuple.js'

const ADVICE: Advice = {
  EEXIST: 'there is such a connection already; updateConntrack() changes it',
  ENOENT: 'there is no such connection',
}

/** IPCTNL_MSG_CT_NEW with NLM_F_CREATE and NLM_F_EXCL. */
export function newConntrackRequest(input: CheckedInput, flags: number): Request {
  const { key, opposite, reply, master, status, timeout, mark, labels, helper, seqAdjust, synproxy } = input
  const { family, tuple } = key
  const translation = { natSrc: natBody(opposite, reply, 'dst'), natDst: natBody(opposite, reply, 'src') }
  return {
    message: newConntrack,
    body: {
      header: { family },
      attributes: {
        tupleOrig: tupleBody(tuple, family),
        // What is translated says the attributes below: the kernel makes the tuple of the answers itself.
        tupleReply: tupleBody({ ...opposite, zone: reply.zone }, family),
        status: status === undefined ? undefined : [settableStatus(status)],
        timeout,
        mark,
        protoinfo: newProtoinfo(input),
        ...translation,
        seqAdjOrig: seqAdjust?.original ?? undefined,
        seqAdjReply: seqAdjust?.reply ?? undefined,
        help: helper == null ? undefined : { helpName: helper },
        tupleMaster: master === null ? undefined : tupleBody(master, family),
        zone: key.zone === 0 ? undefined : key.zone,
        labels: labels === undefined || labels.length === 0 ? undefined : labelBytes(labels),
        synproxy: synproxy ?? undefined,
      },
    },
    flags,
    answer: 'ack',
    subject: describeKey(key),
    advise: (code) => {
      if (code === 'ENOENT') return 'there is no such master'
      if (code === 'EOPNOTSUPP' && helper != null)
        return `the kernel lacks the helper '${helper}' for this protocol`
      return ADVICE[code]
    },
  }
}

/** To what an address and its port are translated: what the answers have where `side` says, if that is not what they would have. */
function natBody(
  opposite: ConntrackTuple,
  reply: ConntrackTuple,
  side: 'src' | 'dst',
): ConntrackAttributes['natDst'] {
  const address = reply[side]
  const port = side === 'src' ? reply.sport : (reply.dport ?? reply.icmp?.id ?? null)
  const before = side === 'src' ? opposite.sport : (opposite.dport ?? opposite.icmp?.id ?? null)
  if (address === opposite[side] && port === before) return undefined
  const v6 = address.includes(':')
  return {
    ...(v6 ? { natV6Minip: address } : { natV4Minip: address }),
    natProto: port === before ? undefined : { natPortMin: port ?? 0, natPortMax: port ?? 0 },
  }
}

/** What conntrack(8) says of both ends: nobody knows the windows of a connection that was not seen to begin. */
const LENIENT: readonly ConntrackTcpFlag[] = ['sack-perm', 'be-liberal']
const ALL_FLAGS = [0xff]

function newProtoinfo(input: CheckedInput): ProtoinfoAttributes | undefined {
  const { state, sctp, tcp, key } = input
  if (state === null) return undefined
  if (key.tuple.protocol === 'sctp')
    return protoinfoBody({ state, tcp, sctp: sctp ?? { vtagOriginal: 0, vtagReply: 0 } })
  const flags = { flags: LENIENT, mask: LENIENT }
  return tcp == null
    ? { protoinfoTcp: { tcpState: state, tcpFlagsOriginal: flags, tcpFlagsReply: flags } }
    : protoinfoBody(input)
}

function protoinfoBody({
  state,
  tcp,
  sctp,
}: Pick<CheckedChange, 'state' | 'tcp' | 'sctp'>): ProtoinfoAttributes | undefined {
  if (state === null && tcp == null) return undefined
  if (sctp != null) return { protoinfoSctp: { sctpState: state!, ...sctp } }
  return {
    protoinfoTcp: {
      tcpState: state ?? undefined,
      ...(tcp != null && {
        tcpFlagsOriginal: { flags: tcp.flagsOriginal, mask: ALL_FLAGS },
        tcpFlagsReply: { flags: tcp.flagsReply, mask: ALL_FLAGS },
        tcpWscaleOriginal: tcp.wscaleOriginal,
        tcpWscaleReply: tcp.wscaleReply,
      }),
    },
  }
}

/** IPCTNL_MSG_CT_NEW of a connection that is there. `current` is the status that it has, where `change` has one. */
export function changeConntrackRequest(key: CheckedKey, change: CheckedChange, current: number): Request {
  const { timeout, mark, markMask, labels, labelsMask, status, helper, seqAdjust, synproxy } = change
  return {
    message: newConntrack,
    body: {
      header: { family: key.family },
      attributes: {
        ...keyBody(key),
        status: status === undefined ? undefined : [settableStatus(status) | current],
        timeout: timeout ?? undefined,
        mark,
        markMask,
        labels: labels === undefined ? undefined : labelBytes(labels),
        labelsMask: labelsMask === undefined ? undefined : labelBytes(labelsMask),
        protoinfo: protoinfoBody(change),
        help: helper == null ? undefined : { helpName: helper },
        seqAdjOrig: seqAdjust?.original ?? undefined,
        seqAdjReply: seqAdjust?.reply ?? undefined,
        synproxy: synproxy ?? undefined,
      },
    },
    flags: 0,
    answer: 'ack',
    subject: describeKey(key),
    advise: (code) => {
      if (code === 'ENOSPC' && labels !== undefined)
        return 'a connection has room for labels only if a rule of its namespace used labels when it began'
      if (code === 'EPERM' && timeout != null) return 'its timeout is fixed, or CAP_NET_ADMIN is missing'
      if (code === 'EOPNOTSUPP' && helper === '')
        return 'helper: this kernel takes none away from a connection that is there (Linux 7.3; 6.18 does)'
      if ((code === 'EBUSY' || code === 'EOPNOTSUPP') && helper != null)
        return `helper: a connection that is there keeps the one that it has; '${helper}' would be another`
      return ADVICE[code]
    },
  }
}

/** IPCTNL_MSG_CT_GET of one connection. */
export function getConntrackRequest(
  key: CheckedKey,
  { bigint = false, reset = false }: ReadOptions = {},
): Request<ConntrackEntry> {
  return {
    message: reset ? getConntrackReset : getConntrackMessage,
    body: { header: { family: key.family }, attributes: keyBody(key) },
    flags: 0,
    answer: 'reply',
    read: (bytes, start, end) => readEntry(bytes, start, end, bigint),
    subject: describeKey(key),
    advise: ADVICE,
  }
}

/** IPCTNL_MSG_CT_DELETE of one connection. */
export function deleteConntrackRequest(key: CheckedKey): Request {
  return {
    message: delConntrack,
    body: { header: { family: key.family }, attributes: { ...keyBody(key), id: key.id } },
    flags: 0,
    answer: 'ack',
    subject: describeKey(key),
    advise: ADVICE,
  }
}
