import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { drawChart } from './lib/chart.js'
import { packagePath } from './lib/child.js'
import { writeDocument } from './lib/document.js'
import { describeEnvironment } from './lib/environment.js'
import { interleave } from './lib/interleave.js'
import { type Result, showProgress, writeResult } from './lib/report.js'
import type { Prepare, Suite } from './lib/suite.js'
import { formatTable } from './lib/table.js'

const USAGE = 'usage: npm run bench -- [SUITE …] [--peers] [--quick] [--rounds N] [--write]'
const ROUNDS = { quick: 2, usual: 5 }

const SUITES: Record<string, () => Promise<{ prepare: Prepare }>> = {
  attach: () => import('./suites/attach.js'),
  nat: () => import('./suites/nat.js'),
  topology: () => import('./suites/topology.js'),
  netns: () => import('./suites/netns.js'),
  routes: () => import('./suites/routes.js'),
  dump: () => import('./suites/dump.js'),
  links: () => import('./suites/links.js'),
  monitor: () => import('./suites/monitor.js'),
  startup: () => import('./suites/startup.js'),
  codec: () => import('./suites/codec.js'),
}

/** What else a suite is called: batch() is measured where routes are added. */
const ALIASES: Readonly<Record<string, string>> = { batch: 'routes' }

function readArguments() {
  const { values, positionals: given } = parseArgs({
    allowPositionals: true,
    options: {
      peers: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const positionals = [...new Set(given.map((name) => ALIASES[name] ?? name))]
  const rounds = Number(values.rounds ?? (values.quick ? ROUNDS.quick : ROUNDS.usual))
  const unknown = positionals.find((name) => !Object.hasOwn(SUITES, name))
  if (unknown !== undefined)
    throw new Error(`no suite '${unknown}'; there is: ${Object.keys(SUITES).join(' ')}`)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: not a number of rounds`)
  if (values.write && values.quick) throw new Error('--write: figures of a --quick run belong in no document')
  const isNamed = positionals.length > 0
  return { names: isNamed ? positionals : Object.keys(SUITES), isNamed, rounds, options: values }
}

async function runSuite(
  suite: Suite,
  rounds: number,
  { quick, write }: { quick: boolean; write: boolean },
): Promise<void> {
  const { name, title, competitors, missing, figure, afterRun } = suite
  const done = Math.min(rounds, suite.maxRounds ?? rounds)
  showProgress(`${name}: prepares`)
  const takeDown = await suite.setUp?.()
  let summaries: Result['competitors']
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
  const result: Result = {
    suite: name,
    title,
    date: new Date().toISOString(),
    environment: describeEnvironment(),
    rounds: done,
    missing,
    // A goal is for a machine at rest and for the whole work.
    competitors: quick ? summaries.map((it) => ({ ...it, goal: null })) : summaries,
  }
  const chart = await drawChart(title, summaries)
  const path = writeResult(result, chart)
  if (write) writeDocument(result, chart)
  showProgress('')
  console.log(formatTable(`${title}; median of ${done} interleaved rounds`, result.competitors))
  for (const { name, remedy } of missing) console.log(`not run: ${name}: ${remedy}`)
  console.log(`written: ${path}\n`)
}

try {
  const { names, isNamed, rounds, options } = readArguments()
  if (!process.env['NETLINK_TS_ISOLATED'])
    throw new Error('run it by npm run bench, in namespaces of its own')
  execFileSync('make', ['-s', '-C', packagePath('bench/limit')], { stdio: 'inherit' })
  for (const name of names) {
    const { prepare } = await SUITES[name]!()
    for (const suite of await prepare(options)) {
      if (suite.long && !isNamed && !options.quick) continue
      const required = suite.missing.find((it) => it.required)
      if (required) throw new Error(`${required.name}: ${required.remedy}`)
      await runSuite(suite, rounds, options)
    }
  }
} catch (error) {
  showProgress('')
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
  process.exitCode = 1
}
