/**
 * Runs kernel tests on five kernels: this machine's, two of user-mode Linux, and two of Debian's in QEMU.
 *
 *   npm run test:kernels                                      the tests about what kernels are built with; writes docs/kernels.md
 *   npm run test:kernels -- test/kernel/route.test.ts         these instead; writes nothing
 *   npm run test:kernels -- --on built --on qemu --all        the whole `kernel` project on some of them; writes their counts
 *
 * What is missing comes by apt-get.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compileTree } from './compile.js'
import { type Run, writeKernels } from './document.js'
import { type Fact, MARK, type RunFact } from './reporter.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = `${ROOT}node_modules/.cache/kernels`
/** In how many parts test/parts runs the whole project. */
const PARTS = 9
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

const files = values.all ? [] : positionals.length > 0 ? positionals : FEATURE_TESTS
if (names.some((name) => name !== 'own')) await compileTree(ROOT, TREE)
const runs: Run[] = []
for (const name of names) {
  const one = await run(name, files)
  runs.push(one)
  if (one.summary !== null && files !== positionals)
    writeFileSync(resultOf(name, values.all ? 'all' : 'features'), JSON.stringify(one))
}

for (const { title, summary } of runs) console.log(title, summary ?? 'did not come to its end')
if (files !== positionals) writeKernels(`${ROOT}docs/kernels.md`, kept('features'), kept('all'))
process.exitCode = runs.some(({ summary }) => summary === null || summary.failed > 0) ? 1 : 0

/** Where the result of a run is kept: the tables are made of the last ones, so that kernels can be run one at a time. */
function resultOf(name: string, which: 'features' | 'all'): string {
  mkdirSync(CACHE, { recursive: true })
  return `${CACHE}/${name}.${which}.json`
}

function kept(which: 'features' | 'all'): Run[] {
  return Object.keys(KERNELS)
    .map((name) => resultOf(name, which))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Run)
}

/** Runs the tests on one kernel, shows what they print, and gathers the facts among it. */
async function run(name: string, tests: readonly string[]): Promise<Run> {
  const kernel = KERNELS[name]!
  install(kernel.needs)
  console.log(`\n== ${kernel.title}`)
  const child = name === 'own' ? onMachine(kernel, tests) : inGuest(kernel, tests)
  const facts: Fact[] = []
  for await (const line of linesOf(child)) {
    const at = line.indexOf(MARK)
    if (at < 0) console.log(line)
    else facts.push(JSON.parse(line.slice(at + MARK.length)) as Fact)
  }
  return {
    title: kernel.title,
    features: facts.filter((fact) => 'state' in fact),
    summary: sumOf(
      facts.filter((fact) => 'release' in fact),
      name !== 'own' && tests.length === 0 ? PARTS : 1,
    ),
  }
}

/** Null unless all parts came to their end. */
function sumOf(summaries: readonly RunFact[], parts: number): RunFact | null {
  if (summaries.length !== parts) return null
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    summaries.reduce((total, summary) => total + summary[key], 0)
  return {
    release: summaries[0]!.release,
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
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
      : ['vitest', 'run', ...tests.map((test) => test.replace(/\.ts$/, '.mjs'))]
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
