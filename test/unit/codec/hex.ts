import { afterEach, beforeEach } from 'vitest'
import { host } from '../../../src/codec/bytes.js'
import type { Type } from '../../../src/codec/index.js'
import { guarded, Writer } from '../../../src/codec/index.js'

/** Bytes written by hand; white space is free. */
export function hex(...lines: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.join('').replaceAll(/\s/g, ''), 'hex'))
}

/** The hand-written bytes of a file are those of a little-endian machine, whatever the test runs on. */
export function onLittleEndianHost(): void {
  const real = host.littleEndian
  beforeEach(() => {
    host.littleEndian = true
  })
  afterEach(() => {
    host.littleEndian = real
  })
}

/** The payload of one value. */
export function encode<T>(type: Type<T>, value: T): Uint8Array {
  const out = new Writer()
  guarded('', () => type.encode(out, value, {}))
  return out.take()
}

/** A value from a payload that lies in the midst of other bytes. */
export function decode<T>(type: Type<T>, payload: Uint8Array): T {
  const around = new Uint8Array(payload.length + 7).fill(0xee)
  around.set(payload, 3)
  return guarded('TEST', () => type.decode(around, 3, 3 + payload.length, {}), 3)
}
