/** netlink-ts: Linux network configuration over netlink. Every operation is a promise here; ./sync has the same by value. */

import { addMethods, type Face, makeFace, NetnsBase, type Runner, signalOf } from './face.js'
import type { OpenNetns } from './netlink/operation.js'
import * as operations from './operations.js'
import * as inNamespace from './rtnetlink/operations.js'
import { runAsync } from './socket/async-driver.js'

export * from './public.js'

const run: Runner = async (operation, here, args) => {
  const result = await runAsync(operation, here, signalOf(args))
  return isOpenNetns(result) ? new Netns(result) : result
}

function isOpenNetns(value: unknown): value is OpenNetns {
  return typeof value === 'object' && value !== null && 'retain' in value
}

/** An open network namespace with every operation as a method. Made by createNetns() and openNetns(). */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, one for each operation
export class Netns extends NetnsBase implements AsyncDisposable {
  /** Removes the name, as `ip netns delete`, and closes the handle. */
  async delete(): Promise<void> {
    if (this.name === null) throw new TypeError('delete: this namespace has no name; close() is enough')
    await deleteNetns(this.name)
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

type Methods = Face<typeof inNamespace, 'promised', Netns>
export interface Netns extends Methods {}

addMethods(Netns.prototype, inNamespace, run)

const face: Face<typeof operations, 'promised', Netns> = makeFace(operations, run)

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
