/** Addresses that statements take out of maps and other expressions. */

import { show } from '../../codec/fault.js'
import { datatypes } from '../datatypes.js'
import type { Compiler } from './compiler.js'
import type { Expr } from './selector.js'
import { checkGiven, checkSingle } from './set-types.js'

/**
 * The family of the addresses that an expression gives: that of the packets where the rule is about one. With `ports` a port may stand
 * behind each, and they may be ranges. Throws TypeError where it gives anything else.
 */
export function addressFamily(compiler: Compiler, to: Expr, field: string, ports = false): 'ip' | 'ip6' {
  const given = to.gives(compiler)
  if (!ports) checkSingle(given, field)
  const { types } = given
  const isV6 =
    compiler.network === null ? types[0]?.size === datatypes.ipv6_addr.size : compiler.network === 'ip6'
  const address = isV6 ? datatypes.ipv6_addr : datatypes.ipv4_addr
  checkGiven(types, ports && types.length > 1 ? [address, datatypes.inet_service] : [address], field)
  return isV6 ? 'ip6' : 'ip'
}

/** Throws RangeError where a constant address is of another family than the packets that the rule is about. */
export function checkFamily({ network }: Compiler, family: 'ip' | 'ip6', to: string, field: string): void {
  if (network !== null && network !== family)
    throw new RangeError(
      `${field}: ${show(to)} is no address for ${network} packets, which the rule is about`,
    )
}
