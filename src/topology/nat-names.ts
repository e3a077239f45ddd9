/**
 * The names of masquerading and published ports in the process's own namespace, where any topology may have them: whoever makes or changes one
 * has its names to himself meanwhile, so that two cannot each find the same name free.
 */

import { type Operation, unabortable } from '../netlink/operation.js'
import { TopologyError } from './error.js'
import { lock, takeOver, unlock } from './lock.js'
import { digest, HOST, type Network } from './network.js'
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

/** `locks` gets those that were taken. Of a process that was killed they are taken over. */
function* claim(call: string, directory: string, network: Network, locks: string[]): Operation<void> {
  const { nat } = network.places.get(HOST)!
  const host = nat.length === 0 ? '' : yield* hostIdentity()
  for (const { path, value } of nat) {
    const { verb, name } = value
    // No topology has a name that begins so.
    const one = `.nat-${digest(`${host} ${verb} ${name}`)}`
    // An owner may have several ports under one name.
    if (locks.includes(one)) continue
    if (!(yield* takeOver(call, directory, one))) {
      const text = `another topology with a ${verb}() of the name '${name}' is being made or changed`
      throw new TopologyError({ call, path, code: 'EBUSY', text })
    }
    locks.push(one)
  }
}
