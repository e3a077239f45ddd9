import { expectComplaint, holdOpen, limitProgram, runChild, runLimit } from '../lib/child.js'
import { competitors, modes } from '../lib/competitors.js'
import { isRootless } from '../lib/environment.js'
import { findPeers } from '../lib/peers.js'
import { MANY_ROUNDS, type Suite, type SuiteOptions } from '../lib/suite.js'
import { missingBuild, worker } from '../lib/worker.js'

const WARM = 300
/** An ordinary user's send buffer holds no more in one transaction (net.core.wmem_max). */
const MANY = isRootless() ? { elements: 10_000, ports: '2000' } : { elements: 100_000, ports: '10000' }

/** NAT for containers, sets and rules of nf_tables. */
export async function prepare(options: SuiteOptions): Promise<Suite[]> {
  const suites = [await nat(options), await ports(options), await elements(options), await rules(options)]
  // Every run is a process or two.
  return options.quick ? suites.map((suite) => ({ ...suite, maxRounds: 1 })) : suites
}

/** A network to check with; between runs the rules that published ports share are made anew. */
async function network(): Promise<Pick<Suite, 'setUp' | 'afterRun'>> {
  const layOut = async () => {
    await runLimit('nft-flush')
    await runChild([...(await worker('nat')), '--mode', 'lay-out'])
  }
  return {
    setUp: async () => {
      const takeDown = await holdOpen(await worker('nat-network'))
      await layOut()
      return async () => {
        await runLimit('nft-flush')
        await takeDown()
      }
    },
    afterRun: layOut,
  }
}

async function nat(options: SuiteOptions): Promise<Suite> {
  const few = ['--count', options.quick ? '2' : '20']
  const { programs, missing } = await findPeers(options, 'attach', [
    ['nft', 'nft -f', { more: few }],
    ['iptables', 'iptables', { more: few }, '--mode', 'iptables'],
  ])
  const times = { 'nft -f': 20, iptables: 50 }
  const ours = modes(
    await worker('nat'),
    ['sync', 'sync', { ratio: 1.3, times }],
    ['promises', 'promises', { times }],
    ['sync, beside 1,000 tracked connections', 'tracked'],
  )
  const all = [{ name: 'C, one transaction', command: limitProgram('nat') }, ...ours, ...programs]
  const warm = options.quick ? 10 : WARM
  const args = ['--count', options.quick ? '10' : '100', '--warm', `${warm}`]
  const check = await worker('nat-network')
  return {
    ...(await network()),
    name: 'nat',
    title: `masquerade and a published port for a container (after ${warm} others)`,
    rounds: MANY_ROUNDS,
    figure: 'unit',
    missing: [...missingBuild(), ...missing],
    competitors: competitors(all, args, async (command) => {
      await runChild([...command, '--count', '2', '--hold'], async () => {
        await runChild([...check, '--mode', 'check'])
      })
    }),
  }
}

async function ports(options: SuiteOptions): Promise<Suite> {
  const few = ['--beside', '10']
  const many = ['--beside', options.quick ? '1000' : MANY.ports]
  const { programs, missing } = await findPeers(options, 'ports', [
    ['nft', `nft -f, beside ${few[1]}`, { more: ['--count', '5'] }, ...few],
    ['nft', `nft -f, beside ${many[1]}`, { more: ['--count', '5'] }, ...many],
  ])
  const ours = modes(
    await worker('nat'),
    [`sync, beside ${few[1]}`, 'ports', undefined, ...few],
    [
      `sync, beside ${many[1]}`,
      'ports',
      { within: { [`netlink-ts, sync, beside ${few[1]}`]: 1.2 } },
      ...many,
    ],
  )
  const limit = limitProgram('nat-ports')
  const all = [
    { name: `C, beside ${few[1]}`, command: [...limit, ...few] },
    ...ours,
    { name: `C, beside ${many[1]}`, command: [...limit, ...many] },
    ...programs,
  ]
  const check = await worker('nat-network')
  return {
    ...(await network()),
    name: 'nat-ports',
    title: `one published port more, beside ${few[1]} and beside ${many[1]}`,
    rounds: MANY_ROUNDS,
    figure: 'unit',
    long: true,
    missing: [...missingBuild(), ...missing],
    competitors: competitors(
      all,
      [...['--count', options.quick ? '10' : '100'], ...['--warm', options.quick ? '10' : `${WARM}`]],
      async (command) => {
        await runChild([...command, '--count', '2', '--hold'], async () => {
          await runChild([...check, '--mode', 'check-port'])
        })
      },
    ),
  }
}

async function elements(options: SuiteOptions): Promise<Suite> {
  const count = options.quick ? 5000 : MANY.elements
  const { programs, missing } = await findPeers(options, 'elements', [['nft', 'nft -f']])
  const ours = modes(
    await worker('ruleset'),
    ['promises', 'elements', { ratio: 2 }],
    ['sync', 'elements-sync', { ratio: 2 }],
  )
  const all = [
    { name: 'C, the least the kernel allows', command: limitProgram('nft-elements') },
    ...ours,
    ...programs,
  ]
  const counted = [...(await worker('ruleset')), '--mode', 'count-elements', '--count', '1000']
  return {
    name: 'nft-elements',
    title: `${count} elements of a set in one transaction`,
    figure: 'run',
    missing: [...missingBuild(), ...missing],
    competitors: competitors(all, ['--count', `${count}`], async (command) => {
      await runChild([...command, '--count', '1000', '--hold'], async () => {
        await runChild(counted)
      })
    }),
    afterRun: () => runLimit('nft-flush'),
  }
}

async function rules(options: SuiteOptions): Promise<Suite> {
  const count = options.quick ? 1000 : 10_000
  const { programs, missing } = await findPeers(options, 'rules', [
    ['nft', 'nft -j list ruleset', { more: ['--repeat', '3'] }],
  ])
  const times = { 'nft -j list ruleset': 5 }
  const ours = modes(
    await worker('ruleset'),
    ['promises', 'rules', { times }],
    ['sync', 'rules-sync', { times }],
  )
  const all = [
    { name: 'C, the least the kernel allows', command: limitProgram('nft-rules') },
    ...ours,
    ...programs,
  ]
  const make = [...(await worker('ruleset')), '--mode', 'make-rules', '--count', `${count}`]
  return {
    name: 'nft-rules',
    title: `list ${count} rules`,
    figure: 'unit',
    long: true,
    missing: [...missingBuild(), ...missing],
    competitors: competitors(
      all,
      ['--count', `${count}`, '--repeat', options.quick ? '3' : '10'],
      (command) => {
        // Each compares what it has read with what it is told was made, every time.
        const once = [...command, '--repeat', '1', '--count']
        return expectComplaint([...once, `${count - 1}`], `${count} of ${count - 1} rules`)
      },
    ),
    setUp: async () => {
      await runChild(make)
      return () => runLimit('nft-flush')
    },
  }
}
