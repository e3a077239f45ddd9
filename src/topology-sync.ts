/** The operations of netlink-ts/topology by value: each call returns when the kernel has answered. */

import { type Face, makeFace, type Runner } from './face.js'
import { runSyncCall } from './socket/sync-driver.js'
import * as operations from './topology/operations.js'

export * from './topology/public.js'

const run: Runner = (operation, here, args) => runSyncCall(operation, here, args)

const face: Face<typeof operations, 'immediate', never> = makeFace(operations, run)

export const {
  applyTopology,
  createTopology,
  deleteTopology,
  planTopology,
  readTopology,
  recoverTopologies,
} = face
