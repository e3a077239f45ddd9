/** The operations that act inside a namespace: the methods of a handle. */

export { addAddress, deleteAddress, replaceAddress } from './address/change.js'
export { flushAddresses, listAddresses } from './address/list.js'
export { listAnycastAddresses, listMulticastAddresses } from './address/list-joined.js'
export {
  addAddressLabel,
  deleteAddressLabel,
  flushAddressLabels,
  listAddressLabels,
} from './address-label/operations.js'
export { batch } from './batch.js'
export * from './bridge/operations.js'
export * from './link/operations.js'
export { getMplsRoute } from './mpls/lookup.js'
export {
  addMplsRoute,
  changeMplsRoute,
  deleteMplsRoute,
  flushMplsRoutes,
  listMplsRoutes,
  replaceMplsRoute,
} from './mpls/operations.js'
export { listMulticastRoutes } from './multicast-route/operations.js'
export { addNeighbour, changeNeighbour, deleteNeighbour, replaceNeighbour } from './neighbour/change.js'
export { flushNeighbours, getNeighbour, listNeighbours } from './neighbour/list.js'
export { listNeighbourTables, setNeighbourTable } from './neighbour-table/operations.js'
export { listNetconf } from './netconf/operations.js'
export { getNexthopBucket, listNexthopBuckets } from './nexthop/bucket.js'
export {
  addNexthop,
  deleteNexthop,
  flushNexthops,
  getNexthop,
  listNexthops,
  replaceNexthop,
} from './nexthop/operations.js'
export { getNsid, listNsids, setNsid } from './nsid/operations.js'
export {
  addRoute,
  appendRoute,
  changeRoute,
  deleteRoute,
  flushRoutes,
  getRoute,
  listRoutes,
  prependRoute,
  replaceRoute,
} from './route/operations.js'
export { addRule, deleteRule, flushRules, listRules } from './rule/operations.js'
export { createTuntap, openTuntap } from './tuntap/operations.js'
export { addVxlanVni, deleteVxlanVni, listVxlanVnis } from './vxlan-vni/operations.js'
