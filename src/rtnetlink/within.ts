import { parseIp } from '../codec/index.js'
import type { Prefix } from './input.js'

/** A test whether addresses in text lie in a prefix; bits of it after its length do not count. */
export function within({ address, length }: Prefix): (inner: string) => boolean {
  const network = parseIp(address)!
  return (inner) => {
    const octets = parseIp(inner)
    return octets !== null && octets.length === network.length && agree(network, octets, length)
  }
}

/** Whether the first `bits` bits of two addresses of one family are the same. */
export function agree(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (one[i] !== other[i]) return false
  const rest = bits & 7
  return rest === 0 || (one[whole]! ^ other[whole]!) >> (8 - rest) === 0
}
