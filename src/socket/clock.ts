import { type Channel, channel } from 'node:diagnostics_channel'
import { type Clock, Timing } from '../netlink/timing.js'

let requests: Channel | undefined

/** Publishes every request on the diagnostics channel `netlink-ts:request`, and does nothing while nobody subscribes to it. */
export const clock: Clock = {
  start(operation, where) {
    requests ??= channel('netlink-ts:request')
    if (!requests.hasSubscribers) return null
    return new Timing(operation, where, now, publish)
  },
}

function now(): number {
  return performance.now()
}

const finished: unknown[] = []

function publish(timing: unknown): void {
  finished.push(timing)
}

/** Hands over what has been measured, when no answer is being read any more: a subscriber may make calls of its own. */
export function publishTimings(): void {
  while (finished.length > 0) requests?.publish(finished.shift())
}
