/** linux/if_link.h, enum IFLA_MACSEC_* (IEEE 802.1AE); keys are set through generic netlink. */

import { outOfRange, wrongType } from '../../../codec/fault.js'
import {
  alignedAttributes,
  be16,
  be64,
  bool8,
  enumeration,
  names,
  type Type,
  u8,
  u32,
  u64,
} from '../../../codec/index.js'
import { kind } from './kind.js'

/** enum macsec_validation_type */
const validations = names({ disabled: 0, check: 1, strict: 2 })
/** enum macsec_offload */
const offloads = names({ off: 0, phy: 1, mac: 2 })

/** linux/if_macsec.h, MACSEC_CIPHER_ID_*; the first is what older kernels call the second. */
const CIPHERS = [
  ['gcm-aes-128', 0x0080020001000001n],
  ['gcm-aes-128', 0x0080c20001000001n],
  ['gcm-aes-256', 0x0080c20001000002n],
  ['gcm-aes-xpn-128', 0x0080c20001000003n],
  ['gcm-aes-xpn-256', 0x0080c20001000004n],
] as const
type Cipher = (typeof CIPHERS)[number][0]

/** The name of a cipher suite, or its number where the kernel is newer than this table. */
const cipherSuite: Type<Cipher | bigint> = {
  label: 'enum u64',
  size: u64.size,
  encode(out, value, siblings) {
    if (typeof value !== 'string' && typeof value !== 'bigint') throw wrongType(value, 'a name or a bigint')
    const number = typeof value === 'bigint' ? value : CIPHERS.findLast(([name]) => name === value)?.[1]
    if (number === undefined)
      throw outOfRange(value, `one of ${[...new Set(CIPHERS.map(([name]) => name))].join(', ')}`)
    u64.encode(out, number, siblings)
  },
  decode(bytes, start, end, siblings) {
    const number = u64.decode(bytes, start, end, siblings)
    return CIPHERS.find(([, known]) => known === number)?.[0] ?? number
  },
}

/** `sci` is the secure channel's id, or is made of the address and `port`. */
export const macsec = kind(
  'macsec',
  () =>
    alignedAttributes('IFLA_MACSEC', 14, {
      sci: [1, be64],
      port: [2, be16],
      icvLen: [3, u8],
      cipherSuite: [4, cipherSuite],
      window: [5, u32],
      encodingSa: [6, u8],
      encrypt: [7, bool8],
      protect: [8, bool8],
      incSci: [9, bool8],
      es: [10, bool8],
      scb: [11, bool8],
      replayProtect: [12, bool8],
      validation: [13, enumeration(u8, validations)],
      offload: [15, enumeration(u8, offloads)],
    }),
  { needsLink: true },
)
