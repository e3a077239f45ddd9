/**
 * Counts the instructions that netlink-ts spends on a unit of a benchmark, by function: on a machine that does other things, too, this tells
 * whether a change helped where times tell nothing. A worker runs below valgrind with --count N and with --count 2N, or one that reads with
 * --repeat N and 2N; the difference is shared among N, so that what begins and ends the counting is not in it. The kernel's work is not counted.
 *
 *   npm run bench:instructions -- attach --mode sync --warm 200 --count 20
 *   npm run bench:instructions -- links --mode sync --count 1000 --warm 20 --repeat 20
 */

import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Counts, readCallgrind } from './lib/callgrind.js'
import { holdOpen, limitProgram, packagePath, runLimit } from './lib/child.js'
import { isInstalled } from './lib/environment.js'
import { worker } from './lib/worker.js'

const SHOWN = 40
/** A program takes some fifty times as long below valgrind. */
const LONGEST_MS = 600_000

const [name, ...options] = process.argv.slice(2)
if (name === undefined)
  throw new Error(
    'usage: npm run bench:instructions -- WORKER [--mode …] [--warm N] [--count N] [--repeat N]',
  )
if (!isInstalled('valgrind')) throw new Error('apt-get install valgrind')

/** What is read was made before: `--count` of them, by a program of bench/limit that keeps them, and a unit is one reading of `--repeat`. */
const READ: Record<string, string> = { links: 'make-links', dump: 'device' }
const unit = READ[name] === undefined ? '--count' : '--repeat'
const given = options.indexOf(unit)
const count = given < 0 ? 20 : Number(options[given + 1])
const rest = given < 0 ? options : options.toSpliced(given, 2)
execFileSync('make', ['-s', '-C', packagePath('bench/limit')], { stdio: 'inherit' })

const once = await counted(count)
const twice = await counted(2 * count)
const own = difference(twice.own, once.own)
const calls = difference(twice.calls, once.calls)
const kinds = { JavaScript: 0, "V8's builtins": 0, 'everything else (V8, Node, the addon, libc)': 0 }
for (const [symbol, instructions] of own) {
  if (/^(JS|RegExp):/.test(symbol)) kinds.JavaScript += instructions
  else if (/^Builtin/.test(symbol)) kinds["V8's builtins"] += instructions
  else kinds['everything else (V8, Node, the addon, libc)'] += instructions
}
for (const [kind, instructions] of Object.entries(kinds)) console.log(`${pad(instructions, 9)}  ${kind}`)
console.log(
  '\ninstructions     calls  of a unit, on the main thread (*: optimized, ^: compiled, ~: interpreted)',
)
for (const [symbol, instructions] of [...own].sort(([, a], [, b]) => b - a).slice(0, SHOWN))
  console.log(`${pad(instructions, 12)} ${pad(calls.get(symbol) ?? 0, 9, 1)}  ${symbol.slice(0, 100)}`)

async function counted(units: number): Promise<Counts> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-callgrind-'))
  const [node = '', program = ''] = await worker(name!)
  const valgrind = ['--tool=callgrind', '--smc-check=all-non-file', '--instr-atstart=no', '--dump-instr=yes']
  const output = ['--separate-threads=yes', `--callgrind-out-file=${directory}/out`]
  const command = [...valgrind, ...output, node, '--perf-basic-prof', program, ...rest, unit, `${units}`]
  const env = { ...process.env, BENCH_CALLGRIND: '1', BENCH_SETTLE: limitProgram('settle')[0] }
  const takeAway = await makeNeeded()
  const running = promisify(execFile)('valgrind', command, {
    env,
    cwd: directory,
    timeout: LONGEST_MS,
    maxBuffer: 1 << 26,
  })
  // Where V8 writes the names, which it does not ask about.
  const map = `/tmp/perf-${running.child.pid}.map`
  try {
    await running
    // The first dump, which the stopwatch asked for, of the first thread.
    return readCallgrind(`${directory}/out.1-01`, map)
  } finally {
    rmSync(directory, { recursive: true })
    rmSync(map, { force: true })
    await takeAway?.()
    await runLimit('settle')
  }
}

/** What the worker reads, or the link that its routes go through; returns what takes it away. */
async function makeNeeded(): Promise<(() => Promise<void>) | undefined> {
  if (name === 'routes') return holdOpen(limitProgram('device'))
  const maker = READ[name!]
  if (maker === undefined) return undefined
  const size = rest[rest.indexOf('--count') + 1]
  if (!rest.includes('--count') || size === undefined)
    throw new Error(`${name}: --count N, how many are read`)
  return holdOpen([...limitProgram(maker), '--count', size])
}

/** For each unit. */
function difference(
  twice: ReadonlyMap<string, number>,
  once: ReadonlyMap<string, number>,
): Map<string, number> {
  return new Map([...twice].map(([symbol, number]) => [symbol, (number - (once.get(symbol) ?? 0)) / count]))
}

function pad(number: number, width: number, digits = 0): string {
  return number.toFixed(digits).padStart(width)
}
