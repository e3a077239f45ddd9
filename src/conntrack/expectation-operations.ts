import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, dump, type Operation, request, unabortable } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { type ConntrackTupleInput, checkFamily, checkTuple, checkZone } from './check.js'
import { delExpectation, getExpectationMessage } from './expect-table.js'
import { type Expectation, readExpectation } from './expectation.js'
import {
  deleteExpectationRequest,
  EXPECTATION_KEYS,
  type ExpectationInput,
  type ExpectationKey,
  newExpectationRequest,
} from './expectation-input.js'
import { checkHelper } from './input.js'
import { type ConntrackFamily, protocolFamily, tupleBody } from './tuple.js'

/** Which expectations, and where. */
export interface ListExpectationsOptions extends CallOptions {
  family?: ConntrackFamily | undefined
  /** Those of one connection: its original direction. */
  master?: ConntrackTupleInput | undefined
  /** The zone of the master. */
  zone?: number | undefined
}

/** The expectation, and where. */
export interface AddExpectationOptions extends ExpectationInput, CallOptions {}

/** Which expectation, and where. */
export interface DeleteExpectationOptions extends ExpectationKey, CallOptions {}

/** Which expectations, and where. */
export interface FlushExpectationsOptions extends CallOptions {
  /** Those of one helper; without it all. */
  helper?: string | undefined
}

/**
 * The connections that helpers expect in a namespace. The kernel filters by family and by master.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENOENT for a master that is not there
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example for (const { tuple, helper } of await listExpectations()) console.log(helper, tuple.dst, tuple.dport)
 */
export function* listExpectations(options: ListExpectationsOptions = {}): Operation<Expectation[]> {
  checkKeys('listExpectations', options, ['family', 'master', 'zone', ...CALL_OPTIONS])
  const asked = listRequest(options)
  return yield* withNetfilter(options.netns, (channel) => dump(channel, asked))
}

function listRequest({ family, master, zone }: ListExpectationsOptions): Request<Expectation> {
  const tuple = master === undefined ? null : checkTuple(master, 'master', checkFamily(family))
  if (zone !== undefined) checkZone(zone, 'zone')
  if (zone !== undefined && tuple === null) throw new TypeError('zone: of no use without master')
  const number = tuple === null ? checkFamily(family) : protocolFamily(tuple.src)
  const attributes = tuple === null ? {} : { master: tupleBody(tuple, number), zone: zone || undefined }
  return {
    message: getExpectationMessage,
    body: { header: { family: number }, attributes },
    // Of a master that has no helper the kernel (ctnetlink_dump_exp_ct()) dumps nothing, not even an end: this acknowledges it.
    flags: NLM_F_ACK,
    answer: 'dump',
    read: readExpectation,
    advise: { ENOENT: 'there is no such master' },
  }
}

/**
 * Makes the kernel expect a connection, as a helper does that reads along outside of it. The master needs a helper (`helper` of
 * addConntrack()). A `timeout` is a second request.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EEXIST where there is one, ENOENT where the
 * master is not there, EOPNOTSUPP where it has no helper
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example
 * await addExpectation({
 *   master: { protocol: 'tcp', src: '192.0.2.7', sport: 40000, dst: '192.0.2.1', dport: 21 },
 *   tuple: { protocol: 'tcp', src: '192.0.2.7', sport: 0, dst: '192.0.2.1', dport: 50000 },
 *   mask: { sport: 0 },
 *   timeout: 60,
 * })
 */
export function* addExpectation(expectation: AddExpectationOptions): Operation<void> {
  checkKeys('addExpectation', expectation, [...EXPECTATION_KEYS, ...CALL_OPTIONS])
  const asked = newExpectationRequest(expectation, NLM_F_CREATE | NLM_F_EXCL)
  yield* withNetfilter(expectation.netns, function* (channel) {
    yield* unabortable(created(channel, asked, expectation.timeout !== undefined))
  })
}

/** A new one has the time of the helper's policy; the kernel looks at what is said when one that is there is changed. */
function* created(channel: Channel, asked: Request, hasTimeout: boolean): Operation<void> {
  yield* request(channel, asked)
  if (hasTimeout) yield* request(channel, { ...asked, flags: 0, mayBeAbsent: true })
}

/**
 * Makes the kernel expect a connection no longer.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ENOENT where there is none
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example for (const expectation of await listExpectations()) await deleteExpectation(expectation)
 */
export function* deleteExpectation(expectation: DeleteExpectationOptions): Operation<void> {
  checkKeys('deleteExpectation', expectation, [...EXPECTATION_KEYS, ...CALL_OPTIONS])
  const asked = deleteExpectationRequest(expectation)
  yield* withNetfilter(expectation.netns, (channel) => request(channel, asked))
}

/**
 * Makes the kernel expect nothing any more, or nothing that one helper has announced: one request.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see conntrack(8), linux/netfilter/nfnetlink_conntrack.h
 * @example await flushExpectations({ helper: 'ftp' })
 */
export function* flushExpectations(options: FlushExpectationsOptions = {}): Operation<void> {
  checkKeys('flushExpectations', options, ['helper', ...CALL_OPTIONS])
  const { helper } = options
  if (helper !== undefined) checkHelper(helper)
  const asked: Request = {
    message: delExpectation,
    body: { header: {}, attributes: { helpName: helper } },
    flags: 0,
    answer: 'ack',
  }
  yield* withNetfilter(options.netns, (channel) => request(channel, asked))
}
