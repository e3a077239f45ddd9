/** The operations of the root entry, by value: each call returns when the kernel has answered. */

import { addMethods, type Face, makeFace, NetnsBase, type Runner, signalOf } from './face.js'
import type { OpenNetns } from './netlink/operation.js'
import * as operations from './operations.js'
import * as inNamespace from './rtnetlink/operations.js'
import { runSync } from './socket/sync-driver.js'

export * from './public.js'

const run: Runner = (operation, here, args) => {
  if (signalOf(args) !== undefined)
    throw new TypeError('signal: a blocking call cannot be stopped; use the promises of the root entry')
  const result = runSync(operation, here)
  return isOpenNetns(result) ? new Netns(result) : result
}

function isOpenNetns(value: unknown): value is OpenNetns {
  return typeof value === 'object' && value !== null && 'retain' in value
}

/** An open network namespace with every operation as a method. Made by createNetns() and openNetns(). */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, one for each operation
export class Netns extends NetnsBase {
  /** Removes the name, as `ip netns delete`, and closes the handle. */
  delete(): void {
    if (this.name === null) throw new TypeError('delete: this namespace has no name; close() is enough')
    deleteNetns(this.name)
    this.close()
  }
}

type Methods = Face<typeof inNamespace, 'immediate', Netns>
export interface Netns extends Methods {}

addMethods(Netns.prototype, inNamespace, run)

const face: Face<typeof operations, 'immediate', Netns> = makeFace(operations, run)

export const {
  createNetns,
  openNetns,
  deleteNetns,
  createBridge,
  createLink,
  getLink,
  listLinks,
  deleteLink,
  moveLink,
  setLink,
  createVethPair,
  batch,
  addAddress,
  replaceAddress,
  deleteAddress,
  listAddresses,
  flushAddresses,
  addRoute,
  replaceRoute,
  appendRoute,
  deleteRoute,
  getRoute,
  listRoutes,
  flushRoutes,
  addNeighbour,
  replaceNeighbour,
  deleteNeighbour,
  listNeighbours,
  flushNeighbours,
} = face
