/** Addresses and networks. */

import { parsePrefix } from '../rtnetlink/input.js'
import { isWithin } from '../rtnetlink/within.js'

/** Whether an address lies in a network: contains('10.0.0.1/24', '10.0.0.9'). */
export function contains(network: string, address: string): boolean {
  return isWithin(parsePrefix(network, 'network'))(address)
}
