/** The types that callers of netlink-ts/conntrack meet. */

export type { CallOptions } from '../netlink/call.js'
export { NetlinkError, SystemError } from '../netlink/errors.js'
export type { NetnsHandle, NetnsLike } from '../netlink/operation.js'
export type { IpProtocol } from '../netlink/protocols.js'
export type { AddConntrackOptions, DeleteConntrackOptions, UpdateConntrackOptions } from './change.js'
export type { ConntrackTupleInput } from './check.js'
export type {
  BigConntrackCounters,
  ConntrackCounter,
  ConntrackCounters,
  ConntrackDccp,
  ConntrackEntry,
  ConntrackSctp,
  ConntrackSeqAdjust,
  ConntrackSeqOffset,
  ConntrackState,
  ConntrackStatus,
  ConntrackSynproxy,
  ConntrackTcp,
  ConntrackTcpFlag,
  ConntrackTimestamp,
  DccpState,
  SctpState,
  TcpState,
} from './entry.js'
export type { Expectation, ExpectationFlag, ExpectationNat } from './expectation.js'
export type { ExpectationInput, ExpectationKey } from './expectation-input.js'
export type {
  AddExpectationOptions,
  DeleteExpectationOptions,
  FlushExpectationsOptions,
  ListExpectationsOptions,
} from './expectation-operations.js'
export type { ConntrackFilter, ConntrackTupleFilter, PortFilter } from './filter.js'
export type { FlushConntrackOptions, FlushPortOptions } from './flush.js'
export type { ConntrackChange, ConntrackInput } from './input.js'
export type { ConntrackKey } from './key.js'
export type { GetConntrackOptions, ListConntrackOptions } from './list.js'
export type { ConntrackCpuStats, ConntrackStats, ConntrackStatsOptions } from './stats.js'
export type { ConntrackFamily, ConntrackIcmp, ConntrackTuple } from './tuple.js'
