/** More events than are read. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { listRoutes, type MonitorEvent, monitor } from '../../src/index.js'
import { bent, closeOf } from './bent.js'
import { eventsUntil } from './monitor-support.js'
import { execFileSync } from './programs.js'
import { execIn, ip, isRoot, withVeth } from './support.js'

/** Commands that add `count` routes. */
function routesFile(count: number): string {
  const file = `/run/routes-${process.pid}`
  const commands = Array.from(
    { length: count },
    (_, i) => `route add 20.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev eth0`,
  )
  writeFileSync(file, `${commands.join('\n')}\n`)
  return file
}

const destination = (i: number) => `20.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

describe('more events than are read', () => {
  it('are all told, in order, though nobody has read meanwhile: 50,000 fit into the buffer that is asked for', () =>
    withVeth(async (netns) => {
      const count = 50_000
      const file = routesFile(count)
      await using events = await monitor(['route'], { netns })
      execFileSync('ip', ['-n', netns, '-batch', file])
      let next = 0
      for await (const event of events) {
        // An ordinary user gets no more than net.core.rmem_max, which may be too small for this.
        if (event.type === 'resync' && !isRoot()) {
          expect(next).toBeGreaterThan(100)
          break
        }
        if (event.type !== 'route' || event.route.to !== destination(next))
          throw new Error(`${next}: ${JSON.stringify(event)}`)
        if (++next === count) break
      }
    }))

  it('wait in the kernel while nobody reads: beyond its limit the monitor does not receive', () =>
    withVeth(async (netns) => {
      const count = 300
      const file = routesFile(count)
      const handle = bent(netns, { window: () => 4096 })
      const events = await monitor(['route'], { netns: handle, queueLimit: 1000 })
      try {
        await once(spawn('ip', ['-n', netns, '-batch', file], { stdio: 'inherit' }), 'exit')
        // What the sockets of the namespace hold, of those that have joined a group: the Rmem column.
        const table = execIn(netns, 'cat', '/proc/net/netlink').trim().split('\n').slice(1)
        const joined = table
          .map((line) => line.trim().split(/\s+/))
          .filter((columns) => Number(`0x${columns[3]}`) !== 0)
        expect(joined.map((columns) => Number(columns[4]) > 100_000)).toEqual([true])
        for (let i = 0; i < count; i++) {
          let { value } = await events.next()
          // Those that the kernel makes for a link that has come up may come late.
          while (value?.type === 'route' && value.route.family === 'ipv6') value = (await events.next()).value
          expect(value?.type === 'route' && value.route.to).toBe(destination(i))
        }
      } finally {
        events.close()
        closeOf(handle)
      }
    }))

  it('are told to be missing after all that was kept, so that a list made then is right', () =>
    withVeth(async (netns) => {
      const count = 3000
      const file = routesFile(count)
      // It takes so little at once, and the queue here is so short, that the kernel's is not empty after the first read.
      const handle = bent(netns, { window: () => 4096 })
      await using events = await monitor(['route'], {
        netns: handle,
        receiveBuffer: 100_000,
        queueLimit: 1000,
      })
      // Nothing is received meanwhile: execFileSync blocks.
      execFileSync('ip', ['-n', netns, '-batch', file])
      const known: string[] = []
      const apply = (event: MonitorEvent | undefined) => {
        if (event?.type === 'route' && event.action === 'new') known.push(event.route.to)
      }
      apply((await events.next()).value)
      // Until its queue has been read empty the kernel drops everything, and says nothing further: this one, too.
      ip('route add 21.0.0.1/32 dev eth0', netns)
      const before = await eventsUntil(events, (event) => event.type === 'resync')
      expect(before.at(-1)).toEqual({ type: 'resync', reason: 'ENOBUFS' })
      before.forEach(apply)
      expect(known).toEqual(known.map((_, i) => destination(i)))
      expect(known.length).toBeGreaterThan(100)
      expect(known.length).toBeLessThan(count)

      // From here on nothing is missing.
      const listed = new Set((await listRoutes({ dev: 'eth0', family: 'ipv4', netns })).map(({ to }) => to))
      expect(listed.has('21.0.0.1')).toBe(true)
      ip('route add 21.0.0.2/32 dev eth0', netns)
      ip('route delete 21.0.0.1/32 dev eth0', netns)
      const after = await eventsUntil(events, (event) => event.type === 'route' && event.action === 'delete')
      expect(after).toMatchObject([
        { action: 'new', route: { to: '21.0.0.2' } },
        { action: 'delete', route: { to: '21.0.0.1' } },
      ])
      closeOf(handle)
    }))

  it('are told to be missing each time', () =>
    withVeth(async (netns) => {
      const file = routesFile(1000)
      await using events = await monitor(['route'], { netns, receiveBuffer: 50_000 })
      for (const verb of ['add', 'delete', 'add']) {
        writeFileSync(file, readFileSync(file, 'utf8').replace(/route \w+/g, `route ${verb}`))
        execFileSync('ip', ['-n', netns, '-batch', file])
        await eventsUntil(events, (event) => event.type === 'resync')
      }
    }))

  it('do not keep timers and signals from firing', () =>
    withVeth(async (netns) => {
      const file = routesFile(20_000)
      const controller = new AbortController()
      const events = await monitor(['route'], { netns, signal: controller.signal })
      execFileSync('ip', ['-n', netns, '-batch', file])
      let seen = 0
      const reading = (async () => {
        for await (const _ of events) if (++seen === 1) setImmediate(() => controller.abort())
      })()
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
      expect(seen).toBeLessThan(20_000)
    }))
})
