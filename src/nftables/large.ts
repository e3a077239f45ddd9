/** Transactions of any size: one is sent as a whole, for which the usual socket may have too small a buffer. */

import { Writer } from '../codec/index.js'
import { EMSGSIZE, ENOBUFS } from '../netlink/errno.js'
import { NetlinkError, SystemError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { writeRequest } from '../netlink/nlmsg.js'
import {
  type Channel,
  exchange,
  type NetnsLike,
  type OpenNetns,
  type Operation,
} from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { batchBegin } from './messages.js'

/** The transaction has more bytes than the socket sends at once. */
class TooLarge extends Error {
  constructor(readonly bytes: number) {
    super(`${bytes} bytes`)
  }
}

/**
 * Runs `work` on a channel that sends what it has to send by sendTransaction(): again on a larger one where that had too many bytes.
 * `bytes` is for one that is large for sure.
 */
export function* withRuleset<T>(
  netns: NetnsLike | OpenNetns | undefined,
  work: (channel: Channel) => Operation<T>,
  bytes?: number,
): Operation<T> {
  for (let buffer = bytes, isSecond = false; ; isSecond = true) {
    try {
      return yield* withNetfilter(netns, work, buffer)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      buffer = error.bytes
      if (isSecond) throw tooLarge(error)
    }
  }
}

/** What a socket that is kept may send at once: it is opened before anybody knows how much that will be. */
export const KEPT_SEND_BUFFER = 1 << 27

/** Runs `work` on such a socket. */
export function* onKept<T>(work: Operation<T>): Operation<T> {
  try {
    return yield* work
  } catch (error) {
    throw error instanceof TooLarge ? tooLarge(error) : error
  }
}

function tooLarge({ bytes }: TooLarge): NetlinkError {
  return transactionError(
    EMSGSIZE,
    `the transaction has ${bytes} bytes and is sent as a whole; an ordinary user may send up to net.core.wmem_max`,
  )
}

/** Sends a transaction, and requests that follow it without waiting for its answer. */
export function* sendTransaction<T>(
  channel: Channel,
  batch: Request,
  then: readonly Request<T>[] = [],
): Operation<readonly [Outcome, ...Outcome<T>[]]> {
  const outcomes = yield* exchange(channel, [batch, ...then])
  const [{ error }] = outcomes as [Outcome]
  if (error instanceof SystemError && error.errno === EMSGSIZE) throw new TooLarge(sizeOf(batch))
  return outcomes as [Outcome, ...Outcome<T>[]]
}

function sizeOf({ batch, ...begin }: Request): number {
  const out = new Writer()
  for (const message of [begin, ...(batch ?? [])]) writeRequest(message, 1, out)
  return out.length
}

/** The error of a transaction whose answers are lost. */
export function lostAnswers(what: string): NetlinkError {
  return transactionError(ENOBUFS, `the answers did not fit into the receive buffer${what}`)
}

function transactionError(errno: number, advice: string): NetlinkError {
  return new NetlinkError({ operation: batchBegin.name, errno, subject: 'the transaction', advice })
}
