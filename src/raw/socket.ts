import type { Body, Message } from '../codec/index.js'
import { checkSignal } from '../netlink/call.js'
import { checkArray, checkInteger, checkKeys } from '../netlink/check.js'
import { dump, NETNS, request } from '../netlink/operation.js'
import { AsyncChannel } from '../socket/async-channel.js'
import { runAsync } from '../socket/async-driver.js'
import { eventReader, type MessageReader } from '../socket/event-reader.js'
import type { Loss } from '../socket/event-socket.js'
import type { Feed } from '../socket/feed.js'
import { openSocket } from '../socket/open.js'
import { openCore } from '../socket/place.js'
import { REQUEST_SETTINGS } from '../socket/settings.js'
import {
  checkSubscribeOptions,
  type SubscribeOptions,
  type Subscription,
  subscribe,
} from '../socket/subscribe.js'
import { Opened } from './opened.js'
import {
  checkMessage,
  checkOptions,
  labelOf,
  type NetlinkSocketOptions,
  RAW_KEYS,
  type RawReply,
  type RawRequestOptions,
  rawRequest,
  readReply,
} from './request.js'

/** What a subscription tells: a message that the kernel multicast, read by one of the tables; or that some are missing before it. */
export type RawEvent<M extends Message = Message> =
  | (RawReply<M> & { readonly event: 'message'; readonly name: string })
  | { readonly event: 'resync'; readonly reason: Loss }

/** A netlink socket on the caller's own tables. Made by openNetlinkSocket(); to be closed. */
export class NetlinkSocket implements AsyncDisposable, Disposable {
  readonly protocol: number
  readonly #opened: Opened<AsyncChannel>

  /** @internal */
  constructor(protocol: number, opened: Opened<AsyncChannel>) {
    this.protocol = protocol
    this.#opened = opened
    opened.watch(this)
  }

  /**
   * Sends one request and resolves with what answered it before its acknowledgement: nothing after a change, what was asked for after
   * a get. Requests of one turn of the event loop leave together.
   *
   * @throws RangeError or TypeError for a value that does not fit its table; NetlinkError where the kernel refuses; DecodeError where
   * the answer is not of the table
   */
  async request<M extends Message, R extends Message = M>(
    message: M,
    body: Body<M>,
    options: RawRequestOptions<R> = {},
  ): Promise<readonly RawReply<R>[]> {
    checkKeys('request', options, [...RAW_KEYS, 'signal'])
    const asked = rawRequest('replies', message, body as Body, options)
    return await runAsync(request(this.#opened.channel, asked), undefined, checkSignal(options.signal))
  }

  /**
   * Dumps a table (NLM_F_DUMP). A dump that the kernel marks as interrupted is repeated a few times.
   *
   * @throws as request(), and DumpInterruptedError
   */
  async dump<M extends Message, R extends Message = M>(
    message: M,
    body: Body<M>,
    options: RawRequestOptions<R> = {},
  ): Promise<RawReply<R>[]> {
    checkKeys('dump', options, [...RAW_KEYS, 'signal'])
    const asked = rawRequest('dump', message, body as Body, options)
    return await runAsync(dump(this.#opened.channel, asked), undefined, checkSignal(options.signal))
  }

  /**
   * Joins multicast groups, by number, on a further socket in the same namespace, and reads what comes by the tables given; messages
   * of other types are passed over. Has joined when the promise resolves. See monitor() for `resync` and the end.
   *
   * @throws SystemError where a group cannot be joined, EBADF after close()
   */
  async subscribe<M extends Message>(
    groups: readonly number[],
    messages: readonly M[],
    options: Omit<SubscribeOptions, 'netns'> = {},
  ): Promise<Feed<RawEvent<M>>> {
    checkSubscribeOptions('subscribe', options, ['signal'])
    checkArray(groups, 'groups')
    checkArray(messages, 'messages')
    for (const [i, message] of messages.entries()) checkMessage(message, `messages[${i}]`)
    const { netns } = this.#opened
    const subscription: Subscription<RawEvent<M>> = {
      protocol: this.protocol,
      groups: groups.map((group) => checkInteger(group, 'groups', 1, 0x7fffffff, 'a multicast group')),
      label: `subscribe(${groups.join(', ')})`,
      reader: () => eventReader(messages.map(reader), (reason) => ({ event: 'resync', reason })),
    }
    return await subscribe(subscription, { ...options, netns })
  }

  /** Closes the socket; idempotent. Requests under way fail with EBADF. Subscriptions are closed by themselves. */
  close(): void {
    this.#opened.close(this)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

function reader<M extends Message>(message: M): MessageReader<RawEvent<M>> {
  return {
    message,
    read: (bytes, start, end) => ({
      event: 'message',
      name: message.name,
      ...readReply(message, bytes, start, end, message.number),
    }),
  }
}

/**
 * Opens a netlink socket of any protocol for requests on the caller's own tables (netlink-ts/codec), beside or instead of the
 * operations of this library. It has extended acknowledgements and strict checking, its errors are those of the operations.
 *
 * @throws RangeError for a protocol that is none; SystemError EPROTONOSUPPORT where the kernel lacks it
 * @see netlink(7); docs/raw.md goes through an example
 * @example
 * const id = message('CTRL_CMD_GETFAMILY', 16, struct({ cmd: u8, version: u8, reserved: u16 }), familyAttributes)
 * await using socket = await openNetlinkSocket(16)
 * const [family] = await socket.request(id, { header: { cmd: 3, version: 1 }, attributes: { familyName: 'nlctrl' } })
 */
export async function openNetlinkSocket(
  protocol: number,
  options: NetlinkSocketOptions = {},
): Promise<NetlinkSocket> {
  checkOptions(protocol, options)
  const core = options.netns === undefined ? null : openCore(options.netns)
  try {
    const netns = core === null ? undefined : { [NETNS]: core }
    const { socket, where } = await openSocket(netns, protocol, REQUEST_SETTINGS)
    return new NetlinkSocket(
      protocol,
      new Opened(new AsyncChannel(socket, where, protocol), core, labelOf(protocol)),
    )
  } catch (error) {
    core?.close()
    throw error
  }
}
