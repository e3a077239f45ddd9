/** Transactions on the own table, planned by what is there. A refused one costs the kernel milliseconds, a question microseconds. */

import { EMSGSIZE, ENOBUFS } from '../netlink/errno.js'
import { NetlinkError, SystemError } from '../netlink/errors.js'
import { NETLINK_NETFILTER } from '../netlink/netfilter.js'
import { type Channel, exchange, type OpenNetns, type Operation, withChannel } from '../netlink/operation.js'
import type { Outcome } from '../netlink/request.js'
import { askGeneration } from '../nftables/generation.js'
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

/** Runs `work` on a channel that sends what it has to send. */
export function* withRuleset<T>(
  netns: OpenNetns | null,
  work: (channel: Channel) => Operation<T>,
): Operation<T> {
  const here = netns ?? undefined
  try {
    return yield* withChannel(here, work, NETLINK_NETFILTER)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    try {
      return yield* withChannel(here, work, NETLINK_NETFILTER, error.bytes)
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

/** Sends a transaction. What the kernel refuses is returned, for the caller to judge; anything else is thrown. */
export function* attempt(
  channel: Channel,
  record: Record,
  generation?: number,
): Operation<NetlinkError | null> {
  const batch = yield* transactionRequest(channel, record, generation)
  const [outcome] = yield* exchange(channel, [batch])
  const { error, lost } = outcome!
  if (error instanceof SystemError && error.errno === EMSGSIZE) throw new TooLarge(sizeOf(batch))
  if (error !== null && !(error instanceof NetlinkError)) throw error
  return lost && error === null ? yield* whetherTaken(channel, generation) : error
}

/** Answers were lost, and no error was among the rest: the state of the ruleset tells, where it is known which one there was. */
function* whetherTaken(channel: Channel, generation: number | undefined): Operation<NetlinkError | null> {
  if (generation !== undefined && (yield* askGeneration(channel)) !== generation) return null
  return new NetlinkError({
    operation: batchBegin.name,
    errno: ENOBUFS,
    subject: 'the transaction',
    advice: 'the answers did not fit into the receive buffer',
  })
}

/** The value of each answer; null for what is not there. */
export function answersOf<Q>(outcomes: readonly Outcome<Q>[]): (Q | null)[] {
  return outcomes.map(({ error, values }) => {
    if (error !== null && !(error instanceof NetlinkError && error.code === 'ENOENT')) throw error
    return values[0] ?? null
  })
}

/**
 * Brings the table where `plan` wants it: it looks at what there is and says what to change, null for nothing. Where another program
 * changes the ruleset meanwhile it is asked again.
 */
export function* settle(
  channel: Channel,
  plan: (channel: Channel) => Operation<Record | null>,
): Operation<void> {
  for (let tried = 1; ; tried++) {
    const generation = yield* askGeneration(channel)
    const record = yield* plan(channel)
    if (record === null) return
    const error = yield* attempt(channel, record, generation)
    if (error === null) return
    if (error.code !== 'ERESTART' || tried === MAX_ATTEMPTS) throw error
  }
}
