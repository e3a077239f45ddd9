import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import type { NetnsLike, Operation } from '../netlink/operation.js'
import type { Transaction } from '../nftables/recorder.js'
import { checkOneDevice } from './check.js'
import { Made } from './made.js'
import { addOwnTable, allowed, OWN } from './own-table.js'
import { change } from './settle.js'

/** Between which interfaces; at least one of them. */
export interface AllowForwardingOptions extends CallOptions {
  /** Where connections come in; without it anywhere. */
  from?: string | undefined
  /** Where they leave; without it anywhere. */
  to?: string | undefined
}

/** Connections that isolate() lets pass. */
export interface AllowedForwarding {
  readonly verb: 'allowForwarding'
  readonly from: string | null
  readonly to: string | null
}

/**
 * Lets connections from one interface to another, and their answers, pass what isolate() keeps apart. The tables of other programs decide
 * for themselves: what one of them drops stays dropped.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example await allowForwarding({ from: 'v-net-0', to: 'eth0' })
 */
export function* allowForwarding(options: AllowForwardingOptions): Operation<Made<AllowedForwarding>> {
  checkKeys('allowForwarding', options, ['from', 'to', ...CALL_OPTIONS])
  const { netns } = options
  const from = options.from === undefined ? null : checkOneDevice(options.from, 'from')
  const to = options.to === undefined ? null : checkOneDevice(options.to, 'to')
  if (from === null && to === null) throw new TypeError('allowForwarding: it needs from, to or both')
  const [set, key] = elementOf(from, to)
  const elements = { ...OWN, set: set.name, elements: [key] }
  yield* change(netns, (tx) => {
    addOwnTable(tx)
    tx.addSet(set)
    tx.addElements(elements)
  })
  return madeAllowance(from, to, netns)
}

function elementOf(from: string | null, to: string | null) {
  if (from !== null && to !== null) return [allowed.pairs, [from, to]] as const
  return from === null ? ([allowed.to, to!] as const) : ([allowed.from, from] as const)
}

/** An allowance with what withdraws it. */
export function madeAllowance(
  from: string | null,
  to: string | null,
  netns: NetnsLike | undefined,
): Made<AllowedForwarding> {
  const [set, key] = elementOf(from, to)
  const elements = { ...OWN, set: set.name, elements: [key] }
  // Added first, so that an element which is gone already is no error. Somebody else's set of the name (EEXIST) has none of ours.
  const record = (tx: Transaction) => {
    tx.addSet(set)
    tx.addElements(elements)
    tx.deleteElements(elements)
  }
  return new Made({ verb: 'allowForwarding', from, to }, () => change(netns, record, ['ENOENT', 'EEXIST']))
}
