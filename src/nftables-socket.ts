/** A socket of nf_tables that is kept: tables can belong to it. */

import type { CallOptions } from './netlink/call.js'
import { checkKeys } from './netlink/check.js'
import { NETLINK_NETFILTER } from './netlink/netfilter.js'
import { NETNS } from './netlink/operation.js'
import { KEPT_SEND_BUFFER } from './nftables/large.js'
import type { Transaction } from './nftables/recorder.js'
import { type TransactionOptions, type TransactionResult, transactionOn } from './nftables/transaction.js'
import { Opened } from './raw/opened.js'
import { AsyncChannel } from './socket/async-channel.js'
import { runCall } from './socket/async-driver.js'
import { openSocket } from './socket/open.js'
import { openCore } from './socket/place.js'
import { requestSettings } from './socket/settings.js'

/** A socket to which tables belong that are made with the flag 'owner'. Made by openNftables(); to be closed. */
export class NftablesSocket implements AsyncDisposable, Disposable {
  readonly #opened: Opened<AsyncChannel>

  /** @internal */
  constructor(opened: Opened<AsyncChannel>) {
    this.#opened = opened
    opened.keep()
  }

  /**
   * Changes the ruleset of the socket's namespace, as transaction() does. A table that is made with `flags: ['owner']` is changed and deleted by
   * this socket alone (EPERM otherwise) and goes with it; with 'persist' besides (Linux 6.9) it stays then, and belongs to nobody.
   *
   * @throws as transaction(); SystemError EBADF after close()
   */
  async transaction(
    record: (tx: Transaction) => void,
    options: Omit<TransactionOptions, 'netns'> = {},
  ): Promise<TransactionResult> {
    const { channel } = this.#opened
    return await runCall(transactionOn(channel, record, options), undefined, [options])
  }

  /**
   * Closes the socket, with which its tables go; idempotent. A transaction under way fails with EBADF; where it had left, the kernel may have
   * committed it.
   */
  close(): void {
    this.#opened.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

/**
 * Opens a socket for transactions that is kept, so that tables can belong to it: they are there until close() or the end of the program, whichever way
 * it ends, and nobody else changes them. Linux 5.12. What others have, it can change as transaction() can. Lists of other sockets show all; before
 * Linux 6.3 not the elements of sets in such tables (EPERM), unless that was mended in the kernel later.
 *
 * @throws TypeError for options that do not exist; SystemError where the namespace or the socket cannot be opened
 * @see nft(8) (`flags owner`), linux/netfilter/nf_tables.h (NFT_TABLE_F_OWNER)
 * @example
 * await using mine = await openNftables()
 * await mine.transaction((tx) => {
 *   tx.addTable({ family: 'inet', name: 'mine', flags: ['owner'] })
 *   tx.addChain({ family: 'inet', table: 'mine', name: 'in', type: 'filter', hook: 'input', priority: 'filter' })
 * })
 */
export async function openNftables(options: Pick<CallOptions, 'netns'> = {}): Promise<NftablesSocket> {
  checkKeys('openNftables', options, ['netns'])
  const core = options.netns === undefined ? null : openCore(options.netns)
  try {
    const netns = core === null ? undefined : { [NETNS]: core }
    const settings = requestSettings(KEPT_SEND_BUFFER)
    const { socket, where } = await openSocket(netns, NETLINK_NETFILTER, settings)
    const channel = new AsyncChannel(socket, where, NETLINK_NETFILTER)
    return new NftablesSocket(new Opened(channel, core, 'openNftables()'))
  } catch (error) {
    core?.close()
    throw error
  }
}
