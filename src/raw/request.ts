/** Requests on the caller's own tables, for both faces. */

import { isRecord, show } from '../codec/fault.js'
import {
  type Body,
  decodeBody,
  type Infer,
  type Message,
  type StructValue,
  type Table,
} from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import type { Answer, Request } from '../netlink/request.js'

/** MAX_LINKS (linux/netlink.h) less one. */
const MAX_PROTOCOL = 31

/** Where the socket is opened, for good. */
export interface NetlinkSocketOptions extends Pick<CallOptions, 'netns'> {}

/** How one request of a raw socket is asked and read. */
export interface RawRequestOptions<R extends Message = Message> extends Pick<CallOptions, 'signal'> {
  /** nlmsg_flags besides NLM_F_REQUEST and what the call implies: NLM_F_CREATE (0x400) and the like. */
  flags?: number | undefined
  /** The table that answers are read by, where it is not that of the request. */
  reply?: R | undefined
}

/** A message of an answer. */
export interface RawReply<M extends Message = Message> {
  /** nlmsg_type. */
  readonly type: number
  /** The fixed struct. A kernel older than the table sends fewer fields: then the last ones are missing. */
  readonly header: StructValue<M['header']['members']>
  readonly attributes: Infer<M['table']>
}

/** Throws what is wrong with the arguments of openNetlinkSocket(). */
export function checkOptions(protocol: number, options: NetlinkSocketOptions): void {
  checkInteger(protocol, 'protocol', 0, MAX_PROTOCOL, 'a netlink protocol')
  checkKeys('openNetlinkSocket', options, ['netns'])
}

/** In errors and warnings. */
export const labelOf = (protocol: number) => `openNetlinkSocket(${protocol})`

export const RAW_KEYS = ['flags', 'reply'] as const

/** Throws TypeError for what message() has not made: its parts would be missed later, in words about something else. */
export function checkMessage(message: unknown, field: string): void {
  if (isRecord(message) && isRecord(message['header']) && isTable(message['table'])) return
  throw new TypeError(`${field}: ${show(message)} is not a message type, as message() makes it`)
}

const isTable = (value: unknown) =>
  typeof (value as Partial<Table> | null | undefined)?.byNumber === 'function'

function checkBody(body: unknown): void {
  checkKeys('body', body as object, ['header', 'attributes'])
  for (const part of ['header', 'attributes'] as const) {
    const value = (body as Body)[part] as unknown
    if (!isRecord(value)) throw new TypeError(`body.${part}: ${show(value)} is not an object`)
  }
}

/** Builds a request whose answers are read as a whole. */
export function rawRequest<R extends Message>(
  answer: Answer,
  message: Message,
  body: Body,
  options: RawRequestOptions<R>,
): Request<RawReply<R>> {
  const { flags = 0, reply = message } = options
  checkMessage(message, 'message')
  checkMessage(reply, 'reply')
  checkBody(body)
  return {
    message,
    body,
    flags: checkInteger(flags, 'flags', 0, 0xffff, 'nlmsg_flags'),
    answer,
    read: (bytes, start, end, type) => readReply(reply as R, bytes, start, end, type),
  }
}

/** Reads a message by a table. Throws DecodeError. */
export function readReply<M extends Message>(
  message: M,
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
): RawReply<M> {
  const { header, attributes } = decodeBody(message, bytes, start, end)
  // What decodeBody() gives is whole: Partial is for what callers write.
  return { type, header: header as unknown as RawReply<M>['header'], attributes }
}
