/** docs/examples/attach-latency.ts: what it measures, prints and draws, and that it leaves nothing. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { measure } from '../../docs/examples/attach-latency.js'
import { bundle } from './bundle.js'
import { PATIENCE, seconds } from './patience.js'
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

it.each<[string, string[]]>([
  ["--attaches: 'x' is no number from 1 to 1023", ['--attaches', 'x']],
  ["--attaches: '0' is no number from 1 to 1023", ['--attaches', '0']],
  ["--concurrency: '' is no number from 1 to 1023", ['--concurrency', '1,,2']],
  ["Unknown option '--size'", ['--size', '1']],
  [
    "ENOENT: no such file or directory, open '/nowhere/x.svg'",
    '--attaches 2 --svg /nowhere/x.svg'.split(' '),
  ],
])('%s: an error, and nothing is left', async (words, options) => {
  const before = linkNames()
  const program = bundle('attach-latency')
  try {
    const { status, stderr } = await start(['timeout', seconds(60), program, ...options]).ended
    expect([status, stderr.slice(0, words.length)]).toEqual([1, words])
    expect(linkNames()).toEqual(before)
  } finally {
    rmSync(program)
  }
})

it.each(['SIGINT', 'SIGTERM'] as const)('nothing is left where %s stops it', async (signal) => {
  const before = linkNames()
  const program = bundle('attach-latency')
  try {
    const { pid, ended } = start([program, '--attaches', '1023'])
    await expect.poll(() => linkNames().length, { timeout: 20_000 * PATIENCE }).toBeGreaterThan(9)
    process.kill(pid, signal)
    expect(await ended).toMatchObject({ status: 1, stderr: `${signal}\n` })
    expect(linkNames()).toEqual(before)
  } finally {
    rmSync(program)
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
