/** Whether a packet has an option or an extension header; options taken away. */

import { checkBoolean, checkInteger, checkKnown } from '../../netlink/check.js'
import { type Compiler, REG, type Statement } from './compiler.js'

/** NFT_EXTHDR_F_PRESENT */
const EXISTS = 1

/** IPPROTO_* of linux/in6.h; a segment routing header is a routing header. */
export const HEADERS = { hbh: 0, rt: 43, frag: 44, dst: 60, mh: 135 }

/** Numbers of options: IANA's of TCP, and IPOPT_* of linux/ip.h. */
export const TCP_OPTIONS = {
  eol: 0,
  nop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  sack: 5,
  timestamp: 8,
  md5sig: 19,
  mptcp: 30,
  fastopen: 34,
}
export const IP_OPTIONS = { rr: 7, lsrr: 131, ssrr: 137, ra: 148 }
/** Types of chunks of SCTP, as IANA and linux/sctp.h number them. */
export const CHUNKS = {
  data: 0,
  init: 1,
  'init-ack': 2,
  sack: 3,
  heartbeat: 4,
  'heartbeat-ack': 5,
  abort: 6,
  shutdown: 7,
  'shutdown-ack': 8,
  error: 9,
  'cookie-echo': 10,
  'cookie-ack': 11,
  ecne: 12,
  cwr: 13,
  'shutdown-complete': 14,
  'asconf-ack': 0x80,
  'forward-tsn': 0xc0,
  asconf: 0xc1,
}

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

/**
 * The rule goes on where a packet of SCTP has a chunk, or with `false` where it has not (Linux 5.14).
 *
 * @throws RangeError for a chunk that is none of them
 */
export function sctpChunk(chunk: keyof typeof CHUNKS, exists = true): Statement {
  return present('sctpChunk', 'sctp', CHUNKS, chunk, exists, () => {})
}

/**
 * Takes an option of TCP out of the packet, by its name or its number: it is overwritten with no-operations (Linux 5.18).
 *
 * @throws RangeError for an option that is none of them
 */
export function resetTcpOption(option: keyof typeof TCP_OPTIONS | number): Statement {
  const type = numberIn('resetTcpOption', TCP_OPTIONS, option, true)
  return { compile: (compiler) => compiler.emit({ name: 'exthdr', data: { type, op: 'tcpopt' } }) }
}

/** The number of an option, by its name or itself. Throws RangeError or TypeError. */
export function numberIn(
  call: string,
  numbers: Readonly<Record<string, number>>,
  option: string | number,
  orNumber: boolean,
): number {
  if (orNumber && typeof option === 'number') return checkInteger(option, call, 0, 255)
  return numbers[checkKnown(option, call, numbers)]!
}

function present(
  call: string,
  op: 'ipv6' | 'ipv4' | 'tcpopt' | 'sctp',
  numbers: Readonly<Record<string, number>>,
  name: string | number,
  exists: boolean,
  need: (compiler: Compiler) => void,
): Statement {
  const type = numberIn(call, numbers, name, op === 'tcpopt')
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
