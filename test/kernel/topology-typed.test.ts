/**
 * What explain() tells, typed into a shell, makes the network that createTopology() and applyTopology() make. `TOPOLOGY_RUNS` and
 * `TOPOLOGY_SEED` try others than CI does.
 */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import {
  leafSpine,
  line,
  pair as pairOf,
  ring,
  star,
  type Topology,
  type TopologyBridge,
  type TopologyLink,
  type TopologyNamespace,
} from '../../src/topology.js'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  normalizeTopology,
  planTopology,
  readTopology,
  TopologyError,
} from '../../src/topology-sync.js'
import { PATIENCE } from './patience.js'
import { execFileSync } from './programs.js'
import { hasKind } from './support.js'
import { topology } from './topology-arbitrary.js'
import { cleanAll } from './topology-support.js'
import { REFUSED, worded } from './topology-words.js'
import { world } from './topology-world.js'

afterEach(cleanAll)

const SEED = Number(process.env['TOPOLOGY_SEED'] ?? 1)

const type = (commands: readonly string[]) => execFileSync('sh', ['-e'], { input: commands.join('\n') })

/** Rules of nft(8) are told that do the same, which are other ones. */
function withoutNat(value: Topology): Topology {
  const copy = structuredClone(value)
  for (const place of [copy, ...Object.values(copy.namespaces ?? {})]) delete place.nat
  return copy
}

const shapes = [pairOf(), star(3), line(3), ring(3), leafSpine({ spines: 2, leaves: 2, hosts: 1 })]
const values = fc.oneof(
  { weight: 4, arbitrary: topology.map(withoutNat) },
  { weight: 4, arbitrary: worded },
  { weight: 1, arbitrary: fc.constantFrom(...shapes).map((shape) => ({ ...shape, name: 'lab' })) },
)

const lab = (red: TopologyNamespace): Topology => ({ name: 'lab', namespaces: { red } })

const x: TopologyLink = { peer: 'y', addresses: ['10.1.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }] }
const pair = (more: TopologyNamespace): Topology => lab({ ...more, links: { x, ...more.links } })
const nexthops = [{ via: '10.1.0.8', realms: { from: 1, to: 10 } }, { via: '10.1.0.9' }]
const NONE = { from: 0, to: 0 }
const [A, B] = ['02:00:00:00:00:05', '02:00:00:00:00:0F']

/** What went wrong once. */
const EXAMPLES: Topology[] = [
  pair({
    links: {
      a: {
        peer: 'b',
        addresses: [
          // Without DAD it has no route to its peer where it was there before its interface came up.
          { address: 'fd03::1/128', peer: 'fd03::2', flags: ['nodad'] },
          // IPv6 goes by the address.
          { address: 'fd04::1/64', scope: 'link' },
          // ip(8) prefers one for ever, however long it is valid.
          { address: '10.2.0.1/24', validLifetime: 1000 },
          { address: '10.3.0.1/32', broadcast: true },
        ],
      },
    },
  }),
  pair({
    routes: [
      // A type of service is hexadecimal to ip(8).
      { to: '10.9.0.0/16', dev: 'x', tos: 16 },
      // What is said of one nexthop was not told; and one alone is that of the route.
      { to: '10.8.0.0/16', nexthops },
      { to: '10.7.0.0/16', nexthops: [{ dev: 'x', weight: 3 }] },
      // Where it ends here, that has a scope of its own.
      { to: '10.7.0.1/32', type: 'local', nexthops: [{ dev: 'x' }] },
      { to: '10.7.0.2/32', type: 'broadcast', nexthops: [{ dev: 'x' }] },
      // Locks are words before values, also where there is none, and the kernel has an order of its own.
      { to: '10.6.0.0/16', dev: 'x', metrics: { mtu: 1300, lock: ['advmss', 'mtu'] } },
      // All of this is nothing to the kernel.
      { to: '10.5.0.0/16', dev: 'x', metrics: { features: [], hoplimit: 0, lock: [] }, realms: NONE },
      { to: '10.4.0.0/16', dev: 'x', metrics: {} },
      { to: 'fd07::/64', type: 'unreachable', preference: 'low' },
    ],
    rules: [
      { family: 'ipv4', tos: 28, table: 9 },
      { family: 'ipv4', fwmask: 16, table: 9 },
    ],
  }),
  pair({
    // 2.07 * 100 is 206.99999999999997, and the kernel's ticks may not have it.
    bridges: { br: { helloTime: 2.07 } },
    links: {
      // ip(8) has no numbers for what has names,
      vx: { kind: 'vxlan', id: 1, dstport: 4789, tos: 255, df: 1 },
      // and turns learning off for metadata.
      vy: { kind: 'vxlan', dstport: 4790, collectMetadata: true },
      vz: { kind: 'vxlan', dstport: 4791, learning: false, collectMetadata: true },
    },
  }),
  // The kernel tells them in the order of a hash table.
  pair({ links: { mv: { kind: 'macvlan', link: 'x', mode: 'source', macaddrData: [B, A] } } }),
]

const bridge = (options: TopologyBridge): Topology => ({
  ...lab({ links: { eth0: {} } }),
  bridges: { br: { mac: A, ports: ['red:eth0'], ...options } },
})
const RUNS = Number(process.env['TOPOLOGY_RUNS'] ?? 4)

/** What there is when the kernel has done what it does by itself. */
function settledWorld(given: unknown): string[] {
  for (let before = world(given); ; ) {
    const now = world(given)
    if (isDeepStrictEqual(now, before)) return now
    before = now
  }
}

/** False where the kernel, or a check that the value is known for, refuses some of it: then nothing is left. */
function isTaken(make: () => unknown): boolean {
  try {
    make()
    return true
  } catch (error) {
    if (error instanceof TopologyError) expect(error.left).toEqual([])
    else expect((error as Error).message).toMatch(REFUSED)
    return false
  }
}

/** Of a topology and a change to another one, how many are taken. */
async function expectTheSame(first: Topology, second: Topology): Promise<0 | 1 | 2> {
  const given = [first, second]
  const expectThere = (wanted: readonly string[]) =>
    expect.poll(() => world(given), { timeout: 5_000 * PATIENCE }).toEqual(wanted)
  const nothing = world(given)
  try {
    if (!isTaken(() => createTopology(first))) return 0
    expect(planTopology(first).explain()).toEqual([])
    const made = settledWorld(given)
    let changing: string[] = []
    const changes = isTaken(() => {
      changing = planTopology(second).explain()
      applyTopology(second)
    })
    const changed = settledWorld(given)
    if (!changes) expect(changed).toEqual(made)
    deleteTopology('lab')
    await expectThere(nothing)
    type(planTopology(first).explain())
    await expectThere(made)
    expect(readTopology(first)).toEqual(normalizeTopology(first))
    if (!changes) return 1
    type(changing)
    await expectThere(changed)
    return 2
  } finally {
    cleanAll()
  }
}

it.for(EXAMPLES)('makes the same: example %#', { timeout: 60_000 * PATIENCE }, async (value, { skip }) => {
  const lacking = ['vxlan', 'macvlan'].find((kind) => JSON.stringify(value).includes(kind) && !hasKind(kind))
  skip(lacking !== undefined, `cannot be installed: this kernel has no ${lacking}`)
  expect(await expectTheSame(value, pair({}))).toBe(2)
})

// Ports of a bridge that is down stay with the priority that it had: the kernel changes it first.
it('makes the same of a bridge that goes down', { timeout: 60_000 * PATIENCE }, async () => {
  const less = bridge({ priority: 100, up: false })
  expect(await expectTheSame(bridge({ priority: 32768 }), less)).toBe(2)
})

it('makes the same', { timeout: (RUNS + 1) * 60_000 * PATIENCE }, async () => {
  let taken = 0
  const theSame = fc.asyncProperty(values, values, async (first, second) => {
    if ((await expectTheSame(first, second)) > 0) taken++
  })
  await fc.assert(theSame, { numRuns: RUNS, seed: SEED, endOnFailure: true })
  expect(taken).toBeGreaterThan(RUNS / 3)
})
