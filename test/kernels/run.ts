/**
 * Runs kernel tests on three kernels: this machine's, user-mode Linux and Debian's in QEMU.
 *
 *   npm run test:kernels                                      the tests about what kernels are built with; writes docs/kernels.md
 *   npm run test:kernels -- test/kernel/route.test.ts         these instead; writes nothing
 *   npm run test:kernels -- --on uml --on qemu --all          the whole `kernel` project on some of them
 *
 * What is missing comes by apt-get.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Run, writeKernels } from './document.js'
import { type Fact, MARK } from './reporter.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Kernel {
  readonly title: string
  readonly command: string
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
  qemu: { title: 'Debian in QEMU', command: 'test/kernels/qemu.sh', needs: GUEST },
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
const runs: Run[] = []
for (const name of names) runs.push(await run(KERNELS[name]!, files))

for (const { title, summary } of runs) console.log(title, summary ?? 'did not come to its end')
const isWhole = values.on === undefined && files === FEATURE_TESTS && runs.every(({ summary }) => summary)
if (isWhole) writeKernels(`${ROOT}docs/kernels.md`, runs)
process.exitCode = runs.some(({ summary }) => summary === null || summary.failed > 0) ? 1 : 0

/** Runs the tests on one kernel, shows what they print, and gathers the facts among it. */
async function run(kernel: Kernel, tests: readonly string[]): Promise<Run> {
  install(kernel.needs)
  console.log(`\n== ${kernel.title}`)
  // A test that takes a second on this machine takes half a minute on an emulated processor.
  const patience = '--testTimeout=200000'
  const reporters = ['default', './test/kernels/reporter.ts'].map((name) => `--reporter=${name}`)
  const child = spawn(
    kernel.command,
    ['npx', 'vitest', 'run', '--project', 'kernel', patience, ...reporters, ...tests],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const facts: Fact[] = []
  for await (const line of linesOf(child)) {
    const at = line.indexOf(MARK)
    if (at < 0) console.log(line)
    else facts.push(JSON.parse(line.slice(at + MARK.length)) as Fact)
  }
  return {
    title: kernel.title,
    features: facts.filter((fact) => 'state' in fact),
    summary: facts.find((fact) => 'release' in fact) ?? null,
  }
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
