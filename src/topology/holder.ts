/** Whose a namespace or an interface is that a topology would take for its own. */

import type { Operation } from '../netlink/operation.js'
import { type TopologyError, taken } from './error.js'
import { journalNames } from './journal.js'
import type { Network } from './network.js'
import { parseValue } from './parse.js'
import { hostIdentity } from './renamed.js'
import { readIfPossible, type Whose } from './setting.js'
import type { Topology } from './value.js'

/** Who would take it: the topology, and its value. */
export interface Taker extends Whose {
  readonly topology: Topology
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
  const { directory, name, topology } = taker
  const host = ofHost ? yield* hostIdentity() : null
  for (const other of yield* journalNames(directory)) {
    const record = other === name ? null : yield* readIfPossible(directory, other)
    const value = record?.complete ?? record?.pending ?? null
    if (value === null || (host !== null && record?.host !== host) || !holds(value, has)) continue
    const derived = `; this value has no name, so that its first part names it '${name}': name '${other}' is for a change of that one`
    return taken(
      call,
      path,
      what,
      `, of the topology '${other}'${topology.name === undefined ? derived : ''}`,
    )
  }
  return taken(call, path, what)
}

/** What is no value (of a version that knew other options) names nobody. */
function holds(value: Topology, has: (network: Network) => boolean): boolean {
  let network: Network
  try {
    network = parseValue(value)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return false
    throw error
  }
  return has(network)
}
