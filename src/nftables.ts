/** netlink-ts/nftables: packet filters and NAT over netlink. Every operation is a promise here; ./nftables/sync has the same by value. */

import { type Face, makeFace, type Runner } from './face.js'
import { withHandles } from './nat/made.js'
import * as operations from './nat/operations.js'
import type { NetnsHandle } from './netlink/operation.js'
import { runAsync, runCall } from './socket/async-driver.js'

export type { Handle } from './face.js'
export * from './monitor/nftables.js'
export * from './nat/public.js'
export type { CallOptions } from './netlink/call.js'
export { DumpInterruptedError, NetlinkError, SystemError } from './netlink/errors.js'
export * from './nftables/public.js'
export { NftablesSocket, openNftables } from './nftables-socket.js'
export type { Feed } from './socket/feed.js'

const run: Runner = (operation, here, args) =>
  runCall(operation, here, args, (result) => withHandles(result, (withdrawal) => runAsync(withdrawal, here)))

const face: Face<typeof operations, 'promised', NetnsHandle> = makeFace(operations, run)

export const {
  transaction,
  listRuleset,
  listTables,
  listChains,
  listRules,
  listSets,
  listElements,
  getElement,
  listObjects,
  listFlowtables,
  listHooks,
  getGeneration,
  getCgroupId,
  masquerade,
  publishPort,
  allowForwarding,
  isolate,
  blockPort,
  enableForwarding,
  listNat,
} = face
