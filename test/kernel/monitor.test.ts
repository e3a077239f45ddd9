/** What the kernel announces while ip changes things, against what ip and the lists tell. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  getLink,
  listAddresses,
  listNeighbours,
  listRoutes,
  listRules,
  type Monitor,
  type MonitorEvent,
  type MonitorGroup,
  monitor,
  openNetns,
} from '../../src/index.js'
import { spawnSyncInNetns } from '../../src/sync.js'
import { bent, closeOf } from './bent.js'
import { eventsUntil, until } from './monitor-support.js'
import { hasMulticastRules } from './needs.js'
import { openSockets } from './open-descriptors.js'
import { lines, program } from './program.js'
import { execIn, hasTool, ip, ipJson, isRoot, withNetns, withVeth } from './support.js'

describe('what is told', () => {
  it('tells a link from its creation to its end, as getLink() shows it', () =>
    withNetns(async (netns) => {
      await using events = await monitor(['link'], { netns })
      ip('link add br0 type bridge', netns)
      const made = await until(events, (event) => event.type === 'link' && event.link.name === 'br0')
      const known = await getLink('br0', { netns })
      expect(made).toMatchObject({ type: 'link', action: 'new' })
      expect(made).toMatchObject({
        link: { ifindex: known.ifindex, mac: known.mac, kind: 'bridge', mtu: 1500, up: false },
      })

      ip('link set br0 mtu 1400 up', netns)
      const up = await until(events, (event) => event.type === 'link' && event.link.up)
      expect(up).toMatchObject({
        action: 'new',
        link: { name: 'br0', mtu: 1400, flags: expect.arrayContaining(['up']) },
      })

      ip('link delete br0', netns)
      const gone = await until(events, (event) => event.type === 'link' && event.action === 'delete')
      expect(gone).toMatchObject({ link: { name: 'br0', ifindex: known.ifindex } })
    }))

  it('tells a link that was moved to another namespace from one that was deleted', () =>
    withVeth((netns) =>
      withNetns(async (target) => {
        ip('link add taken index 10 type bridge', target)
        await using events = await monitor(['link'], { netns })
        ip(`link set eth0 netns ${target}`, netns)
        const isGone = (event: MonitorEvent) => event.type === 'link' && event.action === 'delete'
        const moved = await until(events, isGone)
        const [printed] = ipJson('link show dev eth0', target)
        const ids = JSON.parse(ip('-j netns list-id', netns)) as { nsid: number; name: string }[]
        expect(printed!['ifindex']).not.toBe(10)
        expect(moved).toMatchObject({
          link: {
            ifindex: 10,
            newIfindex: printed!['ifindex'],
            newNetnsid: ids.find(({ name }) => name === target)!.nsid,
          },
        })
        ip('link delete eth1', netns)
        expect(await until(events, isGone)).toMatchObject({
          link: { name: 'eth1', newIfindex: null, newNetnsid: null },
        })
      }),
    ))

  it('tells that a port has left its bridge as a change of the link, not as its end', () =>
    withVeth(async (netns) => {
      ip('link add br0 type bridge', netns)
      const { ifindex } = await getLink('br0', { netns })
      await using events = await monitor(['link'], { netns })
      ip('link set eth0 master br0', netns)
      ip('link set eth0 nomaster', netns)
      ip('link delete br0', netns)
      const seen = await eventsUntil(events, (event) => event.type === 'link' && event.action === 'delete')
      const masters = seen.flatMap((event) =>
        event.type === 'link' && event.link.name === 'eth0' ? [event.link.master] : [],
      )
      expect(new Set(masters)).toEqual(new Set([ifindex, null]))
      expect(masters.at(-1)).toBeNull()
      expect(seen.filter((event) => event.type === 'link' && event.action === 'delete')).toMatchObject([
        { link: { name: 'br0' } },
      ])
    }))

  it.skipIf(!hasTool('ethtool'))('tells why, where what changed is nothing that a link shows', () =>
    withVeth(async (netns) => {
      await using events = await monitor(['link'], { netns })
      const { status } = spawnSyncInNetns(netns, 'ethtool', ['-K', 'eth0', 'sg', 'off'])
      expect(status).toBe(0)
      const told = await until(events, (event) => event.type === 'link' && event.link.event !== null)
      expect(told).toMatchObject({ action: 'new', link: { name: 'eth0', event: 'features' } })
      expect(await getLink('eth0', { netns })).toMatchObject({ event: null })
    }),
  )

  it.each(['10.1.2.3/24', '2001:db8::7/64'])(
    'tells that the address %s came and went, as listAddresses() shows it',
    (address) =>
      withVeth(async (netns) => {
        const isIt = (event: MonitorEvent) => event.type === 'address' && event.address.address === address
        await using events = await monitor(['address'], { netns })
        ip(`address add ${address} dev eth0`, netns)
        const added = await until(events, isIt)
        const [known] = (await listAddresses({ dev: 'eth0', netns })).filter((it) => it.address === address)
        // Duplicate address detection may have ended meanwhile.
        expect(added).toMatchObject({
          action: 'new',
          address: { ...known, flags: expect.any(Array), updated: expect.any(Number) },
        })
        ip(`address delete ${address} dev eth0`, netns)
        const deleted = await until(
          events,
          (event) => isIt(event) && 'action' in event && event.action === 'delete',
        )
        expect(deleted).toMatchObject({ address: { address, dev: 'eth0', ifindex: 10 } })
      }),
  )

  it.each([
    ['10.9.0.0/16', '10.1.2.4', '10.1.2.3/24', ''],
    ['2001:db8:9::/48', '2001:db8::4', '2001:db8::3/64', '-6 '],
  ])('tells that the route to %s came and went, as listRoutes() shows it', (to, via, address, family) =>
    withVeth(async (netns) => {
      ip(`address add ${address} dev eth0 nodad`, netns)
      await using events = await monitor(['route'], { netns })
      const isIt = (event: MonitorEvent) => event.type === 'route' && event.route.to === to
      ip(`${family}route add ${to} via ${via} metric 50`, netns)
      const added = await until(events, isIt)
      const [known] = (await listRoutes({ netns })).filter((it) => it.to === to)
      expect(known).toMatchObject({ dev: 'eth0', metric: 50, via })
      expect(added).toEqual({ type: 'route', action: 'new', change: 'add', route: known })
      ip(`${family}route delete ${to}`, netns)
      expect(await until(events, isIt)).toEqual({
        type: 'route',
        action: 'delete',
        change: null,
        route: known,
      })
    }),
  )

  it.each(['10.1.2.9', '2001:db8::9'])(
    'tells that the neighbour %s came and went, as listNeighbours() shows it',
    (to) =>
      withVeth(async (netns) => {
        await using events = await monitor(['neighbour'], { netns })
        const isIt = (event: MonitorEvent) => event.type === 'neighbour' && event.neighbour.to === to
        ip(`neighbour add ${to} lladdr 02:00:00:00:00:09 dev eth0 nud permanent`, netns)
        const added = await until(events, isIt)
        const [known] = (await listNeighbours({ dev: 'eth0', state: 'permanent', netns })).filter(
          (it) => it.to === to,
        )
        expect(known).toMatchObject({ mac: '02:00:00:00:00:09', dev: 'eth0' })
        const { cacheinfo: _, ...rest } = known!
        expect(added).toMatchObject({ type: 'neighbour', action: 'new', neighbour: rest })
        ip(`neighbour delete ${to} dev eth0`, netns)
        const deleted = await until(
          events,
          (event) => isIt(event) && 'action' in event && event.action === 'delete',
        )
        expect(deleted).toMatchObject({ neighbour: { to, dev: 'eth0' } })
      }),
  )

  it.each(['10.7.0.0/16', '2001:db8:7::/48'])(
    'tells that the rule for %s came and went, as listRules() shows it',
    (from) =>
      withNetns(async (netns) => {
        await using events = await monitor(['rule'], { netns })
        const family = from.includes(':') ? '-6 ' : ''
        ip(`${family}rule add from ${from} lookup 100 priority 77`, netns)
        const [known] = (await listRules({ netns })).filter(({ priority }) => priority === 77)
        expect(known).toMatchObject({ from, table: 100 })
        expect((await events.next()).value).toEqual({ type: 'rule', action: 'new', rule: known })
        ip(`${family}rule delete priority 77`, netns)
        expect((await events.next()).value).toEqual({ type: 'rule', action: 'delete', rule: known })
      }),
  )

  it('tells that a rule of multicast routing came, as one', async (context) => {
    context.skip(!hasMulticastRules(), 'this kernel has one table of multicast routes')
    await withNetns(async (netns) => {
      await using events = await monitor(['rule'], { netns })
      ip('mrule add iif lo lookup 100 priority 77', netns)
      const [known] = await listRules({ priority: 77, multicast: true, netns })
      expect(known).toMatchObject({ family: 'ipv4', multicast: true, iif: 'lo', table: 100 })
      expect((await events.next()).value).toEqual({ type: 'rule', action: 'new', rule: known })
    })
  })

  it('tells that another namespace got an id, and that it is gone', () =>
    withNetns(async (netns) => {
      await using events = await monitor(['nsid'], { netns })
      await withNetns(async (other) => {
        ip(`netns set ${other} 77`, netns)
        expect((await events.next()).value).toEqual({ type: 'nsid', action: 'new', nsid: 77 })
      })
      expect((await events.next()).value).toEqual({ type: 'nsid', action: 'delete', nsid: 77 })
    }))

  it('tells what was asked for and nothing else', () =>
    withVeth(async (netns) => {
      await using events = await monitor(['neighbour', 'address'], { netns })
      ip('link set eth1 mtu 1400', netns)
      ip('address add 10.1.2.3/24 dev eth0', netns)
      ip('route add 10.9.0.0/16 via 10.1.2.4', netns)
      ip('neighbour add 10.1.2.9 lladdr 02:00:00:00:00:09 dev eth0', netns)
      const seen = await eventsUntil(
        events,
        (event) => event.type === 'neighbour' && event.neighbour.to === '10.1.2.9',
      )
      expect(new Set(seen.map(({ type }) => type))).toEqual(new Set(['address', 'neighbour']))
    }))

  it('tells of the namespace of a handle, and of the process', () =>
    withNetns(async (netns) => {
      using handle = await openNetns(netns)
      await using there = await handle.monitor(['link'])
      await using here = await monitor(['link'])
      ip('link add there type bridge', netns)
      ip('link add here type bridge')
      try {
        expect((await there.next()).value).toMatchObject({ link: { name: 'there' } })
        expect((await here.next()).value).toMatchObject({ link: { name: 'here' } })
      } finally {
        ip('link delete here')
      }
    }))
})

describe('what is asked', () => {
  const wrong: [string, unknown, object, typeof RangeError | typeof TypeError, string][] = [
    ['no group', [], {}, RangeError, 'groups: none given'],
    ['a group that does not exist', ['links'], {}, RangeError, "groups: 'links' is not one of link, address"],
    ['a name of every object', ['constructor'], {}, RangeError, "groups: 'constructor' is not one of"],
    ['a name instead of names', 'link', {}, TypeError, "groups: 'link' is not an array"],
    ['an unknown option', ['link'], { nets: 'red' }, TypeError, "monitor: unknown option 'nets'"],
    ['a buffer of no size', ['link'], { receiveBuffer: 0 }, RangeError, 'receiveBuffer: 0 is not'],
    ['a limit that is no number', ['link'], { queueLimit: '1' }, TypeError, "queueLimit: '1' is not"],
    ['a signal that is none', ['link'], { signal: {} }, TypeError, 'signal: '],
  ]
  it.each(wrong)('refuses %s', async (_, groups, options, error, says) => {
    const before = openSockets()
    const asked = monitor(groups as MonitorGroup[], options)
    await expect(asked).rejects.toThrow(error)
    await expect(asked).rejects.toThrow(says)
    expect(openSockets()).toBe(before)
  })

  it('says that a namespace does not exist', async () => {
    await expect(monitor(['link'], { netns: 'nowhere' })).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('its end', () => {
  const endings: [string, (events: Monitor<'link'>) => unknown][] = [
    ['return()', (events) => events.return()],
    ['close()', (events) => events.close()],
    [
      'close(), twice',
      (events) => {
        events.close()
        events.close()
      },
    ],
    ['await using', async (events) => await events[Symbol.asyncDispose]()],
    ['using', (events) => events[Symbol.dispose]()],
  ]
  it.each(endings)('%s frees the socket at once and answers who waits', async (_, end) => {
    const before = openSockets()
    const events = await monitor(['link'])
    expect(openSockets()).toBe(before + 1)
    const waiting = [events.next(), events.next()]
    end(events)
    expect(openSockets()).toBe(before)
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('leaving the loop frees the socket, and drops what was not read', () =>
    withNetns(async (netns) => {
      const before = openSockets()
      const events = await monitor(['link'], { netns })
      ip('link add br0 type bridge', netns)
      ip('link add br1 type bridge', netns)
      for await (const event of events) {
        expect(event).toMatchObject({ link: { name: 'br0' } })
        break
      }
      expect(openSockets()).toBe(before)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    }))

  it('a signal ends it with its reason, frees the socket at once, and drops what was not read', () =>
    withNetns(async (netns) => {
      const before = openSockets()
      const controller = new AbortController()
      const events = await monitor(['link'], { netns, signal: controller.signal })
      const waiting = events.next()
      const reason = new Error('enough')
      controller.abort(reason)
      expect(openSockets()).toBe(before)
      await expect(waiting).rejects.toBe(reason)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    }))

  it('a signal that fires while nobody waits is told to who asks next, once', async () => {
    const controller = new AbortController()
    const events = await monitor(['link'], { signal: controller.signal })
    controller.abort()
    await expect(events.next()).rejects.toMatchObject({ name: 'AbortError' })
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('a signal that has fired already opens nothing', async () => {
    const before = openSockets()
    await expect(monitor(['link'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(openSockets()).toBe(before)
  })

  it('does not come with the end of the handle: the socket keeps its namespace', () =>
    withNetns(async (netns) => {
      const handle = await openNetns(netns)
      await using events = await handle.monitor(['link'])
      handle.close()
      ip('link add br0 type bridge', netns)
      expect((await events.next()).value).toMatchObject({ link: { name: 'br0' } })
    }))

  it('keeps the process running until it is closed', async () => {
    expect(
      await lines(
        program(`
          const events = await nl.monitor(['link'])
          setTimeout(() => { print('still here'); events.close() }, 100)
        `),
      ),
    ).toEqual(['still here'])
  })

  it.each([
    ['', ''],
    [' that was given a signal', ', { signal: longLived.signal }'],
  ])('one%s is closed with a warning when it is collected unclosed', async (_, options) => {
    const source = `
      const { getEventListeners } = await import('node:events')
      const longLived = new AbortController()
      const before = openFds()
      await (async () => {
        const events = await nl.monitor(['link', 'route']${options})
        print(openFds() - before)
      })()
      process.on('warning', ({ name, message }) => { print({ name, message }); print(openFds() - before) })
      const collect = setInterval(() => gc(), 5)
      process.once('warning', () => { clearInterval(collect); print(getEventListeners(longLived.signal, 'abort')) })
    `
    expect(await lines(program(source, { nodeOptions: ['--expose-gc', '--no-warnings'] }))).toEqual([
      1,
      {
        name: 'NetlinkWarning',
        message: 'monitor(link, route) was collected without close(): it is closed now',
      },
      0,
      [],
    ])
  })

  it('is not collected while somebody waits for the next event', async () => {
    const source = `
      const waiting = (async () => (await (await nl.monitor(['link'])).next()).value.link.name)()
      for (let i = 0; i < 20; i++) { gc(); await new Promise((go) => setImmediate(go)) }
      await nl.createBridge({ name: 'late' })
      print(await waiting)
      process.exit()
    `
    const options = { nodeOptions: ['--expose-gc'], wrapper: ['unshare', '-n'] }
    expect(await lines(program(source, options))).toEqual(['late'])
  })
})

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
  it('are all told, in order, as long as they fit into the buffers', () =>
    withVeth(async (netns) => {
      const count = 20_000
      const file = routesFile(count)
      await using events = await monitor(['route'], { netns })
      const child = spawn('ip', ['-n', netns, '-batch', file], { stdio: 'inherit' })
      let next = 0
      for await (const event of events) {
        // An ordinary user gets no more than net.core.rmem_max, which may be too small for this.
        if (event.type === 'resync' && !isRoot()) break
        if (event.type !== 'route' || event.route.to !== destination(next))
          throw new Error(`${next}: ${JSON.stringify(event)}`)
        if (++next === count) break
      }
      if (child.exitCode === null) await once(child, 'exit')
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
