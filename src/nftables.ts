/** netlink-ts/nftables: packet filters and NAT over netlink. Every operation is a promise here; ./nftables/sync has the same by value. */

import { type Face, makeFace, type Runner, signalOf } from './face.js'
import type { NetnsHandle } from './netlink/operation.js'
import * as operations from './nftables/operations.js'
import { runAsync } from './socket/async-driver.js'

export * from './monitor/nftables.js'
export type { CallOptions } from './netlink/call.js'
export { DumpInterruptedError, NetlinkError, SystemError } from './netlink/errors.js'
export * from './nftables/public.js'
export type { Feed } from './socket/feed.js'

const run: Runner = (operation, here, args) => runAsync(operation, here, signalOf(args))

const face: Face<typeof operations, 'promised', NetnsHandle> = makeFace(operations, run)

export const {
  transaction,
  listRuleset,
  listTables,
  listChains,
  listRules,
  listSets,
  listElements,
  listObjects,
  listFlowtables,
  getGeneration,
} = face
