/** Nexthop objects and groups at random, made, changed and deleted by calls and by `ip nexthop`, with the routes that name them. */

import fc from 'fast-check'
import { it } from 'vitest'
import type { FlushNexthopsOptions, NexthopOptions } from '../../src/public.js'
import { PATIENCE } from './patience.js'
import { someOf } from './some-of.js'
import { expectTwins, PAIRS, type Step, type Words, wordsOf } from './twins.js'

type Filter = Omit<FlushNexthopsOptions, 'netns' | 'signal'>
type Input = Omit<NexthopOptions, 'netns' | 'signal'>

const WORDS: Words<Input> = {
  id: (value) => `id ${value}`,
  via: (value) => `via ${value}`,
  dev: (value) => `dev ${value}`,
  onlink: () => 'onlink',
  blackhole: () => 'blackhole',
  group: (value) =>
    `group ${value.map(({ id, weight }) => (weight === undefined ? `${id}` : `${id},${weight}`)).join('/')}`,
  fdb: () => 'fdb',
  resilient: ({ buckets, idleTimer, unbalancedTimer }) =>
    `type resilient${buckets === undefined ? '' : ` buckets ${buckets}`}${idleTimer === undefined ? '' : ` idle_timer ${idleTimer}`}${unbalancedTimer === undefined ? '' : ` unbalanced_timer ${unbalancedTimer}`}`,
  protocol: (value) => `protocol ${value}`,
}

const FILTER: Words<Filter> = { dev: (value) => `dev ${value}`, groups: () => 'groups' }

const { constantFrom: one } = fc

const VIA = one('10.1.0.2', '10.1.0.3', '10.2.0.2', '10.7.0.1', 'fd00:1::2', 'fd00:2::2', 'fd07::1')
const DEV = one('v0', 'v2', 'v4', 'lo')
const ID = one(1, 2, 3, 4)
const GROUP = fc.array(fc.record({ id: one(1, 2, 3, 9), weight: one(undefined, 1, 3, 256) }), {
  minLength: 1,
  maxLength: 3,
})

const HOP = fc.oneof(
  fc.record({ via: VIA, dev: DEV }),
  fc.record({ via: VIA, dev: DEV, onlink: fc.constant(true) }),
  fc.record({ via: VIA, fdb: fc.constant(true) }),
  fc.record({ dev: DEV, family: fc.constant('ipv4' as const) }),
  fc.constant({ blackhole: true, family: 'ipv4' as const }),
)
const GROUPS = fc.oneof(
  fc.record({ group: GROUP }),
  fc.record({ group: GROUP, fdb: fc.constant(true) }),
  fc.record({
    group: GROUP,
    resilient: someOf({ buckets: one(4, 8), idleTimer: one(100, 200), unbalancedTimer: one(0, 300) }, 3),
  }),
)
const INPUT = fc
  .tuple(
    fc.record({ id: ID }),
    fc.oneof({ weight: 3, arbitrary: HOP as fc.Arbitrary<Input> }, GROUPS as fc.Arbitrary<Input>),
    someOf<Input>({ protocol: one<unknown>('static', 77) }, 1),
  )
  .map((parts) => Object.assign({}, ...parts) as Input)

const CALLS = { add: 'addNexthop', replace: 'replaceNexthop', delete: 'deleteNexthop' } as const
type Verb = keyof typeof CALLS

function stepOf([input, verb]: [Input, Verb]): Step {
  const words = verb === 'delete' ? `id ${input.id}` : wordsOf(WORDS, input)
  return { command: `nexthop ${verb} ${words}`, verb: CALLS[verb], args: [input] }
}

const flush = (filter: Filter): Step => ({
  command: `nexthop flush ${wordsOf(FILTER, filter)}`,
  verb: 'flushNexthops',
  args: [filter],
})

const route = ([to, nhid]: [string, number]): Step => ({
  command: `route replace ${to} nhid ${nhid}`,
  verb: 'replaceRoute',
  args: [{ to, nhid }],
})

/**
 * Not of those for fdb: ip flushes all, as the kernel does not filter by that. Nor of those of a protocol: ip fails where a group has
 * gone with its last member.
 */
const FLUSH = fc.oneof(fc.record({ dev: DEV }), fc.record({ groups: fc.constant(true) }))

const steps: fc.Arbitrary<Step[]> = fc.array(INPUT, { minLength: 3, maxLength: 8 }).chain((known) =>
  fc.array(
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.tuple(one(...known), one<Verb>('add', 'add', 'replace', 'delete')).map(stepOf),
      },
      { weight: 4, arbitrary: fc.tuple(one('10.9.0.0/16', '10.8.0.0/16', 'fd09::/64'), ID).map(route) },
      { weight: 1, arbitrary: FLUSH.map(flush) },
    ),
    { minLength: 1, maxLength: 16 },
  ),
)

it('nexthop objects are what ip makes of them', { timeout: 600_000 * PATIENCE }, () =>
  expectTwins(
    {
      given: [
        ...PAIRS,
        ...[1, 2].flatMap((n) => [
          `address add 10.${n}.0.1/24 dev v${2 * n - 2}`,
          `address add fd00:${n}::1/64 dev v${2 * n - 2} nodad`,
          `nexthop add id ${n} via 10.${n}.0.2 dev v${2 * n - 2}`,
        ]),
      ],
      shown: ['nexthop show', 'nexthop bucket show', 'route show table all'],
      isReady: ([, , routes]) => routes!.filter(({ dst }) => /^fd00:.::1$/.test(dst)).length === 2,
      ignored: ({ dst }) => dst === 'ff00::/8',
    },
    steps,
    25,
  ),
)
