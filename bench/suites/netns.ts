import { readFile } from 'node:fs/promises'
import { limitProgram, runChild, runLimit } from '../lib/child.js'
import { competitors, modes } from '../lib/competitors.js'
import { findPeers } from '../lib/peers.js'
import type { Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const CHECKED = 3
/** So many were made and deleted before, where a process that goes on for long is measured. */
const WARM = 500

/** Creating named namespaces, and deleting them. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const count = options.quick ? 20 : 100
  const { programs, missing } = await findPeers(options, 'netns', [
    ['Go', 'Go, vishvananda/netns'],
    ['Rust', 'Rust, rtnetlink'],
    ['pyroute2', 'pyroute2'],
    ['ip', 'ip -batch', {}],
  ])
  const ours = modes(
    await worker('netns'),
    ['sync', 'sync', { ratio: 1.1 }],
    ['all at once', 'all-at-once', { ratio: 0.9 }],
  )
  const all = [{ name: 'C, the least the kernel allows', command: limitProgram('netns') }, ...ours]
  const title = `create and delete ${count} named namespaces`
  const args = ['--count', `${count}`]
  const warm = options.quick ? count : WARM
  const common = { figure: 'run', afterRun: () => runLimit('settle') } as const
  return [
    {
      ...common,
      name: 'netns',
      title: `${title}, the first of a process`,
      missing: [...missingBuild(), ...missing],
      competitors: competitors([...all, ...programs], args, checkMounted),
    },
    {
      ...common,
      name: 'netns-warm',
      title: `${title}, after ${warm} others`,
      missing: missingBuild(),
      competitors: competitors(all, [...args, '--warm', `${warm}`], checkMounted),
      long: true,
    },
  ]
}

async function checkMounted(command: string[]): Promise<void> {
  await runChild([...command, '--count', `${CHECKED}`, '--hold'], async () => {
    const found = await namedNamespaces()
    if (found !== CHECKED)
      throw new Error(`${command.join(' ')}: ${found} of ${CHECKED} namespaces are there`)
  })
  const left = await namedNamespaces()
  if (left !== 0) throw new Error(`${command.join(' ')}: ${left} namespaces are left`)
}

/** How many network namespaces are mounted under /run/netns, see proc_pid_mountinfo(5). */
async function namedNamespaces(): Promise<number> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const names = mounts.filter((line) => / net:\[\d+\] \S*\/netns\/c\d+ .* - nsfs /.test(line))
  return new Set(names.map((line) => line.split(' ')[4])).size
}
