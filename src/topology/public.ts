/** What both faces of netlink-ts/topology export besides the operations. */

export type { CallOptions } from '../netlink/call.js'
export { NetlinkError, SystemError } from '../netlink/errors.js'
export type { Call, CallLink, Step } from './call.js'
export type { TopologyOptions } from './create.js'
export type { RecoveredTopology } from './delete.js'
export { type DrawOptions, drawTopology } from './draw.js'
export { TopologyError } from './error.js'
export type { Reference } from './network.js'
export { normalizeTopology, TopologyPlan } from './plan.js'
export { type LeafSpineOptions, leafSpine, line, pair, ring, type ShapeOptions, star } from './shapes.js'
export type {
  Topology,
  TopologyAddress,
  TopologyBridge,
  TopologyKind,
  TopologyKindLink,
  TopologyLink,
  TopologyLinkSettings,
  TopologyMasquerade,
  TopologyNamespace,
  TopologyNat,
  TopologyNeighbour,
  TopologyNexthop,
  TopologyPlace,
  TopologyPort,
  TopologyRoute,
  TopologyRule,
  TopologyVeth,
} from './value.js'
