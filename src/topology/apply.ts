import { checkKeys } from '../netlink/check.js'
import { type Operation, unabortable } from '../netlink/operation.js'
import { build } from './build.js'
import type { Step } from './call.js'
import { giveUp, TOPOLOGY_OPTIONS, type TopologyOptions, takeBackMade, withRemains } from './create.js'
import { diff } from './diff.js'
import { codeOf, TopologyError, textOf } from './error.js'
import { checkForeign, Foreign } from './foreign.js'
import { complete, ifPossible, Journal, readRecord } from './journal.js'
import { journalDirectory } from './journal-directory.js'
import { parametersLeftOut } from './left-out.js'
import { unlock } from './lock.js'
import { markAnew } from './nat-marks.js'
import { exclusively } from './nat-names.js'
import type { Network } from './network.js'
import { parseTopology, parseValue } from './parse.js'
import { ownedOf, readFound, stepsTo, TopologyPlan } from './plan.js'
import { checkPortMtus } from './port-mtu.js'
import { wholeRecord } from './recorded.js'
import { deletesLinkOfHost } from './renamed.js'
import { freeRoom, makeRoom } from './room.js'
import { runSteps } from './run.js'
import { takeBack, type Undo } from './take-back.js'
import type { Topology } from './value.js'

/**
 * Makes a network what the value says, with as few changes as that takes, and returns what was done. What was the topology's (as it was
 * made or last applied) and is not in the value any more is deleted, kernel parameters are what they were before it, and settings of links
 * what they are where nothing is said; what never was is left alone. A topology that is not there is made.
 * Somebody else's namespace, interface or entry of `nat` under a name of the value is an error, and so is a route, rule or neighbour of the
 * process's own namespace that is there already. An interface of the topology that somebody gave another name is deleted, and
 * made anew where the value has it.
 *
 * Where a step fails, what was made is taken back and what was deleted is made again, as the value that it had says; what somebody made
 * in its place stays. recoverTopologies() does that for a process that was killed.
 *
 * @throws RangeError, TypeError naming the path in the value, before anything is changed; TopologyError as createTopology(), and ENOENT for a
 * namespace of the topology that is there, but not seen in this mount namespace; the signal's reason after an abort
 * @see ip-link(8), ip-address(8), ip-route(8)
 * @example const { steps } = await applyTopology({ ...lab, namespaces: { ...lab.namespaces, green: {} } })
 */
export function* applyTopology(topology: Topology, options: TopologyOptions = {}): Operation<TopologyPlan> {
  const call = 'applyTopology'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  const network = parseTopology(topology)
  const directory = yield* journalDirectory(call, options)
  return yield* exclusively(call, directory, network, change(call, directory, network, topology))
}

/** What begins with the lock of the topology, and ends without it. */
function* change(
  call: string,
  directory: string,
  network: Network,
  topology: Topology,
): Operation<TopologyPlan> {
  const { name } = network
  let before: Topology | null = null
  let undos: readonly Undo[] = []
  let journal: Journal | null = null
  let steps: Step[] = []
  const made: Undo[] = []
  try {
    const record = yield* wholeRecord(call, directory, name)
    if (record !== null && (record.pending !== null || record.deleting)) {
      const text = 'it was left half-made: recoverTopologies() comes first'
      throw new TopologyError({ call, path: name, code: 'EBUSY', text })
    }
    before = record?.complete ?? null
    undos = record?.undos ?? []
    const owned = yield* ownedOf(call, record)
    const found = yield* readFound(call, network, owned, record, { directory, name })
    yield* checkForeign(call, network, owned, found, { directory, name, topology })
    steps = diff(call, network, owned, found)
    checkPortMtus(network, steps)
    if (steps.length === 0 && JSON.stringify(before) === JSON.stringify(topology)) {
      yield* unlock(directory, name)
      return new TopologyPlan(steps)
    }
    // Going back is written down, too: what is made again is known by the lines that tell it from what it was.
    if (before !== null && steps.length > 0)
      yield* makeRoom(call, directory, name, [...steps, ...build(parseValue(before))])
    journal =
      record === null
        ? yield* Journal.create(call, directory, network, topology)
        : yield* Journal.change(call, directory, network, topology, owned)
    // Another topology that leaves out the same at this moment sees by now that this one does.
    const leftOut = yield* parametersLeftOut(call, undos, network, journal)
    if (leftOut.length !== found.leftOut.length) steps = diff(call, network, owned, { ...found, leftOut })
    yield* runSteps(call, network, steps, journal, made, undos)
    if (before !== null && steps.length > 0) yield* freeRoom(directory, name)
    yield* complete(journal, directory, name, before === null ? null : network)
  } catch (error) {
    const back =
      before === null || journal === null
        ? takeBackMade(call, made, { directory, name })
        : bringBack(call, journal, parseValue(before), made, [...undos, ...made], steps.some(isForGood))
    const left = yield* unabortable(giveUp(directory, name, journal, back, before !== null))
    throw withRemains(call, error, left)
  }
  yield* unabortable(journal.close())
  return new TopologyPlan(steps)
}

/** Whether nothing but a plan brings back what a step deletes. */
function isForGood({ call, undo }: Step): boolean {
  return undo === null && call.call.startsWith('delete')
}

/**
 * Back to the value that a topology had, from wherever a change of it stopped: what the change made or set is taken back, then what it
 * deleted is made again by a plan. What is somebody else's by now (of what all the lines of the record tell, `undos`) stays as it is.
 * Returns what stood in the way. Where the change `deleted` nothing, that is only of what others took away before it.
 */
export function* bringBack(
  call: string,
  journal: Journal,
  before: Network,
  changed: readonly Undo[],
  undos: readonly Undo[],
  deleted: boolean,
): Operation<string[]> {
  const left: string[] = []
  try {
    const record = yield* readRecord(call, journal.directory, journal.name)
    const foreign = yield* Foreign.of(call, undos)
    // Of interfaces of the process's own namespace takeBack() knows which are others, also by now.
    const isOwn = (undo: Undo) => (undo.is !== null && deletesLinkOfHost(undo)) || !foreign.isAt(undo.call)
    left.push(...(yield* takeBack(changed.filter(isOwn).reverse(), journal, record)))
    foreign.forgetWhole(before)
    const steps = yield* stepsTo(call, before, before, record, journal)
    const again = runSteps(call, before, steps, journal, null, record?.undos)
    yield* deleted ? again : ifPossible(again)
    if (left.length === 0) {
      yield* journal.write({ undone: true })
      yield* ifPossible(markAnew(call, journal.directory, journal.name, before))
    }
  } catch (error) {
    if (codeOf(error) === null) throw error
    left.push(textOf(error))
  }
  return left
}
