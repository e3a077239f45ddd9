/** An expectation as callers see it, and how one is read out of an IPCTNL_MSG_EXP_NEW or _DELETE. */

import { type AnyOf, Attributes, malformed, type OneOf } from '../codec/index.js'
import { nfgenmsg } from '../netlink/netfilter.js'
import {
  type directions,
  expectAttributes,
  type expectationFlags,
  expectNatAttributes,
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

let reused: Attributes | undefined
let reusedNat: Attributes | undefined

/** Reads an expectation: `start` is its struct nfgenmsg. Undefined for a family that is not IPv4 or IPv6. */
export function readExpectation(bytes: Uint8Array, start: number, end: number): Expectation | undefined {
  const family = familyNameOf(bytes[start]!)
  if (family === null) return undefined
  reused ??= new Attributes(expectAttributes)
  const found = reused.load(bytes, start + nfgenmsg.size, end)
  const { field } = expectAttributes
  const tuple = readTuple(found, field.tuple)
  const mask = readTuple(found, field.mask)
  const master = readTuple(found, field.master)
  if (tuple === null || mask === null || master === null)
    throw malformed('an expectation without its tuples', start)
  return {
    family,
    tuple,
    mask,
    master,
    timeout: found.get(field.timeout) ?? 0,
    id: found.get(field.id) ?? 0,
    helper: found.get(field.helpName),
    flags: found.get(field.flags) ?? [],
    class: found.get(field.class) ?? 0,
    nat: readNat(found),
    fn: found.get(field.fn),
  }
}

function readNat(found: Attributes): ExpectationNat | null {
  reusedNat ??= new Attributes(expectNatAttributes)
  return found.inside(expectAttributes.field.nat, reusedNat, readInside)
}

function readInside(nat: Attributes): ExpectationNat | null {
  const { dir, tuple } = expectNatAttributes.field
  const found = readTuple(nat, tuple)
  return found && { direction: nat.get(dir) ?? 'original', address: found.src, port: found.sport }
}
