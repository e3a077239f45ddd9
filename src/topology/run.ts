/** Runs steps, each written down before it begins. A namespace is made while the steps before it are done. */

import { DecodeError, show } from '../codec/fault.js'
import { NetlinkError, SystemError } from '../netlink/errors.js'
import { type Operation, unabortable } from '../netlink/operation.js'
import type { BegunNetns } from '../netlink/primitives.js'
import { beginNetns, finishNetns } from '../netns/create.js'
import { getSysctl, sysctlPath } from '../netns/sysctl.js'
import { entryOf } from '../rtnetlink/link/finish.js'
import type { Call, CallLink, Step } from './call.js'
import { codeOf, TopologyError, textOf } from './error.js'
import { deviceOf, fansOut, ifThere, readFanOut } from './fan-out.js'
import type { Journal } from './journal.js'
import { HOST, type Network, pathOfEntry } from './network.js'
import { Places, perform, steady } from './perform.js'
import { putBack } from './put-back.js'
import { handedDown, type SetSysctl, type Setting } from './setting.js'
import { GONE, type Undo } from './take-back.js'
import { isSetting, merged } from './undos.js'

/**
 * Runs the steps to a network in their order. `made` gets what takes back those that were done; it is null for steps that bring back what was. `known` takes
 * back what the topology has done before.
 *
 * The kernel takes as long for a namespace as for the interfaces in it, and a thread of the addon's does that: one is begun as soon as the
 * one before it is there.
 */
export function* runSteps(
  call: string,
  network: Network,
  steps: readonly Step[],
  journal: Journal,
  made: Undo[] | null,
  known: readonly Undo[] = [],
): Operation<void> {
  const run = new Run(call, network, steps, journal, made, known)
  try {
    for (const [index, step] of steps.entries()) {
      yield* run.lookAhead(index)
      yield* run.run(index, step)
    }
  } finally {
    yield* unabortable(run.end())
  }
}

type CreateNetns = Step & { readonly call: { readonly call: 'createNetns' } }

class Run {
  readonly #places: Places
  /** The namespaces that have not been begun, and the step from which on each can be. */
  readonly #next: { readonly step: CreateNetns; readonly from: number }[] = []
  #ahead: { readonly step: Step; readonly begun: BegunNetns } | null = null
  /** What puts back the parameters with which the kernel writes others, of those that the topology has set so far. */
  readonly #fanningOut: Setting[]
  /** Each of those once that the topology had set before. */
  #known: Setting[] | null = null
  /** The namespaces and interfaces that these steps have made: 'red', 'red eth0'. */
  readonly #new = new Set<string>()

  constructor(
    readonly call: string,
    readonly network: Network,
    steps: readonly Step[],
    readonly journal: Journal,
    readonly made: Undo[] | null,
    readonly known: readonly Undo[],
  ) {
    this.#fanningOut = known.filter(isSetting).filter(({ call }) => fansOut(call.key))
    this.#places = new Places(steps.map((step) => step.call))
    let from = 0
    const gone = new Map<string, number>()
    for (const [index, step] of steps.entries()) {
      const { call } = step
      // Some parameters are for new namespaces (net.core.devconf_inherit_init_net).
      if (call.call === 'setSysctl' && call.netns === HOST) from = index + 1
      if (call.call === 'deleteNetns') gone.set(call.netns, index + 1)
      if (call.call === 'createNetns')
        this.#next.push({ step: step as CreateNetns, from: Math.max(from, gone.get(call.netns) ?? 0) })
    }
    this.#next.reverse()
  }

  /** Begins the next namespace, if none has been begun, before the step of this index. */
  *lookAhead(index: number): Operation<void> {
    const next = this.#next.at(-1)
    if (this.#ahead !== null || next === undefined || next.from > index) return
    this.#next.pop()
    try {
      yield* this.#begin(next.step)
    } catch (error) {
      throw this.#failed(next.step, error)
    }
  }

  *run(index: number, step: Step): Operation<void> {
    try {
      if (this.#ahead?.step === step) yield* this.#arrive()
      else yield* this.#perform(step)
      this.#places.done(index, step.call)
    } catch (error) {
      throw this.#failed(step, error)
    }
  }

  *#begin(step: CreateNetns): Operation<void> {
    yield* this.journal.write({ step: step.path, undo: step.undo, ahead: true }, step.path)
    try {
      const begun = yield* beginNetns(step.call.netns, step.call.loopback)
      this.#ahead = { step, begun }
    } catch (error) {
      this.journal.noteFailure(true)
      throw error
    }
  }

  *#perform(step: Step): Operation<void> {
    const made = goesByItself(step) ? null : this.made
    const undo = step.call.call === 'setSysctl' ? yield* this.#settingOf(step, step.call) : step.undo
    yield* this.journal.write({ step: step.path, undo }, step.path)
    let is: string | null
    try {
      is = yield* isPutBack(step.call) ? this.#putBack(step.call) : performed(step.call, this.#places)
    } catch (error) {
      if (!mayBeDone(step.call, error)) this.journal.noteFailure(false)
      else if (undo !== null) made?.push({ call: undo, is: null })
      throw error
    }
    for (const one of newOf(step.call)) this.#new.add(one)
    try {
      if (undo?.call === 'setSysctl') {
        is = yield* told(undo, this.#places)
        if (fansOut(undo.key)) this.#fanningOut.push({ call: undo, is })
      }
    } finally {
      // It is done, also where an abort comes before it is asked what the kernel made of it.
      this.#note(undo, is, false, made)
    }
  }

  /** What puts a parameter back; null for one that goes with its namespace, and that cannot be read, or written again. */
  *#settingOf(step: Step, change: SetSysctl): Operation<SetSysctl | null> {
    const { netns, key } = change
    const dev = deviceOf(key)
    const isNew = this.#new.has(netns) || (dev !== undefined && this.#new.has(`${netns} ${dev}`))
    try {
      const back = yield* undoOf(change, this.#places, isNew)
      if (this.made !== null) yield* checkUndo(this.call, step.path, back, this.#places)
      return isPutBack(change) ? back : yield* handedDown(back, this.#fanningOut, this.journal)
    } catch (error) {
      if (!goesByItself(step) || codeOf(error) === null) throw error
      return null
    }
  }

  /** By what is known of it, as what is written with it may have been put back since that was planned. Somebody may have set it, too. */
  *#putBack(call: SetSysctl): Operation<null> {
    this.#known ??= merged(this.known).filter(isSetting)
    const isOf = (one: SetSysctl) => one.netns === call.netns && one.key === call.key
    const setting = this.#known.find((one) => isOf(one.call))!
    yield* steady(putBack(setting, yield* this.#places.find(call.netns), this.journal))
    return null
  }

  /** The namespace that was begun. */
  *#arrive(): Operation<void> {
    const { step, begun } = this.#ahead!
    this.#ahead = null
    try {
      const is = yield* this.#places.add(begun.name, yield* finishNetns(begun))
      this.#new.add(begun.name)
      this.#note(step.undo, is, true, this.made)
    } catch (error) {
      this.journal.noteFailure(true)
      throw error
    }
  }

  #note(undo: Call | null, is: string | null, ahead: boolean, made: Undo[] | null): void {
    if (undo !== null) made?.push({ call: undo, is })
    if (is !== null) this.journal.note(is, ahead)
  }

  /** A link is made with its addresses and routes: one of them may be what failed. */
  #failed(step: Step, error: unknown): unknown {
    const code = codeOf(error)
    if (code === null || error instanceof TopologyError) return error
    const path = pathOfEntry(this.network, entryOf(error)) ?? step.path
    return new TopologyError({ call: this.call, path, code, text: textOf(error), cause: error })
  }

  /** After a step that failed there may be one that was begun: it is to be taken back as well, or has failed, too. */
  *end(): Operation<void> {
    try {
      if (this.#ahead !== null) yield* this.#arrive()
    } catch (error) {
      if (codeOf(error) === null) throw error
    } finally {
      this.#places.closeAll()
    }
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

/** Whether it is one of parametersLeftOut(). */
function isPutBack(call: Call): call is SetSysctl {
  return call.call === 'setSysctl' && call.written !== undefined
}

/** The namespace or the interfaces that a call makes, as Run has them. */
function newOf(call: Call): string[] {
  const nameOf = ({ netns, name }: CallLink) => `${netns} ${name}`
  switch (call.call) {
    case 'createNetns':
      return [call.netns]
    case 'createVethPair':
      return [nameOf(call.near), nameOf(call.far)]
    case 'createLink':
      return [nameOf(call.link)]
    default:
      return []
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

/** A kernel parameter gets back what it is now, whatever it was when the steps were planned, and so do those that the kernel writes with it. */
function* undoOf(change: SetSysctl, places: Places, isNew: boolean): Operation<SetSysctl> {
  const { call, netns: name, key, value: written } = change
  const netns = yield* places.find(name)
  const also = yield* readFanOut(key, netns)
  const value = yield* getSysctl(key, { netns })
  const undo: SetSysctl = { call, netns: name, key, value, written }
  return Object.assign(undo, Object.keys(also).length > 0 && { also }, isNew && { anew: true })
}

/** A parameter of a namespace or an interface that is new, which goes with that. */
function goesByItself({ call, undo }: Step): boolean {
  return call.call === 'setSysctl' && call.netns !== HOST && undo === null
}

/** What a parameter is, in the kernel's words, after it has been set: 0x10 is 16, and milliseconds may be rounded. */
function* told({ key, netns }: SetSysctl, places: Places): Operation<string | null> {
  return (yield* ifThere(getSysctl(key, { netns: yield* places.find(netns) }))) ?? null
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
