/** Refusals that the sender of a packet is told of. */

import { show } from '../../codec/fault.js'
import type { Names, OneOf } from '../../codec/index.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import * as nf from '../../netlink/netfilter.js'
import { oneOf } from '../input.js'
import { icmpCodes, icmpv6Codes } from '../value-names.js'
import type { Statement } from './compiler.js'

const TCP = 6

/** enum nft_reject_inet_code, and the codes of ICMP and ICMPv6 that mean the same. */
const CODES = {
  'no-route': { icmpx: 0, icmp: 0, icmpv6: 0 },
  'port-unreachable': { icmpx: 1, icmp: 3, icmpv6: 4 },
  'host-unreachable': { icmpx: 2, icmp: 1, icmpv6: 3 },
  'admin-prohibited': { icmpx: 3, icmp: 13, icmpv6: 1 },
}
const ICMP_CODES = { icmp: icmpCodes, icmpv6: icmpv6Codes }
type CodeOf<T> = T extends Names<infer N extends string> ? OneOf<N> : never

/** A code of one of the two protocols: the rule is about packets of that then. */
export type IcmpReason =
  | { readonly icmp: CodeOf<typeof ICMP_CODES.icmp> }
  | { readonly icmpv6: CodeOf<typeof ICMP_CODES.icmpv6> }

/** What the sender of a rejected packet is told. */
export type RejectReason = keyof typeof CODES | 'tcp-reset' | IcmpReason

/**
 * Drops the packet and tells its sender: port-unreachable unless another reason is given, by ICMP or ICMPv6 as the packet is; 'tcp-reset'
 * is a TCP segment. `{ icmp: 'host-prohibited' }` and `{ icmpv6: 'policy-fail' }` are codes that only one of the two has. With these and
 * 'tcp-reset' the whole rule is about such packets, what stands before included.
 *
 * @throws RangeError for another reason
 */
export function reject(reason?: RejectReason): Statement {
  if (reason === 'tcp-reset') {
    return {
      ends: true,
      compile: (compiler) => {
        compiler.first(() => compiler.needTransport(TCP, 'reject'))
        compiler.emit({ name: 'reject', data: { type: 'tcp-rst', icmpCode: 0 } })
      },
    }
  }
  if (typeof reason === 'object') return rejectByIcmp(reason)
  if (reason !== undefined && (typeof reason !== 'string' || !Object.hasOwn(CODES, reason)))
    throw new RangeError(`reject: ${show(reason)} is not tcp-reset, ${Object.keys(CODES).join(', ')}`)
  const codes = CODES[reason ?? 'port-unreachable']
  return {
    ends: true,
    compile: (compiler) => {
      const { family, network } = compiler
      if (network === 'arp')
        throw new TypeError('reject: nobody is told of arp packets, which the rule is about')
      const is4 = family === nf.NFPROTO_IPV4 || (reason === undefined && network === 'ip')
      const is6 = family === nf.NFPROTO_IPV6 || (reason === undefined && network === 'ip6')
      const kind = is4 ? 'icmp' : is6 ? 'icmpv6' : 'icmpx'
      const type = kind === 'icmpx' ? 'icmpx-unreach' : 'icmp-unreach'
      compiler.emit({ name: 'reject', data: { type, icmpCode: codes[kind] } })
    },
  }
}

function rejectByIcmp(reason: IcmpReason): Statement {
  checkKeys('reject', reason, ['icmp', 'icmpv6'])
  const [protocol, ...more] = Object.keys(reason) as (keyof typeof ICMP_CODES)[]
  if (protocol === undefined || more.length > 0)
    throw new RangeError(`reject: ${show(reason)} is not { icmp } or { icmpv6 }`)
  const code = oneOf(
    ICMP_CODES[protocol] as Names<string>,
    Object.values(reason)[0] as string | number,
    `reject.${protocol}`,
  )
  const icmpCode = checkInteger(code, `reject.${protocol}`, 0, 255)
  return {
    ends: true,
    compile: (compiler) => {
      compiler.first(() => compiler.needNetwork(protocol === 'icmp' ? 'ip' : 'ip6'))
      compiler.emit({ name: 'reject', data: { type: 'icmp-unreach', icmpCode } })
    },
  }
}
