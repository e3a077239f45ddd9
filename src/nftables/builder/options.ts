/** Options of headers, extension headers, and bytes of headers that have no name here. */

import { show } from '../../codec/fault.js'
import { checkBoolean, checkInteger } from '../../netlink/check.js'
import { type Datatype, integerType } from '../datatypes.js'
import { type Compiler, type PayloadBase, REG, type Statement } from './compiler.js'
import { fact, settableFact } from './fields.js'
import type { Selector, Settable } from './selector.js'

const u16 = integerType('integer', 4, 2)
/** NFT_EXTHDR_F_PRESENT */
const EXISTS = 1

function tcpField(name: string, type: number, offset: number, size: Datatype): Settable {
  const at = { type, offset, len: size.size }
  return settableFact(
    `tcp option ${name}`,
    size,
    (compiler, dreg) => compiler.emit({ name: 'exthdr', data: { dreg, ...at, op: 'tcpopt', flags: 0 } }),
    (compiler) => compiler.emit({ name: 'exthdr', data: { sreg: REG, ...at, op: 'tcpopt' } }),
  )
}

/** Fields of TCP's options. */
export const tcpOptions = {
  maxseg: tcpField('maxseg size', 2, 2, u16),
  window: tcpField('window count', 3, 2, integerType('integer', 4, 1)),
}

const BASES: readonly PayloadBase[] = ['link-layer-header', 'network-header', 'transport-header']

/** IPPROTO_* of linux/in6.h */
const HEADERS = { hbh: 0, rt: 43, frag: 44, dst: 60, mh: 135 }

/** Numbers of options: IANA's of TCP, and IPOPT_* of linux/ip.h. */
const TCP_OPTIONS = {
  eol: 0,
  nop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  sack: 5,
  timestamp: 8,
  mptcp: 30,
  fastopen: 34,
}
const IP_OPTIONS = { rr: 7, lsrr: 131, ssrr: 137, ra: 148 }

/**
 * The rule goes on where the packet has an extension header of IPv6, or with `false` where it has not.
 *
 * @throws RangeError for a header that is none of them
 */
export function extensionHeader(header: keyof typeof HEADERS, exists = true): Statement {
  const need = (compiler: Compiler) => compiler.needNetwork('ip6')
  return present('extensionHeader', 'ipv6', HEADERS, header, exists, need)
}

/**
 * The rule goes on where the packet has an option of TCP, or with `false` where it has not; by its name or its number.
 *
 * @throws RangeError for an option that is none of them
 */
export function tcpOption(option: keyof typeof TCP_OPTIONS | number, exists = true): Statement {
  return present('tcpOption', 'tcpopt', TCP_OPTIONS, option, exists, () => {})
}

/**
 * The rule goes on where the packet has an option of IPv4, or with `false` where it has not.
 *
 * @throws RangeError for an option that is none of them
 */
export function ipOption(option: keyof typeof IP_OPTIONS, exists = true): Statement {
  const need = (compiler: Compiler) => compiler.needNetwork('ip')
  return present('ipOption', 'ipv4', IP_OPTIONS, option, exists, need)
}

function present(
  call: string,
  op: 'ipv6' | 'ipv4' | 'tcpopt',
  numbers: Readonly<Record<string, number>>,
  name: string | number,
  exists: boolean,
  need: (compiler: Compiler) => void,
): Statement {
  const isNumber = typeof name === 'number' && op === 'tcpopt'
  if (!isNumber && !Object.hasOwn(numbers, name))
    throw new RangeError(`${call}: ${show(name)} is not one of ${Object.keys(numbers).join(', ')}`)
  const type = isNumber ? checkInteger(name, call, 0, 255) : numbers[name]!
  checkBoolean(exists, `${call}: exists`)
  return {
    matches: true,
    compile: (compiler) => {
      need(compiler)
      compiler.emit({ name: 'exthdr', data: { dreg: REG, type, offset: 0, len: 1, op, flags: EXISTS } })
      compiler.compare(Uint8Array.of(exists ? 1 : 0))
    },
  }
}

/**
 * Bytes of a packet by their place: up to four, a number in network order. `payload('transport-header', 2, 2)(80)` is `@th,16,16 80`.
 *
 * @throws RangeError for another header, a place beyond 255 or more than four bytes
 */
export function payload(base: PayloadBase, offset: number, length: number): Selector {
  if (!BASES.includes(base)) throw new RangeError(`payload: ${show(base)} is not one of ${BASES.join(', ')}`)
  checkInteger(offset, 'payload: offset', 0, 255)
  const type = integerType('integer', 4, checkInteger(length, 'payload: length', 1, 4))
  return fact(`payload of the ${base} at ${offset}`, type, (compiler, dreg) =>
    compiler.emit({ name: 'payload', data: { dreg, base, offset, len: length } }),
  )
}
