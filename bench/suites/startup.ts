import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { packagePath } from '../lib/child.js'
import type { Competitor, Goal, Measurement, Versions } from '../lib/interleave.js'
import { findPeers } from '../lib/peers.js'
import type { Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild } from '../lib/worker.js'

const LIST = 'if (listLinks().length === 0) throw new Error("no links")'

const NPM_NETLINK =
  "require('netlink').createRtNetlink().getLinks().then((links) => { if (!links.length) throw new Error('no links') })"

type Program = [name: string, args: string[], goal?: Goal | undefined, versions?: Versions | undefined]

const PROGRAMS: Program[] = [
  ['node -e 0', ['-e', '0']],
  ['node, an empty module', ['--input-type=module', '-e', '0']],
  // Not what a package costs, but what Node asks for any that is imported and has a CommonJS core.
  [
    'import of an empty file',
    [
      '--input-type=module',
      '-e',
      `import ${JSON.stringify(pathToFileURL(packagePath('bench/workers/empty.mjs')))}`,
    ],
  ],
  ["require('netlink-ts')", ['-e', "require('netlink-ts')"], { ratio: 1.1 }],
  ["import 'netlink-ts'", ['--input-type=module', '-e', "import 'netlink-ts'"], { ratio: 1.1 }],
  [
    "require('netlink-ts/sync'), list links",
    ['-e', `const { listLinks } = require('netlink-ts/sync'); ${LIST}`],
    { ratio: 1.15 },
  ],
  [
    "import 'netlink-ts/sync', list links",
    ['--input-type=module', '-e', `import { listLinks } from 'netlink-ts/sync'; ${LIST}`],
    { ratio: 1.15 },
  ],
]

/** Whole processes, from their start to their end. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const processes = options.quick ? 2 : 5
  const peers = await findPeers(options, 'links', [['npm netlink', "require('netlink'), list links"]])
  const all = [
    ...PROGRAMS,
    ...peers.programs.map(({ name, versions }): Program => [name, ['-e', NPM_NETLINK], undefined, versions]),
  ]
  return [
    {
      name: 'startup',
      title: 'a process that imports the library',
      figure: 'unit',
      missing: [...missingBuild(), ...peers.missing],
      competitors: all.map(
        ([name, args, goal, versions]): Competitor => ({
          name,
          goal,
          versions,
          run: () => runProcesses(args, processes),
        }),
      ),
    },
  ]
}

async function runProcesses(args: string[], count: number): Promise<Measurement> {
  const eachNs: number[] = []
  for (let i = 0; i < count; i++) {
    const begun = performance.now()
    const child = spawn(process.execPath, args, {
      cwd: packagePath('.'),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [status] = await once(child, 'exit')
    eachNs.push((performance.now() - begun) * 1e6)
    if (status !== 0) throw new Error(`node ${args.join(' ')}: status ${status}`)
  }
  return { totalNs: eachNs.reduce((sum, ns) => sum + ns, 0), eachNs }
}
