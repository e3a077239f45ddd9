/**
 * Transactions on the own table, planned by what is there: a refused one costs the kernel milliseconds, a question microseconds. What makes
 * new things again and again is planned by what the last change left behind.
 */

import { NetlinkError } from '../netlink/errors.js'
import { type Channel, exchange, inTurn, type NetnsLike, type Operation } from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { generationRequest, nextGeneration } from '../nftables/generation.js'
import { lostAnswers, sendTransaction, withRuleset } from '../nftables/large.js'
import type { Transaction } from '../nftables/recorder.js'
import { transactionRequest } from '../nftables/transaction.js'

type Record = (tx: Transaction) => void

/** Of many programs that change the ruleset at once one gets its way each time. */
const MAX_ATTEMPTS = 100

/**
 * Makes a change that can be made twice, as it is where the answer was lost. `pardoned`: the codes of errors that are none, since what was to
 * be is so already.
 */
export function* change(
  netns: NetnsLike | undefined,
  record: Record,
  pardoned: readonly string[] = [],
): Operation<void> {
  yield* withRuleset(netns, (channel) => inTurn(channel, changeNow(channel, record, pardoned)))
}

function* changeNow(channel: Channel, record: Record, pardoned: readonly string[]): Operation<void> {
  // The kernel raises the generation only where something is changed indeed, so that which one follows is not known.
  left.delete(channel)
  for (let tried = 1; ; tried++) {
    const { error, lost } = yield* commit(channel, record, undefined, [])
    if (error !== null && !pardoned.includes(error.code)) throw error
    if (!lost) return
    if (tried === MAX_ATTEMPTS) throw lostAlways()
  }
}

/** `lost`: what became of it is not known. */
interface Committed<T> {
  readonly error: NetlinkError | null
  readonly lost: boolean
  readonly answer: T | null
}

function* commit<T>(
  channel: Channel,
  record: Record,
  generation: number | undefined,
  then: readonly Request<T>[],
): Operation<Committed<T>> {
  const batch = yield* transactionRequest(channel, record, generation)
  const [{ error, lost: isLost }, next] = yield* sendTransaction(channel, batch, then)
  const lost = isLost === true && error === null
  if (error !== null && !(error instanceof NetlinkError)) throw error
  if (error === null && !lost && next?.error) throw next.error
  return { error, lost, answer: next?.values[0] ?? null }
}

function lostAlways(): NetlinkError {
  return lostAnswers(`, ${MAX_ATTEMPTS} times`)
}

/** Sends questions together; null for what is not there (the questions have `mayBeAbsent`). */
export function* ask<Q>(channel: Channel, questions: readonly Request<Q>[]): Operation<(Q | null)[]> {
  const outcomes = (yield* exchange(channel, questions)) as readonly Outcome<Q>[]
  return outcomes.map(({ error, values }) => {
    if (error !== null) throw error
    return values[0] ?? null
  })
}

/** What is to be changed, null for nothing, in the state of the ruleset that was looked at. */
export interface Plan {
  readonly generation: number
  readonly record: Record | null
  /** Of what is to be made nothing is there. */
  readonly isNew: boolean
  /** Nothing was asked: that it is new is a guess. */
  readonly isGuess: boolean
  /** Of the rules that published ports share, once the change is made; null where that is not known. */
  readonly layout: KnownLayout | null
}

/** The rules that published ports share are all there. */
export interface KnownLayout {
  /** Connections may go where no table says any more. */
  readonly unsure: boolean
}

/**
 * What a change of the own table on this channel left behind: the layout, where that is known. It holds for as long as the ruleset has that
 * generation. (The generation says nothing of elements whose time is up or that packets add, nor of another program's tables that go with
 * their owner: the own table has none of these.)
 */
export interface Left {
  readonly generation: number
  readonly layout: KnownLayout | null
}

/** What is known goes with the socket. */
const left = new WeakMap<Channel, Left>()
const trust = new WeakMap<Channel, Map<string, Trust>>()

/** Whether what a verb is called for next is likely to be new. */
interface Trust {
  /** So often in a row it was. */
  streak: number
  /** So often it has to be, before nothing is asked. */
  needed: number
}

/**
 * A refusal costs as much as some sixty calls save that ask nothing (15 ms). Who makes one new thing after another, makes many: eight say so.
 * Who meets what is there once in so many calls loses by four or five refusals, and asks nearly always then.
 */
const FIRST_STREAK = 8
const LONGER = 4
/** A refusal costs each call of such a row a sixteenth of what it saves. */
const LONGEST_STREAK = 1024

/** The layout in a state of the ruleset, where that is the one that a change of this program left behind. */
export function layoutIn(channel: Channel, generation: number): KnownLayout | null {
  const last = left.get(channel)
  return last?.generation === generation ? last.layout : null
}

/** Plans a change. With `left` nothing is asked: that is what is there, and nothing of what is to be made. */
export type Look<P extends Plan> = (channel: Channel, left: Left | null) => Operation<P>

/** The state of the ruleset, with questions about it: what changes between them shows when the plan is carried out. */
export function* askWithGeneration<Q>(
  channel: Channel,
  questions: readonly Request<Q>[],
): Operation<{ generation: number; answers: (Q | null)[] }> {
  const [generation, ...answers] = yield* ask<number | Q>(channel, [generationRequest, ...questions])
  return { generation: generation as number, answers: answers as (Q | null)[] }
}

/**
 * Brings the table where `look` wants it. Where another program changes the ruleset meanwhile, and where the answer is lost, it is asked
 * again. `then`, one request or none, follows the transaction without waiting for its answer; its own answer is null where nothing was to
 * be changed.
 *
 * A `verb` that has made new things several times in a row does so without a question where the last change of the ruleset was one of the
 * own table on this channel: the kernel compares the generation, and refuses to make what is there. That costs it milliseconds, so that after
 * each such refusal the row has to be longer.
 */
export function* settle<P extends Plan, T = never>(
  channel: Channel,
  look: Look<P>,
  verb: string | null,
  then: readonly Request<T>[] = [],
): Operation<Settled<P, T>> {
  return yield* inTurn(channel, settleNow(channel, look, verb, then))
}

interface Settled<P, T> {
  readonly plan: P
  readonly answer: T | null
}

function* settleNow<P extends Plan, T>(
  channel: Channel,
  look: Look<P>,
  verb: string | null,
  then: readonly Request<T>[],
): Operation<Settled<P, T>> {
  const trusted = verb === null ? null : trustIn(channel, verb)
  let guess = trusted !== null && trusted.streak >= trusted.needed ? takeLeft(channel) : null
  for (let tried = 1; ; tried++) {
    const plan = yield* look(channel, guess)
    const { generation, record, isNew, isGuess, layout } = plan
    const { error, lost, answer } =
      record === null ? NOTHING_DONE : yield* commit(channel, record, generation, then)
    if (error === null && !lost) {
      if (trusted !== null && !isGuess) trusted.streak = isNew ? trusted.streak + 1 : 0
      if (record !== null) left.set(channel, { generation: nextGeneration(generation), layout })
      return { plan, answer }
    }
    if (error !== null && !isGuess && error.code !== 'ERESTART') throw error
    if (tried === MAX_ATTEMPTS) throw error ?? lostAlways()
    if (isGuess) doubt(trusted!, error)
    guess = null
  }
}

const NOTHING_DONE = { error: null, lost: false, answer: null } as const

/** After a guess that was wrong: what it made was there, or others change the ruleset, too, whose changes cost a transaction for nothing each. */
function doubt(trusted: Trust, error: NetlinkError | null): void {
  trusted.streak = 0
  if (error?.code === 'EEXIST') trusted.needed = Math.min(LONGER * trusted.needed, LONGEST_STREAK)
}

function trustIn(channel: Channel, verb: string): Trust {
  const verbs = trust.get(channel) ?? new Map<string, Trust>()
  trust.set(channel, verbs)
  const found = verbs.get(verb) ?? { streak: 0, needed: FIRST_STREAK }
  verbs.set(verb, found)
  return found
}

/** Whoever takes it changes the state that it is of. */
function takeLeft(channel: Channel): Left | null {
  const known = left.get(channel) ?? null
  left.delete(channel)
  return known
}
