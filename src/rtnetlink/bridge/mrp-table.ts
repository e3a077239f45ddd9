/**
 * IFLA_BRIDGE_MRP: rings without loops that heal themselves (Media Redundancy Protocol, IEC 62439-2). Enums IFLA_BRIDGE_MRP_* of
 * linux/if_bridge.h and BR_MRP_* of linux/mrp_bridge.h; types of br_mrp_netlink.c. Interfaces are ifindexes, times microseconds.
 * No operation has them: they are for messages of one's own and for those that are decoded.
 */

import { attributes, enumeration, flagged, names, nested, repeated, u16, u32 } from '../../codec/index.js'
import { bool32 } from '../link/types.js'

/** The part that the bridge takes in a ring: manager, client, or whichever is needed. */
const ringRole = enumeration(u32, names({ disabled: 0, client: 1, manager: 2, 'automatic-manager': 3 }))
/** The part that it takes where rings meet. */
const interconnectRole = enumeration(u32, names({ disabled: 0, client: 1, manager: 2 }))
const ringState = enumeration(u32, names({ open: 0, closed: 1 }))
const portState = enumeration(u32, names({ disabled: 0, blocked: 1, forwarding: 2, 'not-connected': 3 }))
const portRole = enumeration(u32, names({ primary: 0, secondary: 1, interconnect: 2 }))

export const mrpInstance = attributes('IFLA_BRIDGE_MRP_INSTANCE', {
  ringId: [1, u32],
  pIfindex: [2, u32],
  sIfindex: [3, u32],
  prio: [4, u16],
})
export const mrpPortState = attributes('IFLA_BRIDGE_MRP_PORT_STATE', { state: [1, portState] })
export const mrpPortRole = attributes('IFLA_BRIDGE_MRP_PORT_ROLE', { role: [1, portRole] })
export const mrpRingState = attributes('IFLA_BRIDGE_MRP_RING_STATE', {
  ringId: [1, u32],
  state: [2, ringState],
})
export const mrpRingRole = attributes('IFLA_BRIDGE_MRP_RING_ROLE', { ringId: [1, u32], role: [2, ringRole] })
export const mrpStartTest = attributes('IFLA_BRIDGE_MRP_START_TEST', {
  ringId: [1, u32],
  interval: [2, u32],
  maxMiss: [3, u32],
  period: [4, u32],
  monitor: [5, bool32],
})
/** What the kernel tells of a ring (RTEXT_FILTER_MRP). */
export const mrpInfo = attributes('IFLA_BRIDGE_MRP_INFO', {
  ringId: [1, u32],
  pIfindex: [2, u32],
  sIfindex: [3, u32],
  prio: [4, u16],
  ringState: [5, ringState],
  ringRole: [6, ringRole],
  testInterval: [7, u32],
  testMaxMiss: [8, u32],
  testMonitor: [9, bool32],
  iIfindex: [10, u32],
  inState: [11, ringState],
  inRole: [12, interconnectRole],
  inTestInterval: [13, u32],
  inTestMaxMiss: [14, u32],
})
export const mrpInState = attributes('IFLA_BRIDGE_MRP_IN_STATE', { inId: [1, u16], state: [2, ringState] })
export const mrpInRole = attributes('IFLA_BRIDGE_MRP_IN_ROLE', {
  ringId: [1, u32],
  inId: [2, u16],
  role: [3, interconnectRole],
  iIfindex: [4, u32],
})
export const mrpStartInTest = attributes('IFLA_BRIDGE_MRP_START_IN_TEST', {
  inId: [1, u16],
  interval: [2, u32],
  maxMiss: [3, u32],
  period: [4, u32],
})

/** One change each; `info` is what answers hold, one for each ring. */
export const mrpAttributes = attributes('IFLA_BRIDGE_MRP', {
  instance: [1, flagged(nested(mrpInstance))],
  portState: [2, flagged(nested(mrpPortState))],
  portRole: [3, flagged(nested(mrpPortRole))],
  ringState: [4, flagged(nested(mrpRingState))],
  ringRole: [5, flagged(nested(mrpRingRole))],
  startTest: [6, flagged(nested(mrpStartTest))],
  info: [7, repeated(flagged(nested(mrpInfo)))],
  inRole: [8, flagged(nested(mrpInRole))],
  inState: [9, flagged(nested(mrpInState))],
  startInTest: [10, flagged(nested(mrpStartInTest))],
})
