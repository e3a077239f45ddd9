/**
 * Topologies at random: what is made is what was written, a change leads from any to any other, one that fails leaves what was, and nothing
 * is left in the end. `TOPOLOGY_RUNS` and `TOPOLOGY_SEED` try others than CI does.
 */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import * as operations from '../../src/topology/operations.js'
import type {
  Topology,
  TopologyAddress,
  TopologyBridge,
  TopologyLink,
  TopologyNamespace,
} from '../../src/topology.js'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  normalizeTopology,
  planTopology,
  readTopology,
  recoverTopologies,
  TopologyError,
} from '../../src/topology-sync.js'
import { PATIENCE } from './patience.js'
import { execFileSync } from './programs.js'
import { hasKind, ipJson, type Printed } from './support.js'
import { topology } from './topology-arbitrary.js'
import { atEffect, cleanAll, stateOfAll, wasKilled } from './topology-support.js'
import { entriesOf, thinned } from './topology-thinned.js'

afterEach(cleanAll)

const RUNS = Number(process.env['TOPOLOGY_RUNS'] ?? 40)
const SEED = Number(process.env['TOPOLOGY_SEED'] ?? 1)

/** The same with a last step that fails. */
const failing = (value: Topology): Topology => ({
  ...value,
  namespaces: { ...value.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
})

function failureOf(make: () => unknown): TopologyError | null {
  try {
    make()
    return null
  } catch (error) {
    if (error instanceof TopologyError) return error
    throw error
  }
}

/** What is there is the value, by what we read and by what ip does, and nothing is left to be done. */
function expectThere(value: Topology): void {
  expect(withoutTheirs(readTopology(value))).toEqual(normalizeTopology(value))
  expect(planTopology(value).explain()).toEqual([])
  for (const [netns, one] of [[undefined, value] as const, ...Object.entries(value.namespaces ?? {})]) {
    const links = Object.entries({ ...one.links, ...one.bridges })
    const shown = links.length === 0 ? [] : ipJson('address', netns)
    for (const [name, link] of links)
      expect(shown.find(({ ifname }) => ifname === name)).toMatchObject(printedAs(link))
  }
}

const textOf = (address: string | TopologyAddress) =>
  typeof address === 'string' ? address : address.address

function printedAs(link: TopologyLink | TopologyBridge) {
  const { mac, mtu, txQueueLength, addresses = [] } = link
  const locals = addresses.map((one) => textOf(one).replace(/\/.*/, ''))
  return {
    ...(mac && { address: mac }),
    ...(mtu && { mtu }),
    ...(txQueueLength && { txqlen: txQueueLength }),
    flags: link.up === false ? expect.not.arrayContaining(['UP']) : expect.arrayContaining(['UP']),
    // The order is what the kernel sorts by.
    addr_info: expect.toSatisfy((shown: Printed[]) => {
      const global = shown
        .filter(
          ({ scope, local, prefixlen }) => scope === 'global' && !THEIRS.includes(`${local}/${prefixlen}`),
        )
        .map(({ local }) => local as string)
      return JSON.stringify(global.sort()) === JSON.stringify(locals.sort())
    }),
  }
}

/** What somebody else adds, and what must be there of it after a change: all, as long as the interface is the same. */
const THEIRS = ['10.1.0.77/24', '10.1.0.78/24', '10.4.0.1/24', 'fd00:1::77/64']

function addTheirs(): { expectThere(): void } {
  const addresses = THEIRS.map((one) => `address add ${one} dev eth0${one.includes(':') ? ' nodad' : ''}\n`)
  const input = [...addresses, 'link add theirs type bridge\n'].join('')
  execFileSync('ip', ['-n', 'red', '-batch', '-'], { input })
  const eth0Of = (links: readonly Printed[]) => links.find(({ ifname }) => ifname === 'eth0')!
  const { ifindex } = eth0Of(ipJson('link', 'red'))
  return {
    expectThere() {
      const links = ipJson('address', 'red')
      expect(links.map(({ ifname }) => ifname)).toContain('theirs')
      const now = eth0Of(links)
      const shown = (now['addr_info'] as Printed[]).map(({ local, prefixlen }) => `${local}/${prefixlen}`)
      if (now['ifindex'] === ifindex) expect(shown).toEqual(expect.arrayContaining(THEIRS))
    },
  }
}

/** What is read, without that. */
function withoutTheirs(value: Topology): Topology {
  const copy = structuredClone(value)
  const red = copy.namespaces!['red']!
  delete red.bridges?.['theirs']
  if (Object.keys(red.bridges ?? {}).length === 0) delete red.bridges
  const eth0 = red.links!['eth0']!
  eth0.addresses = eth0.addresses?.filter((one) => !THEIRS.includes(textOf(one)))
  if (eth0.addresses?.length === 0) delete eth0.addresses
  return copy
}

const pair = (red: TopologyNamespace, more: Partial<Topology> = {}): Topology => ({
  name: 'lab',
  ...more,
  namespaces: { red: { ...red, links: { eth0: { peer: 'other' }, ...red.links } }, ...more.namespaces },
})
const vxlan = (link?: string): TopologyLink => ({
  kind: 'vxlan',
  id: 1,
  dstport: 4789,
  ...(link && { link }),
})

const sink = (n: number) => pair({ links: { sink: { kind: 'ifb', mac: `02:00:00:00:00:0${n}` } } })
const macvlan = (mtu: number): TopologyLink => ({ kind: 'macvlan', mode: 'bridge', link: 'eth0', mtu })

const NEIGHBOUR = { to: '10.1.0.9', dev: 'eth0', mac: '02:00:00:00:00:09' }

type Case = [Topology, Topology, boolean]

/** What went wrong once. */
const EXAMPLES: Case[] = [
  // The link underneath was read from the wrong attribute where it is in another namespace,
  [pair({}), pair({}, { namespaces: { blue: { links: { vx: vxlan('red:eth0') } } } }), false],
  // and stayed where the value has none any more.
  [pair({ links: { vx: vxlan('eth0') } }), pair({ links: { vx: vxlan() } }), false],
  // A bridge took the MTU of its ports,
  [
    pair({}),
    { name: 'lab', bridges: { br0: { mtu: 1300, ports: ['red:eth0'] } }, namespaces: { red: {} } },
    false,
  ],
  // also that of the last one when another goes.
  [
    pair({
      bridges: { br: { mtu: 1300, ports: ['a', 'b'] } },
      links: { a: { peer: 'b', mtu: 1300 }, b: {} },
    }),
    pair({ bridges: { br: { mtu: 1300, ports: ['b'] } }, links: { a: { peer: 'b', mtu: 1300 }, b: {} } }),
    false,
  ],
  // Neighbours went as an interface began to ask for them.
  [
    pair({ links: { eth0: { peer: 'other', arp: false } }, neighbours: [NEIGHBOUR] }),
    pair({ links: { eth0: { peer: 'other', arp: true } }, neighbours: [NEIGHBOUR] }),
    false,
  ],
  // The end of a pair whose other end's namespace goes was there still when it was made anew.
  [pair({ links: { eth0: { peer: 'blue:eth0' } } }, { namespaces: { blue: {} } }), pair({}), false],
  // A port did not follow its bridge that was made anew.
  [
    { name: 'lab', bridges: { br0: { ports: ['red:eth0'] } }, namespaces: { red: {} } },
    {
      name: 'lab',
      bridges: { br0: { queues: { rx: 2, tx: 2 }, ports: ['red:eth0'] } },
      namespaces: { red: {} },
    },
    false,
  ],
  // What was in a new namespace lay over an interface for a moment after that had been taken back.
  [
    pair({ bridges: { br: { ports: ['eth0'] } } }),
    pair({}, { namespaces: { blue: { links: { mv: { kind: 'macvlan', link: 'red:eth0' } } } } }),
    true,
  ],
  // Parameters of an interface that is made anew were not set.
  [
    pair({ sysctls: { 'net.ipv4.conf.eth0.promote_secondaries': 1 } }),
    pair({
      sysctls: { 'net.ipv4.conf.eth0.promote_secondaries': 1 },
      links: { eth0: { peer: 'another' } },
    }),
    false,
  ],
  // IPv6 routes that lead nowhere are by lo.
  [
    pair({ routes: [{ to: 'fd0b::/64', type: 'prohibit' }] }),
    pair({ routes: [{ to: 'fd0b::/64', type: 'prohibit' }], loopback: false }),
    false,
  ],
  // So did what was in a namespace that goes.
  [
    pair({}, { namespaces: { blue: { links: { mv: { kind: 'macvlan', link: 'red:eth0' } } } } }),
    pair({ bridges: { br: { ports: ['eth0'] } } }),
    false,
  ],
  // The kernel refuses an ifb another address.
  ...(hasKind('ifb') ? [[sink(1), sink(2), false] as Case] : []),
  // A change that failed gave an MTU back that the link underneath had no room for yet.
  [
    pair({ links: { eth0: { peer: 'other', mtu: 1500 }, mv: macvlan(1400) } }),
    pair({ links: { eth0: { peer: 'other', mtu: 1300 }, mv: macvlan(1300) } }),
    true,
  ],
]

it('are what was written, and lead to each other', { timeout: RUNS * 5_000 * PATIENCE }, () => {
  const before = stateOfAll()
  const asWritten = fc.property(topology, topology, fc.boolean(), (first, second, fails) => {
    try {
      createTopology(first)
      expectThere(first)
      const theirs = addTheirs()
      const failed = failureOf(() => applyTopology(fails ? failing(second) : second))
      if (fails) expect(failed).toMatchObject({ left: [] })
      else expect(failed).toBeNull()
      theirs.expectThere()
      expectThere(fails ? first : second)
      deleteTopology('lab')
      expect(stateOfAll()).toEqual(before)
    } catch (error) {
      cleanAll()
      throw error
    }
  })
  fc.assert(asWritten, { numRuns: RUNS, seed: SEED, examples: EXAMPLES })
})

it('have what a new one has where they leave out what was said', { timeout: RUNS * 5_000 * PATIENCE }, () => {
  const shown = ({ namespaces }: Topology) => Object.keys(namespaces!).map(entriesOf)
  const asNew = fc.property(thinned, ([first, second]) => {
    try {
      createTopology(first)
      const whole = shown(first)
      expect(failureOf(() => applyTopology(failing(second)))).toMatchObject({ left: [] })
      expect(shown(first)).toEqual(whole)
      applyTopology(second)
      expectThere(second)
      const changed = shown(second)
      deleteTopology('lab')
      createTopology(second)
      expect(changed).toEqual(shown(second))
      deleteTopology('lab')
    } catch (error) {
      cleanAll()
      throw error
    }
  })
  fc.assert(asNew, { numRuns: RUNS, seed: SEED, endOnFailure: true })
})

it('are there or not, wherever the process is killed', { timeout: RUNS * 5_000 * PATIENCE }, () => {
  const before = stateOfAll()
  const at = fc.integer({ min: 0, max: 400 })
  let kills = 0
  const asBefore = fc.property(topology, topology, at, at, (first, second, n, m) => {
    try {
      createTopology(first)
      const theirs = addTheirs()
      if (wasKilled('lab', operations.applyTopology(second), atEffect(n + 1))) {
        if (wasKilled('lab', operations.recoverTopologies(), atEffect(m + 1))) recoverTopologies()
        kills++
        theirs.expectThere()
        // It may have been through with it.
        expectThere(
          isDeepStrictEqual(withoutTheirs(readTopology(second)), normalizeTopology(second)) ? second : first,
        )
      }
      deleteTopology('lab')
      expect(stateOfAll()).toEqual(before)
      if (wasKilled('lab', operations.createTopology(first), atEffect(n + 1))) recoverTopologies()
      // The same where it was through with it, or had written its last line.
      deleteTopology('lab')
      expect(stateOfAll()).toEqual(before)
    } catch (error) {
      cleanAll()
      throw error
    }
  })
  fc.assert(asBefore, { numRuns: RUNS, seed: SEED })
  expect(kills).toBeGreaterThan(RUNS / 8)
})
