import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { ipCompetitors } from './ip.js'
import { limitProgram, packagePath, runChild, worker } from './lib/child.js'
import { isInstalled } from './lib/environment.js'
import type { Competitor } from './lib/interleave.js'
import type { Missing, Suite, SuiteOptions } from './lib/suite.js'

const run = promisify(execFile)
const CHECKED = 3
const OUTSIDE = '198.18.0.1'

const OURS: [name: string, ...args: string[]][] = [
  ['netlink-ts, sync', '--mode', 'sync'],
  ['netlink-ts, sync, one queue', '--mode', 'sync', '--queues', '1'],
  ['netlink-ts, one by one', '--mode', 'one-by-one'],
  ['netlink-ts, 16 at a time', '--mode', 'lanes'],
]

/** Attaching containers to a bridge: namespace, veth pair, address, lo and eth0 up, default route. */
export async function prepare({ quick, peers }: SuiteOptions): Promise<Suite> {
  const count = quick ? 20 : 100
  const missing: Missing[] = []
  const attach = limitProgram('attach')
  const commands: [name: string, command: string[]][] = [
    ['C, the least the kernel allows', attach],
    ['C, one queue', [...attach, '--queues', '1']],
  ]
  if (existsSync(packagePath('dist/esm/sync.js'))) {
    const ours = await worker('attach')
    for (const [name, ...args] of OURS) commands.push([name, [...ours, ...args]])
  } else {
    missing.push({ name: 'netlink-ts', remedy: 'npm run build', required: true })
  }
  if (peers && isInstalled('ip')) commands.push(...(await ipCompetitors()))
  else if (peers) missing.push({ name: 'ip', remedy: 'apt-get install iproute2' })
  const canCheck = isInstalled('ip') && isInstalled('ping')
  if (!canCheck) {
    missing.push({
      name: 'the check that each container answers',
      remedy: 'apt-get install iproute2 iputils-ping',
    })
  }

  return {
    title: `attach ${count} containers`,
    missing,
    competitors: commands.map(([name, command]): Competitor => {
      const checks = canCheck ? { check: () => checkAnswers(command) } : {}
      return { name, run: () => runChild([...command, '--count', `${count}`]), ...checks }
    }),
  }
}

/**
 * Pings containers from an address outside their network: an answer takes the address, the bridge, both ends of the
 * pair and the default route.
 */
async function checkAnswers(command: string[]): Promise<void> {
  await runChild([...command, '--count', `${CHECKED}`], async () => {
    await run('ip', ['address', 'add', `${OUTSIDE}/32`, 'dev', 'br-bench'])
    for (let number = 0; number < CHECKED; number++) {
      await run('ping', ['-c1', '-W2', '-I', OUTSIDE, `10.0.0.${2 + number}`])
    }
  })
}
