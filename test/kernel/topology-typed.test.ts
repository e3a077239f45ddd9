/**
 * What explain() tells, typed into a shell, makes the network that createTopology() and applyTopology() make. `TOPOLOGY_RUNS` and
 * `TOPOLOGY_SEED` try others than CI does.
 */

import { execFileSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import type { Topology, TopologyNamespace } from '../../src/topology.js'
import { applyTopology, createTopology, planTopology } from '../../src/topology-sync.js'
import { PATIENCE } from './patience.js'
import { topology } from './topology-arbitrary.js'
import { cleanAll } from './topology-support.js'
import { world } from './topology-world.js'

afterEach(cleanAll)

const RUNS = Number(process.env['TOPOLOGY_RUNS'] ?? 6)
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

/** What went wrong once. */
const EXAMPLES: [Topology, Topology][] = [
  // An IPv6 address without DAD that was added before its interface came up has no route to its peer.
  [
    lab({}),
    lab({
      links: { x: { peer: 'y', addresses: [{ address: 'fd03::1/128', peer: 'fd03::2', flags: ['nodad'] }] } },
    }),
  ],
]

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
