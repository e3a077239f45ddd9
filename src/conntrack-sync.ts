/** The operations of netlink-ts/conntrack, by value: each call returns when the kernel has answered. */

import * as operations from './conntrack/operations.js'
import { type Face, makeFace, type Runner } from './face.js'
import { runSyncCall } from './socket/sync-driver.js'

export * from './conntrack/public.js'

const run: Runner = (operation, here, args) => runSyncCall(operation, here, args)

const face: Face<typeof operations, 'immediate', never> = makeFace(operations, run)

export const {
  listConntrack,
  getConntrack,
  addConntrack,
  updateConntrack,
  deleteConntrack,
  flushConntrack,
  flushConntrackPort,
  countConntrack,
  conntrackStats,
  listExpectations,
  addExpectation,
  deleteExpectation,
  flushExpectations,
} = face
