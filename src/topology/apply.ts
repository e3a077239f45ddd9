import { checkKeys } from '../netlink/check.js'
import type { Operation } from '../netlink/operation.js'
import { build } from './build.js'
import type { Call, Step } from './call.js'
import { runSteps, TOPOLOGY_OPTIONS, type TopologyOptions, withRemains } from './create.js'
import { codeOf, TopologyError, textOf } from './error.js'
import {
  complete,
  freeRoom,
  ifPossible,
  Journal,
  journalDirectory,
  makeRoom,
  readRecord,
  removeRecord,
} from './journal.js'
import { lock, unlock } from './lock.js'
import { parseTopology } from './parse.js'
import { ownedOf, stepsTo, TopologyPlan } from './plan.js'
import { takeBack, type Undo } from './take-back.js'
import type { Topology } from './value.js'

/**
 * Makes a network what the value says, with as few changes as that takes, and returns what was done. What was the topology's (as it was
 * made or last applied) and is not in the value any more is deleted; what never was is left alone. A topology that is not there is made.
 *
 * Where a step fails, the network is brought back to the value that it had; recoverTopologies() does that for a process that was killed.
 *
 * @throws RangeError, TypeError naming the path in the value, before anything is changed; TopologyError as createTopology(); the signal's
 * reason after an abort
 * @see ip-link(8), ip-address(8), ip-route(8)
 * @example const { steps } = await applyTopology({ ...lab, namespaces: { ...lab.namespaces, green: {} } })
 */
export function* applyTopology(topology: Topology, options: TopologyOptions = {}): Operation<TopologyPlan> {
  const call = 'applyTopology'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  const network = parseTopology(topology)
  const { name } = network
  const directory = yield* journalDirectory(call, options)
  yield* lock(call, directory, name)
  let before: Topology | null = null
  let journal: Journal | null = null
  let steps: Step[] = []
  const made: Undo[] = []
  try {
    const record = yield* readRecord(directory, name)
    if (record !== null && (record.pending !== null || record.deleting)) {
      const text = 'it was left half-made: recoverTopologies() comes first'
      throw new TopologyError({ call, path: name, code: 'EBUSY', text })
    }
    before = record?.complete ?? null
    steps = yield* stepsTo(network, ownedOf(record))
    // Going back is written down, too: what is made again is known by the lines that tell it from what it was.
    if (before !== null && steps.length > 0)
      yield* makeRoom(call, directory, name, [...steps, ...build(parseTopology(before))])
    journal =
      record === null
        ? yield* Journal.create(call, directory, name, topology)
        : yield* Journal.change(call, directory, name, topology)
    yield* runSteps(call, steps, journal, made)
    if (before !== null && steps.length > 0) yield* freeRoom(directory, name)
    yield* complete(journal, directory, name)
  } catch (error) {
    let left: string[] = []
    yield* ifPossible(freeRoom(directory, name))
    if (journal !== null) {
      yield* journal.settle()
      left =
        before === null
          ? yield* takeBack(made.reverse())
          : yield* bringBack(call, journal, before, topology, made)
      yield* journal.close()
      if (before === null && left.length === 0) yield* ifPossible(removeRecord(directory, name))
    }
    yield* ifPossible(unlock(directory, name))
    throw withRemains(call, error, left)
  }
  yield* journal.close()
  return new TopologyPlan(steps)
}

const SETTINGS: readonly Call['call'][] = ['setLink', 'setSysctl', 'deleteLink']

/** Back to the value that a topology had, from wherever a change of it stopped. Returns what stood in the way. */
export function* bringBack(
  call: string,
  journal: Journal,
  before: Topology,
  attempted: Topology,
  changed: readonly Undo[],
): Operation<string[]> {
  try {
    // What the value that it had says nothing of: an MTU that only the new one names, an option of a link that was made anew.
    yield* takeBack([...changed].reverse().filter(({ call: { call } }) => SETTINGS.includes(call)))
    yield* runSteps(call, yield* stepsTo(parseTopology(before), parseTopology(attempted)), journal, null)
    yield* journal.write({ undone: true })
    return []
  } catch (error) {
    if (codeOf(error) === null) throw error
    return [textOf(error)]
  }
}
