/** Kernel parameters that several topologies set, or somebody else since: each takes back its own alone. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { runSync } from '../../src/socket/sync-driver.js'
import { getSysctl, setSysctl } from '../../src/sync.js'
import { applyTopology, createTopology, deleteTopology as deletion } from '../../src/topology/operations.js'
import {
  applyTopology as apply,
  createTopology as create,
  deleteTopology,
  recoverTopologies,
} from '../../src/topology-sync.js'
import { ip } from './support.js'
import { atStep, cleanAll, failure, full, wasKilled } from './topology-support.js'
import { watched, writes } from './watched.js'

const FORWARD = 'net.ipv4.ip_forward'
const TTL = 'net.ipv4.ip_default_ttl'
const PORTS = 'net.ipv4.ip_local_port_range'

/** What the tests set, as it was. */
const before = new Map<string, string>()

beforeEach(() => {
  for (const key of [FORWARD, TTL, PORTS]) before.set(key, getSysctl(key))
})

afterEach(() => {
  cleanAll()
  for (const [key, value] of before) setSysctl(key, value)
})

const forwarding = (name: string, more = {}) => ({
  name,
  bridges: { [name]: {} },
  sysctls: { [FORWARD]: 1 },
  ...more,
})

it.each([
  ['a', 'b', 'c'],
  ['c', 'b', 'a'],
  ['b', 'c', 'a'],
])('of three topologies that set the same, the last one that goes puts it back: %s, %s, %s', (...order) => {
  ip('link add br0 type bridge')
  const br0 = 'net.ipv4.conf.br0.forwarding'
  setSysctl(br0, 0)
  for (const name of ['a', 'b', 'c']) create(forwarding(name))
  for (const name of order) {
    expect([getSysctl(FORWARD), getSysctl(br0)]).toEqual(['1', '1'])
    deleteTopology(name)
  }
  expect([getSysctl(FORWARD), getSysctl(br0)]).toEqual(['0', '0'])
})

it('one that fails while another is there, or comes to be meanwhile, leaves it what that wants', () => {
  create(forwarding('b'))
  const failing = (made: () => void) =>
    failure(
      watched(createTopology(forwarding('a')), (effect) => {
        if (!writes(effect, '"step":"bridges.a"')) return undefined
        made()
        return full()
      }),
    )
  expect(failing(() => {})).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(getSysctl(FORWARD)).toBe('1')
  deleteTopology('b')
  expect(getSysctl(FORWARD)).toBe('0')
  expect(failing(() => create(forwarding('b')))).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(getSysctl(FORWARD)).toBe('1')
  deleteTopology('b')
  expect(getSysctl(FORWARD)).toBe('0')
})

it('one that another topology sets between the question and the answer is set again', () => {
  create(forwarding('a'))
  let late = true
  const racing = watched(deletion('a'), (effect) => {
    if (late && effect.kind === 'primitive' && effect.name === 'writeFile') {
      late = false
      create(forwarding('b'))
    }
    return undefined
  })
  runSync(racing)
  expect(getSysctl(FORWARD)).toBe('1')
})

it('where topologies want different values, the one that stays has its own', () => {
  const withTtl = (name: string, ttl: number) => ({ name, bridges: { [name]: {} }, sysctls: { [TTL]: ttl } })
  create(withTtl('a', 70))
  create(withTtl('b', 80))
  deleteTopology('b')
  expect(getSysctl(TTL)).toBe('70')
  create(withTtl('b', 80))
  deleteTopology('a')
  expect(getSysctl(TTL)).toBe('80')
  deleteTopology('b')
  expect(getSysctl(TTL)).toBe(before.get(TTL))
})

it('a parameter of which only another topology has the interface stays what that wants', () => {
  ip('link add br0 type bridge')
  const br0 = 'net.ipv4.conf.br0.forwarding'
  setSysctl(br0, 0)
  create(forwarding('a'))
  create({ name: 'b', bridges: { b: {} }, sysctls: { [br0]: 1 } })
  deleteTopology('a')
  expect([getSysctl(FORWARD), getSysctl(br0)]).toEqual(['0', '1'])
  deleteTopology('b')
  expect(getSysctl(br0)).toBe('0')
})

it.each([
  [PORTS, '20000 30000', '15000 60000'],
  ['net.ipv4.conf.all.rp_filter', 1, '2'],
])('%s stays what somebody has set it to since', (key, value, since) => {
  const was = getSysctl(key)
  create({ name: 'a', bridges: { a: {} }, sysctls: { [key]: value } })
  setSysctl(key, since)
  const now = getSysctl(key)
  deleteTopology('a')
  expect(getSysctl(key)).toBe(now)
  setSysctl(key, was)
})

it('a value that the kernel tells in other words is put back', () => {
  create({ name: 'a', bridges: { a: {} }, sysctls: { [PORTS]: ' 20000   30000', [TTL]: '0x46' } })
  expect(getSysctl(TTL)).toBe('70')
  deleteTopology('a')
  expect([getSysctl(PORTS), getSysctl(TTL)]).toEqual([before.get(PORTS), before.get(TTL)])
})

it('one that was changed is put back to what it was before all, unless it has been set since', () => {
  const value = (ttl: number) => ({ name: 'a', bridges: { a: {} }, sysctls: { [TTL]: ttl } })
  create(value(70))
  apply(value(80))
  apply(value(90))
  deleteTopology('a')
  expect(getSysctl(TTL)).toBe(before.get(TTL))
  create(value(70))
  apply(value(80))
  setSysctl(TTL, 70)
  deleteTopology('a')
  expect(getSysctl(TTL)).toBe('70')
})

it('a change that fails leaves what somebody has set since', () => {
  create({ name: 'a', bridges: { a: {} } })
  const value = { name: 'a', bridges: { a: {}, a2: {} }, sysctls: { [TTL]: 70 } }
  const change = watched(applyTopology(value), (effect) => {
    if (!writes(effect, '"step":"bridges.a2"')) return undefined
    setSysctl(TTL, 99)
    return full()
  })
  expect(failure(change)).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(getSysctl(TTL)).toBe('99')
})

it.each([0, 1, 2, 3])('after the end of its process %i effects into the step, too', (after) => {
  create(forwarding('b', { sysctls: { [TTL]: 70 } }))
  const value = forwarding('a', { sysctls: { [TTL]: 70, [PORTS]: '20000 30000' } })
  expect(wasKilled('a', createTopology(value), atStep(2, after))).toBe(true)
  setSysctl(PORTS, '15000 60000')
  const now = getSysctl(PORTS)
  expect(recoverTopologies()).toEqual([{ name: 'a', left: [] }])
  expect([getSysctl(TTL), getSysctl(PORTS)]).toEqual(['70', now])
})
