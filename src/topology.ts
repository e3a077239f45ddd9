/** netlink-ts/topology: whole networks as one value. Every operation is a promise here; ./topology/sync has the same by value. */

import { type Face, makeFace, type Runner } from './face.js'
import { runCall } from './socket/async-driver.js'
import * as operations from './topology/operations.js'

export { type SettledOptions, settled } from './monitor/settled.js'
export * from './topology/public.js'
export { drawTopologySvg } from './topology/svg.js'

const run: Runner = (operation, here, args) => runCall(operation, here, args)

const face: Face<typeof operations, 'promised', never> = makeFace(operations, run)

export const {
  applyTopology,
  createTopology,
  deleteTopology,
  planTopology,
  readTopology,
  recoverTopologies,
} = face
