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

function publish(timing: unknown): void {
  requests?.publish(timing)
}
