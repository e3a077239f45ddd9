/** What the steps of a topology take of memory for each namespace does not grow with their number; what a process takes while it runs them is bench's (docs/performance.md). */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { build } from '../../src/topology/build.js'
import { parseTopology } from '../../src/topology/parse.js'
import { star } from '../../src/topology/shapes.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** What nothing refers to any more but what a first collection finds to be finalized goes with the second. */
function heapUsed(): number {
  for (let i = 0; i < 2; i++) gc()
  return process.memoryUsage().heapUsed
}

/** Bytes of the steps of a star, for each of its namespaces. */
function bytesEach(count: number): number {
  const before = heapUsed()
  const steps = build(parseTopology(star(count)))
  const after = heapUsed()
  expect(steps).toHaveLength(2 * count + 1)
  return (after - before) / count
}

/** Of seven: what V8 keeps of code that it compiles meanwhile comes on top of one or two, and what goes of the test runner's is missing. */
const median = (count: number) =>
  Array.from({ length: 7 }, () => bytesEach(count)).sort((one, other) => one - other)[3]!

it('a namespace of a thousand takes as much as one of three hundred', () => {
  // What is compiled, and kept for good, comes first.
  bytesEach(300)
  const [few, many] = [median(300), median(1000)]
  expect(many).toBeLessThan(1.3 * few)
  expect(many).toBeLessThan(6_000)
})
