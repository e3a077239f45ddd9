import { DecodeError, show } from '../codec/fault.js'
import type { NatEntry } from '../nat/list-nat.js'
import type { CallOptions } from '../netlink/call.js'
import { checkKeys } from '../netlink/check.js'
import { NetlinkError, SystemError } from '../netlink/errors.js'
import { Aborted, type Operation, unabortable, withChannel } from '../netlink/operation.js'
import { getSysctl, sysctlPath } from '../netns/sysctl.js'
import { netnsNames } from '../rtnetlink/nsid/names.js'
import { build } from './build.js'
import type { Call, Step } from './call.js'
import { codeOf, TopologyError, taken, textOf } from './error.js'
import { readFanOut } from './fan-out.js'
import { complete, ifPossible, Journal, removeRecord } from './journal.js'
import { type JournalOptions, journalDirectory } from './journal-directory.js'
import { lock, unlock } from './lock.js'
import { readNat } from './nat.js'
import { HOST } from './network.js'
import { parseTopology } from './parse.js'
import { Places, perform, steady } from './perform.js'
import { freeRoom } from './room.js'
import { GONE, takeBack, type Undo } from './take-back.js'
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
 * this name; the signal's reason after an abort
 * @see ip-netns(8), ip-link(8), rtnetlink(7)
 * @example await createTopology({ namespaces: { red: {}, blue: {} }, bridges: { br0: { ports: ['red:eth0', 'blue:eth0'] } } })
 */
export function* createTopology(topology: Topology, options: TopologyOptions = {}): Operation<void> {
  const call = 'createTopology'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  const network = parseTopology(topology)
  const steps = build(network)
  const directory = yield* journalDirectory(call, options)
  const { name } = network
  yield* lock(call, directory, name)
  let journal: Journal | null = null
  const made: Undo[] = []
  try {
    yield* checkFree(call, steps)
    journal = yield* Journal.create(call, directory, name, topology)
    yield* runSteps(call, steps, journal, made)
    yield* complete(journal, directory, name, false)
  } catch (error) {
    const left = yield* unabortable(giveUp(directory, name, journal, takeBack(made.toReversed()), false))
    throw withRemains(call, error, left)
  }
  yield* unabortable(journal.close())
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

/**
 * Runs steps, each written down before it begins. `made` gets what takes back those that were done; it is null for steps that bring back
 * what was.
 */
export function* runSteps(
  call: string,
  steps: readonly Step[],
  journal: Journal,
  made: Undo[] | null,
): Operation<void> {
  const places = new Places(steps.map((step) => step.call))
  try {
    for (const [index, step] of steps.entries()) {
      try {
        const undo = yield* undoOf(step, places)
        if (made !== null) yield* checkUndo(call, step.path, undo, places)
        yield* journal.write({ step: step.path, undo }, step.path)
        try {
          const is = yield* performed(step.call, places)
          if (undo !== null) made?.push({ call: undo, is })
          if (is !== null) journal.note(is)
        } catch (error) {
          if (!mayBeDone(step.call, error)) journal.noteFailure()
          else if (undo !== null) made?.push({ call: undo, is: null })
          throw error
        }
        places.done(index, step.call)
      } catch (error) {
        throw failed(call, step, error)
      }
    }
  } finally {
    places.closeAll()
  }
}

/** What is to be deleted and has gone meanwhile is no error. */
function* performed(call: Call, places: Places): Operation<string | null> {
  try {
    return yield* steady(perform(call, places))
  } catch (error) {
    if (call.call.startsWith('delete') && GONE.includes(codeOf(error) ?? '')) return null
    throw error
  }
}

/**
 * Whether a step that failed may have done something: of the options of a link some may be set where the kernel refuses another, a port may
 * be published whose old connections could not be ended (what nf_tables refuses, it refuses whole), and where its answer was lost (ENOBUFS)
 * or could not be read, the kernel may have carried out the request.
 */
function mayBeDone({ call }: Call, error: unknown): boolean {
  if (call === 'setLink' || error instanceof DecodeError) return true
  if (codeOf(error) === 'ENOBUFS') return true
  if (call === 'addNat') return !(error instanceof NetlinkError && error.operation.startsWith('NFT_MSG_'))
  return error instanceof SystemError && error.syscall === 'netlink'
}

/**
 * A kernel parameter gets back what it is now, whatever it was when the steps were planned, and so do those that the kernel writes with it.
 * One of a new namespace goes with that.
 */
function* undoOf({ call: change, undo }: Step, places: Places): Operation<Call | null> {
  if (change.call !== 'setSysctl' || (change.netns !== HOST && undo === null)) return undo
  const netns = yield* places.find(change.netns)
  const also = yield* readFanOut(change.key, netns)
  const value = yield* getSysctl(change.key, { netns })
  return { ...change, value, ...(Object.keys(also).length === 0 ? {} : { also }) }
}

/** The parameter of a namespace that holds ids (ping_group_range() of net/ipv4/sysctl_net_ipv4.c). */
const IDS = sysctlPath('net.ipv4.ping_group_range')

/**
 * Throws for a parameter that could not be put back: ids that a user namespace does not map are told as another one, which the kernel does
 * not take. That shows when it is written what it is. Of other parameters that would be a change, as the kernel copies
 * net.ipv6.conf.all.forwarding to every interface whenever it is written.
 */
function* checkUndo(call: string, path: string, undo: Call | null, places: Places): Operation<void> {
  if (undo?.call !== 'setSysctl' || sysctlPath(undo.key) !== IDS) return
  try {
    yield* perform(undo, places)
  } catch (error) {
    const code = codeOf(error)
    if (code === null) throw error
    const now = `it is ${show(undo.value)} now, which could not be put back`
    const text = `${now} (${textOf(error)}); setSysctl() changes it for good`
    throw new TopologyError({ call, path, code, text, cause: error })
  }
}

function failed(call: string, { path }: Step, error: unknown): unknown {
  const code = codeOf(error)
  if (code === null || error instanceof TopologyError) return error
  return new TopologyError({ call, path, code, text: textOf(error), cause: error })
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

/** Throws for a namespace, or an interface of the process's own, that is there already: it would be taken for the topology's. */
function* checkFree(call: string, steps: readonly Step[]): Operation<void> {
  yield* withChannel(undefined, function* (channel) {
    const names = new Set(yield* netnsNames())
    let nat: NatEntry[] | null = null
    for (const { path, undo } of steps) {
      if (undo?.call === 'deleteNetns' && names.has(undo.netns))
        throw taken(call, path, `a namespace '${undo.netns}'`)
      if (undo?.call === 'deleteNat') {
        const { verb, name: label } = undo.nat
        nat ??= yield* readNat(undefined)
        if (nat.some((one) => one.verb === verb && one.name === label))
          throw taken(call, path, `a ${verb}() of the name '${label}'`)
      }
      if (undo?.call === 'deleteLink' && channel.ifindex(undo.dev) > 0)
        throw taken(call, path, `an interface '${undo.dev}'`)
    }
  })
}
