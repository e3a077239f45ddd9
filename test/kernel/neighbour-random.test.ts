/** Neighbours at random, made, changed and deleted by calls and by `ip neigh`. */

import fc from 'fast-check'
import { it } from 'vitest'
import type {
  AddNeighbourOptions,
  FlushNeighboursOptions,
  SetNeighbourTableOptions,
} from '../../src/public.js'
import { PATIENCE } from './patience.js'
import { someOf } from './some-of.js'
import { expectTwins, PAIRS, type Step, type Words, wordsOf } from './twins.js'

type Filter = Omit<FlushNeighboursOptions, 'netns' | 'signal'>
type Input = Omit<AddNeighbourOptions, 'netns' | 'signal'>

const WORDS: Words<Input> = {
  proxy: (value) => (value ? 'proxy' : ''),
  to: (value) => value,
  mac: (value) => `lladdr ${value}`,
  state: (value) => `nud ${value}`,
  flags: (value) => value.join(' '),
  protocol: (value) => `protocol ${value}`,
  dev: (value) => `dev ${value}`,
}

const FILTER: Words<Filter> = {
  proxy: (value) => (value ? 'proxy' : ''),
  dev: (value) => `dev ${value}`,
  within: (value) => `to ${value}`,
  state: (value) => `nud ${value}`,
  protocol: (value) => `protocol ${value}`,
}

const TABLE: Words<SetNeighbourTableOptions> = {
  dev: (value) => `dev ${value}`,
  baseReachableTime: (value) => `base_reachable ${value}`,
  retransTime: (value) => `retrans ${value}`,
  gcStaletime: (value) => `gc_stale ${value}`,
  delayProbeTime: (value) => `delay_probe ${value}`,
  queueLen: (value) => `queue ${value}`,
  appProbes: (value) => `app_probes ${value}`,
  ucastProbes: (value) => `ucast_probes ${value}`,
  mcastProbes: (value) => `mcast_probes ${value}`,
  anycastDelay: (value) => `anycast_delay ${value}`,
  proxyDelay: (value) => `proxy_delay ${value}`,
  proxyQlen: (value) => `proxy_queue ${value}`,
  locktime: (value) => `locktime ${value}`,
  thresh1: (value) => `thresh1 ${value}`,
}

const { constantFrom: one } = fc

const KEY = {
  to: one('10.1.0.7', '10.1.0.8', '10.9.0.1', '224.0.0.7', 'fd00:1::7', 'ff02::7', '0.0.0.0'),
  dev: one('v0', 'v2', 'v4', 'lo'),
}
const MAC = one('02:00:00:00:00:07', '02:00:00:00:00:08', '01:00:5e:00:00:07')

/** None whose state the kernel changes soon. */
const INPUT = fc
  .tuple(
    fc.record(KEY),
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ mac: MAC, state: one('permanent', 'noarp', 'stale', 'reachable') }),
      },
      { weight: 1, arbitrary: fc.record({ state: one('none', 'failed') }) },
      { weight: 2, arbitrary: fc.record({ proxy: fc.constant(true) }) },
    ),
    someOf<Input>(
      {
        flags: fc.subarray(['router', 'extern_learn'], { minLength: 1 }),
        protocol: one<unknown>('static', 77),
      },
      2,
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Input)

const FLUSH = fc
  .tuple(
    fc.oneof(fc.record({ dev: KEY.dev }), fc.record({ within: one('10.1.0.0/24', 'fd00::/16', '10.1.0.7') })),
    someOf<Filter>(
      {
        state: one('stale', 'permanent', 'noarp', 'reachable', 'failed'),
        protocol: one<unknown>('static', 77),
        proxy: fc.constant(true),
      },
      1,
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Filter)

const CHANGES = fc
  .tuple(
    one('arp_cache', 'ndisc_cache', 'nosuch'),
    fc.record({ dev: one('v0', 'v2', undefined) }),
    someOf<SetNeighbourTableOptions>(
      Object.fromEntries(
        Object.keys(TABLE)
          .filter((name) => name !== 'dev')
          .map((name) => [name, one(1, 5, 2000)]),
      ),
      3,
    ),
  )
  .filter(([, , changes]) => Object.keys(changes).length > 0)
  .map(([name, dev, changes]): Step => {
    const options = { ...dev, ...changes }
    return {
      command: `ntable change name ${name} ${wordsOf(TABLE, options)}`,
      verb: 'setNeighbourTable',
      args: [name, options],
    }
  })

const CALLS = {
  add: 'addNeighbour',
  replace: 'replaceNeighbour',
  change: 'changeNeighbour',
  delete: 'deleteNeighbour',
} as const
type Verb = keyof typeof CALLS

function stepOf([neighbour, verb]: [Input, Verb]): Step {
  const { to, dev, proxy } = neighbour
  const input = verb === 'delete' ? { to, dev, proxy } : neighbour
  return {
    command: `neigh ${verb} ${wordsOf(WORDS, input)}`,
    verb: CALLS[verb],
    args: [input],
  }
}

function flush(filter: Filter): Step {
  return {
    command: `neigh flush ${wordsOf(FILTER, filter)}`,
    verb: 'flushNeighbours',
    args: [filter],
  }
}

const steps: fc.Arbitrary<Step[]> = fc.array(INPUT, { minLength: 1, maxLength: 5 }).chain((known) => {
  const acting = fc.tuple(one(...known), one<Verb>('add', 'replace', 'change', 'delete')).map(stepOf)
  // Ip flushes entries that somebody else has learnt in whatever state they are.
  const weight = known.some(({ flags = [] }) => flags.includes('extern_learn')) ? 0 : 1
  const each = fc.oneof(
    { weight: 12, arbitrary: acting },
    { weight, arbitrary: FLUSH.map(flush) },
    { weight: 2, arbitrary: CHANGES },
  )
  return fc.array(each, { minLength: 1, maxLength: 14 })
})

it('neighbours are what ip makes of them', { timeout: 600_000 * PATIENCE }, () =>
  expectTwins(
    {
      given: [...PAIRS, 'address add 10.1.0.1/24 dev v0', 'address add fd00:1::1/64 dev v0 nodad'],
      shown: ['neigh show nud all', 'neigh show proxy', 'ntable show'],
      unordered: true,
      // Of the kernel's own reports.
      ignored: ({ dst }) => dst === 'ff02::16',
    },
    steps,
    25,
  ),
)
