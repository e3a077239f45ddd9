import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { packagePath } from '../lib/child.js'
import type { Competitor, Goal, Measurement, Versions } from '../lib/interleave.js'
import { findPeers } from '../lib/peers.js'
import { MANY_ROUNDS, type Suite, type SuiteOptions } from '../lib/suite.js'
import { missingBuild } from '../lib/worker.js'

/** Each link of the namespace, which the kernel tells in another way, too. */
const links = readdirSync('/sys/class/net').filter((name) =>
  existsSync(`/sys/class/net/${name}/ifindex`),
).length
const LIST = `if (listLinks().length !== ${links}) throw new Error("not ${links} links")`

const NPM_NETLINK = `require('netlink').createRtNetlink().getLinks().then((all) => { if (all.length !== ${links}) throw new Error('not ${links} links') })`

interface Program {
  name: string
  args: string[]
  /** Parts of the paths of what it has to load; null: nothing. */
  loads: string[] | null
  goal?: Goal
  versions?: Versions | undefined
}

const ROOT = ['/dist/cjs/index.js']
const SYNC = ['/dist/cjs/sync.js', '/netlink.node']

const PROGRAMS: Program[] = [
  { name: 'node -e 0', args: ['-e', '0'], loads: null },
  { name: 'node, an empty module', args: ['--input-type=module', '-e', '0'], loads: null },
  // Not what a package costs, but what Node asks for any that is imported and has a CommonJS core.
  {
    name: 'import of an empty file',
    args: [
      '--input-type=module',
      '-e',
      `import ${JSON.stringify(pathToFileURL(packagePath('bench/workers/empty.mjs')))}`,
    ],
    loads: ['/workers/empty.cjs'],
  },
  {
    name: 'the addon, links counted',
    args: [packagePath('bench/workers/undecoded.cjs'), String(links)],
    loads: ['/node_modules/bindings/', '/netlink.node'],
  },
  { name: "require('netlink-ts')", args: ['-e', "require('netlink-ts')"], loads: ROOT, goal: { ratio: 1.1 } },
  {
    name: "import 'netlink-ts'",
    args: ['--input-type=module', '-e', "import 'netlink-ts'"],
    loads: ROOT,
    goal: { ratio: 1.1 },
  },
  {
    name: "require('netlink-ts/sync'), list links",
    args: ['-e', `const { listLinks } = require('netlink-ts/sync'); ${LIST}`],
    loads: SYNC,
    goal: { ratio: 1.15 },
  },
  {
    name: "import 'netlink-ts/sync', list links",
    args: ['--input-type=module', '-e', `import { listLinks } from 'netlink-ts/sync'; ${LIST}`],
    loads: SYNC,
    goal: { ratio: 1.15 },
  },
]

/** Whole processes, from their start to their end. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const processes = options.quick ? 2 : 3
  const peers = await findPeers(options, 'links', [['npm netlink', "require('netlink'), list links"]])
  const all = [
    ...PROGRAMS,
    ...peers.programs.map(({ name, versions }): Program => {
      return { name, args: ['-e', NPM_NETLINK], loads: ['/node_modules/netlink/'], versions }
    }),
  ]
  return [
    {
      name: 'startup',
      title: 'a process that imports the library',
      rounds: MANY_ROUNDS,
      figure: 'unit',
      missing: [...missingBuild(), ...peers.missing],
      competitors: all.map(({ name, args, loads, goal, versions }): Competitor => {
        return {
          name,
          goal,
          versions,
          run: () => runProcesses(args, processes),
          check: () => checkLoaded(args, loads),
        }
      }),
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

async function checkLoaded(args: string[], loads: string[] | null): Promise<void> {
  const telling = ['--require', packagePath('bench/workers/loaded.cjs')]
  const { stdout } = await promisify(execFile)(process.execPath, [...telling, ...args], {
    cwd: packagePath('.'),
  })
  const loaded: string[] = JSON.parse(stdout)
  const wrong =
    loads === null
      ? loaded.find((file) => file.startsWith(packagePath('.')))
      : loads.find((part) => !loaded.some((file) => file.includes(part)))
  if (wrong !== undefined)
    throw new Error(`node ${args.join(' ')}: ${wrong} is ${loads === null ? '' : 'not '}loaded`)
}
