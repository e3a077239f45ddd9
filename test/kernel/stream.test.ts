/** Streams against the lists, and what a list cannot do: stop half-way, wait for the reader, keep memory flat. */

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import * as nl from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { openSockets } from './open-descriptors.js'
import { lines, program } from './program.js'
import { execIn, ip, withNetns, withVeth } from './support.js'

async function gather<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

const host = (i: number) => `20.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

describe('what is streamed', () => {
  const cases: [
    string,
    (netns: nl.NetnsLike) => AsyncIterable<object>,
    (netns: nl.NetnsLike) => Promise<object[]>,
  ][] = [
    ['links', (netns) => nl.streamLinks({ netns }), (netns) => nl.listLinks({ netns })],
    [
      'links of a kind',
      (netns) => nl.streamLinks({ netns, kind: 'veth' }),
      (netns) => nl.listLinks({ netns, kind: 'veth' }),
    ],
    ['addresses', (netns) => nl.streamAddresses({ netns }), (netns) => nl.listAddresses({ netns })],
    [
      'addresses of an interface and a scope',
      (netns) => nl.streamAddresses({ netns, dev: 'eth0', scope: 'global', up: true }),
      (netns) => nl.listAddresses({ netns, dev: 'eth0', scope: 'global', up: true }),
    ],
    ['routes', (netns) => nl.streamRoutes({ netns }), (netns) => nl.listRoutes({ netns })],
    [
      'routes of an interface',
      (netns) => nl.streamRoutes({ netns, dev: 'eth0', family: 'ipv4' }),
      (netns) => nl.listRoutes({ netns, dev: 'eth0', family: 'ipv4' }),
    ],
    [
      'routes of a table that does not exist',
      (netns) => nl.streamRoutes({ netns, table: 77 }),
      async () => [],
    ],
    ['neighbours', (netns) => nl.streamNeighbours({ netns }), (netns) => nl.listNeighbours({ netns })],
    [
      'neighbours of a state',
      (netns) => nl.streamNeighbours({ netns, dev: 'eth0', state: 'permanent' }),
      (netns) => nl.listNeighbours({ netns, dev: 'eth0', state: 'permanent' }),
    ],
    ['entries of forwarding tables', (netns) => nl.streamFdb({ netns }), (netns) => nl.listFdb({ netns })],
    [
      'entries of forwarding tables that lead to an interface',
      (netns) => nl.streamFdb({ netns, dev: 'eth0', state: 'permanent' }),
      (netns) => nl.listFdb({ netns, dev: 'eth0', state: 'permanent' }),
    ],
    ['rules', (netns) => nl.streamRules({ netns }), (netns) => nl.listRules({ netns })],
    [
      'rules of a family',
      (netns) => nl.streamRules({ netns, family: 'ipv6' }),
      (netns) => nl.listRules({ netns, family: 'ipv6' }),
    ],
    ['nexthop objects', (netns) => nl.streamNexthops({ netns }), (netns) => nl.listNexthops({ netns })],
    [
      'buckets of nexthop objects',
      (netns) => nl.streamNexthopBuckets({ netns, id: 10 }),
      (netns) => nl.listNexthopBuckets({ netns, id: 10 }),
    ],
  ]
  it.each(cases)('%s: what the list has', (name, stream, list) =>
    withVeth(async (netns) => {
      for (const address of ['10.1.2.3/24', '2001:db8::3/64'])
        ip(`address add ${address} dev eth0 nodad`, netns)
      for (const via of ['10.1.2.4', '2001:db8::4']) ip(`route add default via ${via}`, netns)
      ip('neighbour add 10.1.2.9 lladdr 02:00:00:00:00:09 dev eth0', netns)
      ip('rule add from 10.7.0.0/16 lookup 100', netns)
      ip('nexthop add id 1 via 10.1.2.4 dev eth0', netns)
      ip('nexthop add id 10 group 1 type resilient buckets 8', netns)
      const listed = await list(netns)
      if (!name.endsWith('does not exist')) expect(listed).not.toEqual([])
      const still = (items: object[]) =>
        items.map(({ ...item }) => ({ ...item, cacheinfo: null, updated: null, idleTime: null }))
      expect(still(await gather(stream(netns)))).toEqual(still(listed))
    }),
  )

  it('of the namespace of a handle, and of the process', () =>
    withNetns(async (netns) => {
      using handle = await nl.openNetns(netns)
      ip('link add there type bridge', netns)
      expect((await gather(handle.streamLinks())).map(({ name }) => name)).toEqual(['lo', 'there'])
      expect(
        (await gather(handle.streamAddresses({ family: 'ipv4' }))).map(({ address }) => address),
      ).toEqual(['127.0.0.1/8'])
      expect((await gather(nl.streamLinks())).map(({ name }) => name)).not.toContain('there')
    }))

  it('a long table, whole and in order', () =>
    withVeth(async (netns) => {
      const count = 40_000
      ipBatch(
        Array.from({ length: count }, (_, i) => `route add ${host(i)}/32 dev eth0`),
        netns,
      )
      let next = 0
      for await (const { to } of nl.streamRoutes({ netns, dev: 'eth0', family: 'ipv4', table: 254 })) {
        if (to !== host(next)) throw new Error(`${to} in place of ${host(next)}`)
        next++
      }
      expect(next).toBe(count)
    }))

  it('in the order in which it is asked for, without waiting for the answers', () =>
    withNetns(async (netns) => {
      for (const name of ['br0', 'br1', 'br2']) ip(`link add ${name} type bridge`, netns)
      const links = nl.streamLinks({ netns })
      const asked = Array.from({ length: 6 }, () => links.next())
      const names = (await Promise.all(asked)).map(({ value }) => value?.name)
      expect(names).toEqual(['lo', 'br0', 'br1', 'br2', undefined, undefined])
    }))
})

describe('what goes wrong', () => {
  it('is told at once: bad options, and nothing is opened', () => {
    const before = openSockets()
    expect(() => nl.streamLinks({ kind: '' })).toThrow(TypeError)
    expect(() => nl.streamLinks({ include: ['linkNetns'] })).toThrow(
      "include: 'linkNetns' is for whole lists",
    )
    expect(() => nl.streamLinks({ signal: {} as AbortSignal })).toThrow('signal: ')
    expect(openSockets()).toBe(before)
  })

  it('an interface or a namespace that does not exist', async () => {
    const before = openSockets()
    const routes = nl.streamRoutes({ dev: 'nothing' })
    await expect(routes.next()).rejects.toMatchObject({ name: 'NetlinkError', code: 'ENODEV' })
    await expect(nl.streamRoutes({ netns: 'nowhere' }).next()).rejects.toMatchObject({ code: 'ENOENT' })
    expect(openSockets()).toBe(before)
  })

  it('a table that changes meanwhile: an error at once, and the list can still be had', () =>
    withNetns(async (netns) => {
      // More than is received ahead of the reader.
      const count = 700
      ipBatch(
        Array.from({ length: count }, (_, i) => `link add v${i} type veth peer name w${i}`),
        netns,
      )
      const before = openSockets()
      let seen = 0
      const reading = (async () => {
        for await (const _ of nl.streamLinks({ netns }))
          if (++seen === 1) ip('link add br0 type bridge', netns)
      })()
      await expect(reading).rejects.toThrow(nl.DumpInterruptedError)
      await expect(reading).rejects.toMatchObject({ operation: 'RTM_GETLINK', code: 'EINTR' })
      expect(seen).toBeLessThan(2 * count)
      expect(await nl.listLinks({ netns })).toHaveLength(2 * count + 2)
      // A thread was receiving the next part: then the socket is closed.
      while (openSockets() > before) await turn()
    }))
})

describe('the end', () => {
  const endings: [string, (links: ReturnType<typeof nl.streamLinks>) => unknown][] = [
    ['return()', (links) => links.return()],
    ['close()', (links) => links.close()],
    ['await using', async (links) => await links[Symbol.asyncDispose]()],
  ]
  it.each(endings)('%s half-way frees the socket at once', (_, end) =>
    withNetns(async (netns) => {
      const before = openSockets()
      ip('link add br0 type bridge', netns)
      const links = nl.streamLinks({ netns })
      expect((await links.next()).value).toMatchObject({ name: 'lo' })
      expect(openSockets()).toBe(before + 1)
      end(links)
      expect(openSockets()).toBe(before)
      expect(await links.next()).toEqual({ done: true, value: undefined })
    }),
  )

  it('leaving the loop frees the socket, and the whole table frees it by itself', () =>
    withNetns(async (netns) => {
      const before = openSockets()
      for await (const _ of nl.streamLinks({ netns })) break
      expect(openSockets()).toBe(before)
      for await (const _ of nl.streamLinks({ netns })) expect(openSockets()).toBe(before + 1)
      expect(openSockets()).toBe(before)
    }))

  it('return() before anything was asked opens nothing', async () => {
    const links = nl.streamLinks({ netns: 'nowhere' })
    expect(await links.return()).toEqual({ done: true, value: undefined })
    expect(await links.next()).toEqual({ done: true, value: undefined })
  })

  // In a process of its own: when the thread has opened the socket, which is then closed, cannot be seen from outside.
  it('return() answers who waits', async () => {
    const source = `
      const before = openFds()
      const links = nl.streamLinks()
      const waiting = links.next()
      links.return()
      print(await waiting)
      while (openFds() > before) await new Promise((go) => setImmediate(go))
    `
    expect(await lines(program(source, { wrapper: ['unshare', '-n'] }))).toEqual([{ done: true }])
  })

  it('a signal ends it with its reason', () =>
    withNetns(async (netns) => {
      const before = openSockets()
      ip('link add br0 type bridge', netns)
      const controller = new AbortController()
      const reason = new Error('enough')
      const reading = (async () => {
        for await (const _ of nl.streamLinks({ netns, signal: controller.signal })) controller.abort(reason)
      })()
      await expect(reading).rejects.toBe(reason)
      expect(openSockets()).toBe(before)
      const late = nl.streamLinks({ netns, signal: AbortSignal.abort(reason) })
      await expect(late.next()).rejects.toBe(reason)
    }))

  it('a stream that is forgotten half-way is closed when it is collected, in silence', async () => {
    const source = `
      const before = openFds()
      await (async () => { await nl.streamLinks().next(); print(openFds() - before) })()
      while (openFds() > before) { gc(); await new Promise((go) => setImmediate(go)) }
      print(openFds() - before)
    `
    expect(
      await lines(program(source, { nodeOptions: ['--expose-gc'], wrapper: ['unshare', '-n'] })),
    ).toEqual([1, 0])
  })
})

describe('a table longer than what is read', () => {
  it('waits in the kernel: the dump goes no further while nobody asks', () =>
    withVeth(async (netns) => {
      ipBatch(
        Array.from({ length: 60_000 }, (_, i) => `route add ${host(i)}/32 dev eth0`),
        netns,
      )
      await using routes = nl.streamRoutes({ netns, family: 'ipv4' })
      await routes.next()
      // Dumps that are under way in the namespace: the last but two column, a pointer or a flag.
      const dumping = () => {
        const table = execIn(netns, 'cat', '/proc/net/netlink').trim().split('\n').slice(1)
        return table.filter((line) => line.trim().split(/\s+/)[6] !== '0').length
      }
      for (let i = 0; i < 100; i++) await turn()
      expect(dumping()).toBe(1)
      expect(dumping()).toBe(1)
    }))

  it('takes no more memory than a short one: a heap that could not hold it is enough', () =>
    withVeth(async (netns) => {
      const count = 200_000
      ipBatch(
        Array.from({ length: count }, (_, i) => `route add ${host(i)}/32 dev eth0`),
        netns,
      )
      const source = `
        let count = 0
        for await (const { to } of nl.streamRoutes({ netns: '${netns}', dev: 'eth0', family: 'ipv4', table: 254 })) count++
        print(count)
      `
      const nodeOptions = ['--max-old-space-size=32', '--max-semi-space-size=2']
      expect(await lines(program(source, { nodeOptions }))).toEqual([count])
    }))
})
