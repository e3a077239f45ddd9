/** An expectation as callers see it, and how one is read out of an IPCTNL_MSG_EXP_NEW or _DELETE. */

import { type AnyOf, decodeAttributes, malformed, type OneOf } from '../codec/index.js'
import { nfgenmsg } from '../netlink/netfilter.js'
import {
  type directions,
  type ExpectAttributes,
  expectAttributes,
  type expectationFlags,
} from './expect-table.js'
import { type ConntrackFamily, type ConntrackTuple, familyNameOf, readTuple } from './tuple.js'

/** 'permanent' expects more than one connection. NF_CT_EXPECT_* of linux/netfilter/nf_conntrack_common.h. */
export type ExpectationFlag = keyof typeof expectationFlags.numbers

/**
 * A connection that a helper expects, because another one has announced it: the data of FTP, the sound of SIP. What it does not have is
 * null. It is accepted where an expectation is given. See conntrack(8), linux/netfilter/nfnetlink_conntrack.h.
 */
export interface Expectation {
  readonly family: ConntrackFamily
  /** The first packet that is expected. */
  readonly tuple: ConntrackTuple
  /** The bits of the tuple that count; of the destination all do. */
  readonly mask: ConntrackTuple
  /** The connection that has announced it: its original direction. */
  readonly master: ConntrackTuple
  /** Seconds. */
  readonly timeout: number
  readonly id: number
  /** The helper of the master. */
  readonly helper: string | null
  readonly flags: AnyOf<ExpectationFlag>
  /** Which of the helper's policies it falls under. */
  readonly class: number
  /** To what the expected connection is translated. */
  readonly nat: ExpectationNat | null
  /** The kernel's function that is called when the connection comes. */
  readonly fn: string | null
}

/** To what an expected connection is translated, and in which direction. */
export interface ExpectationNat {
  readonly direction: OneOf<keyof typeof directions.numbers>
  readonly address: string
  readonly port: number | null
}

/** Reads an expectation: `start` is its struct nfgenmsg. Undefined for a family that is not IPv4 or IPv6. */
export function readExpectation(bytes: Uint8Array, start: number, end: number): Expectation | undefined {
  const family = familyNameOf(bytes[start]!)
  if (family === null) return undefined
  const found = decodeAttributes(expectAttributes, bytes, start + nfgenmsg.size, end)
  const { tuple, mask, master } = found
  if (tuple === undefined || mask === undefined || master === undefined)
    throw malformed('an expectation without its tuples', start)
  return {
    family,
    tuple: readTuple(tuple),
    mask: readTuple(mask),
    master: readTuple(master),
    timeout: found.timeout ?? 0,
    id: found.id ?? 0,
    helper: found.helpName ?? null,
    flags: found.flags ?? [],
    class: found.class ?? 0,
    nat: readNat(found.nat),
    fn: found.fn ?? null,
  }
}

function readNat(nat: ExpectAttributes['nat']): ExpectationNat | null {
  if (nat?.tuple === undefined) return null
  const { src, sport } = readTuple(nat.tuple)
  return { direction: nat.dir ?? 'original', address: src, port: sport }
}
