import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import { Aborted, type Operation, unabortable, withChannel } from '../netlink/operation.js'
import { netnsNames } from '../rtnetlink/nsid/names.js'
import { build } from './build.js'
import type { Step } from './call.js'
import { TopologyError, textOf } from './error.js'
import { foreignNat } from './foreign-nat.js'
import { type Taker, takenFrom } from './holder.js'
import { complete, ifPossible, Journal, removeRecord } from './journal.js'
import { type JournalOptions, journalDirectory } from './journal-directory.js'
import { unlock } from './lock.js'
import { natEntries } from './nat.js'
import { exclusively } from './nat-names.js'
import { HOST, type Network } from './network.js'
import { parseTopology } from './parse.js'
import { checkPortMtus } from './port-mtu.js'
import { freeRoom } from './room.js'
import { runSteps } from './run.js'
import { readIfPossible, type Whose } from './setting.js'
import { takeBack, type Undo } from './take-back.js'
import type { Topology } from './value.js'

/** Where the journal is, and what stops the waiting. */
export interface TopologyOptions extends Pick<CallOptions, 'signal'>, JournalOptions {}

export const TOPOLOGY_OPTIONS = ['journal', 'signal'] as const

/**
 * Makes a whole network, or nothing: whatever fails, an abort too, everything that was made is taken back in reverse order before the
 * promise settles. A journal outlives the process, so that recoverTopologies() can take back what a process left that was killed.
 *
 * @throws RangeError, TypeError naming the path in the value, before anything is made; TopologyError naming the part whose step failed, with
 * the error of the kernel as its cause: EEXIST where something of it is there already, EBUSY where another process makes a topology of
 * this name, or with a name of its `nat`; the signal's reason after an abort
 * @see ip-netns(8), ip-link(8), rtnetlink(7)
 * @example await createTopology({ namespaces: { red: {}, blue: {} }, bridges: { br0: { ports: ['red:eth0', 'blue:eth0'] } } })
 */
export function* createTopology(topology: Topology, options: TopologyOptions = {}): Operation<void> {
  const call = 'createTopology'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  const network = parseTopology(topology)
  const steps = build(network)
  checkPortMtus(network, steps)
  const directory = yield* journalDirectory(call, options)
  yield* exclusively(call, directory, network, make(call, directory, network, topology, steps))
}

/** What begins with the lock of the topology, and ends without it. */
function* make(
  call: string,
  directory: string,
  network: Network,
  topology: Topology,
  steps: readonly Step[],
): Operation<void> {
  const { name } = network
  let journal: Journal | null = null
  const made: Undo[] = []
  try {
    yield* checkFree(call, network, steps, { directory, name, topology })
    journal = yield* Journal.create(call, directory, network, topology)
    yield* runSteps(call, network, steps, journal, made)
    yield* complete(journal, directory, name, null)
  } catch (error) {
    const back = takeBackMade(call, made, { directory, name })
    const left = yield* unabortable(giveUp(directory, name, journal, back, false))
    throw withRemains(call, error, left)
  }
  yield* unabortable(journal.close())
}

/** What was made for the first time, also where somebody gave it another name meanwhile: the record is there still, or there is none. */
export function* takeBackMade(call: string, made: readonly Undo[], whose: Whose): Operation<string[]> {
  const record = yield* readIfPossible(call, whose.directory, whose.name)
  return yield* takeBack(made.toReversed(), whose, record)
}

/** Goes `back`, where there is a journal, and lets the topology go, whose record stays if it is `kept`. Returns what could not be taken back. */
export function* giveUp(
  directory: string,
  name: string,
  journal: Journal | null,
  back: Operation<string[]>,
  kept: boolean,
): Operation<string[]> {
  let left: string[] = []
  yield* ifPossible(freeRoom(directory, name))
  if (journal !== null) {
    yield* journal.settle()
    left = yield* remains(back)
    yield* ifPossible(journal.close())
    if (!kept && left.length === 0) yield* ifPossible(removeRecord(directory, name))
  }
  yield* ifPossible(unlock(directory, name))
  return left
}

/** Going back after an error, which tells more than another one on the way: that is what stood in it. */
function* remains(back: Operation<string[]>): Operation<string[]> {
  try {
    return yield* back
  } catch (error) {
    return [textOf(error)]
  }
}

/** What was thrown, with what could not be taken back. */
export function withRemains(call: string, error: unknown, left: readonly string[]): unknown {
  if (left.length === 0) return error
  const { path, code, cause } =
    error instanceof TopologyError
      ? error
      : { path: call, code: null, cause: error instanceof Aborted ? error.reason : error }
  return new TopologyError({ call, path, code, text: textOf(cause ?? error), left, cause })
}

/** Throws for what is somebody's already, of namespaces and of the process's own: it would be taken for the topology's. */
function* checkFree(call: string, network: Network, steps: readonly Step[], taker: Taker): Operation<void> {
  yield* withChannel(undefined, function* (channel) {
    const names = new Set(yield* netnsNames())
    for (const { path, undo } of steps) {
      if (undo?.call === 'deleteNetns' && names.has(undo.netns))
        throw yield* takenFrom(call, path, `a namespace '${undo.netns}'`, taker, false, ({ places }) =>
          places.has(undo.netns),
        )
      if (undo?.call === 'deleteLink' && undo.netns === HOST && channel.ifindex(undo.dev) > 0)
        throw yield* takenFrom(call, path, `an interface '${undo.dev}'`, taker, true, ({ places }) =>
          places.get(HOST)!.links.has(undo.dev),
        )
    }
  })
  const host = network.places.get(HOST)!
  if (host.nat.length === 0) return
  const error = yield* foreignNat(call, host, undefined, yield* natEntries(undefined), taker)
  if (error !== null) throw error
}
