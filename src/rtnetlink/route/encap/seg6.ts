import { getU32 } from '../../../codec/bytes.js'
import { located } from '../../../codec/fault.js'
import {
  attributes,
  type Infer,
  ipv6,
  malformed,
  names,
  type OneOf,
  type Siblings,
  type Type,
  u32,
  type Writer,
} from '../../../codec/index.js'
import * as c from './constants.js'
import { checkKeys, decodeSegments, encodeSegments, type Segments } from './segments.js'

/** SEG6_IPTUN_MODE_*, as `ip route` prints them. */
const modes = names({
  inline: c.SEG6_IPTUN_MODE_INLINE,
  encap: c.SEG6_IPTUN_MODE_ENCAP,
  l2encap: c.SEG6_IPTUN_MODE_L2ENCAP,
  'encap.red': c.SEG6_IPTUN_MODE_ENCAP_RED,
  'l2encap.red': c.SEG6_IPTUN_MODE_L2ENCAP_RED,
})

/** Where the segment routing header goes: into the packet ('inline'), or into one around it ('encap', 'l2encap' …). */
export type Seg6Mode = keyof typeof modes.numbers

const MODE_SIZE = 4

/** struct seg6_iptunnel_encap: how, and a struct ipv6_sr_hdr. */
const tunnelHeader: Type<{ mode: OneOf<Seg6Mode> } & Segments> = {
  label: 'seg6_iptunnel_encap',
  size: 0,
  encode(out, value, siblings) {
    checkKeys(value, ['mode', 'segments', 'hmac'])
    const mode = writeMode(out, value.mode, siblings)
    encodeSegments(out, value, mode === c.SEG6_IPTUN_MODE_INLINE)
  },
  decode(bytes, start, end) {
    if (end - start < MODE_SIZE) throw malformed(`${end - start} bytes where a mode has ${MODE_SIZE}`, start)
    const mode = getU32(bytes, start)
    const header = decodeSegments(bytes, start + MODE_SIZE, end, mode === c.SEG6_IPTUN_MODE_INLINE)
    return { mode: modes.toName(mode), ...header }
  },
}

function writeMode(out: Writer, mode: OneOf<Seg6Mode>, siblings: Siblings): number {
  try {
    const number = modes.toNumber(mode)
    u32.encode(out, number, siblings)
    return number
  } catch (error) {
    throw located(error, 'mode')
  }
}

/** enum SEG6_IPTUNNEL_* */
export const seg6Encap = attributes('SEG6_IPTUNNEL', {
  srh: [c.SEG6_IPTUNNEL_SRH, tunnelHeader],
  src: [c.SEG6_IPTUNNEL_SRC, ipv6],
  table: [c.SEG6_IPTUNNEL_TABLE, u32],
})

/**
 * Segment routing over IPv6 (RFC 8754): `srh` says along which `segments`, and how. Newer kernels take the tunnel's own address `src` and
 * the `table` in which the first segment is looked up. linux/seg6_iptunnel.h
 */
export interface Seg6Encap extends Omit<Infer<typeof seg6Encap>, 'unknown'> {
  type: 'seg6'
}
