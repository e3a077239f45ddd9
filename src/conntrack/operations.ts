/** The operations of netlink-ts/conntrack, by the name that they have in both faces. */

export { addConntrack, deleteConntrack, updateConntrack } from './change.js'
export {
  addExpectation,
  deleteExpectation,
  flushExpectations,
  listExpectations,
} from './expectation-operations.js'
export { flushConntrack, flushConntrackPort } from './flush.js'
export { getConntrack, listConntrack } from './list.js'
export { conntrackStats, countConntrack } from './stats.js'
