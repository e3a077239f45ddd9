import { align, copyOf, putU16 } from './bytes.js'

/** The largest attribute payload in bytes: nla_len is 16 bits and counts its own header of four. */
export const MAX_PAYLOAD = 0xffff - 4

/**
 * A growing buffer that messages are encoded into. It is reused from one message to the next (`length = 0`): nothing
 * keeps a view of `bytes`.
 */
export class Writer {
  /** The buffer; what is written ends at `length`. Another one after it has grown. */
  bytes: Uint8Array
  /** Bytes written. */
  length = 0

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Makes room for `size` zeroed bytes and returns where they start. `bytes` may be another buffer then: it is read afterwards. */
  reserve(size: number): number {
    const at = this.length
    const end = at + size
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.bytes.length * 2))
      grown.set(this.bytes.subarray(0, at))
      this.bytes = grown
    } else if (size <= 16) {
      // A loop is quicker than the call of fill() for the few bytes of nearly every value.
      const bytes = this.bytes
      for (let i = at; i < end; i++) bytes[i] = 0
    } else {
      this.bytes.fill(0, at, end)
    }
    this.length = end
    return at
  }

  /** Appends bytes as they are. */
  raw(source: Uint8Array): void {
    const at = this.reserve(source.length)
    this.bytes.set(source, at)
  }

  /** Starts an attribute (`type`: its number and flags) and returns where; its length is written by `close`. */
  open(type: number): number {
    const at = this.reserve(4)
    putU16(this.bytes, at + 2, type)
    return at
  }

  /** Ends the attribute that `open` started at `at`: writes its length and pads. False if it is too long. */
  close(at: number): boolean {
    const size = this.length - at
    if (size - 4 > MAX_PAYLOAD) return false
    putU16(this.bytes, at, size)
    const padding = align(size) - size
    if (padding > 0) this.reserve(padding)
    return true
  }

  /** A copy of what has been written, for callers who keep it. */
  take(): Uint8Array {
    return copyOf(this.bytes, 0, this.length)
  }
}
