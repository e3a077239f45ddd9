import { holdOpen, limitProgram, runChild, runLimit } from '../lib/child.js'
import type { Program } from '../lib/competitors.js'
import { isRootless } from '../lib/environment.js'
import { findPeers } from '../lib/peers.js'
import { countRoutes } from '../lib/routes.js'
import { MANY_ROUNDS, type Suite, type SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

/** Few enough for the buffer that a socket begins with. */
const CHECKED = 50

/** Reading route events while a C program adds routes as fast as it can; from the first event to the last. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const count = options.quick ? 5000 : 50_000
  const { programs, missing } = await findPeers(options, 'monitor', [
    ['Go', 'Go, vishvananda/netlink'],
    ['Rust', 'Rust, rtnetlink'],
    ['pyroute2', 'pyroute2'],
    ['ip', 'ip monitor'],
  ])
  const all: Program[] = [
    { name: 'C, recvmmsg', command: limitProgram('monitor') },
    // 0.7 of the rate of the C reader. An ordinary user's socket is too small, whoever reads it.
    {
      name: 'netlink-ts, monitor()',
      command: await worker('monitor'),
      goal: { ratio: 1 / 0.7, noneLost: !isRootless() },
    },
    ...programs,
  ]
  return [
    {
      name: 'monitor',
      title: `${count} route events`,
      rounds: MANY_ROUNDS,
      figure: 'run',
      missing: [...missingBuild(), ...missing],
      competitors: all.map(({ name, command, goal, versions }) => ({
        name,
        goal,
        versions,
        run: () =>
          runChild([...command, '--count', `${count}`], () => runLimit('routes', '--count', `${count}`)),
        check: () => checkCounted(command),
      })),
      setUp: () => holdOpen(limitProgram('device')),
      afterRun: () => runLimit('flush'),
    },
  ]
}

/** Of one event more than there are it has to tell that it is missing: as lost, or by failing. */
async function checkCounted(command: string[]): Promise<void> {
  const feed = () => runLimit('routes', '--count', `${CHECKED}`)
  const told = await runChild([...command, '--count', `${CHECKED + 1}`], feed).then(
    ({ lost }) => `${lost} lost`,
    (error: Error) => error.message,
  )
  const found = await countRoutes()
  if (found !== CHECKED || (told !== '1 lost' && !told.includes(`${CHECKED} of ${CHECKED + 1} events`)))
    throw new Error(`${command.join(' ')}: of ${found} routes and one more: ${told}`)
}
