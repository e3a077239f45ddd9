/** What a monitor tells at random changes: a picture that is kept by its events alone is what lists tell in the end. */

import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type EventOf,
  type LinkEvent,
  listAddresses,
  listFdb,
  listLinks,
  listNeighbours,
  listNexthops,
  listRoutes,
  listRules,
  monitor,
} from '../../src/index.js'
import { BEFORE, ipBatch, run, SCRIPT } from './changes.js'
import { PATIENCE } from './patience.js'
import { withNetns, withoutDad } from './support.js'

const RUNS = Number(process.env['MONITOR_RUNS'] ?? 25)
const SEED = Number(process.env['MONITOR_SEED'] ?? 1)

const GROUPS = ['link', 'address', 'neighbour', 'rule', 'nexthop', 'route', 'fdb'] as const
type Group = (typeof GROUPS)[number]
type Told = EventOf<Group>

/** A kind of thing: what an event tells of it, what tells one from others, and the list of all. */
interface Kept<T> {
  readonly of: (event: Told) => T | null
  readonly key: (one: T) => readonly unknown[]
  readonly list: (options: { netns: string }) => Promise<T[]>
  /** Without what the kernel changes and tells nothing of, null where it is all of it. */
  readonly told: (one: T) => object | null
}

const kept = <T>(it: Kept<T>): Kept<unknown> => it as unknown as Kept<unknown>

const KEPT: Readonly<Record<Group, Kept<unknown>>> = {
  link: kept({
    of: (event) => (event.type === 'link' ? event.link : null),
    key: ({ ifindex }) => [ifindex],
    list: listLinks,
    told({ data, alias, group, carrier, carrierChanges, carrierUpCount, carrierDownCount, ...one }) {
      // Of one that is down not all changes are told (netdev_state_change(), linkwatch_do_dev()).
      const whileUp = one.up
        ? { alias, group, carrier, carrierChanges, carrierUpCount, carrierDownCount }
        : {}
      // A veth pair tells of the end that is made first before there is the other; a bridge and its ports take more from each other.
      const { link: _l, portData: _p, tsoMaxSize: _s, tsoMaxSegs: _g, headroom: _h, ...more } = one
      const { promiscuity: _n, event: _e, ...rest } = more
      return { ...rest, ...whileUp, data: data !== null && 'gcTimer' in data ? null : data }
    },
  }),
  address: kept({
    of: (event) => (event.type === 'address' ? event.address : null),
    key: ({ ifindex, address, peer }) => [ifindex, address, peer],
    list: listAddresses,
    told: (one) => one,
  }),
  neighbour: kept({
    of: (event) => (event.type === 'neighbour' ? event.neighbour : null),
    key: ({ ifindex, to, proxy }) => [ifindex, to, proxy],
    list: listNeighbours,
    // The kernel makes one where it sends to a group.
    told: ({ cacheinfo: _c, probes: _p, ...one }) => (one.type === 'multicast' ? null : one),
  }),
  rule: kept({
    of: (event) => (event.type === 'rule' ? event.rule : null),
    key: ({ flags: _f, ...one }) => [JSON.stringify(one)],
    list: listRules,
    // Whether there are the interfaces that it looks at.
    told: ({ flags: _f, ...one }) => one,
  }),
  nexthop: kept({
    of: (event) => (event.type === 'nexthop' ? event.nexthop : null),
    key: ({ id }) => [id],
    list: listNexthops,
    // Groups lose those that go with their interface.
    told: (one) => (one.group === null ? one : null),
  }),
  route: kept({
    of: (event) => (event.type === 'route' ? event.route : null),
    key: ({ family, table, to, from, metric, ifindex }) => [family, table, to, from, metric, ifindex],
    list: ({ netns }) => listRoutes({ netns, family: 'ipv6', table: 'all' }),
    // Nothing of IPv4 ones that go with an interface, nor whether there is a carrier.
    told: ({ flags: _f, ...one }) => (one.family === 'ipv4' ? null : one),
  }),
  fdb: kept({
    of(event) {
      const entry = event.type === 'fdb' ? event.entry : null
      // What an interface listens to; and Linux before 6.13 tells of a vxlan device's entry once more, without where it leads to.
      return entry?.self && entry.dst === null ? null : entry
    },
    // A vxlan device has one way to an address of one machine.
    key: ({ ifindex, mac, vlan, self }) => [ifindex, mac, vlan, self],
    list: listFdb,
    told({ used: _u, updated: _t, ...one }) {
      // Those that `of` passes over, and the bridge's own, which go from port to port (fdb_delete_local()).
      const isOwn = one.self ? one.dst === null : one.state === 'permanent'
      return isOwn ? null : one
    },
  }),
}

/** Events of all scripts. */
let seen = 0

class Picture {
  readonly #all = new Map<Group, Map<string, unknown>>(GROUPS.map((group) => [group, new Map()]))

  set(group: Group, one: unknown): void {
    this.#all.get(group)!.set(JSON.stringify(KEPT[group].key(one)), one)
  }

  tell(event: Told): void {
    if (event.type === 'resync') throw new Error('events are missing')
    seen++
    const group = event.type
    const known = this.#all.get(group)!
    const one = KEPT[group].of(event)
    if (one === null) return
    const key = JSON.stringify(KEPT[group].key(one))
    if (event.action === 'new') known.set(key, one)
    else known.delete(key)
    if (event.type === 'link') this.#drop(event)
  }

  /** What goes with an interface without a word: its own entries, and nexthop objects (nexthop_flush_dev()). */
  #drop({ action, link: { ifindex, up, carrier } }: LinkEvent): void {
    const isGone = action === 'delete'
    const groups = isGone ? (['fdb', 'nexthop'] as const) : up && carrier ? [] : (['nexthop'] as const)
    for (const group of groups) {
      const known = this.#all.get(group)!
      for (const [key, one] of known)
        if ((one as { ifindex: number | null }).ifindex === ifindex) known.delete(key)
    }
  }

  get whole(): object {
    return Object.fromEntries(
      [...this.#all].map(([group, known]) => {
        const told = [...known].map(([key, one]) => [key, KEPT[group].told(one)] as const)
        return [group, Object.fromEntries(told.filter(([, one]) => one !== null).sort())]
      }),
    )
  }
}

async function listed(netns: string): Promise<Picture> {
  const picture = new Picture()
  for (const group of GROUPS) for (const one of await KEPT[group].list({ netns })) picture.set(group, one)
  return picture
}

/** The kernel sees to carriers and addresses of IPv6 in a work queue, and tells of it later. */
async function settle(picture: Picture, netns: string): Promise<void> {
  for (let attempt = 0; attempt < 40 * PATIENCE; attempt++) {
    if (isDeepStrictEqual(picture.whole, (await listed(netns)).whole)) return
    await setTimeout(50)
  }
}

it('events of changes at random add up to what is there', { timeout: 120_000 * PATIENCE }, async () => {
  await fc.assert(
    fc.asyncProperty(SCRIPT, (script) =>
      withNetns(async (netns) => {
        withoutDad(netns)
        await using events = await monitor(GROUPS, { netns })
        const picture = await listed(netns)
        const reading = (async () => {
          for await (const event of events) picture.tell(event)
        })()
        ipBatch(BEFORE, netns)
        run(netns, script)
        await settle(picture, netns)
        expect(picture.whole).toEqual((await listed(netns)).whole)
        await events.close()
        await reading
      }),
    ),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  )
  // Not all lines fail.
  expect(seen).toBeGreaterThan(20 * RUNS)
})
