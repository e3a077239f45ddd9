/** Strings, bytes and addresses. */

import { copyOf } from './bytes.js'
import { malformed, outOfRange, wrongType } from './fault.js'
import { formatIp, formatIpv4, formatIpv6, hexDigit, parseIpv4, parseIpv6 } from './ip.js'
import { shortBy } from './scalar.js'
import type { Type } from './type.js'
import { MAX_PAYLOAD, type Writer } from './writer.js'

// A leading U+FEFF is part of a name like any other character.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const toUtf8 = new TextEncoder()

/** Short texts that were read last: the kernel says the same few names again and again, and a list keeps all of them. */
const seen: string[] = Array(256).fill('')
const MAX_SEEN = 16

function decodeText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length > MAX_SEEN) return decodeNew(bytes, start, end)
  let hash = length
  for (let i = start; i < end; i++) hash = (hash * 31 + bytes[i]!) | 0
  const slot = (hash ^ (hash >> 8)) & 0xff
  const known = seen[slot]!
  if (known.length === length && isText(known, bytes, start)) return known
  const text = decodeNew(bytes, start, end)
  seen[slot] = text
  return text
}

/** A character beyond ASCII is never one byte. */
function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c !== bytes[start + i] || c > 0x7f) return false
  }
  return true
}

function decodeNew(bytes: Uint8Array, start: number, end: number): string {
  // The kernel's names are short and nearly always ASCII: quicker than a TextDecoder.
  let text = ''
  let i = start
  for (; i + 4 <= end; i += 4) {
    const [a, b, c, d] = [bytes[i]!, bytes[i + 1]!, bytes[i + 2]!, bytes[i + 3]!]
    if ((a | b | c | d) > 0x7f) return utf8.decode(bytes.subarray(start, end))
    text += String.fromCharCode(a, b, c, d)
  }
  for (; i < end; i++) {
    const c = bytes[i]!
    if (c > 0x7f) return utf8.decode(bytes.subarray(start, end))
    text += String.fromCharCode(c)
  }
  return text
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/**
 * A NUL-terminated string of at most `max` bytes (UTF-8, without the NUL). On decode it ends at the first NUL, or with
 * the payload; bytes that are no UTF-8 come as U+FFFD.
 *
 * @example
 * const table = attributes('IFLA', { ifname: [3, text(15)] })
 * const out = new Writer()
 * encodeAttributes(table, out, { ifname: 'lo' })
 * toHex(out.take()) // '070003006c6f0000'
 */
export function text(max = MAX_PAYLOAD - 1): Type<string> {
  return {
    label: 'string',
    size: 0,
    encode(out, value) {
      if (typeof value !== 'string') throw wrongType(value, 'a string')
      if (value.includes('\0')) throw outOfRange(value, 'a string without NUL')
      const ascii = isAscii(value)
      if (!ascii && /\p{Surrogate}/u.test(value)) throw outOfRange(value, 'well-formed Unicode')
      const encoded = ascii ? null : toUtf8.encode(value)
      const length = encoded?.length ?? value.length
      if (length > max) throw outOfRange(value, `a string of at most ${max} bytes (it has ${length})`)
      const at = out.reserve(length + 1)
      if (encoded !== null) out.bytes.set(encoded, at)
      else for (let i = 0; i < length; i++) out.bytes[at + i] = value.charCodeAt(i)
    },
    decode(bytes, start, end) {
      let stop = start
      while (stop < end && bytes[stop] !== 0) stop++
      return decodeText(bytes, start, stop)
    },
  }
}

/** A NUL-terminated string of any length that an attribute holds. */
export const string = text()

/**
 * Bytes as they are. Decoded bytes are a copy; its `buffer` may hold others, as that of a Node.js Buffer. `size` > 0 demands that many.
 *
 * @example
 * const table = attributes('IFLA', { cookie: [1, bytesOf(2)] })
 * decodeAttributes(table, Uint8Array.of(6, 0, 1, 0, 7, 8, 0, 0), 0, 8) // { cookie: Uint8Array(2) [ 7, 8 ] }
 */
export function bytesOf(size: number): Type<Uint8Array> {
  return {
    label: size === 0 ? 'bytes' : `bytes(${size})`,
    size,
    encode(out, value) {
      if (!(value instanceof Uint8Array)) throw wrongType(value, 'a Uint8Array')
      if (size > 0 && value.length !== size) throw outOfRange(value, `${size} bytes`)
      out.raw(value)
    },
    decode(bytes, start, end) {
      if (end - start < size) shortBy('bytes', size, start, end)
      return copyOf(bytes, start, size === 0 ? end : start + size)
    },
  }
}

/** Bytes of any number. */
export const bytes = bytesOf(0)

const HEX: readonly string[] = Array.from({ length: 256 }, (_, n) => (n + 0x100).toString(16).slice(1))
const DIGITS = toUtf8.encode('0123456789abcdef')
const COLON = 0x3a

/** 'aa:bb:cc' of three bytes, in one step: most addresses have six. */
function threeOctets(bytes: Uint8Array, at: number): string {
  const [a, b, c] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!]
  const [a1, a2, b1, b2] = [DIGITS[a >> 4]!, DIGITS[a & 15]!, DIGITS[b >> 4]!, DIGITS[b & 15]!]
  return String.fromCharCode(a1, a2, COLON, b1, b2, COLON, DIGITS[c >> 4]!, DIGITS[c & 15]!)
}

/** A link-layer address as 'aa:bb:…', of any length (Ethernet: 6 bytes); '' is decoded from none. */
export const mac: Type<string> = {
  label: 'mac',
  size: 0,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    const octets = parseMac(value)
    if (octets === null) throw outOfRange(value, "a link-layer address such as '02:00:00:00:00:01'")
    out.raw(octets)
  },
  decode(bytes, start, end) {
    if (end - start === 6) return `${threeOctets(bytes, start)}:${threeOctets(bytes, start + 3)}`
    let result = start < end ? HEX[bytes[start]!]! : ''
    for (let i = start + 1; i < end; i++) result += `:${HEX[bytes[i]!]!}`
    return result
  },
}

/**
 * The bytes of a link-layer address ('02:00:…' or '02-00-…', any length), or null if the value is none.
 *
 * @example parseMac('02:00:00:00:00:09') // Uint8Array(6) [ 2, 0, 0, 0, 0, 9 ]
 */
export function parseMac(value: unknown): Uint8Array | null {
  if (typeof value !== 'string' || value.length % 3 !== 2) return null
  const octets = new Uint8Array((value.length + 1) / 3)
  const separator = value.charCodeAt(2)
  if (octets.length > 1 && separator !== 58 && separator !== 45) return null
  for (let i = 0; i < octets.length; i++) {
    const high = hexDigit(value.charCodeAt(i * 3))
    const low = hexDigit(value.charCodeAt(i * 3 + 1))
    if (high < 0 || low < 0 || (i > 0 && value.charCodeAt(i * 3 - 1) !== separator)) return null
    octets[i] = (high << 4) | low
  }
  return octets
}

function encodeIpv4(out: Writer, value: string): void {
  const at = out.reserve(4)
  if (!parseIpv4(value, out.bytes, at)) throw outOfRange(value, 'an IPv4 address')
}

function encodeIpv6(out: Writer, value: string): void {
  const at = out.reserve(16)
  if (!parseIpv6(value, out.bytes, at)) throw outOfRange(value, 'an IPv6 address')
}

/** An IPv4 address as text: '192.0.2.1'. */
export const ipv4: Type<string> = {
  label: 'ipv4',
  size: 4,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    encodeIpv4(out, value)
  },
  decode(bytes, start, end) {
    return end - start < 4 ? shortBy('ipv4', 4, start, end) : formatIpv4(bytes, start)
  },
}

/** An IPv6 address as text, in the form of RFC 5952: '2001:db8::1'. */
export const ipv6: Type<string> = {
  label: 'ipv6',
  size: 16,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    encodeIpv6(out, value)
  },
  decode(bytes, start, end) {
    return end - start < 16 ? shortBy('ipv6', 16, start, end) : formatIpv6(bytes, start)
  },
}

/** An address of either family, told apart by its length. */
export const ip: Type<string> = {
  label: 'ip',
  size: 0,
  encode(out, value) {
    if (typeof value !== 'string') throw wrongType(value, 'a string')
    if (value.includes(':')) encodeIpv6(out, value)
    else encodeIpv4(out, value)
  },
  decode(bytes, start, end) {
    const address = formatIp(bytes, start, end - start)
    if (address === null) throw malformed(`an address of ${end - start} bytes`, start)
    return address
  },
}
