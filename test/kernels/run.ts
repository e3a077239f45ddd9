/**
 * Runs kernel tests on five kernels: this machine's, two of user-mode Linux, and two of Debian's in QEMU.
 *
 *   npm run test:kernels                                      the tests about what kernels are built with; writes docs/kernels.md
 *   npm run test:kernels -- test/kernel/route.test.ts         these instead; writes nothing
 *   npm run test:kernels -- --on built --on qemu --all        the whole `kernel` project on some of them; writes their counts
 *   npm run test:kernels -- --on built --all test/kernel/…    these files of it again, for the counts that they had
 *
 * What is missing comes by apt-get.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compileTree } from './compile.js'
import { type Run, sumOf, writeKernels } from './document.js'
import { type Fact, type FileFact, factOf } from './reporter.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = `${ROOT}node_modules/.cache/kernels`
/** The checkout as guests get it. */
const TREE = `${ROOT}build/kernels`

interface Kernel {
  readonly title: string
  readonly command: string
  /** Which kernel it runs: test/kernels/fetch.sh. */
  readonly version?: string
  /** Commands that it takes, and their Debian packages. */
  readonly needs: Readonly<Record<string, string>>
}

const TOOLS = { ip: 'iproute2', ping: 'iputils-ping' }
const GUEST = { ...TOOLS, busybox: 'busybox-static', modprobe: 'kmod', depmod: 'kmod' }

const KERNELS: Readonly<Record<string, Kernel>> = {
  own: { title: "the machine's own", command: 'test/isolated', needs: TOOLS },
  uml: {
    title: 'user-mode Linux',
    command: 'test/kernels/uml.sh',
    needs: { ...GUEST, 'linux.uml': 'user-mode-linux' },
  },
  built: {
    title: 'user-mode Linux, newest',
    command: 'test/kernels/uml.sh',
    version: 'backports',
    needs: { ...GUEST, gcc: 'gcc', make: 'make', flex: 'flex', bison: 'bison', bc: 'bc', xz: 'xz-utils' },
  },
  qemu: { title: 'Debian 12 in QEMU', command: 'test/kernels/qemu.sh', version: '6.12', needs: GUEST },
  newest: {
    title: 'Debian backports in QEMU',
    command: 'test/kernels/qemu.sh',
    version: 'backports',
    needs: GUEST,
  },
}

/** The tests that are about what a kernel is built with. The others run there too, but a guest takes minutes for what the machine does in one. */
const FEATURE_TESTS = ['kinds', 'tuntap', 'encap', 'mpls', 'link-devices'].map(
  (name) => `test/kernel/${name}.test.ts`,
)

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
let isWell = true
for (const name of names) {
  const { title } = KERNELS[name]!
  const one = await run(name)
  const missing = on(name, wanted).filter((file) => !one.files.some((fact) => fact.file === file))
  console.log(title, one.files.length > 0 ? sumOf(one.files) : '')
  if (missing.length > 0) console.log(`did not come to their end: ${missing.join(' ')}`)
  isWell &&= missing.length === 0 && one.files.every(({ failed }) => failed === 0)
  if (set === 'features' && missing.length === 0) keep(name, set, one)
}
if (set !== null) writeKernels(`${ROOT}docs/kernels.md`, runsOf('features'), runsOf('all'), WHOLE)
process.exitCode = isWell ? 0 : 1

/** Where the result of a run is kept: the tables are made of the last ones, so that kernels can be run one at a time. */
function resultOf(name: string, which: 'features' | 'all'): string {
  mkdirSync(CACHE, { recursive: true })
  return `${CACHE}/${name}.${which}.json`
}

function keep(name: string, which: 'features' | 'all', result: Run): void {
  writeFileSync(resultOf(name, which), JSON.stringify(result))
}

function kept(name: string, which: 'features' | 'all'): Run | null {
  const path = resultOf(name, which)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Run) : null
}

/** Keeps of each file what it said last, at once: the whole takes hours in some guests, and what was mended is run again by itself. */
function keepFile(name: string, fact: FileFact): void {
  const { title } = KERNELS[name]!
  const facts = new Map([...(kept(name, 'all')?.files ?? []), fact].map((one) => [one.file, one]))
  keep(name, 'all', { title, features: [], files: WHOLE.flatMap((file) => facts.get(file) ?? []) })
}

/** What is kept of all kernels. */
function runsOf(which: 'features' | 'all'): Run[] {
  return Object.keys(KERNELS).flatMap((name) => kept(name, which) ?? [])
}

/** Runs the tests on one kernel, shows what they print, and gathers the facts among it. */
async function run(name: string): Promise<Run> {
  const kernel = KERNELS[name]!
  install(kernel.needs)
  console.log(`\n== ${kernel.title}`)
  const tests = wanted === WHOLE ? [] : wanted
  const child = name === 'own' ? onMachine(kernel, on(name, tests)) : inGuest(kernel, tests)
  const facts: Fact[] = []
  for await (const line of linesOf(child)) {
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
  return {
    title: kernel.title,
    features: facts.filter((fact) => 'state' in fact),
    files: facts.filter((fact) => 'file' in fact),
  }
}

function onMachine({ command }: Kernel, tests: readonly string[]): ChildProcess {
  const reporters = ['default', './test/kernels/reporter.ts'].map((reporter) => `--reporter=${reporter}`)
  const vitest = ['vitest', 'run', '--project', 'kernel', ...reporters, ...tests]
  return spawn(command, vitest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A guest has a newer ip besides, for what the machine's does not print. */
function inGuest({ command, version }: Kernel, tests: readonly string[]): ChildProcess {
  const { stdout, status } = spawnSync('test/kernels/fetch.sh', [CACHE, 'iproute2'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const env = {
    ...process.env,
    ...(version && { NETLINK_KERNEL: version }),
    ...(status === 0 && { NETLINK_IP: `${stdout.trim()}/bin/ip` }),
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

function install(needs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(needs).filter(
    ([command]) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0,
  )
  if (missing.length === 0) return
  const packages = [...new Set(missing.map(([, name]) => name))]
  const { status } = spawnSync('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...packages], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`not installed: apt-get install ${packages.join(' ')}`)
}
