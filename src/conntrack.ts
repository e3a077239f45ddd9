/** netlink-ts/conntrack: the connections that the kernel tracks. Every operation is a promise here; ./conntrack/sync has the same by value. */

import * as operations from './conntrack/operations.js'
import { type Face, makeFace, type Runner } from './face.js'
import { runCall } from './socket/async-driver.js'

export * from './conntrack/public.js'
export * from './monitor/conntrack.js'
export type { Feed } from './socket/feed.js'

const run: Runner = (operation, here, args) => runCall(operation, here, args)

const face: Face<typeof operations, 'promised', never> = makeFace(operations, run)

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
