/** DEBUG=netlink:* prints every message, decoded, in both directions. Nothing of it is loaded otherwise. */

import { createRequire } from 'node:module'
import type { Trace } from '../netlink/exchange.js'
import { formatMessage } from '../netlink/format.js'

let made: Trace | null | undefined

export function trace(): Trace | null {
  if (made === undefined) made = /(^|[\s,])(\*|netlink)/.test(process.env['DEBUG'] ?? '') ? make() : null
  return made
}

function make(): Trace {
  const debug = createRequire(import.meta.url)('debug') as typeof import('debug')
  const logs = { send: debug('netlink:send'), receive: debug('netlink:receive') }
  return (direction, bytes, start, end, message) => {
    const log = logs[direction]
    if (log.enabled) log('%s', formatMessage(bytes, start, end, message))
  }
}
