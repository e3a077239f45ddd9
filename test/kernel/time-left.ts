/** Where NETLINK_UNTIL (seconds since 1970) has passed, tests are left out, which is told (test/reporter.ts): CI has to end in time on any machine. */

import { beforeEach } from 'vitest'
import { NOT_RUN } from '../reporter.js'

const until = Number(process.env['NETLINK_UNTIL'] ?? Number.POSITIVE_INFINITY)

beforeEach((context) => {
  if (Date.now() / 1000 > until) context.skip(`${NOT_RUN}no time was left`)
})
