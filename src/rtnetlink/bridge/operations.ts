/** The operations on the tables of bridges. */

export {
  addFdbEntry,
  appendFdbEntry,
  deleteFdbEntry,
  flushFdb,
  replaceFdbEntry,
} from './fdb/change.js'
export { getFdbEntry, listFdb } from './fdb/list.js'
export { addMdbEntry, deleteMdbEntry, flushMdb, replaceMdbEntry } from './mdb/change.js'
export { getMdbEntry, listMdb, listMdbRouterPorts } from './mdb/list.js'
export { listBridgeMst, setBridgeMst } from './mst.js'
export { getBridgePort, listBridgePorts, setBridgePort } from './port/operations.js'
export { addBridgeVlan, deleteBridgeVlan } from './vlan/change.js'
export { listBridgeVlans, listGlobalBridgeVlans } from './vlan/list.js'
export { setBridgeVlan, setGlobalBridgeVlan } from './vlan/options.js'
