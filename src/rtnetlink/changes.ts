/** The changes that are one request each: operations of their own, and what a batch is made of. */

export { addAddress, deleteAddress, replaceAddress } from './address/change.js'
export { addAddressLabel, deleteAddressLabel } from './address-label/operations.js'
export {
  addFdbEntry,
  appendFdbEntry,
  deleteFdbEntry,
  flushFdb,
  replaceFdbEntry,
} from './bridge/fdb/change.js'
export { addMdbEntry, deleteMdbEntry, flushMdb, replaceMdbEntry } from './bridge/mdb/change.js'
export { setBridgeMst } from './bridge/mst.js'
export { setBridgePort } from './bridge/port/operations.js'
export { addBridgeVlan, deleteBridgeVlan } from './bridge/vlan/change.js'
export { setBridgeVlan, setGlobalBridgeVlan } from './bridge/vlan/options.js'
export { deleteLink, deleteLinkGroup } from './link/delete.js'
export { setLink } from './link/set.js'
export { setLinkGroup } from './link/set-group.js'
export { setLinkStats } from './link/set-stats.js'
export { addMplsRoute, changeMplsRoute, deleteMplsRoute, replaceMplsRoute } from './mpls/operations.js'
export { addNeighbour, changeNeighbour, deleteNeighbour, replaceNeighbour } from './neighbour/change.js'
export { setNeighbourTable } from './neighbour-table/operations.js'
export { addNexthop, deleteNexthop, replaceNexthop } from './nexthop/operations.js'
export {
  addRoute,
  appendRoute,
  changeRoute,
  deleteRoute,
  prependRoute,
  replaceRoute,
} from './route/operations.js'
export { addRule, deleteRule } from './rule/operations.js'
export { addVxlanVni, deleteVxlanVni } from './vxlan-vni/operations.js'
