/**
 * What explain() tells, typed into a shell, makes the network that createTopology() and applyTopology() make. `TOPOLOGY_RUNS` and
 * `TOPOLOGY_SEED` try others than CI does.
 */

import { execFileSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import type { Topology, TopologyLink, TopologyNamespace } from '../../src/topology.js'
import { applyTopology, createTopology, planTopology } from '../../src/topology-sync.js'
import { PATIENCE } from './patience.js'
import { topology } from './topology-arbitrary.js'
import { cleanAll } from './topology-support.js'
import { world } from './topology-world.js'

afterEach(cleanAll)

const SEED = Number(process.env['TOPOLOGY_SEED'] ?? 1)

const type = (commands: readonly string[]) =>
  execFileSync('sh', ['-e'], { input: commands.join('\n'), stdio: ['pipe', 'ignore', 'pipe'] })

/** Rules of nft(8) are told that do the same, which are other ones. */
function withoutNat(value: Topology): Topology {
  const copy = structuredClone(value)
  for (const place of [copy, ...Object.values(copy.namespaces ?? {})]) delete place.nat
  return copy
}

const values = topology.map(withoutNat)

const lab = (red: TopologyNamespace): Topology => ({ name: 'lab', namespaces: { red } })

const x: TopologyLink = { peer: 'y', addresses: ['10.1.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }] }
const pair = (more: TopologyNamespace): Topology => lab({ ...more, links: { x, ...more.links } })
const nexthops = [{ via: '10.1.0.8', realms: { from: 1, to: 10 } }]

/** What went wrong once. */
const EXAMPLES: [Topology, Topology][] = [
  // An IPv6 address without DAD that was added before its interface came up has no route to its peer.
  pair({
    links: { a: { peer: 'b', addresses: [{ address: 'fd03::1/128', peer: 'fd03::2', flags: ['nodad'] }] } },
  }),
  // ip(8) reads a type of service as hexadecimal,
  pair({
    routes: [{ to: '10.9.0.0/16', dev: 'x', tos: 16 }],
    rules: [{ family: 'ipv4', tos: 28, table: 9 }],
    links: { vx: { kind: 'vxlan', id: 1, dstport: 4789, tos: 255 } },
  }),
  // prefers an address for ever that is not valid so long,
  pair({ links: { a: { peer: 'b', addresses: [{ address: '10.2.0.1/24', validLifetime: 1000 }] } } }),
  // turns learning off for metadata,
  pair({
    links: {
      vx: { kind: 'vxlan', dstport: 4789, collectMetadata: true },
      vy: { kind: 'vxlan', dstport: 4790, learning: false, collectMetadata: true },
    },
  }),
  // and has no numbers for what has names.
  pair({ links: { vx: { kind: 'vxlan', id: 1, dstport: 4789, df: 1 } } }),
  // Numbers were not whole: 0.07 * 100 is 7.000000000000001.
  pair({ bridges: { br: { mcastQueryResponseInterval: 0.07 } } }),
  // Realms of one of several nexthops, metrics that are locked alone, no features and a mask without a mark were not told.
  pair({
    routes: [
      { to: '10.9.0.0/16', nexthops },
      { to: '10.8.0.0/16', dev: 'x', metrics: { features: [], lock: ['hoplimit'] } },
    ],
    rules: [{ family: 'ipv4', fwmask: 16, table: 9 }],
  }),
].map((value) => [value, pair({})])

const RUNS = Number(process.env['TOPOLOGY_RUNS'] ?? EXAMPLES.length + 4)

/** What there is when the kernel has done what it does by itself. */
function settledWorld(given: unknown): string[] {
  for (let before = world(given); ; ) {
    const now = world(given)
    if (isDeepStrictEqual(now, before)) return now
    before = now
  }
}

it('makes the same', { timeout: RUNS * 10_000 * PATIENCE }, async () => {
  const theSame = fc.asyncProperty(values, values, async (first, second) => {
    const given = [first, second]
    const expectThere = (wanted: readonly string[]) =>
      expect.poll(() => world(given), { timeout: 5_000 * PATIENCE }).toEqual(wanted)
    try {
      const making = planTopology(first).explain()
      createTopology(first)
      const made = settledWorld(given)
      const changing = planTopology(second).explain()
      applyTopology(second)
      const changed = settledWorld(given)
      cleanAll()
      type(making)
      await expectThere(made)
      type(changing)
      await expectThere(changed)
    } finally {
      cleanAll()
    }
  })
  await fc.assert(theSame, { numRuns: RUNS, seed: SEED, endOnFailure: true, examples: EXAMPLES })
})
