/** What is waited for: ip changes things meanwhile, before, and while somebody looks. */

import { expect, it } from 'vitest'
import { listLinks, openNetns, waitUntil } from '../../src/index.js'
import { openSockets } from './open-descriptors.js'
import { execFileSync } from './programs.js'
import { ip, withNetns } from './support.js'

const BRIDGE = 'link add br0 type bridge'

/** Looks for an interface; `meanwhile` is done once, after it was looked for and before that is told. */
function lookFor(name: string, netns: string, meanwhile?: () => void) {
  const look = async () => {
    look.times++
    const found = (await listLinks({ netns })).find((link) => link.name === name)
    if (look.times === 1) meanwhile?.()
    return found
  }
  look.times = 0
  return look
}

it('returns at once what is so already, and asks once', () =>
  withNetns(async (netns) => {
    const look = lookFor('lo', netns)
    expect(await waitUntil(['link'], look, { netns })).toMatchObject({ name: 'lo', ifindex: 1 })
    expect(look.times).toBe(1)
    for (const so of [0, '', 0n, true]) expect(await waitUntil(['link'], () => so, { netns })).toBe(so)
  }))

it('looks again when something has happened, and not before', () =>
  withNetns(async (netns) => {
    const look = lookFor('br0', netns)
    const sockets = openSockets()
    const waiting = waitUntil(['link'], look, { netns })
    await expect.poll(() => look.times).toBe(1)
    ip('address add 192.0.2.1/24 dev lo', netns)
    ip(BRIDGE, netns)
    expect(await waiting).toMatchObject({ name: 'br0', kind: 'bridge' })
    expect(look.times).toBe(2)
    expect(openSockets()).toBe(sockets)
  }))

it('misses nothing that happens while it looks', () =>
  withNetns(async (netns) => {
    const look = lookFor('br0', netns, () => ip(BRIDGE, netns))
    expect(await waitUntil(['link'], look, { netns })).toMatchObject({ name: 'br0' })
    expect(look.times).toBe(2)
  }))

it('looks once for many events that have come together', () =>
  withNetns(async (netns) => {
    const input = Array.from({ length: 50 }, (_, i) => `link set lo mtu ${1500 + i}`).join('\n')
    let times = 0
    let isSo = false
    const look = () => {
      if (++times === 1) execFileSync('ip', ['-n', netns, '-batch', '-'], { input })
      return isSo
    }
    const waiting = waitUntil(['link'], look, { netns })
    await expect.poll(() => times).toBeGreaterThan(1)
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    expect(times).toBeLessThan(10)
    isSo = true
    ip(BRIDGE, netns)
    expect(await waiting).toBe(true)
  }))

it('ends with the signal, also while it looks, and with what is thrown, and leaves no socket', () =>
  withNetns(async (netns) => {
    const sockets = openSockets()
    const stop = new AbortController()
    const waiting = waitUntil(['link'], () => null, { netns, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    const meanwhile = new AbortController()
    const look = async () => {
      meanwhile.abort(new Error('meanwhile'))
      await new Promise(setImmediate)
      return false
    }
    await expect(waitUntil(['link'], look, { netns, signal: meanwhile.signal })).rejects.toThrow('meanwhile')
    const hanging = new AbortController()
    const never = () => {
      setImmediate(() => hanging.abort(new Error('looked long enough')))
      return new Promise<null>(() => {})
    }
    await expect(waitUntil(['link'], never, { netns, signal: hanging.signal })).rejects.toThrow(
      'looked long enough',
    )
    const failing = () => Promise.reject(new Error('looked'))
    await expect(waitUntil(['link'], failing, { netns })).rejects.toThrow('looked')
    await expect(waitUntil(['link'], 'lo' as never, { netns })).rejects.toThrow('is not a function')
    await expect(waitUntil(['links'] as never, failing, { netns })).rejects.toThrow(RangeError)
    expect(openSockets()).toBe(sockets)
  }))

it('is a method of a handle', () =>
  withNetns(async (name) => {
    using netns = await openNetns(name)
    const look = lookFor('br0', name, () => ip(BRIDGE, name))
    expect(await netns.waitUntil(['link'], look)).toMatchObject({ name: 'br0' })
  }))
