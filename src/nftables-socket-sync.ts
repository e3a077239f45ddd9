/** A socket of nf_tables that is kept, by value. */

import type { CallOptions } from './netlink/call.js'
import { checkKeys } from './netlink/check.js'
import { NETLINK_NETFILTER } from './netlink/netfilter.js'
import { KEPT_SEND_BUFFER } from './nftables/large.js'
import type { Transaction } from './nftables/recorder.js'
import { type TransactionOptions, type TransactionResult, transactionOn } from './nftables/transaction.js'
import { Opened } from './raw/opened.js'
import { openCore } from './socket/place.js'
import type { SyncChannel } from './socket/sync-channel.js'
import { openChannel, runSyncCall } from './socket/sync-driver.js'

/** A socket to which tables belong that are made with the flag 'owner'. Made by openNftables(); to be closed. */
export class NftablesSocket implements Disposable {
  readonly #opened: Opened<SyncChannel>

  /** @internal */
  constructor(opened: Opened<SyncChannel>) {
    this.#opened = opened
    opened.keep()
  }

  /**
   * Changes the ruleset of the socket's namespace, as transaction() does. A table that is made with `flags: ['owner']` is changed and deleted by
   * this socket alone (EPERM otherwise) and goes with it; with 'persist' besides (Linux 6.9) it stays then, and belongs to nobody.
   *
   * @throws as transaction(); SystemError EBADF after close()
   */
  transaction(
    record: (tx: Transaction) => void,
    options: Omit<TransactionOptions, 'netns' | 'signal'> = {},
  ): TransactionResult {
    return runSyncCall(transactionOn(this.#opened.channel, record, options), undefined, [options])
  }

  /** Closes the socket, with which its tables go; idempotent. */
  close(): void {
    this.#opened.close()
  }

  [Symbol.dispose](): void {
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
 * using mine = openNftables()
 * mine.transaction((tx) => {
 *   tx.addTable({ family: 'inet', name: 'mine', flags: ['owner'] })
 *   tx.addChain({ family: 'inet', table: 'mine', name: 'in', type: 'filter', hook: 'input', priority: 'filter' })
 * })
 */
export function openNftables(options: Pick<CallOptions, 'netns'> = {}): NftablesSocket {
  checkKeys('openNftables', options, ['netns'])
  const core = options.netns === undefined ? null : openCore(options.netns)
  try {
    const channel = openChannel(NETLINK_NETFILTER, core, undefined, KEPT_SEND_BUFFER)
    return new NftablesSocket(new Opened(channel, core, 'openNftables()'))
  } catch (error) {
    core?.close()
    throw error
  }
}
