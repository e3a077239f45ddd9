/** Whose what is there is that a topology would take for its own. */

import type { Operation } from '../netlink/operation.js'
import { type TopologyError, taken } from './error.js'
import { journalNames } from './journal-files.js'
import type { Network } from './network.js'
import { parseValue } from './parse.js'
import { hostIdentity } from './renamed.js'
import { readIfPossible, type Whose } from './setting.js'
import type { Topology } from './value.js'

/** Who would take it: the topology, and its value. */
export interface Taker extends Whose {
  readonly topology: Topology
}

/** Another topology that the journal knows, as it is or is to be. */
export interface Holder {
  readonly name: string
  readonly network: Network
  /** Whether it is to be taken back, or deleted, before it is what its value says. */
  readonly isHalf: boolean
}

/**
 * The error for what is there already, which names the topology that has it, as far as the journal knows one. What is of the process's own
 * namespace (`ofHost`) is of no topology that another namespace has; those with a name are the same for all that share the journal.
 */
export function* takenFrom(
  call: string,
  path: string,
  what: string,
  taker: Taker,
  ofHost: boolean,
  has: (network: Network) => boolean,
): Operation<TopologyError> {
  const holders = yield* holdersBeside(taker, ofHost, journalNames(taker.directory))
  const holder = holders.find(({ network }) => has(network))
  return taken(call, path, what, whose(taker, holder))
}

/** Of some topologies the others; of the process's own namespace alone if they are to have something there. */
export function* holdersBeside(
  { directory, name }: Taker,
  ofHost: boolean,
  names: Operation<string[]>,
): Operation<Holder[]> {
  const others = (yield* names).filter((other) => other !== name)
  const host = ofHost && others.length > 0 ? yield* hostIdentity() : null
  const holders: Holder[] = []
  for (const other of others) {
    const record = yield* readIfPossible('journal', directory, other)
    if (record === null || (host !== null && record.host !== host)) continue
    // Of one that is half-changed, what it was and what it was to be: either may be there.
    for (const value of [record.complete, record.pending]) {
      const network = value === null ? null : networkOf(value)
      if (network !== null)
        holders.push({ name: other, network, isHalf: record.deleting || record.pending !== null })
    }
  }
  return holders
}

/** What is no value (of a version that knew other options) names nobody. */
function networkOf(value: Topology): Network | null {
  try {
    return parseValue(value)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null
    throw error
  }
}

/** The end of a sentence on what somebody has. */
export function whose(taker: Taker, holder: Holder | undefined): string {
  return holder === undefined ? '' : `, of the topology '${holder.name}'${nameAdvice(taker, holder.name)}`
}

/** What is said to a taker besides that whose value has no name: it may be meant to be the holder. */
export function nameAdvice({ topology, name }: Taker, holder: string): string {
  return topology.name === undefined
    ? `; this value has no name, so that its first part names it '${name}': name '${holder}' is for a change of that one`
    : ''
}
