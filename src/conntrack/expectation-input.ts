/** What callers give for an expectation, the checks on it and the requests made of it. */

import { toBits } from '../codec/choice.js'
import { type AnyOf, guarded, type OneOf } from '../codec/index.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { NFPROTO_IPV6 } from '../netlink/netfilter.js'
import { ipProtocols } from '../netlink/protocols.js'
import type { Advice, Request } from '../netlink/request.js'
import {
  type ConntrackTupleInput,
  checkAddress,
  checkFamily,
  checkPort,
  checkTuple,
  checkZone,
  hasPorts,
  MAX_U32,
} from './check.js'
import {
  delExpectation,
  directions,
  type ExpectAttributes,
  expectationFlags,
  newExpectation,
} from './expect-table.js'
import type { Expectation, ExpectationFlag, ExpectationNat } from './expectation.js'
import { checkHelper, checkTimeout } from './input.js'
import {
  type ConntrackFamily,
  type ConntrackTuple,
  describeTuple,
  protocolFamily,
  tupleBody,
} from './tuple.js'

/** Which expectation. A listed one names itself. */
export interface ExpectationKey {
  family?: ConntrackFamily | undefined
  /** The first packet that is expected. A source port of 0 is one that the mask leaves out. */
  tuple: ConntrackTupleInput
  zone?: number | undefined
  /** To delete: this very expectation. */
  id?: number | undefined
}

/** A new expectation. */
export interface ExpectationInput extends ExpectationKey {
  /** The bits of the source that count; without it all. The destination counts as a whole. */
  mask?: { readonly src?: string | undefined; readonly sport?: number | null | undefined } | undefined
  /** The connection that has announced it: its original direction. It needs a helper. */
  master: ConntrackTupleInput
  /** Seconds; without it what the helper's policy says. */
  timeout?: number | undefined
  /** That of the master, which newer kernels take whatever is said here; older ones refuse one that they lack (EOPNOTSUPP). */
  helper?: string | null | undefined
  flags?: AnyOf<ExpectationFlag> | undefined
  class?: number | undefined
  nat?: ExpectationNat | null | undefined
  fn?: string | null | undefined
}

export const EXPECTATION_KEYS = [
  'family',
  'tuple',
  'mask',
  'master',
  'zone',
  'timeout',
  'id',
  'helper',
  'flags',
  'class',
  'nat',
  'fn',
] as const satisfies readonly (keyof Expectation | keyof ExpectationInput)[]

const MASK_KEYS = ['src', 'dst', 'protocol', 'sport', 'dport', 'icmp', 'zone']
const ALL_OF_IPV4 = '255.255.255.255'
const ALL_OF_IPV6 = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
const ALL_OF_PORT = 0xffff

interface CheckedExpectation {
  readonly family: number
  readonly tuple: ConntrackTuple
}

function checkExpectationKey(key: ExpectationKey): CheckedExpectation {
  const tuple = checkExpected(key.tuple, 'tuple', checkFamily(key.family))
  if (key.zone !== undefined) checkZone(key.zone, 'zone')
  if (key.id !== undefined) checkInteger(key.id, 'id', 0, MAX_U32, 'an id')
  return { family: protocolFamily(tuple.src), tuple }
}

/** A tuple of which a source port of 0 is none in particular. */
function checkExpected(given: ConntrackTupleInput, field: string, family: number): ConntrackTuple {
  if (typeof given !== 'object' || given === null || given.sport !== 0)
    return checkTuple(given, field, family)
  return { ...checkTuple({ ...given, sport: 1 }, field, family), sport: 0 }
}

/** IPCTNL_MSG_EXP_NEW. Throws what is wrong with the input. */
export function newExpectationRequest(input: ExpectationInput, flags: number): Request {
  const { family, tuple } = checkExpectationKey(input)
  const master = checkTuple(input.master, 'master', family)
  const { timeout, helper, class: policy, fn, zone } = input
  if (timeout !== undefined) checkTimeout(timeout)
  if (helper != null) checkHelper(helper)
  if (policy !== undefined) checkInteger(policy, 'class', 0, MAX_U32, 'a class')
  if (input.flags !== undefined) guarded('flags', () => toBits(expectationFlags, input.flags!))
  return {
    message: newExpectation,
    body: {
      header: { family },
      attributes: {
        master: tupleBody(master, family),
        tuple: tupleBody(tuple, family),
        mask: tupleBody(maskOf(input.mask ?? {}, tuple, family), family),
        timeout,
        helpName: helper ?? undefined,
        zone: zone || undefined,
        flags: input.flags,
        class: policy,
        nat: input.nat == null ? undefined : natBody(input.nat, master, family),
        fn: fn ?? undefined,
      },
    },
    flags,
    answer: 'ack',
    subject: `expectation ${describeTuple(tuple)}`,
    advise: ADVICE,
  }
}

const ADVICE: Advice = {
  ENOENT: 'there is no such master',
  EOPNOTSUPP: 'the master has no helper, or the kernel lacks the one that is named',
  EEXIST: 'there is such an expectation already',
}

function maskOf(
  mask: NonNullable<ExpectationInput['mask']>,
  { protocol, icmp }: ConntrackTuple,
  family: number,
): ConntrackTuple {
  checkKeys('mask', mask, MASK_KEYS)
  const all = family === NFPROTO_IPV6 ? ALL_OF_IPV6 : ALL_OF_IPV4
  const ports = hasPorts(ipProtocols.toNumber(protocol))
  const { src = all, sport } = mask
  checkAddress(src, 'mask.src', family)
  if (sport != null) checkInteger(sport, 'mask.sport', 0, ALL_OF_PORT, 'a mask of 16 bits')
  return {
    src,
    dst: all,
    protocol,
    sport: ports ? (sport ?? ALL_OF_PORT) : null,
    dport: ports ? ALL_OF_PORT : null,
    icmp,
    zone: null,
  }
}

/** The kernel keeps the source of this tuple alone, and wants it whole. */
function natBody(
  { direction, address, port }: ExpectationNat,
  { protocol }: ConntrackTuple,
  family: number,
): NonNullable<ExpectAttributes['nat']> {
  const number = ipProtocols.toNumber(protocol)
  checkAddress(address, 'nat.address', family)
  if (port !== null) checkPort(port, 'nat.port', number)
  return {
    dir: guarded('nat.direction', () => directions.toNumber(direction as OneOf<'original' | 'reply'>)),
    tuple: tupleBody({ src: address, dst: address, protocol, sport: port ?? 0, dport: port ?? 0 }, family),
  }
}

/** IPCTNL_MSG_EXP_DELETE of one. Throws what is wrong with the key. */
export function deleteExpectationRequest(key: ExpectationKey): Request {
  const { family, tuple } = checkExpectationKey(key)
  return {
    message: delExpectation,
    body: {
      header: { family },
      attributes: { tuple: tupleBody(tuple, family), id: key.id, zone: key.zone || undefined },
    },
    flags: 0,
    answer: 'ack',
    subject: `expectation ${describeTuple(tuple)}`,
    advise: { ENOENT: 'there is no such expectation' },
  }
}
