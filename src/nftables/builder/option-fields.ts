/** Fields of options of TCP and IPv4, of IPv6's extension headers and of SCTP's chunks: where each lies (nft(8), the RFCs). */

import { checkInteger } from '../../netlink/check.js'
import { type Datatype, datatypes as t } from '../datatypes.js'
import { integerType, u8, u16, u32 } from '../integers.js'
import { type Compiler, REG } from './compiler.js'
import { type Field, partOf, settableFact } from './fields.js'
import { CHUNKS, HEADERS, IP_OPTIONS, numberIn, TCP_OPTIONS } from './options.js'
import { type Selector, type Settable, selector } from './selector.js'

type Op = 'ipv6' | 'ipv4' | 'tcpopt' | 'sctp'

/** Loads bytes of an option. */
function loader(op: Op, type: number, offset: number, len: number) {
  return (compiler: Compiler, dreg: number, length = len) =>
    compiler.emit({ name: 'exthdr', data: { dreg, type, offset, len: length, op, flags: 0 } })
}

/** The fields of an option, or of several that look the same. */
function fieldsOf<F extends Readonly<Record<string, Field>>>(
  op: Op,
  name: string,
  type: number,
  fields: F,
  depend: (compiler: Compiler) => void = () => {},
): { readonly [K in keyof F]: Selector } {
  const made: Record<string, Selector> = {}
  for (const [field, [offset, plain, bits]] of Object.entries(fields)) {
    const part = partOf(plain, bits)
    made[field] = selector({
      name: `${name} ${field}`,
      ...part,
      depend,
      load: loader(op, type, offset, part.type.size),
      cuttable: true,
    })
  }
  return made as { readonly [K in keyof F]: Selector }
}

function tcpField(name: string, type: number, offset: number, of: Datatype): Settable {
  const at = { type, offset, len: of.size }
  const field = settableFact(`tcp option ${name}`, of, loader('tcpopt', type, offset, of.size), (compiler) =>
    compiler.emit({ name: 'exthdr', data: { sreg: REG, ...at, op: 'tcpopt' } }),
  )
  return isWritable(offset, of.size) ? field : Object.assign(field, { set: () => refuseToWrite(name) })
}

/** nft_exthdr_tcp_set_init() of net/netfilter/nft_exthdr.c */
function isWritable(offset: number, size: number): boolean {
  return offset >= 2 && (size === 2 || size === 4)
}

function refuseToWrite(name: string): never {
  throw new TypeError(
    `tcp option ${name}.set: the kernel writes two or four bytes of an option, behind its length`,
  )
}

/** One of the up to four blocks of a selective acknowledgement. */
function sackBlock(index: number) {
  const { sack } = TCP_OPTIONS
  return {
    left: tcpField(`sack${index} left`, sack, 2 + 8 * index, u32),
    right: tcpField(`sack${index} right`, sack, 6 + 8 * index, u32),
  }
}

/** Fields of TCP's options: the size of a segment, the scale of the window, the rest by the option's name. */
export const tcpOptions = {
  maxseg: tcpField('maxseg size', TCP_OPTIONS.maxseg, 2, u16),
  /** One byte, which the kernel does not write. */
  window: tcpField('window count', TCP_OPTIONS.window, 2, u8) as Selector,
  sack0: sackBlock(0),
  sack1: sackBlock(1),
  sack2: sackBlock(2),
  sack3: sackBlock(3),
  timestamp: {
    tsval: tcpField('timestamp tsval', TCP_OPTIONS.timestamp, 2, u32),
    tsecr: tcpField('timestamp tsecr', TCP_OPTIONS.timestamp, 6, u32),
  },
  mptcp: fieldsOf('tcpopt', 'tcp option mptcp', TCP_OPTIONS.mptcp, {
    subtype: [2, u8, { size: 1, mask: 0xf0 }],
  }),
}

/**
 * Bytes of an option of TCP by their place, a number of up to four bytes: `tcpOptionField('maxseg', 1, 1)(4)` is its length, `tcp option
 * maxseg length 4`.
 *
 * @throws RangeError for an option that is none of them, a place beyond 255 or more than four bytes
 */
export function tcpOptionField(
  option: keyof typeof TCP_OPTIONS | number,
  offset: number,
  length: number,
): Settable {
  const type = numberIn('tcpOptionField', TCP_OPTIONS, option, true)
  checkInteger(offset, 'tcpOptionField: offset', 0, 255)
  const size = checkInteger(length, 'tcpOptionField: length', 1, 4)
  return tcpField(`${option} at ${offset}`, type, offset, integerType('integer', 4, size))
}

const needIp = (compiler: Compiler) => compiler.needNetwork('ip')
const ipOf = <F extends Readonly<Record<string, Field>>>(name: keyof typeof IP_OPTIONS, fields: F) =>
  fieldsOf('ipv4', `ip option ${name}`, IP_OPTIONS[name], fields, needIp)
const COMMON = { type: [0, u8], length: [1, u8] } as const
const SOURCE_ROUTE = { ...COMMON, ptr: [2, u8], addr: [3, t.ipv4_addr] } as const

/** Fields of IPv4's options. */
export const ipOptions = {
  lsrr: ipOf('lsrr', SOURCE_ROUTE),
  rr: ipOf('rr', SOURCE_ROUTE),
  ssrr: ipOf('ssrr', SOURCE_ROUTE),
  ra: ipOf('ra', { ...COMMON, value: [2, u16] }),
}

const needIp6 = (compiler: Compiler) => compiler.needNetwork('ip6')
const headerOf = <F extends Readonly<Record<string, Field>>>(
  name: string,
  header: keyof typeof HEADERS,
  fields: F,
) => fieldsOf('ipv6', name, HEADERS[header], fields, needIp6)
const NEXT = { nexthdr: [0, t.inet_proto], hdrlength: [1, u8] } as const

/** Fields of IPv6's extension headers. `srh` is the routing header of segment routing. */
export const extensionHeaders = {
  hbh: headerOf('hbh', 'hbh', NEXT),
  dst: headerOf('dst', 'dst', NEXT),
  rt: headerOf('rt', 'rt', { ...NEXT, type: [2, u8], segLeft: [3, u8] }),
  /** The first two addresses of a routing header of type 0; one of type 2 has the first alone. */
  rt0: headerOf('rt0', 'rt', { address: [8, t.ipv6_addr], address2: [24, t.ipv6_addr] }),
  srh: headerOf('srh', 'rt', {
    segLeft: [3, u8],
    lastEntry: [4, u8],
    flags: [5, u8],
    tag: [6, u16],
    sid: [8, t.ipv6_addr],
    sid2: [24, t.ipv6_addr],
  }),
  frag: headerOf('frag', 'frag', {
    nexthdr: [0, t.inet_proto],
    reserved: [1, u8],
    fragOff: [2, u16, { size: 2, mask: 0xfff8 }],
    reserved2: [3, u8, { size: 1, mask: 0x06 }],
    moreFragments: [3, u8, { size: 1, mask: 0x01 }],
    id: [4, u32],
  }),
  mh: headerOf('mh', 'mh', { ...NEXT, type: [2, t.mh_type], reserved: [3, u8], checksum: [4, u16] }),
}

const chunkOf = <F extends Readonly<Record<string, Field>>>(name: keyof typeof CHUNKS, fields: F) =>
  fieldsOf('sctp', `sctp chunk ${name}`, CHUNKS[name], { ...CHUNK, ...fields })
const CHUNK = { type: [0, u8], flags: [1, u8], length: [2, u16] } as const
const INIT = {
  initTag: [4, u32],
  aRwnd: [8, u32],
  numOutboundStreams: [12, u16],
  numInboundStreams: [14, u16],
  initialTsn: [16, u32],
} as const

/** Fields of SCTP's chunks (RFC 4960 and its followers); each has its type, its flags and its length. */
export const sctpChunks = {
  data: chunkOf('data', { tsn: [4, u32], stream: [8, u16], ssn: [10, u16], ppid: [12, u32] }),
  init: chunkOf('init', INIT),
  initAck: chunkOf('init-ack', INIT),
  sack: chunkOf('sack', {
    cumTsnAck: [4, u32],
    aRwnd: [8, u32],
    numGapAckBlocks: [12, u16],
    numDupTsns: [14, u16],
  }),
  heartbeat: chunkOf('heartbeat', {}),
  heartbeatAck: chunkOf('heartbeat-ack', {}),
  abort: chunkOf('abort', {}),
  shutdown: chunkOf('shutdown', { cumTsnAck: [4, u32] }),
  shutdownAck: chunkOf('shutdown-ack', {}),
  error: chunkOf('error', {}),
  cookieEcho: chunkOf('cookie-echo', {}),
  cookieAck: chunkOf('cookie-ack', {}),
  ecne: chunkOf('ecne', { lowestTsn: [4, u32] }),
  cwr: chunkOf('cwr', { lowestTsn: [4, u32] }),
  shutdownComplete: chunkOf('shutdown-complete', {}),
  asconfAck: chunkOf('asconf-ack', { seqno: [4, u32] }),
  forwardTsn: chunkOf('forward-tsn', { newCumTsn: [4, u32] }),
  asconf: chunkOf('asconf', { seqno: [4, u32] }),
}
