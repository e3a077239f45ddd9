/** docs/examples/attach-latency.ts: what it measures, prints and draws, and that it leaves nothing. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { measure } from '../../docs/examples/attach-latency.js'
import { bundle } from './bundle.js'
import { seconds } from './patience.js'
import { start } from './program.js'
import { linkNames } from './topology-support.js'

it('prints a line for each concurrency, draws them, and takes everything away', async () => {
  const before = linkNames()
  const program = bundle('attach-latency')
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-latency-'))
  try {
    const svg = join(directory, 'latency.svg')
    const options = ['--attaches', '20', '--concurrency', '1,4,8', '--svg', svg]
    const { status, stdout, stderr } = await start(['timeout', seconds(60), program, ...options]).ended
    expect([status, stderr]).toEqual([0, ''])
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^ +concurrency +attaches\/s +p50 ms +p90 ms +p99 ms$/)
    expect(lines.map((line) => Number.parseInt(line, 10))).toEqual([1, 4, 8])
    for (const line of lines) expect(line).toMatch(/^ +\d+ +\d+( +\d+\.\d\d){3}$/)
    const drawn = readFileSync(svg, 'utf8')
    expect(drawn.match(/<polyline [^>]*points="(\S+,\S+ ?){3}"/g)).toHaveLength(4)
    expect(drawn).not.toContain('NaN')
    expect(linkNames()).toEqual(before)
  } finally {
    rmSync(program)
    rmSync(directory, { recursive: true })
  }
})

it('never has more at once than it says, and each exactly once', async () => {
  const seen: number[] = []
  let now = 0
  let most = 0
  const { concurrency, p50, p99 } = await measure(
    async (i) => {
      seen.push(i)
      most = Math.max(most, ++now)
      await new Promise(setImmediate)
      now--
    },
    20,
    3,
  )
  expect([concurrency, most, now]).toEqual([3, 3, 0])
  expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  expect(p50).toBeLessThanOrEqual(p99)
})
