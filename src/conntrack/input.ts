/** What callers give for a new connection or for a change of one, and the checks on it. */

import { toBits } from '../codec/choice.js'
import { show } from '../codec/fault.js'
import { type AnyOf, guarded, type Names, type OneOf, Writer } from '../codec/index.js'
import { NO_SIBLINGS } from '../codec/type.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { ipProtocols } from '../netlink/protocols.js'
import { type ConntrackTupleInput, checkTuple, MAX_U32 } from './check.js'
import * as c from './constants.js'
import type {
  ConntrackSctp,
  ConntrackSeqAdjust,
  ConntrackState,
  ConntrackStatus,
  ConntrackSynproxy,
  ConntrackTcp,
  SctpState,
  TcpState,
} from './entry.js'
import { type CheckedKey, type ConntrackKey, checkKey } from './key.js'
import { checkLabels } from './labels.js'
import { sctpStates, tcpFlags, tcpStates } from './protoinfo-table.js'
import { conntrackStatuses, helperName } from './table.js'
import { type ConntrackFamily, type ConntrackTuple, inverted } from './tuple.js'

/** A new connection. */
export interface ConntrackInput {
  family?: ConntrackFamily | undefined
  /** The packets of the end that begins, as they arrive. */
  original: ConntrackTupleInput
  /**
   * The answers, as they arrive; without it the opposite of `original`. Where its source is not the destination of `original` the
   * destination is translated to it, where its destination is not the source of `original` the source is.
   */
  reply?: ConntrackTupleInput | undefined
  /**
   * Seconds until it ends, unless packets come; of a longer time the kernel keeps 2^31 - 1 of its ticks, 8,589,934 seconds at 250 Hz. Null, as an offloaded
   * connection is listed with, is ten minutes.
   */
  timeout: number | null
  /** Of TCP and SCTP: 'established' where nothing is said. That of DCCP is passed over. */
  state?: OneOf<ConntrackState> | null | undefined
  /** Of these 'seen-reply', 'assured' and 'fixed-timeout' are set; the rest is the kernel's to set, and passed over. */
  status?: AnyOf<ConntrackStatus> | undefined
  mark?: number | undefined
  /** Numbers from 0 to 127. The kernel keeps none unless a rule of the namespace uses labels. */
  labels?: readonly number[] | undefined
  zone?: number | undefined
  /** Who reads along: 'ftp', 'sip' … */
  helper?: string | null | undefined
  /** The connection that expected this one. */
  master?: ConntrackTupleInput | null | undefined
  tcp?: ConntrackTcp | null | undefined
  sctp?: ConntrackSctp | null | undefined
  seqAdjust?: ConntrackSeqAdjust | null | undefined
  synproxy?: ConntrackSynproxy | null | undefined
}

/** What to change of a connection; what is not given stays. */
export interface ConntrackChange {
  /** Seconds until it ends, unless packets come; at most as with addConntrack(). */
  timeout?: number | null | undefined
  mark?: number | undefined
  /** The bits of the mark that change; without it all. */
  markMask?: number | undefined
  /** All labels that it is to have, by number; those that `labelsMask` does not name stay. */
  labels?: readonly number[] | undefined
  labelsMask?: readonly number[] | undefined
  /** To be set besides: 'seen-reply', 'assured' and 'fixed-timeout'; the rest is passed over. None can be taken away. */
  status?: AnyOf<ConntrackStatus> | undefined
  /** Of TCP; of SCTP together with `sctp`. That of DCCP is passed over. */
  state?: OneOf<ConntrackState> | null | undefined
  /** The flags are those that it is to have, all of them; the kernel takes windows where both ends have 'window-scale'. */
  tcp?: ConntrackTcp | null | undefined
  /** Together with `state`. */
  sctp?: ConntrackSctp | null | undefined
  /** '' takes it away (EOPNOTSUPP in Linux 7.3); one that it has not cannot be given (EBUSY, EOPNOTSUPP). */
  helper?: string | null | undefined
  /** Only of a connection that has room for it: one that addConntrack() made, or whose helper changes what it reads. */
  seqAdjust?: ConntrackSeqAdjust | null | undefined
  /** Only of a connection that has room for it: one that addConntrack() made, or of a SYN proxy. */
  synproxy?: ConntrackSynproxy | null | undefined
}

/** What a change names. */
export const CHANGES = [
  ...(['timeout', 'mark', 'markMask', 'labels', 'labelsMask', 'status'] as const),
  ...(['state', 'tcp', 'sctp', 'helper', 'seqAdjust', 'synproxy'] as const),
]

/** A change that has been checked. */
export interface CheckedChange extends Omit<ConntrackChange, 'state'> {
  /** A number of the protocol's states; null where it stays. */
  readonly state: number | null
}

/** A new connection that has been checked. */
export interface CheckedInput
  extends Omit<ConntrackInput, 'original' | 'reply' | 'master' | 'state' | 'timeout'> {
  readonly timeout: number
  readonly key: CheckedKey
  /** The opposite of the original: what the answers would be without translation. */
  readonly opposite: ConntrackTuple
  readonly reply: ConntrackTuple
  readonly master: ConntrackTuple | null
  /** A number of the protocol's states; null for a protocol without. */
  readonly state: number | null
}

/** The bits of a status that a caller can set; the kernel ignores the others, or refuses them (IPS_UNCHANGEABLE_MASK). */
const SETTABLE = c.IPS_SEEN_REPLY | c.IPS_ASSURED | c.IPS_FIXED_TIMEOUT

/** The bits of a status that are sent. Every entry is confirmed, and the kernel refuses a status that says otherwise. */
export function settableStatus(status: AnyOf<ConntrackStatus>): number {
  return (toBits(conntrackStatuses, status) & SETTABLE) | c.IPS_CONFIRMED
}

export function checkStatus(status: unknown, field: string): void {
  guarded(field, () => toBits(conntrackStatuses, status as AnyOf<ConntrackStatus>))
}

export function checkTimeout(timeout: unknown): number {
  return checkInteger(timeout, 'timeout', 0, MAX_U32, 'a number of seconds')
}

export function checkMark(mark: unknown, field = 'mark'): number {
  return checkInteger(mark, field, 0, MAX_U32, 'a mark')
}

/** A mark outside of its mask would never be found, and set what was not to be changed. */
export function checkMasked(mark: number, mask: number): void {
  if ((mark & ~mask) !== 0)
    throw new RangeError(
      `mark: 0x${mark.toString(16)} has bits that the mask 0x${mask.toString(16)} leaves out`,
    )
}

export function checkHelper(helper: unknown): void {
  guarded('helper', () => helperName.encode(new Writer(32), helper as string, NO_SIBLINGS))
}

/** Seconds: what the kernel gives connections of which it knows nothing better (nf_conntrack_generic_timeout). */
const NO_TIMEOUT = 600

/** Throws what is wrong with a new connection. */
export function checkInput(call: string, input: ConntrackInput): CheckedInput {
  const key = checkKey(call, input as ConntrackKey)
  if (key.direction !== 'original') throw new TypeError('original: missing')
  const { tuple, family } = key
  const protocol = ipProtocols.toNumber(tuple.protocol)
  const opposite = guarded('original.icmp.type', () => inverted(tuple))
  const reply = input.reply === undefined ? opposite : checkTuple(input.reply, 'reply', family)
  if (reply.protocol !== tuple.protocol)
    throw new RangeError(
      `reply.protocol: ${show(reply.protocol)} is not '${tuple.protocol}', as the original's`,
    )
  if ((reply.sport === null) !== (tuple.sport === null))
    throw new TypeError(
      `reply.sport: ${show(reply.sport)} does not go with original.sport ${show(tuple.sport)}: both have ports or neither`,
    )
  const timeout = input.timeout === null ? NO_TIMEOUT : checkTimeout(input.timeout)
  if (input.status !== undefined) checkStatus(input.status, 'status')
  if (input.mark !== undefined) checkMark(input.mark)
  if (input.labels !== undefined) checkLabels(input.labels, 'labels')
  const isStateful = STATES[protocol] !== undefined
  const state = checkDetails(
    { ...input, state: input.state ?? (isStateful ? 'established' : null) },
    protocol,
  )
  const master = input.master == null ? null : checkTuple(input.master, 'master', family)
  return { ...input, timeout, key, opposite, reply, master, state }
}

/** Throws what is wrong with a change. */
export function checkChange(call: string, change: ConntrackChange, key: CheckedKey): CheckedChange {
  const { timeout, mark, markMask, labels, labelsMask, status } = change
  const protocol = ipProtocols.toNumber(key.tuple.protocol)
  if (CHANGES.every((one) => change[one] == null || (one === 'state' && protocol === DCCP)))
    throw new TypeError(`${call}: nothing to change; give at least one of ${CHANGES.join(', ')}`)
  if (timeout != null) checkTimeout(timeout)
  if (mark !== undefined) checkMark(mark)
  if (markMask !== undefined) {
    checkMark(markMask, 'markMask')
    if (mark === undefined) throw new TypeError('markMask: of no use without mark')
    checkMasked(mark, markMask)
  }
  if (labels !== undefined) checkLabels(labels, 'labels')
  if (labelsMask !== undefined) {
    checkLabels(labelsMask, 'labelsMask')
    if (labels === undefined) throw new TypeError('labelsMask: of no use without labels')
    for (const label of labels)
      if (!labelsMask.includes(label)) throw new RangeError(`labels: ${label} is not in labelsMask`)
  }
  if (status !== undefined) checkStatus(status, 'status')
  const state = checkDetails(change, protocol)
  if (protocol === SCTP && (state === null) !== (change.sctp == null))
    throw new TypeError(`${call}: the kernel takes state and sctp of an association together`)
  return { ...change, state }
}

const { tcp: TCP, sctp: SCTP, dccp: DCCP } = ipProtocols.numbers

/** What new connections and changes have in common; returns the number of the state. */
function checkDetails(details: Details, protocol: number): number | null {
  const { state = null, tcp, sctp, helper, seqAdjust, synproxy } = details
  if (tcp != null) checkTcp(tcp, protocol)
  if (sctp != null) checkSctp(sctp, protocol)
  if (helper != null) checkHelper(helper)
  if (seqAdjust != null) checkSeqAdjust(seqAdjust)
  if (synproxy != null) checkNumbers(synproxy, 'synproxy', ['isn', 'its', 'tsoff'])
  return state === null ? null : checkState(state, protocol)
}

type Details = Pick<ConntrackInput, 'state' | 'tcp' | 'sctp' | 'helper' | 'seqAdjust' | 'synproxy'>

const STATES: Readonly<Record<number, Names<TcpState> | Names<SctpState>>> = {
  [TCP]: tcpStates,
  [SCTP]: sctpStates,
}

/** Listed entries of DCCP have a state, which is not sent: it is the kernel's alone. */
function checkState(state: OneOf<ConntrackState>, protocol: number): number | null {
  if (protocol === DCCP) return null
  const known = STATES[protocol] as Names<string> | undefined
  if (known === undefined)
    throw new TypeError(`state: '${ipProtocols.toName(protocol)}' has none that can be given`)
  const number = guarded('state', () => known.toNumber(state))
  return checkInteger(number, 'state', 0, 255, 'a state')
}

function checkTcp(tcp: ConntrackTcp, protocol: number): void {
  checkOf('tcp', protocol, TCP)
  checkNumbers(tcp, 'tcp', ['wscaleOriginal', 'wscaleReply'], 0xff, ['flagsOriginal', 'flagsReply'])
  for (const key of ['flagsOriginal', 'flagsReply'] as const)
    guarded(`tcp.${key}`, () => toBits(tcpFlags, tcp[key]))
}

function checkSctp(sctp: ConntrackSctp, protocol: number): void {
  checkOf('sctp', protocol, SCTP)
  checkNumbers(sctp, 'sctp', ['vtagOriginal', 'vtagReply'])
}

function checkOf(field: string, protocol: number, its: number): void {
  if (protocol !== its)
    throw new TypeError(`${field}: the connection is of '${ipProtocols.toName(protocol)}'`)
}

const OFFSETS = ['offsetBefore', 'offsetAfter'] as const

function checkSeqAdjust(value: ConntrackSeqAdjust): void {
  checkKeys('seqAdjust', value, ['original', 'reply'])
  if (value.original == null && value.reply == null)
    throw new TypeError('seqAdjust: neither original nor reply is given')
  for (const key of ['original', 'reply'] as const)
    if (value[key] != null) {
      const field = `seqAdjust.${key}`
      checkNumbers(value[key], field, ['correctionPos'], MAX_U32, OFFSETS)
      for (const one of OFFSETS) checkInteger(value[key][one], `${field}.${one}`, -0x80000000, 0x7fffffff)
    }
}

function checkNumbers(
  value: object,
  field: string,
  keys: readonly string[],
  max = MAX_U32,
  more: readonly string[] = [],
): void {
  checkKeys(field, value, [...keys, ...more])
  for (const key of keys)
    checkInteger((value as Readonly<Record<string, unknown>>)[key], `${field}.${key}`, 0, max)
}
