/** The operations of netlink-ts/nftables by value: each call returns when the kernel has answered. */

import { type Face, makeFace, type Runner } from './face.js'
import { withHandles } from './nat/made.js'
import * as operations from './nat/operations.js'
import type { NetnsHandle } from './netlink/operation.js'
import { runSync, runSyncCall } from './socket/sync-driver.js'

export type { Handle } from './face.js'
export * from './nat/public.js'
export type { CallOptions } from './netlink/call.js'
export { DumpInterruptedError, NetlinkError, SystemError } from './netlink/errors.js'
export * from './nftables/public.js'
export { NftablesSocket, openNftables } from './nftables-socket-sync.js'

const run: Runner = (operation, here, args) =>
  withHandles(runSyncCall(operation, here, args), (withdrawal) => runSync(withdrawal, here))

const face: Face<typeof operations, 'immediate', NetnsHandle> = makeFace(operations, run)

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
