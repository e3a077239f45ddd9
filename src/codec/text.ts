/** Strings, bytes and addresses. */

import { malformed, outOfRange, wrongType } from './fault.js'
import { formatIp, formatIpv4, formatIpv6, parseIp, parseIpv4, parseIpv6 } from './ip.js'
import { shortBy } from './scalar.js'
import type { Type } from './type.js'
import { MAX_PAYLOAD } from './writer.js'

const utf8 = new TextDecoder()
const toUtf8 = new TextEncoder()

function decodeText(bytes: Uint8Array, start: number, end: number): string {
  // The kernel's names are short and nearly always ASCII: quicker than a TextDecoder.
  let text = ''
  for (let i = start; i < end; i++) {
    const c = bytes[i]!
    if (c > 0x7f) return utf8.decode(bytes.subarray(start, end))
    text += String.fromCharCode(c)
  }
  return text
}

/** A NUL-terminated string of at most `max` bytes (UTF-8, without the NUL). */
export function text(max = MAX_PAYLOAD - 1): Type<string> {
  return {
    label: 'string',
    size: 0,
    encode(out, value) {
      if (typeof value !== 'string') throw wrongType(value, 'a string')
      if (value.includes('\0')) throw outOfRange(value, 'a string without NUL')
      const bytes = toUtf8.encode(value)
      if (bytes.length > max)
        throw outOfRange(value, `a string of at most ${max} bytes (it has ${bytes.length})`)
      const at = out.reserve(bytes.length + 1)
      out.bytes.set(bytes, at)
    },
    decode(bytes, start, end) {
      let stop = start
      while (stop < end && bytes[stop] !== 0) stop++
      return decodeText(bytes, start, stop)
    },
  }
}

export const string = text()

/** Bytes as they are. Decoded bytes are a copy. `size` > 0 demands that many. */
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
      return bytes.slice(start, size === 0 ? end : start + size)
    },
  }
}

export const bytes = bytesOf(0)

const HEX: readonly string[] = Array.from({ length: 256 }, (_, n) => (n + 0x100).toString(16).slice(1))

/** A link-layer address as 'aa:bb:…', of any length (Ethernet: 6 bytes). */
export const mac: Type<string> = {
  label: 'mac',
  size: 0,
  encode(out, value) {
    const octets = parseMac(value)
    if (octets === null) throw outOfRange(value, "a link-layer address such as '02:00:00:00:00:01'")
    out.raw(octets)
  },
  decode(bytes, start, end) {
    let result = start < end ? HEX[bytes[start]!]! : ''
    for (let i = start + 1; i < end; i++) result += `:${HEX[bytes[i]!]!}`
    return result
  },
}

/** The bytes of a link-layer address, or null if the text is none. */
export function parseMac(value: unknown): Uint8Array | null {
  if (typeof value !== 'string' || !/^[0-9a-f]{2}([:-][0-9a-f]{2})*$/i.test(value)) return null
  return Uint8Array.from(value.split(/[:-]/), (octet) => Number.parseInt(octet, 16))
}

export const ipv4: Type<string> = {
  label: 'ipv4',
  size: 4,
  encode(out, value) {
    const at = out.reserve(4)
    if (typeof value !== 'string' || !parseIpv4(value, out.bytes, at))
      throw outOfRange(value, 'an IPv4 address')
  },
  decode(bytes, start, end) {
    return end - start < 4 ? shortBy('ipv4', 4, start, end) : formatIpv4(bytes, start)
  },
}

export const ipv6: Type<string> = {
  label: 'ipv6',
  size: 16,
  encode(out, value) {
    const at = out.reserve(16)
    if (typeof value !== 'string' || !parseIpv6(value, out.bytes, at))
      throw outOfRange(value, 'an IPv6 address')
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
    const address = typeof value === 'string' ? parseIp(value) : null
    if (address === null) throw outOfRange(value, 'an IPv4 or IPv6 address')
    out.raw(address)
  },
  decode(bytes, start, end) {
    const address = formatIp(bytes, start, end - start)
    if (address === null) throw malformed(`an address of ${end - start} bytes`, start)
    return address
  },
}
