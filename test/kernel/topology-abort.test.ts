/** An abort before each effect of an operation: it is noticed once, and what goes back does so to its end. */

import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addConntrack, flushConntrack } from '../../src/conntrack-sync.js'
import { SystemError } from '../../src/netlink/errors.js'
import type { Operation } from '../../src/netlink/operation.js'
import { listNat } from '../../src/nftables-sync.js'
import { runAsync } from '../../src/socket/async-driver.js'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  recoverTopologies,
} from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology/value.js'
import { createTopology as create, deleteTopology as remove } from '../../src/topology-sync.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { ipJson } from './support.js'
import { cleanAll, GONE } from './topology-support.js'
import { watched, writes } from './watched.js'

/** With a code, as the error of a program that could not be started has: it is no answer of the kernel. */
const reason = Object.assign(new Error('spawn nowhere ENOENT'), { code: 'ENOENT' })

const value: Topology = {
  name: 'st',
  namespaces: { red: {} },
  bridges: { br7: { addresses: ['10.7.0.1/24'], ports: ['red:eth0'] }, br8: {}, br9: {} },
  sysctls: { 'net.ipv4.ip_forward': 1 },
  routes: [{ to: '10.9.0.0/16', type: 'blackhole' }],
  nat: { publish: [{ hostPort: 8080, to: '10.7.0.2:80' }] },
}

/** What the topology is made of; what only the first ones of all make stays: a directory, tables of connections. */
const state = () => ({
  namespaces: readdirSync('/run/netns'),
  links: ipJson('-4 address').map(({ ifname, addr_info }) => [ifname, addr_info]),
  routes: ipJson('route'),
  forwards: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
  nat: listNat(),
  journal: existsSync('/run/netlink-ts') ? readdirSync('/run/netlink-ts') : [],
})

needNftables()
beforeEach(() => {
  // Where no connection is tracked none is looked for when a port is published.
  addConntrack({
    original: { src: '203.0.113.9', dst: '203.0.113.1', protocol: 'tcp', sport: 1000, dport: 22 },
    state: 'established',
    timeout: 600,
  })
})
afterEach(() => {
  flushConntrack()
  remove('st')
  cleanAll()
})

/** Runs it with an abort before the effect of this number, or while it is awaited; how it ended, and whether it had so many. */
async function abortedBefore(number: number, operation: Operation<unknown>, whileAwaited = false) {
  const controller = new AbortController()
  let count = 0
  const doing = watched(operation, () => {
    if (++count !== number) return undefined
    if (whileAwaited) setImmediate(() => controller.abort(reason))
    else controller.abort(reason)
    return undefined
  })
  const end = await runAsync(doing, undefined, controller.signal).then(
    () => 'done',
    (error: unknown) => error,
  )
  return { end, isOver: count < number }
}

const EACH = { timeout: 120_000 * PATIENCE }

describe('an abort before each effect', () => {
  it.each([
    ['of', false],
    ['or while it is awaited, of', true],
  ])('%s createTopology(): all is taken back, or all is there', EACH, async (_, whileAwaited) => {
    const before = state()
    for (let number = 1; ; number++) {
      const { end, isOver } = await abortedBefore(number, createTopology(value), whileAwaited)
      if (isOver) break
      if (end === 'done') remove('st')
      else expect(end, `before effect ${number}`).toBe(reason)
      expect(state(), `before effect ${number}`).toEqual(before)
    }
  })

  it('of applyTopology(): it is as it was, or as it is to be', EACH, async () => {
    create({ ...value, bridges: { br7: value.bridges!['br7']!, br6: {} }, nat: {} })
    const before = state()
    for (let number = 1; ; number++) {
      const { end, isOver } = await abortedBefore(number, applyTopology(value))
      if (isOver || end === 'done') break
      expect(end, `before effect ${number}`).toBe(reason)
      expect(state(), `before effect ${number}`).toEqual(before)
    }
  })

  it('of deleteTopology(): the next call deletes the rest', EACH, async () => {
    const before = state()
    for (let number = 1; ; number += 2) {
      create(value)
      const { end, isOver } = await abortedBefore(number, deleteTopology('st'))
      if (end !== 'done') expect(end, `before effect ${number}`).toBe(reason)
      remove('st')
      expect(state(), `before effect ${number}`).toEqual(before)
      if (isOver) break
    }
  })

  it('of recoverTopologies(): the next call recovers the rest', EACH, async () => {
    const before = state()
    for (let number = 1; ; number += 2) {
      leaveHalfMade()
      const { end, isOver } = await abortedBefore(number, recoverTopologies())
      if (end !== 'done') expect(end, `before effect ${number}`).toBe(reason)
      await runAsync(recoverTopologies())
      expect(state(), `before effect ${number}`).toEqual(before)
      if (isOver) break
    }
  })
})

it('what failed is taken back whole where the abort comes meanwhile', EACH, async () => {
  const before = state()
  for (let after = 1; ; after++) {
    const controller = new AbortController()
    let left = Number.POSITIVE_INFINITY
    const doing = watched(createTopology(value), (effect) => {
      if (--left === 0) controller.abort(reason)
      if (!writes(effect, '"step":"nat')) return undefined
      left = after
      return new SystemError({ errno: 16, syscall: 'write' })
    })
    const end = await runAsync(doing, undefined, controller.signal).catch((error: unknown) => error)
    expect(end).toMatchObject({ code: 'EBUSY', left: [] })
    expect(state(), `${after} effects later`).toEqual(before)
    if (left > 0) break
  }
})

/** As a process leaves it that is killed before its last line. */
function leaveHalfMade(): void {
  create(value)
  const record = '/run/netlink-ts/st.json'
  const lines = readFileSync(record, 'utf8')
  writeFileSync(record, lines.slice(0, lines.lastIndexOf('{"complete"')))
  symlinkSync(GONE, '/run/netlink-ts/st.lock')
}
