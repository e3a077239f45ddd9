import {
  alignedAttributes,
  attributes,
  enumeration,
  flagged,
  flags,
  type Infer,
  ipv4,
  ipv6,
  names,
  nested,
  type Siblings,
  string,
  type Type,
  u8,
  u32,
  u64,
} from '../../../codec/index.js'
import * as c from './constants.js'
import { checkKeys, decodeSegments, encodeSegments, type Segments } from './segments.js'

/** SEG6_LOCAL_ACTION_*, as RFC 8986 and `ip route` name them. */
const actions = names({
  End: c.SEG6_LOCAL_ACTION_END,
  'End.X': c.SEG6_LOCAL_ACTION_END_X,
  'End.T': c.SEG6_LOCAL_ACTION_END_T,
  'End.DX2': c.SEG6_LOCAL_ACTION_END_DX2,
  'End.DX6': c.SEG6_LOCAL_ACTION_END_DX6,
  'End.DX4': c.SEG6_LOCAL_ACTION_END_DX4,
  'End.DT6': c.SEG6_LOCAL_ACTION_END_DT6,
  'End.DT4': c.SEG6_LOCAL_ACTION_END_DT4,
  'End.B6': c.SEG6_LOCAL_ACTION_END_B6,
  'End.B6.Encaps': c.SEG6_LOCAL_ACTION_END_B6_ENCAP,
  'End.BM': c.SEG6_LOCAL_ACTION_END_BM,
  'End.S': c.SEG6_LOCAL_ACTION_END_S,
  'End.AS': c.SEG6_LOCAL_ACTION_END_AS,
  'End.AM': c.SEG6_LOCAL_ACTION_END_AM,
  'End.BPF': c.SEG6_LOCAL_ACTION_END_BPF,
  'End.DT46': c.SEG6_LOCAL_ACTION_END_DT46,
})

/** What is done with a packet whose segment is here: 'End', 'End.X', 'End.DT4' … (RFC 8986). */
export type Seg6LocalAction = keyof typeof actions.numbers

/** SEG6_LOCAL_FLV_OP_*, which are numbers of bits, as `ip route` prints them. */
const flavors = names({
  psp: 1 << c.SEG6_LOCAL_FLV_OP_PSP,
  usp: 1 << c.SEG6_LOCAL_FLV_OP_USP,
  usd: 1 << c.SEG6_LOCAL_FLV_OP_USD,
  'next-csid': 1 << c.SEG6_LOCAL_FLV_OP_NEXT_CSID,
})

/** A program: by its descriptor when given, by its id when read. */
const program = attributes('SEG6_LOCAL_BPF_PROG', {
  prog: [c.SEG6_LOCAL_BPF_PROG, u32],
  name: [c.SEG6_LOCAL_BPF_PROG_NAME, string],
})

const counters = alignedAttributes('SEG6_LOCAL_CNT', c.SEG6_LOCAL_CNT_PAD, {
  packets: [c.SEG6_LOCAL_CNT_PACKETS, u64],
  bytes: [c.SEG6_LOCAL_CNT_BYTES, u64],
  errors: [c.SEG6_LOCAL_CNT_ERRORS, u64],
})

const flavorAttributes = attributes('SEG6_LOCAL_FLV', {
  operation: [c.SEG6_LOCAL_FLV_OPERATION, flags(u32, flavors)],
  lcblockBits: [c.SEG6_LOCAL_FLV_LCBLOCK_BITS, u8],
  lcnodeFnBits: [c.SEG6_LOCAL_FLV_LCNODE_FN_BITS, u8],
})

/** 'End.B6' puts it into packets, behind whose segments their own destination comes. */
const isOpen = ({ action }: Siblings) => action === 'End.B6' || action === c.SEG6_LOCAL_ACTION_END_B6

/** struct ipv6_sr_hdr */
const header: Type<Segments> = {
  label: 'ipv6_sr_hdr',
  size: 0,
  by: 'action',
  encode(out, value, siblings) {
    checkKeys(value, ['segments', 'hmac'])
    encodeSegments(out, value, isOpen(siblings))
  },
  decode(bytes, start, end, siblings) {
    return decodeSegments(bytes, start, end, isOpen(siblings))
  },
}

/** enum SEG6_LOCAL_* */
export const seg6LocalEncap = attributes('SEG6_LOCAL', {
  action: [c.SEG6_LOCAL_ACTION, enumeration(u32, actions)],
  srh: [c.SEG6_LOCAL_SRH, header],
  table: [c.SEG6_LOCAL_TABLE, u32],
  nh4: [c.SEG6_LOCAL_NH4, ipv4],
  nh6: [c.SEG6_LOCAL_NH6, ipv6],
  iif: [c.SEG6_LOCAL_IIF, u32],
  oif: [c.SEG6_LOCAL_OIF, u32],
  bpf: [c.SEG6_LOCAL_BPF, flagged(nested(program))],
  vrftable: [c.SEG6_LOCAL_VRFTABLE, u32],
  counters: [c.SEG6_LOCAL_COUNTERS, flagged(nested(counters))],
  flavors: [c.SEG6_LOCAL_FLAVORS, flagged(nested(flavorAttributes))],
})

/**
 * What is done with packets of segment routing whose segment is the route's destination: `action` says what, and each action needs some
 * of the others: 'End.X' and 'End.DX6' `nh6`, 'End.DX4' `nh4`, 'End.DX2' `oif`, 'End.T' `table`, 'End.DT4' and 'End.DT46' `vrftable`,
 * 'End.DT6' either, 'End.B6' and 'End.B6.Encaps' `srh`, 'End.BPF' `bpf`. Given, `counters` (of zeros) are counted. linux/seg6_local.h
 */
export interface Seg6LocalEncap extends Omit<Infer<typeof seg6LocalEncap>, 'unknown'> {
  type: 'seg6local'
}
