/** Addresses and networks. */

import { parseIp } from '../codec/index.js'
import { parsePrefix } from '../rtnetlink/input.js'

/** Whether an address lies in a network: contains('10.0.0.1/24', '10.0.0.9'). */
export function contains(network: string, address: string): boolean {
  const { address: base, length } = parsePrefix(network, 'network')
  const net = parseIp(base)!
  const octets = parseIp(address)!
  if (net.length !== octets.length) return false
  for (let bit = 0; bit < length; bit += 8) {
    const mask = length - bit >= 8 ? 0xff : (0xff << (8 - (length - bit))) & 0xff
    if (((net[bit >> 3]! ^ octets[bit >> 3]!) & mask) !== 0) return false
  }
  return true
}
