import { getBe16, getBe32, putBe16, putBe32 } from '../../../codec/bytes.js'
import { located } from '../../../codec/fault.js'
import {
  attributes,
  enumeration,
  type Infer,
  ipv6,
  malformed,
  names,
  outOfRange,
  type Type,
  u8,
  u32,
} from '../../../codec/index.js'
import * as c from './constants.js'
import { checkKeys } from './segments.js'

/** IOAM6_IPTUNNEL_MODE_*, as `ip route` prints them. */
const modes = names({
  inline: c.IOAM6_IPTUNNEL_MODE_INLINE,
  encap: c.IOAM6_IPTUNNEL_MODE_ENCAP,
  auto: c.IOAM6_IPTUNNEL_MODE_AUTO,
})

/** What routers note in packets (RFC 9197, section 4.4). */
export interface IoamTrace {
  /** 24 bits, the first of which (0x800000) is bit 0: which data. */
  type: number
  namespace: number
  /** Bytes for all routers together: a multiple of four, up to 244. */
  size: number
}

const SIZE = 8
const UNIT = 4
const MAX_SIZE = 244
const REMLEN = 0x7f

/** struct ioam6_trace_hdr (linux/ioam6.h): what the kernel fills in itself is zero. */
const traceHeader: Type<IoamTrace> = {
  label: 'ioam6_trace_hdr',
  size: SIZE,
  encode(out, value) {
    checkKeys(value, ['type', 'namespace', 'size'])
    check(value, 'type', 0xffffff, 1)
    check(value, 'namespace', 0xffff, 1)
    check(value, 'size', MAX_SIZE, UNIT)
    const at = out.reserve(SIZE)
    putBe16(out.bytes, at, value.namespace)
    out.bytes[at + 3] = value.size / UNIT
    putBe32(out.bytes, at + 4, value.type * 0x100)
  },
  decode(bytes, start, end) {
    if (end - start < SIZE) throw malformed(`${end - start} bytes where a trace header has ${SIZE}`, start)
    return {
      type: getBe32(bytes, start + 4) >>> 8,
      namespace: getBe16(bytes, start),
      size: (bytes[start + 3]! & REMLEN) * UNIT,
    }
  },
}

function check(trace: IoamTrace, field: keyof IoamTrace, max: number, unit: number): void {
  const value = trace[field]
  if (!Number.isInteger(value) || value < 0 || value > max || value % unit !== 0)
    throw located(outOfRange(value, `from 0 to ${max}${unit === 1 ? '' : `, a multiple of ${unit}`}`), field)
}

/** enum IOAM6_IPTUNNEL_* */
export const ioam6Encap = attributes('IOAM6_IPTUNNEL', {
  mode: [c.IOAM6_IPTUNNEL_MODE, enumeration(u8, modes)],
  dst: [c.IOAM6_IPTUNNEL_DST, ipv6],
  trace: [c.IOAM6_IPTUNNEL_TRACE, traceHeader],
  freqK: [c.IOAM6_IPTUNNEL_FREQ_K, u32],
  freqN: [c.IOAM6_IPTUNNEL_FREQ_N, u32],
  src: [c.IOAM6_IPTUNNEL_SRC, ipv6],
})

/**
 * In situ operations, administration and maintenance (RFC 9197): `trace` is put into `freqK` of `freqN` packets, or into packets around them
 * that go to `dst` ('encap', 'auto'). linux/ioam6_iptunnel.h
 */
export interface Ioam6Encap extends Omit<Infer<typeof ioam6Encap>, 'unknown'> {
  type: 'ioam6'
}
