/**
 * Runs kernel tests on seven kernels: this machine's, four of user-mode Linux, and two of Debian's in QEMU.
 *
 *   npm run test:kernels                                      the tests about what kernels are built with; writes docs/kernels.md
 *   npm run test:kernels -- test/kernel/route.test.ts         these instead; writes nothing
 *   npm run test:kernels -- --on built --on qemu --all        the whole `kernel` project on some of them; writes their counts
 *   npm run test:kernels -- --on built --all test/kernel/…    these files of it again, for the counts that they had
 *
 * What is missing comes by apt-get. SIGTERM ends the guest. What has not run is told. Ends with 1 when a test failed or a guest broke down,
 * otherwise with 2 when something has not run: no time was left, apt-get had no kernel, or the guest did not start.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compileTree } from './compile.js'
import { type Run, sumOf, writeKernels } from './document.js'
import { CACHE, fetched, KERNELS, type Kernel, ROOT, reasonToLack } from './kernels.js'
import { type Fact, type FileFact, factOf } from './reporter.js'

/** The checkout as guests get it. */
const TREE = `${ROOT}build/kernels`

/** The tests that are about what a kernel is built with. The others run there too, but a guest takes minutes for what the machine does in one. */
const FEATURE_TESTS = [
  'kinds',
  'tuntap',
  'encap',
  'mpls',
  'link-devices',
  'simulated',
  'virtual-functions',
].map((name) => `test/kernel/${name}.test.ts`)

/** What a guest prints before it runs its command: where it never does, the machine cannot run such guests. */
const STARTED = /^guest: started/
/** One of user-mode Linux takes three seconds, one in QEMU a minute or two; now and then one never starts. */
const STARTS_WITHIN_MS = 600_000

let isEnding = false
let guest: ChildProcess | null = null
// timeout(1) sends it twice, to its child and to the group.
process.on('SIGTERM', () => {
  isEnding = true
  guest?.kill()
})

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { on: { type: 'string', multiple: true }, all: { type: 'boolean', default: false } },
})

const names = values.on ?? Object.keys(KERNELS)
const unknown = names.find((name) => !Object.hasOwn(KERNELS, name))
if (unknown !== undefined)
  throw new Error(`--on ${unknown}: the kernels are ${Object.keys(KERNELS).join(', ')}`)

/** All files of the project. */
const WHOLE = readdirSync(`${ROOT}test/kernel`)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/kernel/${name}`)

/** The machine has all but what vitest.config.ts leaves to guests. */
const GUESTS_ALONE = 'test/kernel/encap.test.ts'
const on = (name: string, files: readonly string[]) =>
  name === 'own' ? files.filter((file) => file !== GUESTS_ALONE) : files

const wanted = positionals.length > 0 ? positionals : values.all ? WHOLE : FEATURE_TESTS
/** Which results these tests belong to; those of other files belong to none. */
const set = values.all ? 'all' : positionals.length > 0 ? null : 'features'
if (names.some((name) => name !== 'own')) await compileTree(ROOT, TREE)

let hasFailed = false
const notRun: string[] = []
for (const name of names) {
  const { title } = KERNELS[name]!
  const files = on(name, wanted)
  const absent = isEnding ? null : await reasonToLack(KERNELS[name]!)
  const lacks = isEnding ? 'no time was left' : absent
  if (lacks !== null) {
    notRun.push(`${title}: ${files.join(' ')} (${lacks})`)
    continue
  }
  const { status, hasStarted, ...one } = await run(name)
  const missing = files.filter((file) => !one.files.some((fact) => fact.file === file))
  console.log(title, one.files.length > 0 ? sumOf(one.files) : '')
  if (missing.length > 0 && isEnding) notRun.push(`${title}: ${missing.join(' ')} (no time was left)`)
  else if (!hasStarted) notRun.push(`${title}: ${missing.join(' ')} (it did not start)`)
  else if (missing.length > 0) console.log(`did not come to their end: ${missing.join(' ')}`)
  hasFailed ||= (status !== 0 && hasStarted && !isEnding) || one.files.some(({ failed }) => failed > 0)
  if (set === 'features' && missing.length === 0) keep(name, set, one)
}
if (set !== null) writeKernels(`${ROOT}docs/kernels.md`, runsOf('features'), runsOf('all'), WHOLE)
for (const line of notRun) console.log(`NOT RUN in ${line}`)
process.exitCode = hasFailed ? 1 : notRun.length > 0 ? 2 : 0

/** Where the facts of a run are kept, one a line: the tables are made of the last ones, so that kernels can be run one at a time. */
function resultOf(name: string, which: 'features' | 'all'): string {
  return `${ROOT}test/kernels/results/${name}.${which}.jsonl`
}

function keep(name: string, which: 'features' | 'all', { features, files }: Omit<Run, 'title'>): void {
  const lines = [...features, ...files].map((fact) => `${JSON.stringify(fact)}\n`)
  writeFileSync(resultOf(name, which), lines.join(''))
}

function kept(name: string, which: 'features' | 'all'): Run | null {
  const path = resultOf(name, which)
  if (!existsSync(path)) return null
  const facts = readFileSync(path, 'utf8').trim().split('\n')
  return runOf(
    name,
    facts.map((fact) => JSON.parse(fact) as Fact),
  )
}

function runOf(name: string, facts: readonly Fact[]): Run {
  return {
    title: KERNELS[name]!.title,
    features: facts.filter((fact) => 'state' in fact),
    files: facts.filter((fact) => 'file' in fact),
  }
}

/** Keeps of each file what it said last, at once: the whole takes hours in some guests, and what was mended is run again by itself. */
function keepFile(name: string, fact: FileFact): void {
  const facts = new Map([...(kept(name, 'all')?.files ?? []), fact].map((one) => [one.file, one]))
  keep(name, 'all', { features: [], files: WHOLE.flatMap((file) => facts.get(file) ?? []) })
}

/** What is kept of all kernels. */
function runsOf(which: 'features' | 'all'): Run[] {
  return Object.keys(KERNELS).flatMap((name) => kept(name, which) ?? [])
}

/** Runs the tests on one kernel, shows what they print, and gathers the facts among it. */
async function run(name: string): Promise<Run & { status: number | null; hasStarted: boolean }> {
  const kernel = KERNELS[name]!
  console.log(`\n== ${kernel.title}`)
  const tests = wanted === WHOLE ? [] : wanted
  const child = name === 'own' ? onMachine(kernel, on(name, tests)) : await inGuest(kernel, tests)
  guest = child
  if (isEnding) child.kill() // since a download began
  const closed = once(child, 'close') as Promise<[number | null]>
  const facts: Fact[] = []
  let hasStarted = name === 'own'
  const startup = setTimeout(() => hasStarted || child.kill(), STARTS_WITHIN_MS)
  for await (const line of linesOf(child)) {
    hasStarted ||= STARTED.test(line)
    const fact = factOf(line)
    if (fact === null) {
      console.log(line)
      continue
    }
    facts.push(fact)
    if (!('file' in fact)) continue
    console.log(`${fact.file}: ${fact.passed} passed, ${fact.failed} failed, ${fact.skipped} skipped`)
    if (set === 'all') keepFile(name, fact)
  }
  clearTimeout(startup)
  const [status] = await closed
  return { status, hasStarted, ...runOf(name, facts) }
}

function onMachine({ command }: Kernel, tests: readonly string[]): ChildProcess {
  const reporters = ['default', './test/kernels/reporter.ts'].map((reporter) => `--reporter=${reporter}`)
  const vitest = ['vitest', 'run', '--project', 'kernel', ...reporters, ...tests]
  return spawn(command, vitest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A guest has a newer ip besides, for what the machine's does not print. */
async function inGuest({ command, version }: Kernel, tests: readonly string[]): Promise<ChildProcess> {
  const iproute2 = await fetched('iproute2')
  const env = {
    ...process.env,
    ...(version && { NETLINK_KERNEL: version }),
    ...(iproute2 !== null && { NETLINK_IP: `${iproute2}/bin/ip` }),
  }
  const vitest =
    tests.length === 0
      ? ['test/parts']
      : ['test/isolated', 'vitest', 'run', ...tests.map((test) => test.replace(/\.ts$/, '.mjs'))]
  return spawn(`${ROOT}${command}`, vitest, {
    cwd: TREE,
    env: { NETLINK_KERNELS: CACHE, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function* linesOf({ stdout }: ChildProcess): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stdout!.setEncoding('utf8')) {
    const lines = (rest + chunk).split(/\r*\n/)
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}
