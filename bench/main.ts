import { execFileSync } from 'node:child_process'
import { readArguments, roundsOf, USAGE } from './lib/arguments.js'
import { drawChart } from './lib/chart.js'
import { packagePath } from './lib/child.js'
import { writeDocument } from './lib/document.js'
import { interleave, type Summary } from './lib/interleave.js'
import { describeMissing, resultOf, showProgress, writeResult } from './lib/report.js'
import type { Prepare, Suite } from './lib/suite.js'
import { formatTable } from './lib/table.js'

const SUITES: Record<string, () => Promise<{ prepare: Prepare }>> = {
  // The core comes first: where time gets short, that has run.
  attach: () => import('./suites/attach.js'),
  routes: () => import('./suites/routes.js'),
  dump: () => import('./suites/dump.js'),
  nat: () => import('./suites/nat.js'),
  topology: () => import('./suites/topology.js'),
  netns: () => import('./suites/netns.js'),
  links: () => import('./suites/links.js'),
  monitor: () => import('./suites/monitor.js'),
  startup: () => import('./suites/startup.js'),
  codec: () => import('./suites/codec.js'),
}

async function runSuite(
  suite: Suite,
  done: number,
  { quick, write }: { quick: boolean; write: boolean },
): Promise<void> {
  const { name, title, competitors, missing, figure, afterRun } = suite
  showProgress(`${name}: prepares`)
  const takeDown = await suite.setUp?.()
  let summaries: Summary[]
  try {
    for (const competitor of competitors) {
      showProgress(`${name}: check of ${competitor.name}`)
      await competitor.check?.()
      await afterRun?.()
    }
    summaries = await interleave(competitors, {
      rounds: done,
      figure,
      onRun: (competitor, round) => showProgress(`${name}: round ${round} of ${done}: ${competitor}`),
      afterRun,
    })
  } finally {
    await takeDown?.()
  }
  const result = resultOf(suite, summaries, done, quick)
  const chart = await drawChart(title, summaries)
  const path = writeResult(result, chart)
  if (write) writeDocument(result, chart)
  showProgress('')
  console.log(formatTable(`${title}; median of ${done} interleaved rounds`, result.competitors))
  for (const one of missing) console.log(describeMissing(one))
  console.log(`written: ${path}\n`)
}

try {
  const { names, isNamed, rounds, options } = readArguments(process.argv.slice(2), Object.keys(SUITES))
  if (!process.env['NETLINK_TS_ISOLATED'])
    throw new Error('run it by npm run bench, in namespaces of its own')
  execFileSync('make', ['-s', '-C', packagePath('bench/limit')], { stdio: 'inherit' })
  for (const name of names) {
    const { prepare } = await SUITES[name]!()
    for (const suite of await prepare(options)) {
      if (suite.long && !isNamed && !options.quick) continue
      const required = suite.missing.find((it) => it.required)
      if (required) throw new Error(`${required.name}: ${required.remedy}`)
      const done = roundsOf(suite, { rounds, isNamed, quick: options.quick })
      await runSuite(suite, done, options)
    }
  }
} catch (error) {
  showProgress('')
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
  process.exitCode = 1
}
