/** All of the changes or none: one batch of messages in one sendmsg. */

import { decodeBody } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../netlink/check.js'
import { NLM_F_ACK, NLM_F_ECHO } from '../netlink/constants.js'
import { errnoNumber } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import { NFNL_SUBSYS_NFTABLES } from '../netlink/netfilter.js'
import { type Channel, exchange, type Operation } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { askGeneration, nextGeneration } from './generation.js'
import { setRequest } from './get-set.js'
import { isChange } from './is-change.js'
import { lostAnswers, onKept, sendTransaction, withRuleset } from './large.js'
import {
  batchBegin,
  batchEnd,
  newChain,
  newFlowtable,
  newObject,
  newRule,
  newSet,
  newTable,
} from './messages.js'
import { families } from './names.js'
import { keyText, type Recorded, type SetKey } from './recorded.js'
import { Transaction } from './recorder.js'
import { type NftSet, shapeOfInput } from './set.js'
import type { SetShape } from './set-shape.js'

/** How a transaction is made, and where. */
export interface TransactionOptions extends CallOptions {
  /** The state of the ruleset that the changes are for: another one is refused (ERESTART). Without it, whichever there is. */
  generation?: number | undefined
  /** Ask for the handles of what is made. */
  echo?: boolean | undefined
}

/** What became of a transaction. */
export interface TransactionResult {
  /**
   * The state of the ruleset that it made; the one that there was where nothing was changed. Whether calls such as addTable() change anything
   * the kernel is asked afterwards: of a program that commits just then it is not told apart.
   */
  readonly generation: number
  /** With `echo`, for each call the handle of what it made; null where it made nothing, or the kernel did not tell. */
  readonly handles: readonly (number | null)[]
}

const ERESTART = /* @__PURE__ */ errnoNumber('ERESTART')
const CHANGED =
  '; the ruleset has changed meanwhile, whether by this transaction or by another program is unknown'
/** As many programs may commit at the same time before one gives up. */
const MAX_ATTEMPTS = 100

/**
 * Changes the ruleset of a namespace: `record` makes the calls, and the kernel takes all of them or none. Nothing is sent where a call has
 * bad input. Where another program changes the ruleset at the same time the transaction is sent again.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError of the first call that the kernel refuses, whose
 * subject says which it is
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example
 * await transaction((tx) => {
 *   tx.addTable({ family: 'inet', name: 'web' })
 *   tx.addChain({ family: 'inet', table: 'web', name: 'in', type: 'filter', hook: 'input', priority: 'filter' })
 *   tx.addRule({ family: 'inet', table: 'web', chain: 'in', rule: rule(tcp.dport([80, 443]), counter(), accept()) })
 * })
 */
export function* transaction(
  record: (tx: Transaction) => void,
  options: TransactionOptions = {},
): Operation<TransactionResult> {
  checkKeys('transaction', options, ['generation', 'echo', ...CALL_OPTIONS])
  const { tx, generation, echo } = recorded(record, options, false)
  return yield* withRuleset(options.netns, (channel) => commit(channel, tx, generation, echo))
}

/** The same on a socket that is kept, to which tables can belong. */
export function* transactionOn(
  channel: Channel,
  record: (tx: Transaction) => void,
  options: Omit<TransactionOptions, 'netns'> = {},
): Operation<TransactionResult> {
  checkKeys('transaction', options, ['generation', 'echo', 'signal'])
  const { tx, generation, echo } = recorded(record, options, true)
  return yield* onKept(commit(channel, tx, generation, echo))
}

function recorded(
  record: (tx: Transaction) => void,
  { generation, echo = false }: TransactionOptions,
  owns: boolean,
) {
  if (generation !== undefined) checkInteger(generation, 'generation', 1, 0xffffffff)
  checkBoolean(echo, 'echo')
  if (typeof record !== 'function')
    throw new TypeError('transaction: the first argument is not a function that makes the calls')
  const tx = new Transaction(0, owns)
  const returned = record(tx) as unknown
  tx.end()
  if (returned instanceof Promise)
    throw new TypeError('transaction: the function must make its calls at once; it returned a promise')
  return { tx, generation, echo }
}

function* commit(
  channel: Channel,
  tx: Transaction,
  given: number | undefined,
  echo: boolean,
): Operation<TransactionResult> {
  for (let attempt = 1; ; attempt++) {
    const generation = given ?? (yield* askGeneration(channel))
    const handles: (number | null)[] = tx.recorded.map(() => null)
    const calls = yield* messagesOf(channel, tx)
    if (calls.every((messages) => messages.length === 0)) return { generation, handles }
    const batch = batchOf(calls, generation, echo ? handles : null)
    const [{ error, lost }] = yield* sendTransaction(channel, batch)
    const isStale = error instanceof NetlinkError && error.errno === ERESTART
    if (isStale && given === undefined && attempt < MAX_ATTEMPTS) continue
    if (error !== null) throw error
    // The kernel tells of what was made when all of it is.
    const hasMade = handles.some((handle) => handle !== null)
    const isSure = hasMade || (!lost && calls.some((messages) => messages.some(isChange)))
    const isSame = !isSure && (yield* askGeneration(channel)) === generation
    if (lost && !hasMade) throw lostAnswers(isSame ? '; nothing was changed' : CHANGED)
    return { generation: isSame ? generation : nextGeneration(generation), handles }
  }
}

/**
 * A transaction as one request, for a state of the ruleset or for whichever there is: for those who look at its outcome themselves. Its
 * error is that of the first call that was refused.
 */
export function* transactionRequest(
  channel: Channel,
  record: (tx: Transaction) => void,
  generation?: number,
): Operation<Request> {
  const tx = new Transaction()
  record(tx)
  return batchOf(yield* messagesOf(channel, tx), generation, null)
}

/** The messages of each call. Those that ask for sets are made again when these are known, all sets at once. */
function* messagesOf(channel: Channel, { recorded }: Transaction): Operation<(readonly Request[])[]> {
  const shapes = new Map<string, SetShape | undefined>()
  const unknown = new Map<string, SetKey>()
  let hasAsked = false
  const answers = {
    shapeOf: (set: SetKey) => {
      const key = keyText(set)
      if (!shapes.has(key)) {
        unknown.set(key, set)
        hasAsked = true
      }
      return shapes.get(key)
    },
    ifindex: (name: string) => ifindexOf(channel, name),
  }
  const make = (one: Recorded, index: number) => named(one, index, () => one.make(answers))
  const first = recorded.map((one, index) => {
    hasAsked = false
    try {
      const messages = make(one, index)
      return hasAsked ? null : messages
    } catch (error) {
      if (hasAsked) return null
      throw error
    }
  })
  const sets = [...unknown.values()]
  const found = sets.length === 0 ? [] : yield* exchange(channel, sets.map(askShape))
  for (const [i, { error, values }] of found.entries()) {
    if (error !== null) throw error
    const [set] = values as readonly NftSet[]
    shapes.set(keyText(sets[i]!), set && shapeOfInput(set))
  }
  return first.map((messages, index) => messages ?? make(recorded[index]!, index))
}

function ifindexOf(channel: Channel, name: string): number {
  const ifindex = channel.ifindex(name)
  if (ifindex > 0) return ifindex
  const subject = `interface '${name}'`
  const advice = `there is no interface '${name}'${channel.where === '' ? '' : ` ${channel.where}`}`
  throw new NetlinkError({ operation: 'SIOCGIFINDEX', errno: -ifindex, subject, advice })
}

/** A mistake that shows only when the types of a set are known says which call it is in. */
function named<T>({ call }: Recorded, index: number, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError)
      error.message = `${call} (call ${index + 1} of the transaction): ${error.message}`
    throw error
  }
}

/** Asks for the types of a set; nothing where there is none. */
function askShape({ family, table, set }: SetKey): Request<NftSet> {
  return { ...setRequest({ family: families.toName(family), table, name: set }), mayBeAbsent: true }
}

/** NFNL_MSG_BATCH_BEGIN with the rest. The last change alone is acknowledged: an error is reported for its own message. */
function batchOf(
  calls: readonly (readonly Request[])[],
  generation: number | undefined,
  handles: (number | null)[] | null,
): Request {
  const total = calls.length
  const changes = calls.flatMap((messages, index) => {
    // Sets that a rule brings with it come before it, and have handles, too.
    const made = handles === null ? undefined : messages.filter((one) => MAKING.has(one.message)).at(-1)
    return messages.map((message): Request => {
      const subject = `${message.subject} (call ${index + 1} of ${total} of the transaction)`
      const change = { ...message, subject }
      return message === made ? echoed(change, index, handles!) : change
    })
  })
  const last = changes.length - 1
  changes[last] = { ...changes[last]!, flags: changes[last]!.flags | NLM_F_ACK }
  const header = { resId: NFNL_SUBSYS_NFTABLES }
  return {
    message: batchBegin,
    body: { header, attributes: { genid: generation } },
    flags: 0,
    answer: 'ack',
    subject: 'the transaction',
    advise: { ERESTART: 'the ruleset has another generation by now: another program has changed it' },
    batch: [...changes, { message: batchEnd, body: { header, attributes: {} }, flags: 0, answer: 'ack' }],
  }
}

/** What makes something that has a handle. */
const MAKING: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  ...[newTable, newChain, newRule, newSet, newObject, newFlowtable],
])

/**
 * NLM_F_ECHO makes the kernel send the notification of a change to the one who made it, too. That of a rule that is replaced comes besides,
 * and behind all others that of the new generation, with the number of the first change.
 */
function echoed(change: Request, index: number, handles: (number | null)[]): Request {
  return {
    ...change,
    flags: change.flags | NLM_F_ECHO,
    read: (bytes, start, end, type) => {
      if (type !== change.message.number) return
      const { handle } = decodeBody(change.message, bytes, start, end).attributes as { handle?: unknown }
      if (typeof handle === 'number') handles[index] ??= handle
    },
  }
}
