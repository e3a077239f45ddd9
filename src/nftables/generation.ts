/** The number of a ruleset's state, which each commit raises. */

import { decodeBody } from '../codec/index.js'
import { DumpInterruptedError, NetlinkError } from '../netlink/errors.js'
import { type Channel, type Operation, requestOne } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { getGen, newGen } from './messages.js'

/** NFT_MSG_GETGEN */
export const generationRequest: Request<number> = {
  message: getGen,
  body: { header: {}, attributes: {} },
  flags: 0,
  answer: 'reply',
  read: (bytes, start, end) => decodeBody(newGen, bytes, start, end).attributes.id ?? 0,
}

export function* askGeneration(channel: Channel): Operation<number> {
  return yield* requestOne(channel, generationRequest)
}

/** The number that a commit makes of one: never 0. */
export function nextGeneration(generation: number): number {
  return (generation + 1) >>> 0 || 1
}

const MAX_ATTEMPTS = 100

/**
 * What dumps tell of one state: all of it is read again where something was changed meanwhile. Then what was read is made into a value, so
 * that reading takes no longer than it must. Throws DumpInterruptedError, which has the value that was read last to its end.
 *
 * A generation does not tell of everything: elements come by packets and go when their time is up, and the tables of a socket that is closed go
 * without a new one (nft_rcv_nl_event() of net/netfilter/nf_tables_api.c). So what one dump told of and the next has no more (ENOENT) is read
 * again in the same state, too.
 */
export function* inOneState<T extends readonly unknown[]>(
  channel: Channel,
  operation: string,
  read: () => Operation<() => T>,
): Operation<{ generation: number; value: T }> {
  let last: (() => T) | undefined
  for (let attempt = 1; ; attempt++) {
    const generation = yield* askGeneration(channel)
    const { make, error } = yield* changedOr(read)
    last = make ?? last
    const isSame = (yield* askGeneration(channel)) === generation
    if (isSame && make !== undefined) return { generation, value: make() }
    if (attempt < MAX_ATTEMPTS) continue
    throw isSame && error instanceof NetlinkError
      ? error
      : new DumpInterruptedError(operation, attempt, last?.() ?? [])
  }
}

/** What is read, or the error that a change meanwhile would explain. */
function* changedOr<T>(read: () => Operation<T>): Operation<{ make?: T; error?: Error }> {
  try {
    return { make: yield* read() }
  } catch (error) {
    if (error instanceof DumpInterruptedError || (error instanceof NetlinkError && error.code === 'ENOENT'))
      return { error }
    throw error
  }
}
