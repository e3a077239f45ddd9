/**
 * The names of masquerading and published ports in the process's own namespace, where any topology may have them: whoever makes or changes one
 * has its names to himself meanwhile, so that two cannot each find the same name free.
 */

import { type Operation, unabortable } from '../netlink/operation.js'
import { TopologyError } from './error.js'
import { heldText, lock, takeOver, unlock } from './lock.js'
import type { NatModel } from './nat.js'
import { digest, HOST, type Item, type Network } from './network.js'
import { hostIdentity } from './renamed.js'

/** Runs work on a topology, which lets go of its lock itself. Throws TopologyError EBUSY where another process has it, or one of its names. */
export function* exclusively<T>(
  call: string,
  directory: string,
  network: Network,
  work: Operation<T>,
): Operation<T> {
  yield* lock(call, directory, network.name)
  const locks: string[] = []
  try {
    try {
      yield* claim(call, directory, network, locks)
    } catch (error) {
      yield* unabortable(unlock(directory, network.name))
      throw error
    }
    return yield* work
  } finally {
    for (const one of locks) yield* unabortable(unlock(directory, one))
  }
}

/**
 * `locks` gets those that were taken. Of a process that was killed they are taken over. They are taken in the same order by whoever wants
 * them, whatever that of the value: else each of two could keep the other from one that it has not yet, and both be refused.
 */
function* claim(call: string, directory: string, network: Network, locks: string[]): Operation<void> {
  const { nat } = network.places.get(HOST)!
  const host = nat.length === 0 ? '' : yield* hostIdentity()
  // An owner may have several ports under one name: the first is named in the error.
  const wanted = new Map<string, Item<NatModel>>()
  for (const item of nat) {
    const { verb, name } = item.value
    // No topology has a name that begins so.
    const one = `.nat-${digest(`${host} ${verb} ${name}`)}`
    if (!wanted.has(one)) wanted.set(one, item)
  }
  for (const one of [...wanted.keys()].sort()) {
    if (!(yield* takeOver(call, directory, one))) {
      const { path, value } = wanted.get(one)!
      const what = `another topology with a ${value.verb}() of the name '${value.name}'`
      throw new TopologyError({ call, path, code: 'EBUSY', text: yield* heldText(directory, one, what) })
    }
    locks.push(one)
  }
}
