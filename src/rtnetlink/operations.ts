/** The operations that act inside a namespace: the methods of a handle. */

export { addAddress, deleteAddress, replaceAddress } from './address/change.js'
export { flushAddresses, listAddresses } from './address/list.js'
export { batch } from './batch.js'
export { createBridge, createLink } from './link/create.js'
export { getLink, listLinks } from './link/list.js'
export { deleteLink, moveLink, setLink } from './link/set.js'
export { createVethPair } from './link/veth.js'
export { getNsid, setNsid } from './nsid/operations.js'
export { addNeighbour, deleteNeighbour, replaceNeighbour } from './neighbour/change.js'
export { flushNeighbours, listNeighbours } from './neighbour/list.js'
export {
  addRoute,
  appendRoute,
  deleteRoute,
  flushRoutes,
  getRoute,
  listRoutes,
  replaceRoute,
} from './route/operations.js'
