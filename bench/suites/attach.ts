import { checkAnswers, missingPing } from '../lib/answers.js'
import { limitProgram, runLimit } from '../lib/child.js'
import { competitors, modes, type Program } from '../lib/competitors.js'
import { findPeers } from '../lib/peers.js'
import type { Missing, Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const BRIDGE = 'br-bench'

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
    // It takes a tenth of a second for each.
    ['pyroute2', 'pyroute2', {}, ...(options.quick ? [] : after)],
    ['ip', 'ip -batch, 2 processes each', {}, '--mode', 'batch'],
    ['ip', 'ip, 6 processes each', {}, '--mode', 'processes'],
  ])
  const command = await worker('attach')
  const attach = [
    c('C, the least the kernel allows', ...after),
    ...modes(
      command,
      ['sync', 'sync', { ratio: 1.1 }, ...after],
      ['one by one', 'one-by-one', { ratio: 1.25 }, ...after],
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
  const more = [
    c('C, the least the kernel allows', ...after),
    c('C, one queue', '--queues', '1', ...after),
    ...modes(
      command,
      ['sync, one queue', 'sync', undefined, '--queues', '1', ...after],
      ['16 at a time', 'lanes', undefined, ...after],
    ),
  ]
  const cold = [
    c('C, the least the kernel allows'),
    ...modes(command, ['sync', 'sync'], ['one by one', 'one-by-one']),
  ]
  return [
    suiteOf('attach', count, `, after ${warm} others`, attach, missing),
    { ...suiteOf('attach-more', count, `, after ${warm} others, in other ways`, more), long: true },
    { ...suiteOf('attach-cold', count, ', the first of a process', cold), long: true },
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
  return {
    name,
    title: `attach ${count} containers${title}`,
    figure: 'run',
    missing: [...missingBuild(), ...missing, ...missingPing()],
    competitors: competitors(
      programs,
      ['--count', `${count}`],
      checkAnswers(() => BRIDGE),
    ),
    afterRun: () => runLimit('settle'),
  }
}
