/** What watches instead of asking once, and what reads long tables: asynchronous only. */

export type { Loss, ResyncEvent } from '../socket/event-socket.js'
export type { Feed } from '../socket/feed.js'
export type {
  AddressEvent,
  AnycastAddressEvent,
  BridgePortEvent,
  BridgeVlanEvent,
  EventAction,
  EventOf,
  FdbEvent,
  Inet6Event,
  LinkEvent,
  LinkStatsEvent,
  MdbEvent,
  MonitorEvent,
  MonitorGroup,
  MplsRouteEvent,
  MulticastAddressEvent,
  MulticastRouteEvent,
  NdUserOptionsEvent,
  NeighbourEvent,
  NeighbourMissEvent,
  NetconfEvent,
  NexthopBucketEvent,
  NexthopEvent,
  NsidEvent,
  PrefixEvent,
  RouteEvent,
  RuleEvent,
  VxlanVniEvent,
} from './events.js'
export { type Monitor, type MonitorOptions, monitor } from './monitor.js'
export { type AllNetnsEvent, type AllNetnsMonitor, monitorAllNetns } from './monitor-all.js'
export {
  streamAddresses,
  streamFdb,
  streamLinks,
  streamMplsRoutes,
  streamNeighbours,
  streamNexthopBuckets,
  streamNexthops,
  streamRoutes,
  streamRules,
} from './streams.js'
export { waitUntil } from './wait-until.js'
export { type NetnsEvent, type NetnsNameEvent, type NetnsWatch, watchNetns } from './watch-netns.js'
