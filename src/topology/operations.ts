/** The operations of netlink-ts/topology, by the name that they have in both faces. */

export { applyTopology } from './apply.js'
export { createTopology } from './create.js'
export { deleteTopology, recoverTopologies } from './delete.js'
export { planTopology, readTopology } from './plan.js'
