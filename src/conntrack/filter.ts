/** Which connections: what callers give, the checks on it, and whether an entry is one of them. */

import { toBits } from '../codec/choice.js'
import { show } from '../codec/fault.js'
import { type AnyOf, formatIp, type OneOf, parseIp } from '../codec/index.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { NFPROTO_UNSPEC } from '../netlink/netfilter.js'
import { type IpProtocol, ipProtocols } from '../netlink/protocols.js'
import { checkAddress, checkFamily, checkProtocol, checkZone, familyText, MAX_U32 } from './check.js'
import type { ConntrackEntry, ConntrackStatus } from './entry.js'
import { checkMark, checkMasked, checkStatus } from './input.js'
import { checkLabels } from './labels.js'
import { conntrackStatuses } from './table.js'
import type { ConntrackFamily, ConntrackTuple } from './tuple.js'

/** A port, or all from `start` to `end`. */
export type PortFilter = number | { readonly start: number; readonly end: number }

/** Addresses and ports of one direction; whatever is given must hold. */
export interface ConntrackTupleFilter {
  /** An address, or all of a network: '10.0.0.1', '10.0.0.0/8', '2001:db8::/64'. */
  src?: string | undefined
  dst?: string | undefined
  sport?: PortFilter | undefined
  dport?: PortFilter | undefined
}

/** Which connections; whatever is given must hold. */
export interface ConntrackFilter {
  family?: ConntrackFamily | undefined
  /** A zone of both directions or of one; 0 where neither says one, and for the other direction of those in which one does. */
  zone?: number | undefined
  mark?: number | undefined
  /** The bits of the mark that are compared; without it all. */
  markMask?: number | undefined
  /** Flags that are set, of those in `statusMask`; without it these alone are looked at. */
  status?: AnyOf<ConntrackStatus> | undefined
  /** `statusMask: ['seen-reply']` alone: those without an answer. */
  statusMask?: AnyOf<ConntrackStatus> | undefined
  /** One, or any of several. */
  protocol?: OneOf<IpProtocol> | readonly OneOf<IpProtocol>[] | undefined
  original?: ConntrackTupleFilter | undefined
  reply?: ConntrackTupleFilter | undefined
  /** Numbers of labels, 0 to 127: all of them are set. */
  labels?: readonly number[] | undefined
}

export const FILTER_KEYS = [
  'family',
  'zone',
  'mark',
  'markMask',
  'status',
  'statusMask',
  'protocol',
  'original',
  'reply',
  'labels',
] as const satisfies readonly (keyof ConntrackFilter)[]

/** Bits that have to be `value`, of those in `mask`. */
export interface Masked {
  readonly value: number
  readonly mask: number
}

/** A network: the first `length` bits of an address. */
export interface Network {
  readonly address: string
  readonly bytes: Uint8Array
  readonly length: number
}

export interface CheckedTupleFilter {
  readonly src: Network | null
  readonly dst: Network | null
  readonly sport: { readonly start: number; readonly end: number } | null
  readonly dport: { readonly start: number; readonly end: number } | null
}

/** A filter that has been checked; null is what it does not say. */
export interface CheckedFilter {
  /** NFPROTO_UNSPEC where nothing tells. */
  readonly family: number
  readonly zone: number | null
  readonly mark: Masked | null
  readonly status: Masked | null
  /** Numbers; null for all. */
  readonly protocols: readonly number[] | null
  readonly original: CheckedTupleFilter | null
  readonly reply: CheckedTupleFilter | null
  readonly labels: readonly number[] | null
}

/** Throws what is wrong with a filter. */
export function checkFilter(filter: ConntrackFilter): CheckedFilter {
  const { zone, protocol, labels } = filter
  let family = checkFamily(filter.family)
  const checked = { original: null, reply: null } as Record<'original' | 'reply', CheckedTupleFilter | null>
  for (const side of ['original', 'reply'] as const) {
    const given = filter[side]
    if (given === undefined) continue
    ;[checked[side], family] = checkTupleFilter(given, side, family)
  }
  return {
    family,
    zone: zone === undefined ? null : checkZone(zone, 'zone'),
    mark: checkMarkFilter(filter),
    status: checkStatusFilter(filter),
    protocols: protocol === undefined ? null : checkProtocols(protocol),
    labels: labels === undefined ? null : checkLabelFilter(labels),
    ...checked,
  }
}

function checkLabelFilter(labels: unknown): readonly number[] {
  const list = checkLabels(labels, 'labels')
  if (list.length === 0) throw new RangeError('labels: [] names none')
  return list
}

function checkProtocols(protocol: NonNullable<ConntrackFilter['protocol']>): number[] {
  const list = Array.isArray(protocol) ? protocol : [protocol]
  if (list.length === 0) throw new RangeError('protocol: [] is none')
  return [...new Set(list.map((one) => checkProtocol(one, 'protocol')))]
}

function checkMarkFilter({ mark, markMask }: ConntrackFilter): Masked | null {
  if (markMask !== undefined) checkMark(markMask, 'markMask')
  if (mark === undefined) {
    if (markMask === undefined) return null
    throw new TypeError('markMask: of no use without mark')
  }
  const mask = markMask ?? MAX_U32
  checkMasked(checkMark(mark), mask)
  return { value: mark, mask }
}

function checkStatusFilter({ status, statusMask }: ConntrackFilter): Masked | null {
  if (status === undefined && statusMask === undefined) return null
  if (status !== undefined) checkStatus(status, 'status')
  if (statusMask !== undefined) checkStatus(statusMask, 'statusMask')
  const value = toBits(conntrackStatuses, status ?? [])
  const mask = statusMask === undefined ? value : toBits(conntrackStatuses, statusMask)
  if (mask === 0)
    throw new RangeError(`${statusMask === undefined ? 'status' : 'statusMask'}: [] names no flag`)
  if ((value & ~mask) !== 0)
    throw new RangeError(
      `status: ${conntrackStatuses.toNames(value & ~mask).join(', ')} is not in statusMask`,
    )
  return { value, mask }
}

function checkTupleFilter(
  filter: ConntrackTupleFilter,
  side: string,
  family: number,
): [CheckedTupleFilter, family: number] {
  if (typeof filter !== 'object' || filter === null)
    throw new TypeError(`${side}: ${show(filter)} is not { src, dst, sport, dport }`)
  checkKeys(side, filter, ['src', 'dst', 'sport', 'dport'])
  let is = family
  const network = (key: 'src' | 'dst'): Network | null => {
    const given = filter[key]
    if (given === undefined) return null
    const found = checkNetwork(given, `${side}.${key}`, is)
    is = checkAddress(found.address, `${side}.${key}`, NFPROTO_UNSPEC)
    return found
  }
  const port = (key: 'sport' | 'dport') =>
    filter[key] === undefined ? null : checkPorts(filter[key], `${side}.${key}`)
  return [{ src: network('src'), dst: network('dst'), sport: port('sport'), dport: port('dport') }, is]
}

/** A network as callers give it, of a family if one is given (not NFPROTO_UNSPEC). */
export function checkNetwork(value: unknown, field: string, family: number): Network {
  if (typeof value !== 'string')
    throw new TypeError(`${field}: ${show(value)} is not a string such as '10.0.0.0/8'`)
  const [address, length, ...more] = value.split('/')
  checkAddress(address, field, family)
  const bytes = parseIp(address!)!
  const max = bytes.length * 8
  const number = length === undefined ? max : /^\d{1,3}$/.test(length) ? Number(length) : max + 1
  if (number > max || more.length > 0)
    throw new RangeError(`${field}: ${show(value)} has a prefix length that is not from 0 to ${max}`)
  if (hasBitsAfter(bytes, number))
    throw new RangeError(`${field}: ${show(value)} has bits after its prefix length`)
  return { address: formatIp(bytes, 0, bytes.length)!, bytes, length: number }
}

function hasBitsAfter(bytes: Uint8Array, length: number): boolean {
  return bytes.some((byte, index) => (byte & ~maskOf(index, length)) !== 0)
}

/** Which bits of the byte at `index` the first `length` bits of an address have. */
function maskOf(index: number, length: number): number {
  const bits = Math.min(Math.max(length - index * 8, 0), 8)
  return (0xff00 >> bits) & 0xff
}

/** Ports as callers give them, one or a range; 0 is a key that GRE may have. */
export function checkPorts(value: PortFilter, field: string): { start: number; end: number } {
  if (typeof value !== 'object' || value === null) {
    const port = checkInteger(value, field, 0, 0xffff, 'a port')
    return { start: port, end: port }
  }
  checkKeys(field, value, ['start', 'end'])
  const start = checkInteger(value.start, `${field}.start`, 0, 0xffff, 'a port')
  const end = checkInteger(value.end, `${field}.end`, 0, 0xffff, 'a port')
  if (end < start) throw new RangeError(`${field}: ${start} to ${end} is no range`)
  return { start, end }
}

/** Whether an entry is one of those that are wanted. The kernel has filtered before, where it can. */
export function matches(filter: CheckedFilter, entry: ConntrackEntry): boolean {
  const { family, zone, mark, status, protocols, original, reply, labels } = filter
  if (family !== NFPROTO_UNSPEC && entry.family !== familyText(family)) return false
  if (zone !== null && !zonesOf(entry).includes(zone)) return false
  if (mark !== null && !fits(mark, entry.mark)) return false
  if (status !== null && !fits(status, toBits(conntrackStatuses, entry.status))) return false
  if (protocols !== null && !protocols.includes(ipProtocols.toNumber(entry.original.protocol))) return false
  if (labels !== null && !labels.every((label) => entry.labels.includes(label))) return false
  if (original !== null && !tupleMatches(original, entry.original)) return false
  return reply === null || tupleMatches(reply, entry.reply)
}

function zonesOf({ zone, original, reply }: ConntrackEntry): number[] {
  return original.zone === null && reply.zone === null ? [zone] : [original.zone ?? 0, reply.zone ?? 0]
}

function fits({ value, mask }: Masked, bits: number): boolean {
  return ((bits ^ value) & mask) === 0
}

function tupleMatches({ src, dst, sport, dport }: CheckedTupleFilter, tuple: ConntrackTuple): boolean {
  return (
    (src === null || isIn(src, tuple.src)) &&
    (dst === null || isIn(dst, tuple.dst)) &&
    (sport === null || (tuple.sport !== null && tuple.sport >= sport.start && tuple.sport <= sport.end)) &&
    (dport === null || (tuple.dport !== null && tuple.dport >= dport.start && tuple.dport <= dport.end))
  )
}

function isIn({ address, bytes, length }: Network, candidate: string): boolean {
  if (length === bytes.length * 8) return candidate === address
  const other = parseIp(candidate)
  if (other === null || other.length !== bytes.length) return false
  return bytes.every((byte, index) => ((byte ^ other[index]!) & maskOf(index, length)) === 0)
}
