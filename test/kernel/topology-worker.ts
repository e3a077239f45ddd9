/** Makes one of two bridges of a topology, and stays there. */

import { parentPort } from 'node:worker_threads'
import { runSync } from '../../src/socket/sync-driver.js'
import { createTopology } from '../../src/topology/operations.js'
import { watched, writes } from './watched.js'

const value = { name: 'st', bridges: { br0: {}, br1: {} } }
runSync(
  watched(createTopology(value), (effect) => {
    if (!writes(effect, '"step":"bridges.br1"')) return undefined
    parentPort!.postMessage('half')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    return undefined
  }),
)
