/** What the steps of a topology take of memory for each namespace does not grow with their number; what a process takes while it runs them is bench's (docs/performance.md). */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { build } from '../../src/topology/build.js'
import { parseTopology } from '../../src/topology/parse.js'
import { star } from '../../src/topology/shapes.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Bytes of the steps of a star, for each of its namespaces. */
function bytesEach(count: number): number {
  gc()
  const before = process.memoryUsage().heapUsed
  const steps = build(parseTopology(star(count)))
  gc()
  const after = process.memoryUsage().heapUsed
  expect(steps).toHaveLength(2 * count + 1)
  return (after - before) / count
}

/** The least of three: what V8 keeps besides, of code that it compiles meanwhile, comes on top. */
const least = (count: number) => Math.min(...[1, 2, 3].map(() => bytesEach(count)))

it('a namespace of a thousand takes as much as one of three hundred', () => {
  // What is compiled, and kept for good, comes first.
  bytesEach(300)
  const [few, many] = [least(300), least(1000)]
  expect(many).toBeLessThan(1.3 * few)
  expect(many).toBeLessThan(6_000)
})
