/** Routing headers of IPv6 (RFC 8754, RFC 6554) as the addresses that they lead along. */

import { getBe32, putBe32 } from '../../../codec/bytes.js'
import { encodeEach } from '../../../codec/encode.js'
import { isRecord, located } from '../../../codec/fault.js'
import {
  Fault,
  formatIpv6,
  ipv6,
  malformed,
  outOfRange,
  type Type,
  type Writer,
  wrongType,
} from '../../../codec/index.js'
import { NO_SIBLINGS } from '../../../codec/type.js'

const HEADER = 8
const ADDRESS = 16
const UNIT = 8
/** hdr_ext_len counts units of eight bytes, in one byte, less the first. */
const MAX_SIZE = 256 * UNIT

const SEGMENT_ROUTING = 4
const SR6_FLAG1_HMAC = 0x08
const SR6_TLV_HMAC = 5
const HMAC_SIZE = 40
const HMAC_KEY_AT = 4

/** A segment routing header: the segments in the order in which they are passed. */
export interface Segments {
  segments: readonly string[]
  /** The id of the key by which the header is authenticated (`ip sr hmac set`). */
  hmac?: number | undefined
}

/** Appends a header; `open` leaves a place at the end for the packet's own destination. Throws a fault. */
export function encodeSegments(out: Writer, { segments, hmac }: Segments, open: boolean): void {
  const count = checkCount(segments) + (open ? 1 : 0)
  const size = HEADER + count * ADDRESS + (hmac === undefined ? 0 : HMAC_SIZE)
  if (size > MAX_SIZE) throw outOfRange(segments, `segments of at most ${MAX_SIZE} bytes`)
  const at = out.reserve(HEADER)
  out.bytes[at + 1] = size / UNIT - 1
  out.bytes[at + 2] = SEGMENT_ROUTING
  out.bytes[at + 3] = count - 1
  out.bytes[at + 4] = count - 1
  out.bytes[at + 5] = hmac === undefined ? 0 : SR6_FLAG1_HMAC
  if (open) out.reserve(ADDRESS)
  encodeBackwards(out, segments)
  if (hmac === undefined) return
  if (!Number.isInteger(hmac) || hmac < 1 || hmac > 0xffffffff)
    throw located(outOfRange(hmac, 'the id of a key, from 1 to 4294967295'), 'hmac')
  const tlv = out.reserve(HMAC_SIZE)
  out.bytes[tlv] = SR6_TLV_HMAC
  out.bytes[tlv + 1] = HMAC_SIZE - 2
  putBe32(out.bytes, tlv + HMAC_KEY_AT, hmac)
}

function checkCount(segments: unknown): number {
  if (!Array.isArray(segments) || segments.length === 0)
    throw located(wrongType(segments, 'an array of IPv6 addresses'), 'segments')
  return segments.length
}

/** The header has the last address first. */
function encodeBackwards(out: Writer, segments: readonly string[]): void {
  const start = out.reserve(segments.length * ADDRESS)
  const end = out.length
  try {
    encodeEach(segments, (segment, index) => {
      out.length = end - (index + 1) * ADDRESS
      ipv6.encode(out, segment as string, NO_SIBLINGS)
    })
  } catch (error) {
    out.length = start
    throw located(error, 'segments')
  }
  out.length = end
}

/** Reads a header; `open` says that its last address stands for the packet's own destination. Throws a fault. */
export function decodeSegments(bytes: Uint8Array, start: number, end: number, open: boolean): Segments {
  if (end - start < HEADER)
    throw malformed(`${end - start} bytes where a routing header has ${HEADER}`, start)
  const count = bytes[start + 4]! + 1
  const size = HEADER + count * ADDRESS
  if (start + size > end) throw malformed(`${count} segments where ${end - start} bytes are left`, start)
  const segments = decodeBackwards(bytes, start + HEADER, start + size)
  if (open) segments.pop()
  const hmac = hmacOf(bytes, start + size, end)
  return hmac === null ? { segments } : { segments, hmac }
}

function decodeBackwards(bytes: Uint8Array, start: number, end: number): string[] {
  const segments: string[] = []
  for (let at = end - ADDRESS; at >= start; at -= ADDRESS) segments.push(formatIpv6(bytes, at))
  return segments
}

/** Behind the segments may be options: a type, a length and as many bytes. */
function hmacOf(bytes: Uint8Array, start: number, end: number): number | null {
  for (let at = start; at + HEADER <= end; at += bytes[at + 1]! + 2)
    if (bytes[at] === SR6_TLV_HMAC) return getBe32(bytes, at + HMAC_KEY_AT)
  return null
}

/** Throws a fault for what is no object with these keys. */
export function checkKeys(value: unknown, known: readonly string[]): void {
  if (!isRecord(value)) throw wrongType(value, 'an object')
  for (const key of Object.keys(value))
    if (!known.includes(key)) throw located(new Fault('type', 'no such field'), key)
}

const RPL = 3

/** struct ipv6_rpl_sr_hdr, without compressed addresses. */
export const rplHeader: Type<readonly string[]> = {
  label: 'ipv6_rpl_sr_hdr',
  size: 0,
  encode(out, value) {
    const count = checkCount(value)
    if (HEADER + count * ADDRESS > MAX_SIZE) throw outOfRange(value, `segments of at most ${MAX_SIZE} bytes`)
    const at = out.reserve(HEADER)
    out.bytes[at + 1] = (count * ADDRESS) / UNIT
    out.bytes[at + 2] = RPL
    out.bytes[at + 3] = count
    encodeBackwards(out, value)
  },
  decode(bytes, start, end) {
    const count = bytes[start + 3] ?? 0
    if (start + HEADER + count * ADDRESS > end)
      throw malformed(`${count} segments where ${end - start} bytes are left`, start)
    return decodeBackwards(bytes, start + HEADER, start + HEADER + count * ADDRESS)
  },
}
