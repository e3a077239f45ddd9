/** Integers in byte arrays: host order as the kernel uses it in most attributes, network order where a table says so. */

/**
 * Whether the host's byte order is little-endian. A property, so that a unit test can flip it and see what a big-endian
 * machine would send.
 */
export const host = { littleEndian: new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 }

/** Reads an unsigned 16-bit integer in network order. */
export function getBe16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

/** Reads an unsigned 32-bit integer in network order. */
export function getBe32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Reads an unsigned 64-bit integer in network order. */
export function getBe64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(getBe32(bytes, at)) << 32n) | BigInt(getBe32(bytes, at + 4))
}

/** Reads an unsigned 16-bit integer in host order. */
export function getU16(bytes: Uint8Array, at: number): number {
  return host.littleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : getBe16(bytes, at)
}

/** Reads an unsigned 32-bit integer in host order. */
export function getU32(bytes: Uint8Array, at: number): number {
  if (!host.littleEndian) return getBe32(bytes, at)
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

/** Reads an unsigned 64-bit integer in host order. */
export function getU64(bytes: Uint8Array, at: number): bigint {
  if (!host.littleEndian) return getBe64(bytes, at)
  return BigInt(getU32(bytes, at)) | (BigInt(getU32(bytes, at + 4)) << 32n)
}

/** Writes the low 16 bits of `value` in network order. */
export function putBe16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

/** Writes the low 32 bits of `value` in network order. */
export function putBe32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Writes the low 64 bits of `value` in network order. */
export function putBe64(bytes: Uint8Array, at: number, value: bigint): void {
  putBe32(bytes, at, Number((value >> 32n) & 0xffffffffn))
  putBe32(bytes, at + 4, Number(value & 0xffffffffn))
}

/** Writes the low 16 bits of `value` in host order. */
export function putU16(bytes: Uint8Array, at: number, value: number): void {
  if (!host.littleEndian) {
    putBe16(bytes, at, value)
    return
  }
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}

/** Writes the low 32 bits of `value` in host order. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  if (!host.littleEndian) {
    putBe32(bytes, at, value)
    return
  }
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

/** Writes the low 64 bits of `value` in host order. */
export function putU64(bytes: Uint8Array, at: number, value: bigint): void {
  if (!host.littleEndian) {
    putBe64(bytes, at, value)
    return
  }
  putU32(bytes, at, Number(value & 0xffffffffn))
  putU32(bytes, at + 4, Number((value >> 32n) & 0xffffffffn))
}

/**
 * Rounds up to netlink's alignment of four bytes (NLA_ALIGN and NLMSG_ALIGN, `linux/netlink.h`).
 *
 * @example align(13) // 16
 */
export function align(length: number): number {
  return (length + 3) & ~3
}

/** So many bytes are copied faster one by one than by a view of them. */
const FEW = 32

/** Copies of few bytes lie side by side in memory of so many, as those of Node.js Buffers do: with memory of its own an array takes V8 208 bytes instead of 104. */
const SHARED = 2048
let shared = new Uint8Array(SHARED)
let used = 0

/** A copy of a part, whose `buffer` may hold other copies. Not `slice`: that of a Node.js Buffer would be a view of the receive buffer. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start
  if (length > FEW) return new Uint8Array(bytes.subarray(start, end))
  // Who gives one away (postMessage() with its `buffer`) takes all of them.
  if (used + length > shared.length) {
    shared = new Uint8Array(SHARED)
    used = 0
  }
  const at = used
  used += length
  for (let i = 0; i < length; i++) shared[at + i] = bytes[start + i]!
  return shared.subarray(at, used)
}

/**
 * Bytes as lower-case hexadecimal digits, without separators.
 *
 * @example toHex(Uint8Array.of(192, 0, 2, 1)) // 'c0000201'
 */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = ''
  for (let i = start; i < end; i++) text += (bytes[i]! + 0x100).toString(16).slice(1)
  return text
}

/** One behind the other, each padded to four bytes: messages, and parts of keys in registers of nf_tables. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + align(length), 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += align(part.length)
  }
  return out
}
