/** Transactions on the own table, planned by what is there. A refused one costs the kernel milliseconds, a question microseconds. */

import { EMSGSIZE, ENOBUFS } from '../netlink/errno.js'
import { NetlinkError, SystemError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, exchange, type OpenNetns, type Operation } from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { generationRequest } from '../nftables/generation.js'
import { batchBegin } from '../nftables/messages.js'
import type { Transaction } from '../nftables/recorder.js'
import { sizeOf, transactionRequest } from '../nftables/transaction.js'

type Record = (tx: Transaction) => void

/** Of many programs that change the ruleset at once one gets its way each time. */
const MAX_ATTEMPTS = 100

/** The transaction has more bytes than the socket sends at once. */
class TooLarge extends Error {
  constructor(readonly bytes: number) {
    super(`${bytes} bytes`)
  }
}

/**
 * Runs `work` on a channel that sends what it has to send: again on a larger one where its transaction had too many bytes. `bytes` is for
 * one that is large for sure.
 */
export function* withRuleset<T>(
  netns: OpenNetns | null,
  work: (channel: Channel) => Operation<T>,
  bytes?: number,
): Operation<T> {
  const here = netns ?? undefined
  try {
    return yield* withNetfilter(here, work, bytes)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    try {
      return yield* withNetfilter(here, work, error.bytes)
    } catch (again) {
      if (!(again instanceof TooLarge)) throw again
      throw new NetlinkError({
        operation: batchBegin.name,
        errno: EMSGSIZE,
        subject: 'the transaction',
        advice: `it has ${again.bytes} bytes and is sent as a whole; an ordinary user may send up to net.core.wmem_max`,
      })
    }
  }
}

/**
 * Sends a transaction that can be sent twice, as it is where the answer was lost. What the kernel refuses is returned, for the caller to
 * judge; anything else is thrown.
 */
export function* attempt(channel: Channel, record: Record): Operation<NetlinkError | null> {
  for (let tried = 1; ; tried++) {
    const { error, lost } = yield* commit(channel, record, undefined, [])
    if (!lost) return error
    if (tried === MAX_ATTEMPTS) throw lostAnswers()
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
  const [outcome, next] = yield* exchange(channel, [batch, ...then])
  const { error } = outcome!
  const lost = outcome!.lost === true && error === null
  if (error instanceof SystemError && error.errno === EMSGSIZE) throw new TooLarge(sizeOf(batch))
  if (error !== null && !(error instanceof NetlinkError)) throw error
  if (error === null && !lost && next?.error) throw next.error
  return { error, lost, answer: (next?.values[0] as T | undefined) ?? null }
}

function lostAnswers(): NetlinkError {
  return new NetlinkError({
    operation: batchBegin.name,
    errno: ENOBUFS,
    subject: 'the transaction',
    advice: `the answers did not fit into the receive buffer, ${MAX_ATTEMPTS} times`,
  })
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
    if (tried === MAX_ATTEMPTS) throw error ?? lostAnswers()
  }
}
