/** The operations of netlink-ts/topology, by the name that they have in both faces. */

export { createTopology } from './create.js'
export { deleteTopology, recoverTopologies } from './delete.js'
