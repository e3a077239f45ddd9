/** The operations of the root entry, by value: each call returns when the kernel has answered. */

import {
  addMethods,
  addOwnMethods,
  addWatchers,
  type Face,
  makeFace,
  NetnsBase,
  type Own,
  type Runner,
} from './face.js'
import * as inNamespace from './methods.js'
import { isOpenNetns } from './netlink/operation.js'
import * as own from './netns/own.js'
import * as operations from './operations.js'
import type * as raw from './raw/sync.js'
import { openNetlinkSocket } from './raw/sync.js'
import { runSyncCall } from './socket/sync-driver.js'
import type * as spawning from './spawn.js'
import type { OwnSpawning } from './spawn.js'
import { spawnInNetns, spawnSyncInNetns } from './spawn.js'

export * from './public.js'
export type { NetlinkSocketOptions, RawReply, RawRequestOptions } from './raw/request.js'
export { NetlinkSocket, openNetlinkSocket } from './raw/sync.js'
export { spawnInNetns, spawnSyncInNetns }

const run: Runner = (operation, here, args) => {
  const result = runSyncCall(operation, here, args)
  return isOpenNetns(result) ? new Netns(result) : result
}

/** An open network namespace with every operation as a method. Made by createNetns() and openNetns(). */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, one for each operation
export class Netns extends NetnsBase {}

type Methods = Face<typeof inNamespace, 'immediate', Netns>
// Made of modules: the type of the value below would lose the documentation.
type OwnFunctions = Face<typeof own, 'immediate', Netns>
type Spawning = OwnSpawning<Pick<typeof spawning, 'spawnInNetns' | 'spawnSyncInNetns'>>
type Raw = Pick<typeof raw, 'openNetlinkSocket'>
export interface Netns extends Methods, Own<OwnFunctions>, Spawning, Raw {}

addMethods(Netns.prototype, inNamespace, run)
addOwnMethods(Netns.prototype, makeFace<Face<typeof own, 'immediate', Netns>>(own, run))
addOwnMethods(Netns.prototype, {
  get spawnInNetns() {
    return spawnInNetns
  },
  get spawnSyncInNetns() {
    return spawnSyncInNetns
  },
})
addWatchers(Netns.prototype, {
  get openNetlinkSocket() {
    return openNetlinkSocket
  },
})

const face: Face<typeof operations, 'immediate', Netns> = makeFace(operations, run)

export const {
  createNetns,
  openNetns,
  deleteNetns,
  listNetns,
  identifyNetns,
  listNetnsPids,
  listProcessNetns,
  openSocketInNetns,
  getSysctl,
  setSysctl,
  setNsid,
  getNsid,
  listNsids,
  createBridge,
  createLink,
  getLink,
  listLinks,
  getLinkStats,
  listLinkStats,
  deleteLink,
  deleteLinkGroup,
  moveLink,
  moveLinkGroup,
  setLink,
  setLinkGroup,
  setLinkStats,
  createVethPair,
  createTuntap,
  openTuntap,
  batch,
  setBridgePort,
  getBridgePort,
  listBridgePorts,
  addFdbEntry,
  replaceFdbEntry,
  appendFdbEntry,
  deleteFdbEntry,
  getFdbEntry,
  listFdb,
  flushFdb,
  addBridgeVlan,
  deleteBridgeVlan,
  listBridgeVlans,
  setBridgeVlan,
  setGlobalBridgeVlan,
  listGlobalBridgeVlans,
  setBridgeMst,
  listBridgeMst,
  addMdbEntry,
  replaceMdbEntry,
  deleteMdbEntry,
  getMdbEntry,
  listMdb,
  listMdbRouterPorts,
  flushMdb,
  addVxlanVni,
  deleteVxlanVni,
  listVxlanVnis,
  addAddress,
  replaceAddress,
  deleteAddress,
  listAddresses,
  flushAddresses,
  listMulticastAddresses,
  listAnycastAddresses,
  addAddressLabel,
  deleteAddressLabel,
  listAddressLabels,
  flushAddressLabels,
  addRoute,
  replaceRoute,
  appendRoute,
  attachNetns,
  changeRoute,
  prependRoute,
  deleteRoute,
  getRoute,
  listRoutes,
  flushRoutes,
  listMulticastRoutes,
  addMplsRoute,
  replaceMplsRoute,
  changeMplsRoute,
  deleteMplsRoute,
  getMplsRoute,
  listMplsRoutes,
  flushMplsRoutes,
  addNeighbour,
  replaceNeighbour,
  changeNeighbour,
  deleteNeighbour,
  getNeighbour,
  listNeighbours,
  flushNeighbours,
  listNeighbourTables,
  setNeighbourTable,
  listNetconf,
  addRule,
  deleteRule,
  listRules,
  flushRules,
  addNexthop,
  replaceNexthop,
  deleteNexthop,
  getNexthop,
  listNexthops,
  flushNexthops,
  getNexthopBucket,
  listNexthopBuckets,
} = face
