import type { Body, Message } from '../codec/index.js'
import type { Extack } from './extack.js'
import type { Hold } from './operation.js'

/** How a request is answered. */
export type Answer =
  /** By success or an error (NLMSG_ERROR): a change. */
  | 'ack'
  /** By one message, or an error: a get. */
  | 'reply'
  /** By any number of messages and then an acknowledgement. */
  | 'replies'
  /** By messages up to NLMSG_DONE. */
  | 'dump'

/** Reads a value out of a reply: header struct and attributes lie between `start` and `end`. */
export type Reader<T> = (bytes: Uint8Array, start: number, end: number, type: number) => T

/** What to do about an error, by its code. */
export type Advice = Readonly<Record<string, string | undefined>>

/** One request: a message and what becomes of the answer. */
export interface Request<T = unknown> {
  readonly message: Message
  readonly body: Body
  /** NLM_F_CREATE and the like; NLM_F_REQUEST, NLM_F_ACK and NLM_F_DUMP follow from `answer`. */
  readonly flags: number
  readonly answer: Answer
  /** Whether there is such a thing is the question: ENOENT is an answer, of no value, and no error. */
  readonly mayBeAbsent?: true | undefined
  /** Reads each message of the answer; undefined results are left out. */
  readonly read?: Reader<T | undefined> | undefined
  /** Each message has several values: `read` gives arrays of them. */
  readonly several?: true | undefined
  /** What the request is about, for errors: "interface 'veth0'". */
  readonly subject?: string | undefined
  /** One line on what to do about an error, by its code, from the operation that knows best; else the common advice. */
  readonly advise?: Advice | ((code: string, extack: Extack) => string | undefined) | undefined
  /** Namespaces whose descriptor stands in the message: kept open until the kernel has answered. */
  readonly holds?: readonly Hold[] | undefined
  /**
   * Messages that leave with this one in one sendmsg, of which the kernel takes all or none: what netfilter has between
   * NFNL_MSG_BATCH_BEGIN, which this one is, and NFNL_MSG_BATCH_END. The last with NLM_F_ACK among its flags answers for all, or an error
   * of this one. The outcome's error is the first one that there was.
   */
  readonly batch?: readonly Request[]
}

/** What a request has to say about an error. */
export function adviceOf({ advise }: Request, code: string, extack: Extack): string | undefined {
  return typeof advise === 'function' ? advise(code, extack) : advise?.[code]
}

/** What became of a request. */
export interface Outcome<T = unknown> {
  readonly error: Error | null
  readonly values: readonly T[]
  /** Answers of a batch were lost (ENOBUFS): whether the kernel took it is to be asked. */
  readonly lost?: true
}

/**
 * The same request with advice of its own and namespaces to hold. Spelled out: an object that begins with a spread and gains
 * properties costs V8 half a microsecond, and everything that reads it more.
 */
export function refined<T>(
  asked: Request<T>,
  { advise, holds }: Pick<Request, 'advise' | 'holds'>,
): Request<T> {
  const { message, body, flags, answer, mayBeAbsent, read, subject } = asked
  return { message, body, flags, answer, mayBeAbsent, read, subject, advise, holds }
}

/** The same request, what it reads passed through `map`; undefined leaves a value out. */
export function mapped<T, R>(asked: Request<T>, map: (value: T) => R | undefined): Request<R> {
  const { read } = asked
  if (read === undefined) return asked as Request<never>
  return {
    ...asked,
    read(bytes, start, end, type) {
      const value = read(bytes, start, end, type)
      return value === undefined ? undefined : map(value)
    },
  }
}
