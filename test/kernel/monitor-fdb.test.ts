/** What a monitor tells of forwarding tables, against what bridge and the list tell. */

import { describe, expect, it } from 'vitest'
import { type FdbEntry, type FdbEvent, listFdb, type Monitor, monitor } from '../../src/index.js'
import { bridge, bridgeJson, pings, withBridge, withHosts } from './bridge-support.js'
import { since } from './needs.js'
import { hasKind, ip } from './support.js'

const MAC = '02:00:00:00:09:09'

/** The next event of an entry with this MAC. */
async function next(events: Monitor<'fdb'>, mac = MAC): Promise<FdbEvent> {
  for await (const event of ongoing(events)) if (event.type === 'fdb' && event.entry.mac === mac) return event
  throw new Error('the monitor ended')
}

/** The same events, which leaving a loop does not end. */
const ongoing = (events: Monitor<'fdb'>) => ({
  [Symbol.asyncIterator]: () => ({ next: () => events.next() }),
})

const listed = async (netns: string): Promise<FdbEntry> => (await listFdb({ mac: MAC, netns }))[0]!

/** The same entry, whenever it is looked at. */
const sometime = (entry: FdbEntry) => ({ ...entry, used: expect.any(Number), updated: expect.any(Number) })

describe('a monitor of forwarding tables', () => {
  it('tells an entry of a bridge that came, moved and went, as listFdb() shows it', () =>
    withBridge(async (netns) => {
      await using events = await monitor(['fdb'], { netns })
      bridge(`fdb add ${MAC} dev p1 master static`, netns)
      const known = await listed(netns)
      expect(known).toMatchObject({ dev: 'p1', bridge: 'br0', master: true, self: false, state: 'static' })
      expect(await next(events)).toEqual({ type: 'fdb', action: 'new', entry: sometime(known) })
      bridge(`fdb replace ${MAC} dev p2 master static`, netns)
      expect(await next(events)).toMatchObject({ action: 'new', entry: { dev: 'p2', bridge: 'br0' } })
      bridge(`fdb delete ${MAC} dev p2 master`, netns)
      expect(await next(events)).toEqual({
        type: 'fdb',
        action: 'delete',
        entry: { ...sometime(known), dev: 'p2', ifindex: 12 },
      })
    }))

  it('tells what the bridge learns by itself', () =>
    withBridge((netns) =>
      withHosts(netns, async ([first]) => {
        bridge('fdb flush dev br0 dynamic', netns)
        await using events = await monitor(['fdb'], { netns })
        expect(pings(first!, '10.9.0.2')).toBe(true)
        const learnt = await next(events, '02:00:00:00:02:02')
        expect(learnt).toMatchObject({
          action: 'new',
          entry: { dev: 'p2', bridge: 'br0', master: true, state: 'dynamic', flags: [] },
        })
        expect(bridgeJson('fdb show br br0 dynamic', netns)).toContainEqual(
          expect.objectContaining({ mac: '02:00:00:00:02:02', ifname: 'p2', master: 'br0' }),
        )
      }),
    ))

  it('tells an entry of a vxlan device', (context) => {
    context.skip(!hasKind('vxlan'), 'cannot be installed: the link kind vxlan')
    return withBridge(async (netns) => {
      ip('link add vx0 index 30 up type vxlan id 42 dstport 4789 local 192.0.2.1', netns)
      await using events = await monitor(['fdb'], { netns })
      bridge(`fdb add ${MAC} dev vx0 dst 192.0.2.9 port 8472 vni 43`, netns)
      const known = await listed(netns)
      const self = { dev: 'vx0', bridge: null, self: true, dst: '192.0.2.9', port: 8472, vni: 43 }
      expect(known).toMatchObject(self)
      expect(await next(events)).toEqual({ type: 'fdb', action: 'new', entry: sometime(known) })
      if (!since(6, 13)) {
        const again = { dev: 'vx0', self: true, dst: null, port: null, vni: null }
        expect(await next(events)).toMatchObject({ action: 'new', entry: again })
      }
      bridge(`fdb delete ${MAC} dev vx0 dst 192.0.2.9 port 8472 vni 43`, netns)
      expect(await next(events)).toMatchObject({ action: 'delete', entry: self })
    })
  })

  it('and one of neighbours are told apart, though the kernel has one group for both', () =>
    withBridge(async (netns) => {
      await using both = await monitor(['neighbour', 'fdb'], { netns })
      await using neighbours = await monitor(['neighbour'], { netns })
      await using entries = await monitor(['fdb'], { netns })
      bridge(`fdb add ${MAC} dev p1 master static`, netns)
      ip(`neighbour add 10.9.0.9 lladdr ${MAC} dev br0`, netns)
      bridge(`fdb delete ${MAC} dev p1 master`, netns)
      const seen = [(await both.next()).value, (await both.next()).value, (await both.next()).value]
      expect(seen).toMatchObject([
        { type: 'fdb', action: 'new', entry: { mac: MAC } },
        { type: 'neighbour', action: 'new', neighbour: { to: '10.9.0.9', mac: MAC } },
        { type: 'fdb', action: 'delete', entry: { mac: MAC } },
      ])
      expect((await neighbours.next()).value).toEqual(seen[1])
      expect([(await entries.next()).value, (await entries.next()).value]).toEqual([seen[0], seen[2]])
    }))
})
