import { execFile, execFileSync } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { limitProgram, packagePath } from './lib/child.js'
import { interleave } from './lib/interleave.js'
import { formatTable, showProgress, writeResult } from './lib/report.js'
import type { Prepare, SuiteOptions } from './lib/suite.js'

const USAGE = 'usage: npm run bench -- [SUITE …] [--peers] [--quick] [--rounds N]'
const ROUNDS = { quick: 3, usual: 9 }

const SUITES: Record<string, () => Promise<{ prepare: Prepare }>> = {
  attach: () => import('./attach.js'),
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      peers: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? ROUNDS.quick : ROUNDS.usual))
  const unknown = positionals.find((name) => !(name in SUITES))
  if (unknown !== undefined)
    throw new Error(`no suite '${unknown}'; there is: ${Object.keys(SUITES).join(' ')}`)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: not a number of rounds`)
  return { names: positionals.length ? positionals : Object.keys(SUITES), rounds, options: values }
}

/** Runs a suite and prints its table; false when a competitor is missing without which it proves nothing. */
async function runSuite(name: string, options: SuiteOptions, rounds: number): Promise<boolean> {
  const { prepare } = await SUITES[name]!()
  const suite = await prepare(options)
  const settle = async () => {
    await promisify(execFile)(limitProgram('settle')[0]!)
  }
  for (const competitor of suite.competitors) {
    showProgress(`${name}: check of ${competitor.name}`)
    await competitor.check?.()
    await settle()
  }
  const summaries = await interleave(suite.competitors, rounds, {
    onRun: (competitor, round) => showProgress(`${name}: round ${round} of ${rounds}: ${competitor}`),
    afterRun: settle,
  })
  showProgress('')
  console.log(formatTable(`${suite.title}; median of ${rounds} interleaved rounds`, summaries))
  for (const { name, remedy } of suite.missing) console.log(`not run: ${name}: ${remedy}`)
  console.log(`written: ${writeResult(name, suite, rounds, summaries)}\n`)
  return !suite.missing.some(({ required }) => required)
}

try {
  const { names, rounds, options } = readArguments()
  if (!process.env['NETLINK_TS_ISOLATED'])
    throw new Error('run it by npm run bench, in namespaces of its own')
  execFileSync('make', ['-s', '-C', packagePath('bench/limit')], { stdio: 'inherit' })
  for (const name of names) {
    if (!(await runSuite(name, options, rounds))) process.exitCode = 1
  }
} catch (error) {
  showProgress('')
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
  process.exitCode = 1
}
