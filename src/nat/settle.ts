/** Transactions on the own table, planned by what is there. A refused one costs the kernel milliseconds, a question microseconds. */

import { NetlinkError } from '../netlink/errors.js'
import { type Channel, exchange, type NetnsLike, type Operation } from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { generationRequest } from '../nftables/generation.js'
import { lostAnswers, sendTransaction, withRuleset } from '../nftables/large.js'
import type { Transaction } from '../nftables/recorder.js'
import { transactionRequest } from '../nftables/transaction.js'

type Record = (tx: Transaction) => void

/** Of many programs that change the ruleset at once one gets its way each time. */
const MAX_ATTEMPTS = 100

/**
 * Makes a change that can be made twice, as it is where the answer was lost. `pardoned`: the code of an error that is none, since what was to
 * be is so already.
 */
export function* change(netns: NetnsLike | undefined, record: Record, pardoned?: string): Operation<void> {
  yield* withRuleset(netns, function* (channel) {
    for (let tried = 1; ; tried++) {
      const { error, lost } = yield* commit(channel, record, undefined, [])
      if (error !== null && error.code !== pardoned) throw error
      if (!lost) return
      if (tried === MAX_ATTEMPTS) throw lostAlways()
    }
  })
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
}

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
 */
export function* settle<P extends Plan, T = never>(
  channel: Channel,
  look: (channel: Channel) => Operation<P>,
  then: readonly Request<T>[] = [],
): Operation<{ plan: P; answer: T | null }> {
  for (let tried = 1; ; tried++) {
    const plan = yield* look(channel)
    const { generation, record } = plan
    if (record === null) return { plan, answer: null }
    const { error, lost, answer } = yield* commit(channel, record, generation, then)
    if (error === null && !lost) return { plan, answer }
    if (error !== null && error.code !== 'ERESTART') throw error
    if (tried === MAX_ATTEMPTS) throw error ?? lostAlways()
  }
}
