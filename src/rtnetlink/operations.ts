/** The operations that act inside a namespace: the methods of a handle. */

export { addAddress, deleteAddress, replaceAddress } from './address/change.js'
export { flushAddresses, listAddresses } from './address/list.js'
export { listAnycastAddresses, listMulticastAddresses } from './address/list-joined.js'
export { batch } from './batch.js'
export {
  addFdbEntry,
  appendFdbEntry,
  deleteFdbEntry,
  flushFdb,
  replaceFdbEntry,
} from './bridge/fdb/change.js'
export { getFdbEntry, listFdb } from './bridge/fdb/list.js'
export { addMdbEntry, deleteMdbEntry, flushMdb, replaceMdbEntry } from './bridge/mdb/change.js'
export { getMdbEntry, listMdb, listMdbRouterPorts } from './bridge/mdb/list.js'
export { listBridgeMst, setBridgeMst } from './bridge/mst.js'
export { getBridgePort, listBridgePorts, setBridgePort } from './bridge/port/operations.js'
export { addBridgeVlan, deleteBridgeVlan } from './bridge/vlan/change.js'
export { listBridgeVlans, listGlobalBridgeVlans } from './bridge/vlan/list.js'
export { setBridgeVlan, setGlobalBridgeVlan } from './bridge/vlan/options.js'
export { createBridge, createLink } from './link/create.js'
export { deleteLink, deleteLinkGroup } from './link/delete.js'
export { getLink, listLinks } from './link/list.js'
export { getLinkStats, listLinkStats } from './link/list-stats.js'
export { moveLink } from './link/move.js'
export { setLink } from './link/set.js'
export { setLinkGroup } from './link/set-group.js'
export { createVethPair } from './link/veth.js'
export {
  addMplsRoute,
  deleteMplsRoute,
  listMplsRoutes,
  replaceMplsRoute,
} from './mpls/operations.js'
export { listMulticastRoutes } from './multicast-route/operations.js'
export { addNeighbour, deleteNeighbour, replaceNeighbour } from './neighbour/change.js'
export { flushNeighbours, listNeighbours } from './neighbour/list.js'
export { listNeighbourTables, setNeighbourTable } from './neighbour-table/operations.js'
export { listNetconf } from './netconf/operations.js'
export {
  addNexthop,
  deleteNexthop,
  listNexthops,
  replaceNexthop,
} from './nexthop/operations.js'
export { getNsid, listNsids, setNsid } from './nsid/operations.js'
export {
  addRoute,
  appendRoute,
  deleteRoute,
  flushRoutes,
  getRoute,
  listRoutes,
  replaceRoute,
} from './route/operations.js'
export { addRule, deleteRule, listRules } from './rule/operations.js'
