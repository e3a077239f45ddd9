import { expectComplaint, holdOpen, limitProgram, runChild } from '../lib/child.js'
import { competitors, modes } from '../lib/competitors.js'
import { findPeers } from '../lib/peers.js'
import type { Suite, SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

/** Reading a routing table: 100,000 routes into objects, and a million without keeping them. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  return [await dump(options), await million(options)]
}

async function dump(options: SuiteOptions): Promise<Suite> {
  const count = options.quick ? 5000 : 100_000
  const { programs, missing } = await findPeers(options, 'dump', [
    ['Go', 'Go, vishvananda/netlink', { more: ['--repeat', '3'] }],
    ['Rust', 'Rust, rtnetlink', { more: ['--repeat', '3'] }],
    ['npm netlink', 'npm netlink', { rounds: 5, more: ['--repeat', '1'] }],
    ['pyroute2', 'pyroute2', { rounds: 5, more: ['--repeat', '1'] }],
    ['ip', 'ip route show', { more: ['--repeat', '3'] }],
  ])
  const ours = modes(
    await worker('dump'),
    ['array', 'array', { ratio: 1.6 }],
    ['stream', 'stream', { ratio: 1.6 }],
    ['sync', 'sync', { ratio: 2.3 }],
  )
  const all = [
    { name: 'C, the least the kernel allows', command: limitProgram('dump') },
    ...ours,
    ...programs,
  ]
  return {
    ...common(`dump ${count} routes`, count),
    name: 'dump',
    missing: [...missingBuild(), ...missing],
    competitors: competitors(
      all,
      ['--count', `${count}`, '--repeat', options.quick ? '3' : '10'],
      (command) => checkRead(command, count),
    ),
  }
}

async function million(options: SuiteOptions): Promise<Suite> {
  const count = options.quick ? 20_000 : 1_000_000
  const { programs, missing } = await findPeers(options, 'dump', [
    ['Rust', 'Rust, rtnetlink, stream', {}, '--mode', 'stream'],
  ])
  const all = [
    { name: 'C, the least the kernel allows', command: limitProgram('dump') },
    ...modes(await worker('dump'), ['stream', 'stream', { peakMb: 20 }]),
    ...programs,
  ]
  return {
    ...common(`dump ${count} routes by stream`, count),
    name: 'million',
    missing: [...missingBuild(), ...missing],
    competitors: competitors(all, ['--count', `${count}`, '--repeat', '1'], (command) =>
      checkRead(command, count),
    ),
    maxRounds: 5,
  }
}

function common(title: string, count: number) {
  return {
    title,
    figure: 'unit' as const,
    setUp: () => holdOpen([...limitProgram('device'), '--count', `${count}`]),
  }
}

/** A competitor counts the routes that are as they were added, within the time; with --hold ours looks for each of them afterwards, too. */
async function checkRead(command: string[], count: number): Promise<void> {
  const once = [...command, '--repeat', '1', '--count']
  await runChild([...once, `${count}`, '--hold'])
  await expectComplaint([...once, `${count - 1}`], `${count} of ${count - 1}`)
}
