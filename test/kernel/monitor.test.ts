/** What the kernel announces while ip changes things, against what ip and the lists tell. */

import { describe, expect, it } from 'vitest'
import {
  getLink,
  listAddresses,
  listNeighbours,
  listRoutes,
  listRules,
  type MonitorEvent,
  type MonitorGroup,
  monitor,
  openNetns,
} from '../../src/index.js'
import { spawnSyncInNetns } from '../../src/sync.js'
import { eventsUntil, until } from './monitor-support.js'
import { hasMulticastRules } from './needs.js'
import { openSockets } from './open-descriptors.js'
import { hasTool, ip, ipJson, withNetns, withVeth } from './support.js'

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
      expect(added).toEqual({ type: 'route', action: 'new', change: 'add', reason: null, route: known })
      ip(`${family}route delete ${to}`, netns)
      expect(await until(events, isIt)).toEqual({
        type: 'route',
        action: 'delete',
        change: null,
        reason: null,
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
