import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { limitProgram, runChild, runLimit } from '../lib/child.js'
import { competitors, modes } from '../lib/competitors.js'
import { isInstalled } from '../lib/environment.js'
import { findPeers } from '../lib/peers.js'
import type { Missing, Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const run = promisify(execFile)
const CHECKED = 3
const OUTSIDE = '198.18.0.1'

/** Attaching containers to a bridge: namespace, veth pair, address, lo and eth0 up, default route. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const count = options.quick ? 20 : 100
  const limit = limitProgram('attach')
  const { programs, missing } = await findPeers(options, 'attach', [
    ['Go', 'Go, vishvananda/netlink'],
    ['pyroute2', 'pyroute2'],
    ['ip', 'ip -batch, 2 processes each', {}, '--mode', 'batch'],
    ['ip', 'ip, 6 processes each', {}, '--mode', 'processes'],
  ])
  const ours = modes(
    await worker('attach'),
    ['sync', 'sync', { ratio: 1.1 }],
    ['sync, one queue', 'sync', undefined, '--queues', '1'],
    ['one by one', 'one-by-one', { ratio: 1.25 }],
    ['16 at a time', 'lanes'],
    ['all at once', 'all-at-once', { ratio: 0.85 }],
  )
  const all = [
    { name: 'C, the least the kernel allows', command: limit },
    { name: 'C, one queue', command: [...limit, '--queues', '1'] },
    ...ours,
    ...programs,
  ]
  const canCheck = isInstalled('ip') && isInstalled('ping')
  return [
    {
      name: 'attach',
      title: `attach ${count} containers`,
      figure: 'run',
      missing: [...missingBuild(), ...missing, ...(canCheck ? [] : [NO_CHECK])],
      competitors: competitors(all, ['--count', `${count}`], canCheck ? checkAnswers : undefined),
      afterRun: () => runLimit('settle'),
    },
  ]
}

const NO_CHECK: Missing = {
  name: 'the check that each container answers',
  remedy: 'apt-get install iproute2 iputils-ping',
}

/**
 * Pings containers from an address outside their network: an answer takes the address, the bridge, both ends of the
 * pair and the default route.
 */
async function checkAnswers(command: string[]): Promise<void> {
  await runChild([...command, '--count', `${CHECKED}`, '--hold'], async () => {
    await run('ip', ['address', 'add', `${OUTSIDE}/32`, 'dev', 'br-bench'])
    for (let number = 0; number < CHECKED; number++) {
      await run('ping', ['-c1', '-W2', '-I', OUTSIDE, `10.0.0.${2 + number}`])
    }
  })
}
