/**
 * Operations: written once as generators, run by a synchronous and by an asynchronous driver. What they need from the world
 * they yield as effects. `yield` cannot type its answer, so operations use only the typed helpers below.
 */

import { DumpInterruptedError, NetlinkError, NO_EXTACK } from './errors.js'
import type { Outcome, Request } from './request.js'

/** Something that stays open while it is held. */
export interface Hold {
  retain(): void
  release(): void
}

/** A namespace that is open: its descriptor can stand in a message. */
export interface OpenNetns extends Hold {
  readonly fd: number
  /** The name under /run/netns; null for a namespace without one. */
  readonly name: string | null
  /** For errors: "namespace 'red'". */
  readonly label: string
  /** Idempotent. The descriptor stays valid while the namespace is held. */
  close(): void
}

/** A netlink socket in some namespace, as operations see it. */
export interface Channel {
  /** "in namespace 'red'", or empty for the process's own. */
  readonly where: string
  /** SIOCGIFINDEX: the ifindex, or -errno. */
  ifindex(name: string): number
  /** SIOCGIFNAME: the name, or null where there is no such interface. */
  ifname(ifindex: number): string | null
  /** Lets go of a channel that was opened for one call. */
  release(): void
}

/** How callers name a namespace. */
export type NetnsLike =
  | string
  | { readonly pid: number }
  | { readonly path: string }
  | { readonly fd: number }
  | NetnsHandle

/** Every handle of a namespace carries what it stands for under this key, whichever copy of the package made it. */
export const NETNS = Symbol.for('netlink-ts.Netns')
/**
 * A handle of a namespace, of either face and whichever copy of the package made it: `Netns` or a `FakeKernel`.
 */
export interface NetnsHandle {
  readonly [NETNS]: OpenNetns
}

/** Tells an open namespace from what callers write for one. */
export function isOpenNetns(value: unknown): value is OpenNetns {
  return typeof value === 'object' && value !== null && 'retain' in value
}

/** What operations can ask for. */
export type Effect =
  | {
      readonly kind: 'exchange'
      readonly channel: Channel
      readonly requests: readonly Request[]
      /** An abort settles the call at once; otherwise the answer is awaited first. */
      readonly abortable: boolean
      /** The values are the items of a stream, where the operation is run as one. */
      readonly items?: true
    }
  | Single
  /** Sends, and goes on before the answers come; `finish` waits for them. */
  | { readonly kind: 'begin'; readonly channel: Channel; readonly requests: readonly Request[] }
  | { readonly kind: 'finish'; readonly pending: Pending }
  /** Of an OpenNetns, which the operation holds, also where its handle has been closed meanwhile. */
  | {
      readonly kind: 'channel'
      readonly netns: NetnsLike | OpenNetns | undefined
      readonly protocol: number
      /** Bytes that one sendmsg has, where that may be more than usual; of protocols other than NETLINK_ROUTE. */
      readonly sendBuffer?: number | undefined
    }
  | { readonly kind: 'netns'; readonly netns: NetnsLike | undefined }
  /** Nothing but an opportunity to abort, for an operation that would have to undo what it has done. */
  | { readonly kind: 'checkpoint' }
  /** Waits until the calls that came before with a turn on the channel have ended it. */
  | { readonly kind: 'turn'; readonly channel: Channel }
  /** Nothing, but between the two an abort is not looked at. */
  | { readonly kind: 'shield'; readonly up: boolean }
  | { readonly kind: 'primitive'; readonly name: string; readonly args: readonly unknown[] }

/**
 * A whole call: finds the channel, sends what `build` makes with it, and answers with what was read. It is its own effect: a generator
 * that yields it would be kept besides while the call waits.
 */
export class Single<T = unknown> implements Iterator<Effect, readonly T[], unknown> {
  readonly kind = 'single'
  #asked = false

  constructor(
    readonly netns: NetnsLike | undefined,
    readonly build: (channel: Channel) => Request<T>,
    /** False where the answer is awaited first. */
    readonly abortable = true,
  ) {}

  next(answer: unknown): IteratorResult<Effect, readonly T[]> {
    if (this.#asked) return { done: true, value: answer as readonly T[] }
    this.#asked = true
    return { done: false, value: this }
  }

  throw(error: unknown): IteratorResult<Effect, readonly T[]> {
    throw error
  }

  [Symbol.iterator](): this {
    return this
  }
}

/** Nobody else has one on that channel. */
export interface Turn {
  end(): void
}

/** Requests that are under way. */
export interface Pending {
  readonly outcomes: readonly Outcome[] | Promise<readonly Outcome[]>
}

export type Operation<T> = Generator<Effect, T, unknown>

/**
 * What an operation gets thrown where its call is aborted, whatever the signal's reason may be: one that has a `code` would be taken for an
 * answer of the kernel. Who made the call gets the reason.
 */
export class Aborted extends Error {
  constructor(readonly reason: unknown) {
    super(reason instanceof Error ? reason.message : String(reason))
  }
}

/** Opens (or finds) a channel, runs `work` with it and lets it go again. An OpenNetns is one that the operation holds. */
export function* withChannel<T>(
  netns: NetnsLike | OpenNetns | undefined,
  work: (channel: Channel) => Operation<T>,
  protocol = 0,
  sendBuffer?: number,
): Operation<T> {
  const channel = (yield { kind: 'channel', netns, protocol, sendBuffer }) as Channel
  try {
    return yield* work(channel)
  } finally {
    channel.release()
  }
}

/** Opens a namespace so that its descriptor can be put into a message. */
export function* withNetns<T>(netns: NetnsLike, work: (netns: OpenNetns) => Operation<T>): Operation<T> {
  const open = (yield { kind: 'netns', netns }) as OpenNetns
  try {
    return yield* work(open)
  } finally {
    open.release()
  }
}

/** The namespace in which a call acts, held open; null for the process's own. */
export function* withPlace<T>(
  netns: NetnsLike | undefined,
  work: (netns: OpenNetns | null) => Operation<T>,
): Operation<T> {
  const open = (yield { kind: 'netns', netns }) as OpenNetns | null
  try {
    return yield* work(open)
  } finally {
    open?.release()
  }
}

/** Throws if the call was aborted meanwhile: the last look before what has been made is handed over. */
export function* checkpoint(): Operation<void> {
  yield { kind: 'checkpoint' }
}

/** Runs to its end, abort or not, what takes back or lets go of what the operation has made or holds. */
export function* unabortable<T>(work: Operation<T>): Operation<T> {
  yield { kind: 'shield', up: true }
  try {
    return yield* work
  } finally {
    yield { kind: 'shield', up: false }
  }
}

/** Runs `work` when others that are run so on the channel have ended: changes of one state that would refuse each other. */
export function* inTurn<T>(channel: Channel, work: Operation<T>): Operation<T> {
  const turn = (yield { kind: 'turn', channel }) as Turn
  try {
    return yield* work
  } finally {
    turn.end()
  }
}

/** Sends requests together; an outcome for each, in order. */
export function* exchange(channel: Channel, requests: readonly Request[]): Operation<readonly Outcome[]> {
  return (yield { kind: 'exchange', channel, requests, abortable: false }) as readonly Outcome[]
}

/**
 * A call that is one request and looks nothing up by another: withChannel() and request() without their generators, which a hundred
 * thousand calls at once would keep.
 */
export function single<T>(netns: NetnsLike | undefined, build: (channel: Channel) => Request<T>): Single<T> {
  return new Single(netns, build)
}

/** Sends requests together; what is to be done while the kernel works on them comes before finish(). */
export function* begin(channel: Channel, requests: readonly Request[]): Operation<Pending> {
  return (yield { kind: 'begin', channel, requests }) as Pending
}

/** An outcome for each request of begin(), in order. */
export function* finish(pending: Pending): Operation<readonly Outcome[]> {
  return (yield { kind: 'finish', pending }) as readonly Outcome[]
}

/** Sends one request and returns the values read from its answer; throws what went wrong. */
export function* request<T>(channel: Channel, asked: Request<T>): Operation<readonly T[]> {
  const outcomes = (yield {
    kind: 'exchange',
    channel,
    requests: [asked],
    abortable: true,
  }) as readonly Outcome<T>[]
  const { error, values } = outcomes[0]!
  if (error !== null) throw error
  return values
}

/** Sends one request that is answered by exactly one value. */
export function* requestOne<T>(channel: Channel, asked: Request<T>): Operation<T> {
  const [value] = yield* request(channel, asked)
  if (value === undefined) {
    throw new NetlinkError({
      operation: asked.message.name,
      errno: 2,
      subject: asked.subject,
      extack: NO_EXTACK,
    })
  }
  return value
}

const MAX_ATTEMPTS = 10

/**
 * Dumps a table. The kernel marks a dump during which the table changed; then it is read again, a few times, before
 * DumpInterruptedError says that it cannot be had whole; it has what was read last.
 */
export function* dump<T>(channel: Channel, asked: Request<T>): Operation<T[]> {
  return yield* repeatedly(asked, { kind: 'exchange', channel, requests: [asked], abortable: true })
}

/**
 * The dump whose values are what the operation returns, as they are: a list gathers them. Run as a stream it hands on each as it
 * comes, is not repeated, and returns none here.
 */
export function* items<T>(channel: Channel, asked: Request<T>): Operation<T[]> {
  const requests = [asked]
  return yield* repeatedly(asked, { kind: 'exchange', channel, requests, abortable: true, items: true })
}

function* repeatedly<T>(asked: Request<T>, effect: Effect): Operation<T[]> {
  for (let attempt = 1; ; attempt++) {
    const outcomes = (yield effect) as readonly Outcome<T>[]
    const { error, values } = outcomes[0]!
    if (error === null) return values as T[]
    if (!(error instanceof DumpInterruptedError)) throw error
    if (attempt === MAX_ATTEMPTS) throw new DumpInterruptedError(asked.message.name, attempt, values)
  }
}
