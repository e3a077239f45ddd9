import { readdir, readFile, writeFile } from 'node:fs/promises'
import { expectComplaint, holdOpen, limitProgram, runChild } from '../lib/child.js'
import { competitors, modes } from '../lib/competitors.js'
import { findPeers, type PeerWork } from '../lib/peers.js'
import { MANY_ROUNDS, type Suite, type SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const PEERS: PeerWork[] = [
  ['Go', 'Go, vishvananda/netlink'],
  ['Rust', 'Rust, rtnetlink'],
  ['npm netlink', 'npm netlink'],
]

/** Reading 1,000 veth links, one of them by its name, and setting one. Name, kind, MAC, mtu, flags and peer of each are checked;
 * bench/README.md tells who checks less. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const count = options.quick ? 100 : 1000
  const common = {
    figure: 'unit' as const,
    setUp: () => holdOpen([...limitProgram('make-links'), '--count', `${count}`]),
  }
  const lists = await findPeers(options, 'links', [
    ...PEERS,
    ['pyroute2', 'pyroute2', { more: ['--repeat', '3'] }],
    ['ip', 'ip -details link show', { more: ['--repeat', '5'] }],
  ])
  const gets = await findPeers(options, 'get-link', [
    ...PEERS,
    ['pyroute2', 'pyroute2', { more: ['--repeat', '300'] }],
    ['ip', 'ip link show, a process each', { more: ['--repeat', '30'] }],
  ])
  const sets = await findPeers(options, 'set-link', [['Go', 'Go, vishvananda/netlink']])
  const ours = await worker('links')
  const limit = 'C, the least the kernel allows'
  return [
    {
      ...common,
      name: 'links',
      title: `dump ${count} veth links`,
      missing: [...missingBuild(), ...lists.missing],
      competitors: competitors(
        [
          { name: limit, command: limitProgram('links') },
          ...modes(ours, ['promise', 'promise', { ratio: 1.6 }], ['sync', 'sync', { ratio: 1.6 }]),
          ...lists.programs,
        ],
        ['--count', `${count}`, '--repeat', options.quick ? '5' : '20'],
        async (command) => {
          const once = [...command, '--repeat', '1', '--count']
          await expectComplaint([...once, `${count - 2}`], `${await countVeth()} of ${count - 2}`)
          await withAnotherMtu(() => expectComplaint([...once, `${count}`], ODD))
        },
      ),
    },
    {
      ...common,
      name: 'get-link',
      title: `one of ${count} links by its name, warm`,
      rounds: MANY_ROUNDS,
      missing: [...missingBuild(), ...gets.missing],
      competitors: competitors(
        [
          { name: limit, command: limitProgram('get-link') },
          ...modes(ours, ['sync', 'get-sync', { ratio: 1.5 }], ['promise', 'get-promise']),
          ...gets.programs,
        ],
        ['--count', `${count}`, '--repeat', options.quick ? '500' : '5000'],
        (command) => withAnotherMtu(() => expectComplaint([...command, '--count', `${count}`], ODD)),
      ),
    },
    {
      ...common,
      name: 'set-link',
      title: `set the transmit queue of one of ${count} links by its name, warm`,
      rounds: MANY_ROUNDS,
      missing: [...missingBuild(), ...sets.missing],
      competitors: competitors(
        [
          { name: limit, command: limitProgram('set-link') },
          ...modes(ours, ['sync', 'set-sync'], ['promise', 'set-promise']),
          ...sets.programs,
        ],
        ['--count', `${count}`, '--repeat', options.quick ? '500' : '5000'],
        (command) => expectSet([...command, '--count', '2', '--repeat', '1']),
      ),
    },
  ]
}

const CLASS = '/sys/class/net'
/** The one that is asked for first. */
const ODD = 'va0'

/** What the kernel says besides netlink. */
async function countVeth(): Promise<number> {
  return (await readdir(CLASS)).filter((name) => /^v[ab]\d+$/.test(name)).length
}

/** It sets the one link that there is for it. */
async function expectSet(command: string[]): Promise<void> {
  const file = `${CLASS}/${ODD}/tx_queue_len`
  const before = await readFile(file, 'utf8')
  await writeFile(file, '7')
  await runChild(command)
  const after = Number(await readFile(file, 'utf8'))
  await writeFile(file, before)
  if (after !== 500 && after !== 501) throw new Error(`${command.join(' ')} set ${ODD} to ${after}`)
}

/** While one link is not like those that were made. */
async function withAnotherMtu(work: () => Promise<void>): Promise<void> {
  const file = `${CLASS}/${ODD}/mtu`
  const before = await readFile(file, 'utf8')
  await writeFile(file, `${Number(before) - 100}`)
  try {
    await work()
  } finally {
    await writeFile(file, before)
  }
}
