import type { Body, Message } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import { dump, request } from '../netlink/operation.js'
import { openCore } from '../socket/place.js'
import type { SyncChannel } from '../socket/sync-channel.js'
import { openChannel, runSync } from '../socket/sync-driver.js'
import { Opened } from './opened.js'
import {
  checkOptions,
  labelOf,
  type NetlinkSocketOptions,
  RAW_KEYS,
  type RawReply,
  type RawRequestOptions,
  rawRequest,
} from './request.js'

/** A netlink socket on the caller's own tables. Made by openNetlinkSocket(); to be closed. */
export class NetlinkSocket implements Disposable {
  readonly protocol: number
  readonly #opened: Opened<SyncChannel>

  /** @internal */
  constructor(protocol: number, opened: Opened<SyncChannel>) {
    this.protocol = protocol
    this.#opened = opened
    opened.watch(this)
  }

  /**
   * Sends one request and returns what answered it before its acknowledgement: nothing after a change, what was asked for after a get.
   *
   * @throws RangeError or TypeError for a value that does not fit its table; NetlinkError where the kernel refuses; DecodeError where
   * the answer is not of the table
   */
  request<M extends Message, R extends Message = M>(
    message: M,
    body: Body<M>,
    options: Omit<RawRequestOptions<R>, 'signal'> = {},
  ): readonly RawReply<R>[] {
    checkKeys('request', options, RAW_KEYS)
    const asked = rawRequest('replies', message, body as Body, options)
    return runSync(request(this.#opened.channel, asked))
  }

  /**
   * Dumps a table (NLM_F_DUMP). A dump that the kernel marks as interrupted is repeated a few times.
   *
   * @throws as request(), and DumpInterruptedError
   */
  dump<M extends Message, R extends Message = M>(
    message: M,
    body: Body<M>,
    options: Omit<RawRequestOptions<R>, 'signal'> = {},
  ): RawReply<R>[] {
    checkKeys('dump', options, RAW_KEYS)
    const asked = rawRequest('dump', message, body as Body, options)
    return runSync(dump(this.#opened.channel, asked))
  }

  /** Closes the socket; idempotent. */
  close(): void {
    this.#opened.close(this)
  }

  [Symbol.dispose](): void {
    this.close()
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
 * using socket = openNetlinkSocket(16)
 * const [family] = socket.request(id, { header: { cmd: 3, version: 1 }, attributes: { familyName: 'nlctrl' } })
 */
export function openNetlinkSocket(protocol: number, options: NetlinkSocketOptions = {}): NetlinkSocket {
  checkOptions(protocol, options)
  const core = options.netns === undefined ? null : openCore(options.netns)
  try {
    return new NetlinkSocket(protocol, new Opened(openChannel(protocol, core), core, labelOf(protocol)))
  } catch (error) {
    core?.close()
    throw error
  }
}
