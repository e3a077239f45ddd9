/** linux/if_link.h, enum IFLA_MACSEC_* (IEEE 802.1AE); keys are set through generic netlink. */

import { outOfRange, show, wrongType } from '../../../codec/fault.js'
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
import { between } from '../types.js'
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

/** What macsec_validate_attr() refuses without a word, of each request by itself. */
function checkTogether({
  es,
  scb,
  incSci,
  replayProtect,
  window,
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  for (const [field, one, other] of [
    ['scb', scb, es],
    ['incSci', incSci, es],
    ['incSci', incSci, scb],
  ])
    if (one === true && other === true)
      throw new RangeError(`${field}: of es, scb and incSci no more than one is true in a request`)
  if (replayProtect === true && window === undefined)
    throw new TypeError('window: replayProtect: true needs it in the same request')
  return {}
}

/** `sci` is the secure channel's id, or is made of the address and `port`. `icvLen` is 8, or 12 to 16 bytes. */
export const macsec = kind(
  'macsec',
  () =>
    alignedAttributes('IFLA_MACSEC', 14, {
      sci: [1, be64],
      port: [2, be16],
      // MACSEC_MIN_ICV_LEN and MACSEC_STD_ICV_LEN of linux/if_macsec.h.
      icvLen: [3, between(u8, 8, 16)],
      cipherSuite: [4, cipherSuite],
      window: [5, u32],
      // MACSEC_NUM_AN of net/macsec.h.
      encodingSa: [6, between(u8, 0, 3)],
      encrypt: [7, bool8],
      protect: [8, bool8],
      incSci: [9, bool8],
      es: [10, bool8],
      scb: [11, bool8],
      replayProtect: [12, bool8],
      validation: [13, enumeration(u8, validations)],
      offload: [15, enumeration(u8, offloads)],
    }),
  {
    needsLink: true,
    fixed: ['sci', 'port', 'icvLen', 'cipherSuite'],
    complete: checkTogether,
    check({ sci, port }) {
      if (sci !== undefined && port !== undefined)
        throw new TypeError(`port: ${show(port)} is part of sci, which is given: not with it`)
    },
  },
)
