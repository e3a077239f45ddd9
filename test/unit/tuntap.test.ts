/** What createTuntap() and openTuntap() refuse before anything is opened. */

import { expect, it } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { createTuntap, openTuntap } from '../../src/rtnetlink/tuntap/operations.js'

// biome-ignore lint/suspicious/noExplicitAny: what the type checker refuses is what these calls are about
type Loose = any

const made = (options: object): Operation<unknown> =>
  createTuntap({ name: 'tap0', mode: 'tap', ...options } as Loose)
const opened = (options: object, name: unknown = 'tap0'): Operation<unknown> =>
  openTuntap(name as string, { mode: 'tap', ...options } as Loose)

it.each<[string, ErrorConstructor, () => Operation<unknown>]>([
  ["mode: 'bridge' is not one of tun, tap", RangeError, () => made({ mode: 'bridge' })],
  ['mode: undefined is not one of tun, tap', RangeError, () => made({ mode: undefined })],
  ["mode: 'toString' is not one of", RangeError, () => opened({ mode: 'toString' })],
  ['multiQueue: 3 is not true or false', TypeError, () => opened({ multiQueue: 3 })],
  ["vnetHdr: 'on' is not true or false", TypeError, () => made({ vnetHdr: 'on' })],
  ['packetInfo: 0 is not true or false', TypeError, () => opened({ packetInfo: 0 })],
  ["owner: 'root' is not the id of a user", TypeError, () => made({ owner: 'root' })],
  ['owner: -1 is not the id of a user', RangeError, () => made({ owner: -1 })],
  ['group: 4294967295 is not the id of a group', RangeError, () => made({ group: 2 ** 32 - 1 })],
  ['name: an interface name cannot be empty', RangeError, () => made({ name: '' })],
  ['name: ', RangeError, () => opened({}, 'x'.repeat(16))],
  ["name: 'all' is no name for an interface", RangeError, () => made({ name: 'all' })],
  ["name: 'default' is no name for an interface", RangeError, () => opened({}, 'default')],
  ['mtu: ', RangeError, () => made({ mtu: -1 })],
  ["mac: '00:00:00:00:00:00' is all zeros", RangeError, () => made({ mac: '00:00:00:00:00:00' })],
  ["mac: a device of mode 'tun'", TypeError, () => made({ mode: 'tun', mac: '02:00:00:00:00:01' })],
  [
    "broadcast: a device of mode 'tun'",
    TypeError,
    () => made({ mode: 'tun', broadcast: 'ff:ff:ff:ff:ff:ff' }),
  ],
  ['addresses[0]', RangeError, () => made({ addresses: ['10.0.0.1/33'] })],
  ["createTuntap: unknown option 'queues'", TypeError, () => made({ queues: 4 })],
  ["openTuntap: unknown option 'owner'", TypeError, () => opened({ owner: 0 })],
])('%s', (message, type, call) => {
  const next = () => call().next()
  expect(next).toThrow(type)
  expect(next).toThrow(message)
})
