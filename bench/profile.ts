/**
 * Where the time goes: runs netlink-ts in a suite once more, below perf(1), and tells what its threads did while they were measured.
 *
 *   npm run bench:profile -- dump
 */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packagePath, recordBelow } from './lib/child.js'
import { isInstalled } from './lib/environment.js'
import { FIELDS, type Measured, PARTS, type Profile, readProfile } from './lib/profile.js'
import type { Prepare, Suite } from './lib/suite.js'

/** Samples of each processor a second. */
const FREQUENCY = 1999

const [name] = process.argv.slice(2)
if (name === undefined) throw new Error('usage: npm run bench:profile -- SUITE')
if (!isInstalled('perf')) throw new Error('apt-get install linux-perf')
const run = promisify(execFile)
await run('make', ['-s', '-C', packagePath('bench/limit')])

const { prepare } = (await import(`./suites/${name}.js`)) as { prepare: Prepare }
const directory = mkdtempSync(join(tmpdir(), 'netlink-perf-'))
try {
  const data = join(directory, 'data')
  recordBelow(['perf', 'record', '-q', '-F', `${FREQUENCY}`, '-k', 'mono', '-g', '-o', data])
  for (const suite of await prepare({ quick: false, peers: false })) await profile(suite, data)
} finally {
  rmSync(directory, { recursive: true })
}

async function profile({ title, competitors, setUp, afterRun }: Suite, data: string): Promise<void> {
  const ours = competitors.filter((competitor) => competitor.name.startsWith('netlink-ts'))
  if (ours.length === 0)
    throw new Error(`${title}: no program of this suite measures netlink-ts and nothing else`)
  console.log(`\n${title}\n\n|  | ${PARTS.join(' | ')} | threads that run | the main one |`)
  console.log(`| --- |${' --: |'.repeat(PARTS.length + 2)}`)
  const takeDown = await setUp?.()
  try {
    for (const competitor of ours) {
      const { measured } = await competitor.run()
      if (measured === undefined) throw new Error(`${competitor.name} does not say when it was measured`)
      const { stdout } = await run('perf', ['script', '-i', data, '--no-inline', '-F', FIELDS], {
        maxBuffer: 1 << 30,
      })
      console.log(rowOf(competitor.name, readProfile(stdout, measured), measured))
      // Only now: it may start others below perf, which write `data` anew.
      await afterRun?.()
    }
  } finally {
    await takeDown?.()
  }
}

/** Shares of all samples, and how many threads ran at a time, on the average. */
function rowOf(competitor: string, { parts, main, all }: Profile, { from, to }: Measured): string {
  if (all === 0) throw new Error(`${competitor}: perf has no sample of what was measured`)
  const shares = PARTS.map((part) => `${((100 * parts[part]) / all).toFixed(0)}%`)
  const running = [all, main].map((samples) => (samples / FREQUENCY / (to - from)).toFixed(2))
  return `| ${[competitor, ...shares, ...running].join(' | ')} |`
}
