/** Calls that take turns on a channel, in the order in which they came. */

import { Aborted, type Channel, type Turn } from '../netlink/operation.js'
import { onAbort } from './abort.js'

/** Who waits for the turn that is taken. */
const queues = new WeakMap<Channel, (() => void)[]>()

/** Rejects at an abort; the place in the queue is given up then. */
export function takeTurn(channel: Channel, signal: AbortSignal | undefined): Turn | Promise<Turn> {
  const queue = queues.get(channel)
  if (queue === undefined) {
    queues.set(channel, [])
    return turnOn(channel)
  }
  return new Promise((resolve, reject) => {
    const begin = () => {
      forget?.()
      resolve(turnOn(channel))
    }
    queue.push(begin)
    const forget =
      signal &&
      onAbort(signal, () => {
        forget?.()
        queue.splice(queue.indexOf(begin), 1)
        reject(new Aborted(signal.reason))
      })
  })
}

function turnOn(channel: Channel): Turn {
  return {
    end() {
      const next = queues.get(channel)?.shift()
      if (next === undefined) queues.delete(channel)
      else next()
    },
  }
}
