/** The fields of packets by the numbers that nft(8) keeps of them with a set. */

import { toBits } from '../../codec/choice.js'
import { NFPROTO_INET } from '../../netlink/netfilter.js'
import type { KnownExpression } from '../expression.js'
import { ctDirections, ctKeys } from '../expressions/ct.js'
import { exthdrOps } from '../expressions/exthdr.js'
import { fibFlags, fibResults } from '../expressions/fib.js'
import { hashTypes } from '../expressions/hash.js'
import { metaKeys } from '../expressions/meta.js'
import { numgenTypes } from '../expressions/numgen.js'
import { payloadBases } from '../expressions/payload.js'
import { rtKeys } from '../expressions/rt.js'
import { socketKeys } from '../expressions/socket.js'
import { xfrmDirections, xfrmKeys } from '../expressions/xfrm.js'
import { Compiler, REG, type RuleContext } from './compiler.js'
import type { Source } from './source.js'

/** enum expr_types of nft(8), which its versions have in common. */
export const PAYLOAD = 7
export const EXTHDR = 8
export const META = 9
const SOCKET = 10
const CT = 12
export const NUMGEN = 23
export const HASH = 24
const RT = 25
const FIB = 26
export const XFRM = 27

/** TYPE_INTEGER of enum datatypes */
export const INTEGER = 4

/** A field: the kind of its expression, and what tells it from others of the kind, as pairs of an attribute and a number. */
export type Described = readonly [
  kind: number,
  ...numbers: readonly (readonly [attribute: number, value: number])[],
]

/**
 * enum proto_desc_id, and the fields of each header from 1; '-' is one that this library has not, '/' precedes the bits of what nft(8) takes
 * for a number of that many (0: for none).
 */
const headers: Readonly<Record<string, readonly [id: number, fields: string]>> = {
  ah: [1, 'nexthdr hdrlength reserved spi sequence'],
  esp: [2, 'spi sequence'],
  comp: [3, 'nexthdr flags/0 cpi'],
  icmp: [4, 'type code checksum id sequence gateway/32 mtu'],
  igmp: [5, 'type checksum mrt group/32'],
  udp: [6, 'sport dport length checksum'],
  udplite: [7, 'sport dport csumcov checksum'],
  tcp: [8, 'sport dport sequence ackseq doff/4 reserved/4 flags window checksum urgptr'],
  dccp: [9, 'sport dport type'],
  sctp: [10, 'sport dport vtag checksum'],
  th: [11, 'sport dport'],
  ip: [12, 'version/4 hdrlength/4 dscp ecn length id fragOff ttl protocol checksum saddr daddr'],
  ip6: [13, 'version/4 dscp ecn flowlabel/20 length nexthdr hoplimit saddr daddr'],
  icmpv6: [14, 'type code checksum pointer mtu id sequence maxDelay'],
  arp: [15, 'htype ptype hlen plen operation saddrEther saddrIp daddrEther daddrIp'],
  vlan: [16, 'pcp/3 dei/1 - id/12 type'],
  ether: [17, 'daddr saddr type'],
}

/** enum exthdr_desc_id, and the fields of each header of IPv6 from 1. */
const extensionHeaders: Readonly<Record<string, readonly [id: number, fields: string]>> = {
  hbh: [1, 'nexthdr hdrlength'],
  rt: [2, 'nexthdr hdrlength type segLeft'],
  rt0: [3, '- address address2'],
  srh: [5, 'lastEntry flags tag sid sid2'],
  frag: [6, 'nexthdr reserved fragOff reserved2 moreFragments id'],
  dst: [7, 'nexthdr hdrlength'],
  mh: [8, 'nexthdr hdrlength type reserved checksum'],
}

/** enum ipopt_hdr_fields, enum tcpopt_hdr_field_common with those of each option, enum sctp_hdr_chunk_common with those of each chunk. */
const optionFields: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ip: { type: 1, length: 2, value: 3, ptr: 4, addr: 5 },
  tcp: {
    ...{
      'maxseg size': 2,
      'window count': 2,
      'timestamp tsval': 2,
      'timestamp tsecr': 3,
      'mptcp subtype': 2,
    },
    ...{ 'sack0 left': 2, 'sack0 right': 3, 'sack1 left': 4, 'sack1 right': 5 },
    ...{ 'sack2 left': 6, 'sack2 right': 7, 'sack3 left': 8, 'sack3 right': 9 },
  },
  sctp: {
    ...{ type: 0, flags: 1, length: 2, tsn: 3, stream: 4, ssn: 5, ppid: 6 },
    ...{ initTag: 3, aRwnd: 4, numOutboundStreams: 5, numInboundStreams: 6, initialTsn: 7 },
    ...{ cumTsnAck: 3, numGapAckBlocks: 5, numDupTsns: 6, lowestTsn: 3, seqno: 3, newCumTsn: 3 },
  },
}

type Given<D> = { readonly [K in keyof D]-?: Exclude<D[K], undefined> }
/** What the builder's fields give of an expression. */
type Data<N extends KnownExpression['name']> = Given<
  NonNullable<Extract<KnownExpression, { name: N }>['data']>
>
type Describe = (data: unknown, name: string) => Described | null

/** What a field loads is the same in every rule. */
const NOWHERE: RuleContext = {
  family: NFPROTO_INET,
  table: '',
  ifindex: () => 0,
  nextId: () => 0,
  madeSet: () => undefined,
}

/** By the expression that has a value; of fields of headers it has only the place. */
const facts: { readonly [N in KnownExpression['name']]?: (data: Data<N>, name: string) => Described | null } =
  {
    payload: ({ base, offset, len }, name) =>
      name.startsWith('payload ')
        ? [PAYLOAD, [0, 0], [1, 0], [2, 1 + payloadBases.toNumber(base)], [3, 8 * offset], [4, 8 * len]]
        : null,
    exthdr: ({ op, type }, name) => {
      const [protocol, , option, ...field] = name.split(' ')
      const number =
        optionFields[protocol!]?.[protocol === 'tcp' ? [option, ...field].join(' ') : field.join(' ')]
      return number === undefined ? null : [EXTHDR, [1, number], [2, exthdrOps.toNumber(op)], [0, type]]
    },
    meta: ({ key }) => [META, [0, metaKeys.toNumber(key)]],
    ct: ({ key, direction = EITHER }) => [
      CT,
      [0, ctKeys.toNumber(key)],
      [1, ctDirections.toNumber(direction)],
    ],
    rt: ({ key }) => [RT, [0, rtKeys.toNumber(key)]],
    socket: ({ key }) => [SOCKET, [0, socketKeys.toNumber(key)]],
    // nft(8) has no length for it, and ends by an assertion: a text of as many bytes.
    osf: () => [META, [0, metaKeys.numbers.iifname]],
    fib: ({ result, flags }) => [FIB, [0, fibResults.toNumber(result)], [1, toBits(fibFlags, flags)]],
    numgen: ({ type, modulus, offset }) => [
      NUMGEN,
      [0, numgenTypes.toNumber(type)],
      [1, modulus],
      [2, offset],
    ],
    hash: ({ type, modulus, offset, seed }) => [
      HASH,
      [0, hashTypes.toNumber(type)],
      [1, offset],
      [2, modulus],
      [3, seed ?? 0],
      [4, seed === undefined ? 0 : 1],
    ],
    xfrm: ({ key, spnum, dir }) => [
      XFRM,
      [0, xfrmKeys.toNumber(key)],
      [1, spnum],
      [2, xfrmDirections.toNumber(dir)],
    ],
  }

/** Of a connection, and not of one of its directions: -1. */
const EITHER = 0xffffffff

/** The numbers of a field; null where nft(8) has none. */
export function describe(source: Source): Described | null {
  const { name, type } = source
  const at = name.lastIndexOf(' ')
  const [header, field] = [name.slice(0, at), name.slice(at + 1)]
  const known = numberIn(headers[header], field)
  if (known !== null) {
    const bits = known.bits ?? (type.id === INTEGER ? 8 * type.size : 0)
    return [PAYLOAD, [0, known.header], [1, known.field], ...(bits === 0 ? [] : [[4, bits] as const])]
  }
  const extension = numberIn(extensionHeaders[header], field)
  if (extension !== null) return [EXTHDR, [1, extension.field], [0, extension.header]]
  const apart = new Compiler(NOWHERE)
  source.load(apart, REG)
  const [first, ...behind] = apart.expressions as KnownExpression[]
  // Bits of an option are shifted after they were loaded.
  const { name: kind, data } = first!.name === 'exthdr' ? first! : (behind.at(-1) ?? first!)
  return (facts[kind] as Describe | undefined)?.(data, name) ?? null
}

/** The numbers of a header and of a field that it has by name. */
function numberIn(
  [header, fields]: readonly [id: number, fields: string] = [0, ''],
  name: string,
): { header: number; field: number; bits: number | undefined } | null {
  for (const [i, one] of fields.split(' ').entries()) {
    const [of, bits] = one.split('/')
    if (of === name) return { header, field: i + 1, bits: bits === undefined ? undefined : Number(bits) }
  }
  return null
}
