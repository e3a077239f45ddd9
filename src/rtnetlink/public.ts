export type { Address } from './address/address.js'
export type { AddAddressOptions, DeleteAddressOptions } from './address/change.js'
export type { ListAddressesOptions } from './address/list.js'
export type {
  AddressFlag,
  AddressInput,
  AddressOptions,
  AddressProtocol,
  AddressScope,
  Lifetime,
} from './address/options.js'
export type { Batch, BatchOptions, BatchResult } from './batch.js'
export { isKind, type Link, type LinkFlag, type LinkStats, type OperState } from './link/link.js'
export type { Dev, IncludeOptions } from './link/request.js'
export type { AddNeighbourOptions, DeleteNeighbourOptions } from './neighbour/change.js'
export type { ListNeighboursOptions } from './neighbour/list.js'
export type { Neighbour, NeighbourTimes } from './neighbour/neighbour.js'
export type { NeighbourFlag, NeighbourInput, NeighbourKey, NeighbourState } from './neighbour/options.js'
export type { RouteFilter } from './route/filter.js'
export type {
  NexthopFlag,
  NexthopInput,
  Realms,
  RouteEncap,
  RouteFlag,
  RouteInput,
  RouteMetrics,
  RoutePreference,
  RouteProtocol,
  RouteScope,
  RouteType,
} from './route/input.js'
export type { GetRouteOptions } from './route/lookup.js'
export type { ListRoutesOptions, RouteOptions } from './route/operations.js'
export type { Route, RouteLookup, RouteNexthop } from './route/route.js'
export type { IpProtocol } from './route/table.js'
