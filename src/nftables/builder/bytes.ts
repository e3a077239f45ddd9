/** Bytes of packets that have no name here. */

import { show } from '../../codec/fault.js'
import { toHex } from '../../codec/index.js'
import { checkInteger } from '../../netlink/check.js'
import type { Datatype } from '../datatypes.js'
import { integerType } from '../integers.js'
import { type PayloadBase, REGISTER_SIZE } from './compiler.js'
import { writable } from './fields.js'
import type { Settable } from './selector.js'
import type { Source } from './source.js'

const BASES: readonly PayloadBase[] = [
  'link-layer-header',
  'network-header',
  'transport-header',
  'inner-header',
]

/**
 * Bytes of a packet by their place: up to 16, a number in network order. `payload('transport-header', 2, 2)(80)` is `@th,16,16 80`; what is
 * behind the transport header is the 'inner-header' (Linux 5.16). Numbers of more than six bytes are hexadecimal, '0x4745542068747470'.
 * Written bytes leave checksums as they are, but for those of the 'inner-header': TCP's, UDP's and ICMPv6's is made right.
 *
 * @throws RangeError for another header, a place beyond 255 or more than 16 bytes
 */
export function payload(base: PayloadBase, offset: number, length: number): Settable {
  if (!BASES.includes(base)) throw new RangeError(`payload: ${show(base)} is not one of ${BASES.join(', ')}`)
  checkInteger(offset, 'payload: offset', 0, 255)
  const len = checkInteger(length, 'payload: length', 1, REGISTER_SIZE)
  const source: Source = {
    name: `payload of the ${base} at ${offset}`,
    type: hexadecimal(len),
    depend: () => {},
    load: (compiler, dreg) => compiler.emit({ name: 'payload', data: { dreg, base, offset, len } }),
  }
  return writable(source, { base }, '', offset)
}

/** Integers in network order, which a text can have in hexadecimal digits. */
function hexadecimal(size: number): Datatype {
  const plain = integerType('integer', 4, size)
  return {
    ...plain,
    encode(value, field) {
      const digits = typeof value === 'string' ? /^0x([\da-f]+)$/i.exec(value)?.[1] : undefined
      if (digits === undefined) return plain.encode(value, field)
      if (digits.length > 2 * size)
        throw new RangeError(`${field}: ${show(value)} has more than ${size} bytes`)
      const padded = digits.padStart(2 * size, '0')
      return Uint8Array.from({ length: size }, (_, i) => Number.parseInt(padded.slice(2 * i, 2 * i + 2), 16))
    },
    decode: (bytes) => {
      const number = plain.decode(bytes) as number
      return number > Number.MAX_SAFE_INTEGER ? `0x${toHex(bytes)}` : number
    },
  }
}
