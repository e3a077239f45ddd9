import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { limitProgram, runChild, runLimit } from '../lib/child.js'
import { competitors, modes, type Program } from '../lib/competitors.js'
import { isInstalled } from '../lib/environment.js'
import { findPeers } from '../lib/peers.js'
import type { Missing, Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const run = promisify(execFile)
const CHECKED = 3
const OUTSIDE = '198.18.0.1'

/** Container runtimes go on for days: so many have been attached and removed before anything is measured. */
const WARM = 200
/** So many until V8 has optimized what runs; those for whom that means nothing had their warm-up long before. */
const STEADY = 2500

const warmedBy = (number: number) => ['--warm', `${number}`]
const c = (name: string, ...args: string[]): Program => ({
  name,
  command: [...limitProgram('attach'), ...args],
})

/** Attaching containers to a bridge: namespace, veth pair, address, lo and eth0 up, default route. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const count = options.quick ? 20 : 100
  const warm = options.quick ? 20 : WARM
  const after = warmedBy(warm)
  const { programs, missing } = await findPeers(options, 'attach', [
    ['Go', 'Go, vishvananda/netlink', {}, ...after],
    ['Rust', 'Rust, rtnetlink', {}, ...after],
    ['pyroute2', 'pyroute2', {}, ...after],
    ['ip', 'ip -batch, 2 processes each', {}, '--mode', 'batch'],
    ['ip', 'ip, 6 processes each', {}, '--mode', 'processes'],
  ])
  const command = await worker('attach')
  const attach = [
    c('C, the least the kernel allows', ...after),
    c('C, one queue', '--queues', '1', ...after),
    ...modes(
      command,
      ['sync', 'sync', { ratio: 1.1 }, ...after],
      ['sync, one queue', 'sync', undefined, '--queues', '1', ...after],
      ['one by one', 'one-by-one', { ratio: 1.25 }, ...after],
      ['16 at a time', 'lanes', undefined, ...after],
      ['all at once', 'all-at-once', { ratio: 0.85 }, ...after],
    ),
    ...programs,
  ]
  const many = options.quick ? warm : STEADY
  const settled = warmedBy(many)
  const steady = [
    c('C, the least the kernel allows', ...settled),
    ...modes(
      command,
      ['sync', 'sync', undefined, ...settled],
      ['one by one', 'one-by-one', undefined, ...settled],
      ['all at once', 'all-at-once', undefined, ...settled],
    ),
  ]
  const cold = [
    c('C, the least the kernel allows'),
    ...modes(command, ['sync', 'sync'], ['one by one', 'one-by-one']),
  ]
  return [
    suiteOf('attach', count, `, after ${warm} others`, attach, missing),
    suiteOf('attach-cold', count, ', the first of a process', cold),
    { ...suiteOf('attach-steady', count, `, after ${many} others`, steady), long: true },
  ]
}

function suiteOf(
  name: string,
  count: number,
  title: string,
  programs: readonly Program[],
  missing: readonly Missing[] = [],
): Suite {
  const canCheck = isInstalled('ip') && isInstalled('ping')
  return {
    name,
    title: `attach ${count} containers${title}`,
    figure: 'run',
    missing: [...missingBuild(), ...missing, ...(canCheck ? [] : [NO_CHECK])],
    competitors: competitors(programs, ['--count', `${count}`], canCheck ? checkAnswers : undefined),
    afterRun: () => runLimit('settle'),
  }
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
