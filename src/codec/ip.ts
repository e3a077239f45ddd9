/** IPv4 and IPv6 addresses: text <-> bytes. */

import { getBe16 } from './bytes.js'

const DECIMAL: readonly string[] = Array.from({ length: 256 }, (_, n) => String(n))

// Tables have runs of neighbouring addresses: the first three parts are kept, ready made, in a few slots.
const SLOTS = 64
const starts = new Int32Array(SLOTS).fill(-1)
const startTexts: string[] = new Array(SLOTS).fill('')

/**
 * The four bytes at `at` as '192.0.2.1'.
 *
 * @example formatIpv4(Uint8Array.of(192, 0, 2, 1), 0) // '192.0.2.1'
 */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  const start = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
  const slot = (start ^ (start >> 8)) & (SLOTS - 1)
  if (starts[slot] !== start) {
    starts[slot] = start
    startTexts[slot] = `${DECIMAL[bytes[at]!]!}.${DECIMAL[bytes[at + 1]!]!}.${DECIMAL[bytes[at + 2]!]!}.`
  }
  return startTexts[slot]! + DECIMAL[bytes[at + 3]!]!
}

/**
 * The sixteen bytes at `at` in the form of RFC 5952: lower case, the longest run of zero groups shortened, mapped IPv4
 * addresses (::ffff:0:0/96, and no others) in dots.
 *
 * @example formatIpv6(parseIp('2001:DB8:0:0::1')!, 0) // '2001:db8::1'
 */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  let bestStart = -1
  let bestLength = 1
  let run = 0
  for (let group = 0; group < 8; group++) {
    run = getBe16(bytes, at + group * 2) === 0 ? run + 1 : 0
    if (run > bestLength) {
      bestLength = run
      bestStart = group - run + 1
    }
  }
  if (bestStart === 0 && bestLength === 5 && getBe16(bytes, at + 10) === 0xffff) {
    return `::ffff:${formatIpv4(bytes, at + 12)}`
  }
  // Joined, not added up: a sum of strings keeps all its parts in memory (149 bytes in place of 52 and 2.5 times as long), and tables have
  // many addresses. A Buffer's latin1Slice() takes half as long, but this file runs where there is no Buffer, too.
  const parts: string[] = bestStart === 0 ? [''] : []
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      parts.push('')
      group += bestLength - 1
    } else {
      parts.push(hexGroup(getBe16(bytes, at + group * 2)))
    }
  }
  if (bestStart >= 0 && bestStart + bestLength === 8) parts.push('')
  return parts.join(':')
}

const GROUP_SLOTS = 1024
const groups = new Int32Array(GROUP_SLOTS).fill(-1)
const groupTexts: string[] = new Array(GROUP_SLOTS).fill('')

/** Sixteen bits in hexadecimal digits; few different ones make up a table. */
function hexGroup(value: number): string {
  const slot = (value ^ (value >> 6)) & (GROUP_SLOTS - 1)
  if (groups[slot] !== value) {
    groups[slot] = value
    groupTexts[slot] = value.toString(16)
  }
  return groupTexts[slot]!
}

/**
 * Writes the four bytes of an address in four decimal parts, read from index `from` on; false (and nothing useful
 * written) if the text is none.
 *
 * @example parseIpv4('192.0.2.256', new Uint8Array(4), 0) // false
 */
export function parseIpv4(text: string, into: Uint8Array, at: number, from = 0): boolean {
  let part = 0
  let digits = 0
  let value = 0
  for (let i = from; i <= text.length; i++) {
    const c = i === text.length ? 46 : text.charCodeAt(i)
    if (c === 46) {
      if (digits === 0 || part > 3) return false
      into[at + part++] = value
      value = 0
      digits = 0
    } else {
      if (c < 48 || c > 57) return false
      // A leading zero is octal to some programs and decimal to others: refused.
      if (digits > 0 && value === 0) return false
      value = value * 10 + (c - 48)
      if (value > 255) return false
      digits++
    }
  }
  return part === 4
}

/** The value of a hexadecimal digit by its character code; -1 if it is none. */
export function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 0x20
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/**
 * Writes the sixteen bytes of an IPv6 address (RFC 4291, section 2.2); false (and nothing useful written) if the text is
 * none. A zone ('fe80::1%eth0') is not part of an address.
 *
 * @example parseIpv6('2001:db8::1', new Uint8Array(16), 0) // true
 */
export function parseIpv6(text: string, into: Uint8Array, at: number): boolean {
  into.fill(0, at, at + 16)
  let group = 0
  let gap = -1
  let i = 0
  if (text.startsWith('::')) {
    gap = 0
    i = 2
    if (i === text.length) return true
  }
  while (i < text.length) {
    const start = i
    let value = 0
    for (; i < text.length; i++) {
      const digit = hexDigit(text.charCodeAt(i))
      if (digit < 0) break
      value = value * 16 + digit
    }
    if (text.charCodeAt(i) === 46) {
      if (group > 6 || !parseIpv4(text, into, at + group * 2, start)) return false
      group += 2
      i = text.length
      break
    }
    if (i === start || i - start > 4 || group > 7) return false
    into[at + group * 2] = value >> 8
    into[at + group * 2 + 1] = value
    group++
    if (i === text.length) break
    if (text.charCodeAt(i) !== 58) return false
    i++
    if (text.charCodeAt(i) === 58) {
      if (gap >= 0) return false
      gap = group
      i++
      if (i === text.length) break
    } else if (i === text.length) {
      return false
    }
  }
  if (gap < 0) return group === 8
  if (group === 8) return false
  into.copyWithin(at + 16 - (group - gap) * 2, at + gap * 2, at + group * 2)
  into.fill(0, at + gap * 2, at + 16 - (group - gap) * 2)
  return true
}

/**
 * The bytes of an address of either family, or null if the text is none.
 *
 * @example parseIp('192.0.2.1') // Uint8Array(4) [ 192, 0, 2, 1 ]
 */
export function parseIp(text: string): Uint8Array | null {
  const v6 = text.includes(':')
  const bytes = new Uint8Array(v6 ? 16 : 4)
  return (v6 ? parseIpv6(text, bytes, 0) : parseIpv4(text, bytes, 0)) ? bytes : null
}

const scratch = /* @__PURE__ */ new Uint8Array(16)

/** How many bytes the address has that a text stands for: 4, 16, or 0 if it stands for none. */
export function ipLength(text: string): 0 | 4 | 16 {
  if (text.includes(':')) return parseIpv6(text, scratch, 0) ? 16 : 0
  return parseIpv4(text, scratch, 0) ? 4 : 0
}

/**
 * An address by its length in bytes, 4 or 16; null for any other.
 *
 * @example formatIp(Uint8Array.of(192, 0, 2, 1), 0, 4) // '192.0.2.1'
 */
export function formatIp(bytes: Uint8Array, at: number, length: number): string | null {
  return length === 4 ? formatIpv4(bytes, at) : length === 16 ? formatIpv6(bytes, at) : null
}
