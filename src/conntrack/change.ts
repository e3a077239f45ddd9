import { toBits } from '../codec/choice.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.js'
import { EOPNOTSUPP } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, type Operation, request, requestOne } from '../netlink/operation.js'
import {
  CHANGES,
  type CheckedChange,
  type ConntrackChange,
  type ConntrackInput,
  checkChange,
  checkInput,
} from './input.js'
import { type CheckedKey, type ConntrackKey, checkKey, describeKey, ENTRY_KEYS } from './key.js'
import {
  changeConntrackRequest,
  deleteConntrackRequest,
  getConntrackRequest,
  newConntrackRequest,
} from './request.js'
import { conntrackStatuses } from './table.js'

/** The connection, and where. */
export interface AddConntrackOptions extends ConntrackInput, CallOptions {}

/** Which connection, what of it, and where. */
export interface UpdateConntrackOptions extends ConntrackKey, ConntrackChange, CallOptions {}

/** Which connection, and where. */
export interface DeleteConntrackOptions extends ConntrackKey, CallOptions {}

/**
 * Makes an entry for a connection that exists already: one that another machine has tracked so far, say. A listed entry makes itself
 * again, translations included; its id, counters and times are the kernel's and passed over.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EEXIST where there is one, EOPNOTSUPP for a
 * helper that the kernel lacks, ENOENT for a master that is not there
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example
 * await addConntrack({
 *   original: { protocol: 'tcp', src: '192.0.2.7', sport: 40000, dst: '192.0.2.1', dport: 8080 },
 *   reply: { protocol: 'tcp', src: '10.0.0.2', sport: 80, dst: '192.0.2.7', dport: 40000 },
 *   status: ['seen-reply', 'assured'],
 *   timeout: 3600,
 * })
 */
export function* addConntrack(connection: AddConntrackOptions): Operation<void> {
  checkKeys('addConntrack', connection, [...ENTRY_KEYS, ...CALL_OPTIONS])
  const input = checkInput('addConntrack', connection)
  yield* withNetfilter(connection.netns, (channel) =>
    request(channel, newConntrackRequest(input, NLM_F_CREATE | NLM_F_EXCL)),
  )
}

/**
 * Changes a connection; what is not given, or null, stays. Flags of the status can be set, not taken away. The addresses, and to what they
 * are translated, cannot be changed: delete the entry. What else a listed entry has (its master, counters, times) is passed over. A whole
 * listed entry sets back what has changed since, as its state and flags of TCP: name the connection by `original` and give what is to
 * change. `seqAdjust` and `synproxy` are changed first, and stay so where the rest is refused.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ENOENT where there is none, EPERM where the
 * timeout is fixed, ENOSPC for labels of a connection without room for them, EBUSY or EOPNOTSUPP for another helper, EOPNOTSUPP for
 * `seqAdjust` and `synproxy` of a connection without room for them
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example
 * const original = { protocol: 'tcp', src: '192.0.2.7', sport: 40000, dst: '192.0.2.1', dport: 80 } as const
 * await updateConntrack({ original, mark: 0x100, markMask: 0xf00, timeout: 60 })
 */
export function* updateConntrack(connection: UpdateConntrackOptions): Operation<void> {
  checkKeys('updateConntrack', connection, [...new Set([...ENTRY_KEYS, ...CHANGES]), ...CALL_OPTIONS])
  const key = checkKey('updateConntrack', connection)
  const change = checkChange('updateConntrack', connection, key)
  yield* withNetfilter(connection.netns, function* (channel) {
    yield* checkRoom(channel, key, change)
    // The kernel refuses a status without the flags that it has (EBUSY).
    const current =
      change.status === undefined
        ? 0
        : toBits(conntrackStatuses, (yield* requestOne(channel, getConntrackRequest(key))).status)
    yield* request(channel, changeConntrackRequest(key, change, current))
  })
}

/** The kernel says nothing where there is no room for these: they are changed first, and looked at. */
function* checkRoom(
  channel: Channel,
  key: CheckedKey,
  { seqAdjust, synproxy }: CheckedChange,
): Operation<void> {
  if (seqAdjust == null && synproxy == null) return
  const change = changeConntrackRequest(key, { state: null, seqAdjust, synproxy }, 0)
  yield* request(channel, change)
  const now = yield* requestOne(channel, getConntrackRequest(key))
  for (const [field, wanted] of Object.entries({ seqAdjust, synproxy }))
    if (wanted != null && now[field as 'seqAdjust' | 'synproxy'] === null)
      throw new NetlinkError({
        operation: change.message.name,
        errno: EOPNOTSUPP,
        subject: describeKey(key),
        advice: `${field}: the kernel has made no room for it in this connection; addConntrack() does`,
      })
}

/**
 * Deletes an entry, found by `original`, or by `reply` where that is not given. The connection itself goes on: its next packet is tracked anew, and translated as the rules say then.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ENOENT where there is none, or where `id` says
 * another one
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example for (const entry of await listConntrack({ mark: 7 })) await deleteConntrack(entry)
 */
export function* deleteConntrack(connection: DeleteConntrackOptions): Operation<void> {
  checkKeys('deleteConntrack', connection, [...ENTRY_KEYS, ...CALL_OPTIONS])
  const key = checkKey('deleteConntrack', connection)
  yield* withNetfilter(connection.netns, (channel) => request(channel, deleteConntrackRequest(key)))
}
