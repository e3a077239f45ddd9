/** netlink-ts: Linux network configuration over netlink. Every operation is a promise here; ./sync has the same by value. */

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
import * as watchers from './monitor/index.js'
import { isOpenNetns } from './netlink/operation.js'
import * as own from './netns/own.js'
import * as operations from './operations.js'
import type * as raw from './raw/index.js'
import { openNetlinkSocket } from './raw/index.js'
import { runCall } from './socket/async-driver.js'
import type * as spawning from './spawn.js'
import type { OwnSpawning } from './spawn.js'
import { spawnInNetns } from './spawn.js'

export * from './monitor/index.js'
export * from './public.js'
export * from './raw/index.js'
export { spawnInNetns }

const run: Runner = (operation, here, args) => runCall(operation, here, args, handled)

function handled(result: unknown): unknown {
  return isOpenNetns(result) ? new Netns(result) : result
}

/** An open network namespace with every operation as a method. Made by createNetns() and openNetns(). */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, one for each operation
export class Netns extends NetnsBase implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

type Methods = Face<typeof inNamespace, 'promised', Netns>
// Made of modules: the type of the value below would lose the documentation.
type OwnFunctions = Face<typeof own, 'promised', Netns>
type Watchers = typeof watchers & Pick<typeof raw, 'openNetlinkSocket'>
type Spawning = OwnSpawning<Pick<typeof spawning, 'spawnInNetns'>>
export interface Netns extends Methods, Own<OwnFunctions>, Spawning, Watchers {}

addMethods(Netns.prototype, inNamespace, run)
addOwnMethods(Netns.prototype, makeFace<Face<typeof own, 'promised', Netns>>(own, run))
addOwnMethods(Netns.prototype, {
  get spawnInNetns() {
    return spawnInNetns
  },
})
addWatchers(Netns.prototype, watchers)
addWatchers(Netns.prototype, {
  get openNetlinkSocket() {
    return openNetlinkSocket
  },
})

const face: Face<typeof operations, 'promised', Netns> = makeFace(operations, run)

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
