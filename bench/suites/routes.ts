import { holdOpen, limitProgram, runChild, runLimit } from '../lib/child.js'
import { competitors, modes } from '../lib/competitors.js'
import { findPeers } from '../lib/peers.js'
import { countRoutes } from '../lib/routes.js'
import type { Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const CHECKED = 1000

/** Adding many routes. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const count = options.quick ? 5000 : 100_000
  const { programs, missing } = await findPeers(options, 'routes', [
    ['Go', 'Go, vishvananda/netlink'],
    ['Rust', 'Rust, rtnetlink, one by one', {}, '--mode', 'one-by-one'],
    ['Rust', 'Rust, rtnetlink, 64 at a time', {}, '--mode', 'together'],
    ['npm netlink', 'npm netlink, one by one', { rounds: 5 }, '--mode', 'one-by-one'],
    ['npm netlink', 'npm netlink, 64 at a time', { rounds: 5 }, '--mode', 'together'],
    ['pyroute2', 'pyroute2', { rounds: 5 }],
    ['ip', 'ip -batch'],
  ])
  const ours = modes(
    await worker('routes'),
    ['batch()', 'batch', { ratio: 1.25 }],
    ['batch(), sync', 'batch-sync'],
    ['Promise.all of addRoute()', 'all-at-once', { ratio: 2 }],
  )
  const all = [{ name: 'C, the least the kernel allows', command: limitProgram('routes') }, ...ours]
  const title = `add ${count} routes`
  const args = ['--count', `${count}`]
  const common = {
    figure: 'run',
    setUp: () => holdOpen(limitProgram('device')),
    afterRun: () => runLimit('flush'),
  } as const
  return [
    {
      ...common,
      name: 'routes',
      title: `${title}, the first of a process`,
      missing: [...missingBuild(), ...missing],
      competitors: competitors([...all, ...programs], args, checkAdded),
    },
    {
      ...common,
      name: 'routes-warm',
      title: `${title}, after as many others`,
      missing: missingBuild(),
      competitors: competitors(all, [...args, '--warm', `${count}`], checkAdded),
      long: true,
    },
  ]
}

async function checkAdded(command: string[]): Promise<void> {
  await runChild([...command, '--count', `${CHECKED}`])
  const found = await countRoutes()
  if (found !== CHECKED) throw new Error(`${command.join(' ')}: ${found} of ${CHECKED} routes are there`)
}
