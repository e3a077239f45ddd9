import { checkKeys } from '../netlink/check.js'
import type { Operation } from '../netlink/operation.js'
import type { Step } from './call.js'
import { TOPOLOGY_OPTIONS, type TopologyOptions } from './create.js'
import { diff, type Found } from './diff.js'
import { explainSteps } from './explain.js'
import { Foreign } from './foreign.js'
import { foreignNat } from './foreign-nat.js'
import type { JournalRecord } from './journal.js'
import { journalPath } from './journal-directory.js'
import { parametersLeftOut } from './left-out.js'
import { withLeftOut } from './left-out-settings.js'
import { loweringSteps } from './lowering.js'
import { HOST, type Network } from './network.js'
import { parseTopology, parseValue } from './parse.js'
import { checkPortMtus } from './port-mtu.js'
import { project } from './project.js'
import { readRaw } from './raw.js'
import { recordedNetwork, wholeRecord } from './recorded.js'
import { renamedLinks } from './renamed.js'
import { setElsewhere, type Whose } from './setting.js'
import type { Topology } from './value.js'
import { writeTopology } from './write.js'

/** What applyTopology() would do. */
export class TopologyPlan {
  /** In their order; each is plain data, with its place in the value. Empty where nothing is to be done. */
  readonly steps: readonly Step[]

  /** @internal */
  constructor(steps: readonly Step[]) {
    this.steps = steps
  }

  /** The same as the commands that a person would type: `ip link add veth-red-eth0 type veth peer name eth0 netns red`. */
  explain(): string[] {
    return explainSteps(this.steps)
  }
}

/**
 * What would have to be done so that the network is what the value says. Nothing is changed. The plan of a topology that is there, and is
 * as its value says, is empty; masquerading and published ports whose rules somebody flushed are not there. What is there and is not the
 * topology's is planned for as if it were, and applyTopology() refuses it; where another interface has a name of the topology, or another
 * topology one of its `nat`, this does too. An interface of the topology that somebody gave another name is deleted, and made anew where the
 * value has it.
 *
 * @throws RangeError, TypeError naming the path in the value; TopologyError EEXIST for another interface of that name and for an entry of
 * `nat` that another topology has, ENOENT for a namespace of the topology that is there, but not seen in this mount namespace
 * @see ip-link(8), ip-address(8), ip-route(8)
 * @example console.log((await planTopology(star(2))).explain().join('\n'))
 */
export function* planTopology(topology: Topology, options: TopologyOptions = {}): Operation<TopologyPlan> {
  const call = 'planTopology'
  checkKeys(call, options, TOPOLOGY_OPTIONS)
  const network = parseTopology(topology)
  const { name } = network
  const directory = yield* journalPath(call, options)
  const record = yield* wholeRecord(call, directory, name)
  const owned = yield* ownedOf(call, record)
  const found = yield* readFound(call, network, owned, record, { directory, name })
  const [host, own] = [network, owned].map((one) => one?.places.get(HOST))
  const error = yield* foreignNat(call, host!, own, found.nat, { directory, name, topology }, true)
  if (error !== null) throw error
  const steps = diff(call, network, owned, found)
  checkPortMtus(network, steps)
  return new TopologyPlan(steps)
}

/** What the journal knows to be the topology's: as it is there, and as it was to become. */
export function* ownedOf(call: string, record: JournalRecord | null): Operation<Network | null> {
  const owned = record?.complete ?? record?.pending ?? null
  if (record === null || owned === null) return null
  const network = recordedNetwork(record, owned)
  const foreign = yield* Foreign.of(call, record.undos)
  foreign.forgetIn(network)
  return network
}

/** The steps from what there is to a network. */
export function* stepsTo(
  call: string,
  wanted: Network,
  owned: Network | null,
  record: JournalRecord | null,
  whose: Whose,
): Operation<Step[]> {
  return diff(call, wanted, owned, yield* readFound(call, wanted, owned, record, whose))
}

/** What there is of a network that is wanted, and of one that was, whose record is `record`. */
export function* readFound(
  call: string,
  wanted: Network,
  owned: Network | null,
  record: JournalRecord | null,
  whose: Whose,
): Operation<Found> {
  const raw = yield* readRaw(owned === null ? [wanted] : [wanted, owned])
  const { nat, links } = raw.places.get(HOST)!
  const before = owned === null ? null : project(raw, owned)
  const whole = withLeftOut(raw, wanted, owned, before)
  return {
    wanted: project(raw, whole, before),
    whole,
    owned: before,
    nat,
    renamed: record === null ? [] : yield* renamedLinks(record, record.undos.toReversed(), links),
    lowering: loweringSteps(raw, whole),
    leftOut: record === null ? [] : yield* parametersLeftOut(call, record.undos, wanted, whose),
    setElsewhere: yield* setElsewhere(wanted, record?.undos ?? [], whose),
    files: raw.files,
  }
}

/**
 * The kernel's state as a value. Of a topology: its namespaces and what it has of the process's own, with the fields that it gives; what
 * is missing is left out, and what somebody has added in its namespaces is there too. Equal to the topology written in the same way where
 * all is as it says. Without one: all namespaces with a name and the process's own, with what tells their interfaces apart, but without
 * what the kernel makes itself.
 *
 * @throws RangeError, TypeError naming the path in the value; DumpInterruptedError
 * @see rtnetlink(7)
 * @example const now = await readTopology(await readTopology())
 */
export function* readTopology(
  topology?: Topology,
  options: Pick<TopologyOptions, 'signal'> = {},
): Operation<Topology> {
  checkKeys('readTopology', options, ['signal'])
  const like = topology === undefined ? null : parseValue(topology)
  return writeTopology(project(yield* readRaw(like === null ? [] : [like]), like))
}

/**
 * A topology in one form, in which it can be compared with what readTopology() tells: addresses as the kernel writes them, nothing that
 * goes without saying.
 *
 * @throws RangeError, TypeError naming the path in the value
 * @see ip-address(8), ip-route(8), whose spelling it is
 * @example expect(await readTopology(lab)).toEqual(normalizeTopology(lab))
 */
export function normalizeTopology(topology: Topology): Topology {
  return writeTopology(parseValue(topology))
}
