import { type CallOptions, signalOf } from '../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../netlink/check.js'
import { ENODEV } from '../netlink/errno.js'
import {
  Aborted,
  begin,
  type Channel,
  type Effect,
  exchange,
  finish,
  type Operation,
  type Pending,
  withChannel,
} from '../netlink/operation.js'
import type { Outcome, Request } from '../netlink/request.js'
import { BatchChannel } from './batch-channel.js'
import * as changes from './changes.js'
import { changesNames } from './link/request.js'

/** The options of a call in a batch: where and how long are those of the batch. */
type Within<T> = 'netns' extends keyof NonNullable<T> ? T & { netns?: undefined; signal?: undefined } : T

/** The changes that a batch can hold: those that are one request each, with the arguments that they have elsewhere. */
export type Batch = {
  [K in keyof typeof changes]: (typeof changes)[K] extends (...args: infer P) => Operation<unknown>
    ? (...args: { [I in keyof P]: Within<P[I]> }) => void
    : never
}

/** Where all calls of the batch act, and what happens after one that fails. */
export interface BatchOptions extends CallOptions {
  /** Send one at a time and none after the first that fails. Without it the kernel works through all of them. */
  stopOnError?: boolean | undefined
}

/** What became of one call of a batch. */
export type BatchResult =
  /** `value` is what the call returns on its own, the id of addNexthop say. */
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly reason: Error }
  /** Not sent, because an earlier one failed (`stopOnError`). */
  | { readonly status: 'skipped' }

type Change = (...args: never[]) => Operation<unknown>
interface Call {
  readonly change: Change
  readonly args: readonly unknown[]
}

/**
 * Requests that leave together. While the kernel works on a wave the next is encoded, and of a wave nothing is kept when it is answered. Of longer
 * ones more is still in use whenever V8 collects garbage, which then takes more time than the switches between threads that they save.
 */
const WAVE = 128

/**
 * A long batch begins with short waves. V8 collects garbage when the event loop first turns after so many calls have been recorded. If it
 * finds a hundred requests then, and all of them in use, it takes all later ones for long-lived, which only a full collection frees: of
 * 100,000 routes that was half of the time for garbage, and 109 MB in place of 41.
 */
const LONG = 10_000
const FIRST = 96
const FIRST_WAVE = 8

// Most answers are one of these: a batch of many calls need not keep an object for each.
const SKIPPED: BatchResult = Object.freeze({ status: 'skipped' })
const FULFILLED: BatchResult = Object.freeze({ status: 'fulfilled', value: undefined })

/**
 * Many changes in few sendmsg, with an answer for each, in order. The calls are recorded by `record`; nothing is sent before it
 * returns. A name that an earlier call of the batch creates can be used by a later one, and is that of the interface that has it by then:
 * what comes after a new name waits for it.
 *
 * Each answer is `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`, also for a call with bad input, of which nothing
 * is sent. An abort is noticed between two sends.
 *
 * @throws TypeError where `record` is no function that makes its calls at once
 * @see netlink(7)
 * @example
 * const results = await red.batch((b) => {
 *   for (let i = 0; i < 250; i++) b.addRoute({ to: `10.0.${i}.0/24`, via: '192.168.15.5' })
 * })
 */
export function* batch(record: (batch: Batch) => void, options: BatchOptions = {}): Operation<BatchResult[]> {
  checkKeys('batch', options, ['stopOnError', ...CALL_OPTIONS])
  if (typeof record !== 'function')
    throw new TypeError('batch: the first argument is not a function that makes the calls')
  if (options.stopOnError !== undefined) checkBoolean(options.stopOnError, 'stopOnError')
  const calls = recordCalls(record)
  return yield* withChannel(options.netns, (channel) => run(channel, calls, options.stopOnError ?? false))
}

function recordCalls(record: (batch: Batch) => void): (Call | null)[] {
  const calls: Call[] = []
  const recorder: Record<string, (...args: unknown[]) => void> = {}
  let open = true
  for (const [name, change] of Object.entries(changes)) {
    recorder[name] = (...args) => {
      if (!open) throw new TypeError(`batch: ${name}() comes after the batch has left`)
      calls.push({ change, args })
    }
  }
  const returned = record(recorder as Batch) as unknown
  open = false
  if (returned instanceof Promise)
    throw new TypeError('batch: the function must make its calls at once; it returned a promise')
  return calls
}

/** A change whose request leaves with the next wave. */
interface Started {
  readonly index: number
  readonly operation: Operation<unknown>
  readonly request: Request
  /** The operation takes what was read, not an outcome. */
  readonly single: boolean
}

/** A wave that has left. */
interface Flight {
  readonly sent: readonly Started[]
  readonly pending: Pending
}

function* run(own: Channel, calls: (Call | null)[], stopOnError: boolean): Operation<BatchResult[]> {
  const results: BatchResult[] = calls.map(() => SKIPPED)
  const channel = new BatchChannel(own)
  const wave: Started[] = []
  let flight: Flight | null = null
  const short = calls.length < LONG ? 0 : FIRST
  for (let next = 0; next < calls.length; ) {
    const call = calls[next]!
    const started = start(call, next, channel)
    // A name may be one that this batch is about to create, and what is no single change has to wait for those before it.
    if ((wave.length > 0 || flight !== null) && (isNoDevice(started) || started instanceof Apart)) {
      if (wave.length > 0) flight = yield* send(channel, wave, flight, results)
      else flight = yield* settle(flight, channel, results)
      continue
    }
    let waits = stopOnError
    if (started instanceof Apart) results[next] = yield* alone(call, channel)
    else if ('status' in started) results[next] = started
    else {
      wave.push(started)
      // Later calls mean whatever has the name by then.
      waits ||= changesNames(started.request)
    }
    calls[next] = null // with its arguments: a long batch is not kept to its end
    const full = next < short ? FIRST_WAVE : WAVE
    if (wave.length >= (waits ? 1 : full)) flight = yield* send(channel, wave, flight, results)
    if (waits) flight = yield* settle(flight, channel, results)
    if (stopOnError && results[next]!.status === 'rejected') return results
    next++
  }
  if (wave.length > 0) flight = yield* send(channel, wave, flight, results)
  yield* settle(flight, channel, results)
  return results
}

/** A call that is not one change: it looks a name up by a request, or needs a second request. */
class Apart {}

function isNoDevice(started: Started | BatchResult | Apart): boolean {
  if (!('status' in started) || started.status !== 'rejected') return false
  return 'errno' in started.reason && started.reason.errno === ENODEV
}

function isChange(effect: Effect): effect is Effect & { kind: 'exchange' } {
  return effect.kind === 'exchange' && effect.requests.length === 1 && effect.requests[0]!.answer === 'ack'
}

/** Runs a call up to its request; bad input, or a name that is not there, is the answer to this call. */
function start(call: Call, index: number, channel: BatchChannel): Started | BatchResult | Apart {
  const operation = call.change(...(call.args as never[]))
  try {
    if (signalOf(call.args) !== undefined) throw new TypeError(`signal: ${SAID_ONCE}`)
    let step = operation.next()
    while (!step.done && step.value.kind === 'channel') step = operation.next(given(step.value, channel))
    if (step.done) return fulfilled(step.value)
    const effect = step.value
    if (effect.kind === 'single') {
      const request = effect.build(given(effect, channel))
      return { index, operation, request, single: true }
    }
    if (!isChange(effect)) return new Apart()
    return { index, operation, request: effect.requests[0]!, single: false }
  } catch (error) {
    return { status: 'rejected', reason: error as Error }
  }
}

/** Runs a call from its beginning to its end, on its own. */
function* alone(call: Call, channel: BatchChannel): Operation<BatchResult> {
  const operation = call.change(...(call.args as never[]))
  try {
    return yield* goOn(operation, operation.next(), channel)
  } catch (error) {
    return rejected(error)
  } finally {
    channel.forget()
  }
}

/** An abort is the end of the batch, not of one call. */
function rejected(error: unknown): BatchResult {
  if (error instanceof Aborted) throw error
  return { status: 'rejected', reason: error as Error }
}

function* goOn(
  operation: Operation<unknown>,
  first: IteratorResult<Effect, unknown>,
  channel: BatchChannel,
): Operation<BatchResult> {
  let step = first
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'single') {
      const [outcome] = yield* exchange(channel.channel, [effect.build(given(effect, channel))])
      step = answered(operation, outcome!)
      continue
    }
    let answer: unknown
    try {
      answer = effect.kind === 'channel' ? given(effect, channel) : yield effectOn(effect, channel)
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    step = operation.next(answer)
  }
  return fulfilled(step.value)
}

function fulfilled(value: unknown): BatchResult {
  return value === undefined ? FULFILLED : { status: 'fulfilled', value }
}

/** Goes on with what became of the request of single(). */
function answered(
  operation: Operation<unknown>,
  { error, values }: Outcome,
): IteratorResult<Effect, unknown> {
  return error === null ? operation.next(values) : operation.throw(error)
}

const SAID_ONCE = 'say it once, in the options of the batch'

function given(effect: Effect & { kind: 'channel' | 'single' }, channel: BatchChannel): BatchChannel {
  if (effect.netns !== undefined) throw new TypeError(`netns: ${SAID_ONCE}`)
  return channel
}

/** The effect with the socket that the batch borrowed in place of the batch's view of it. */
function effectOn(effect: Effect, { channel }: BatchChannel): Effect {
  return effect.kind === 'exchange' ? { ...effect, channel } : effect
}

/** Sends a wave; what the one before it brought is looked at while the kernel works on it. */
function* send(
  channel: BatchChannel,
  wave: Started[],
  before: Flight | null,
  results: BatchResult[],
): Operation<Flight> {
  const sent = wave.splice(0)
  const pending = yield* begin(
    channel.channel,
    sent.map(({ request }) => request),
  )
  channel.forget()
  yield* settle(before, channel, results)
  return { sent, pending }
}

function* settle(flight: Flight | null, channel: BatchChannel, results: BatchResult[]): Operation<null> {
  if (flight === null) return null
  const outcomes = yield* finish(flight.pending)
  // A name that it has made or changed means something else from now on.
  channel.forget()
  for (const [at, { index, operation, single }] of flight.sent.entries()) {
    const outcome = outcomes[at]!
    try {
      // The change makes of the answer what it makes of it on its own, and may have more to ask.
      const step = single ? answered(operation, outcome) : operation.next([outcome])
      results[index] = step.done ? fulfilled(step.value) : yield* goOn(operation, step, channel)
    } catch (error) {
      results[index] = rejected(error)
    }
  }
  return null
}
