/** Filters by a prefix in which addresses lie. */

import { show } from '../codec/fault.js'
import { parseIp } from '../codec/index.js'
import { AF_INET, AF_UNSPEC, type Family, familyNumber } from './family.js'
import { type Prefix, parsePrefix } from './input.js'

/**
 * The family that a filter asks for: its own or that of a prefix in it. Throws RangeError where they are not the same, and for what is no
 * prefix.
 */
export function familyOfPrefix(family: Family | undefined, prefix: unknown, field: string): number {
  const given = familyNumber(family)
  if (prefix === undefined) return given
  const told = parsePrefix(prefix, field).family
  if (given !== AF_UNSPEC && told !== given)
    throw new RangeError(`${field}: ${show(prefix)} is not ${given === AF_INET ? 'IPv4' : 'IPv6'}`)
  return told
}

/** A test whether addresses in text lie in a prefix; bits of it after its length do not count. */
export function isWithin(network: Prefix): (inner: string) => boolean {
  const outer = parseIp(network.address)!
  return (inner) => agree(outer, parseIp(inner), network.length)
}

/** A test whether prefixes in text have an address, or a whole prefix, in them. */
export function isCovering({ address, length }: Prefix): (outer: string) => boolean {
  const inner = parseIp(address)!
  return (text) => {
    const outer = parsePrefix(text, 'to')
    return outer.length <= length && agree(parseIp(outer.address), inner, outer.length)
  }
}

/** Whether the first `bits` bits of two addresses are the same; not of addresses of two families. */
function agree(one: Uint8Array | null, other: Uint8Array | null, bits: number): boolean {
  if (one === null || one.length !== other?.length) return false
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (one[i] !== other[i]) return false
  const rest = bits & 7
  return rest === 0 || (one[whole]! ^ other[whole]!) >> (8 - rest) === 0
}
