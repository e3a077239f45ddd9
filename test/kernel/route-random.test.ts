/** Routes at random, made, changed and deleted by calls and by `ip route`. */

import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { FlushRoutesOptions, NexthopInput, RouteInput, RouteMetrics } from '../../src/public.js'
import { PATIENCE } from './patience.js'
import { someOf } from './some-of.js'
import { expectTwins, PAIRS, type Step, type Words, wordsOf } from './twins.js'

const METRICS: Words<RouteMetrics> = {
  mtu: (value) => `mtu ${value}`,
  window: (value) => `window ${value}`,
  rtt: (value) => `rtt ${value}ms`,
  rttvar: (value) => `rttvar ${value}ms`,
  ssthresh: (value) => `ssthresh ${value}`,
  cwnd: (value) => `cwnd ${value}`,
  advmss: (value) => `advmss ${value}`,
  reordering: (value) => `reordering ${value}`,
  hoplimit: (value) => `hoplimit ${value}`,
  initcwnd: (value) => `initcwnd ${value}`,
  initrwnd: (value) => `initrwnd ${value}`,
  features: (value) => `features ${value}`,
  rtoMin: (value) => `rto_min ${value}ms`,
  quickack: (value) => `quickack ${value}`,
  ccAlgo: (value) => `congctl ${value}`,
}

const via = (value: string) => (value.includes(':') ? `via inet6 ${value}` : `via ${value}`)
const realms = ({ from, to }: { from: number; to: number }) => `realms ${from}/${to}`
const onlink = (value: boolean) => (value ? 'onlink' : '')

const HOP: Words<NexthopInput> = {
  via,
  dev: (value) => `dev ${value}`,
  weight: (value) => `weight ${value}`,
  onlink,
  realms,
}

const ROUTE: Words<RouteInput> = {
  type: (value) => `${value}`,
  to: (value) => value,
  via,
  dev: (value) => `dev ${value}`,
  src: (value) => `src ${value}`,
  from: (value) => `from ${value}`,
  metric: (value) => `metric ${value}`,
  table: (value) => `table ${value}`,
  protocol: (value) => `proto ${value}`,
  scope: (value) => `scope ${value}`,
  tos: (value) => `tos 0x${value.toString(16)}`,
  onlink,
  metrics: ({ lock = [], ...metrics }) =>
    lock.includes('mtu') ? `mtu lock ${metrics.mtu}` : wordsOf(METRICS, metrics),
  nhid: (value) => `nhid ${value}`,
  preference: (value) => `pref ${value}`,
  expires: (value) => `expires ${value}`,
  realms,
  nexthops: (hops) => hops.map((hop) => `nexthop ${wordsOf(HOP, hop)}`).join(' '),
}

type Filter = Omit<FlushRoutesOptions, 'netns' | 'signal'>

const { constantFrom: one } = fc

type Family = 'ipv4' | 'ipv6'

/** Destinations, gateways (some of which are nowhere) and addresses; there are few, so that routes meet. */
const VALUES = {
  ipv4: {
    to: one('default', '10.9.0.0/16', '10.9.1.0/24', '10.9.1.7'),
    via: one('10.1.0.2', '10.2.0.2', '10.1.0.3', '10.7.0.1', 'fd00:1::2'),
    src: one('10.1.0.1', '10.2.0.1', '10.7.0.1'),
    type: one('blackhole', 'unreachable', 'prohibit', 'throw', 'local', 'broadcast', 'unicast', 'multicast'),
    nhid: one(1, 2, 3, 4, 5, 99),
    scope: one('global', 'link', 'host', 'site'),
    hop: { realms: one({ from: 1, to: 2 }) },
    more: { realms: one({ from: 0, to: 2 }, { from: 1, to: 2 }) },
  },
  ipv6: {
    to: one('default', 'fd09::/32', 'fd09:1::/64', 'fd09:1::7'),
    via: one('fd00:1::2', 'fd00:2::2', 'fd00:1::3', 'fd07::1'),
    src: one('fd00:1::1', 'fd00:2::1', 'fd07::1'),
    type: one('blackhole', 'unreachable', 'prohibit', 'throw', 'local', 'anycast', 'unicast'),
    nhid: one(4, 5, 11, 12, 13, 99),
    scope: one('global'),
    hop: {},
    more: { preference: one('low', 'high', 'medium'), from: one('fd00:8::/64', 'fd00:8::1') },
  },
}
const DEV = one('v0', 'v2', 'v4')
const METRIC_VALUES: fc.Arbitrary<RouteMetrics> = fc.oneof(
  someOf<RouteInput>(
    {
      mtu: one(1400, 9000),
      window: one(1000),
      rtt: one(100),
      rttvar: one(40),
      ssthresh: one(7),
      cwnd: one(10),
      advmss: one(1300),
      reordering: one(5),
      hoplimit: one(32, 255),
      initcwnd: one(12),
      initrwnd: one(13),
      rtoMin: one(200),
      quickack: one(1),
      features: one(['ecn']),
      ccAlgo: one('cubic', 'reno', 'nosuch'),
    },
    2,
  ) as fc.Arbitrary<RouteMetrics>,
  fc.constant({ mtu: 1300, lock: ['mtu'] }),
)

function routeOf(family: Family): fc.Arbitrary<RouteInput> {
  const v = VALUES[family]
  const hop = fc.tuple(
    fc.oneof(fc.record({ via: v.via }), fc.record({ via: v.via, dev: DEV }), fc.record({ dev: DEV })),
    someOf<RouteInput>({ weight: one(1, 3, 256), onlink: fc.constant(true), ...v.hop }, 2),
  )
  const way = fc.oneof(
    fc.record({ via: v.via }),
    fc.record({ dev: DEV }),
    fc.record({ via: v.via, dev: DEV }),
    fc.record({ via: v.via, dev: DEV, onlink: fc.constant(true) }),
    fc.record({ type: v.type }),
    fc.record({ type: v.type, dev: DEV }),
    fc.record({ nhid: v.nhid }),
    fc.record({
      nexthops: fc.array(
        hop.map((parts) => Object.assign({}, ...parts) as NexthopInput),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  ) as fc.Arbitrary<Partial<RouteInput>>
  const more = someOf<RouteInput>(
    {
      metric: one(0, 5, 4294967295),
      table: one(100, 1000, 254, 255),
      tos: one(0x10, 0x4, 0x3),
      src: v.src,
      protocol: one<unknown>('static', 'bgp', 77),
      scope: v.scope,
      metrics: METRIC_VALUES,
      ...v.more,
    },
    3,
  )
  return fc
    .tuple(fc.record({ to: v.to }), way, more)
    .map((parts) => Object.assign({}, ...parts) as RouteInput)
}

const FILTER: Words<Filter> = {
  type: (value) => `type ${value}`,
  table: (value) => `table ${value}`,
  protocol: (value) => `proto ${value}`,
  dev: (value) => `dev ${value}`,
  scope: (value) => `scope ${value}`,
  to: (value) => `exact ${value}`,
  within: (value) => `root ${value}`,
  covers: (value) => `match ${value}`,
  via,
  src: (value) => `src ${value}`,
}

/** Of a table that is not there ip says so, and the library finds nothing in it. */
function flushOf(family: Family): fc.Arbitrary<Step> {
  const v = VALUES[family]
  const prefix = family === 'ipv4' ? one('10.9.0.0/16', '10.9.1.0/24') : one('fd09::/16', 'fd09:1::/64')
  return fc
    .tuple(
      fc.record({ table: one(undefined, 'all' as const, 254, 255) }),
      fc.oneof(
        fc.record({ type: v.type }),
        fc.record({ protocol: one('static', 'bgp', 'boot') }),
        fc.record({ dev: DEV }),
        fc.record({ to: v.to }),
        fc.record({ within: prefix }),
        fc.record({ covers: prefix }),
        fc.record({ via: v.via }),
        fc.record({ src: v.src }),
        fc.record({ scope: v.scope }),
      ) as fc.Arbitrary<Filter>,
    )
    .map((parts) => Object.assign({}, ...parts) as Filter)
    .map((filter) => ({
      command: `route flush ${wordsOf(FILTER, filter)}`,
      verb: 'flushRoutes' as const,
      args: [{ ...filter, family }],
    }))
}

const CALLS = {
  add: 'addRoute',
  replace: 'replaceRoute',
  change: 'changeRoute',
  append: 'appendRoute',
  prepend: 'prependRoute',
  delete: 'deleteRoute',
} as const
type Verb = keyof typeof CALLS

function stepOf(family: Family, verb: Verb, route: RouteInput): Step[] {
  const { type, src, metric, nhid, nexthops } = route
  // Of IPv6 the kernel does not look at these, and the library does, first (route-delete.test.ts).
  const isLookedUp = (type != null || src != null) && metric == null && nhid == null && nexthops == null
  if (verb === 'delete' && family === 'ipv6' && isLookedUp) return []
  return [
    {
      command: `route ${verb} ${wordsOf(ROUTE, route)}`,
      verb: CALLS[verb],
      args: [{ ...route, family }],
    },
  ]
}

/** Adds a few routes, and acts on them: deletions by a part of what they have. */
function stepsOf(family: Family): fc.Arbitrary<Step[]> {
  return fc.array(routeOf(family), { minLength: 2, maxLength: 6 }).chain((routes) => {
    const act = fc
      .tuple(
        one(...routes),
        one<Verb[]>('add', 'replace', 'change', 'append', 'prepend', 'delete', 'delete', 'delete'),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      )
      .map(([route, verb, kept]) => {
        if (verb !== 'delete') return stepOf(family, verb, route)
        const { to, ...rest } = route
        const some = Object.entries(rest).filter((_, index) => kept[index % kept.length])
        return stepOf(family, verb, { to, ...Object.fromEntries(some) })
      })
    const flush = flushOf(family).map((step) => [step])
    // Ip cannot flush routes of nexthop objects: it tells the kernel of the interface, too.
    const weight = routes.some(({ nhid }) => nhid != null) ? 0 : 1
    return fc
      .array(fc.oneof({ weight: 8, arbitrary: act }, { weight, arbitrary: flush }), {
        minLength: 1,
        maxLength: 14,
      })
      .map((acts) => [...routes.flatMap((route) => stepOf(family, 'add', route)), ...acts.flat()])
  })
}

const GIVEN = [
  ...PAIRS,
  ...[1, 2].flatMap((n) => [
    `address add 10.${n}.0.1/24 dev v${2 * n - 2}`,
    `address add fd00:${n}::1/64 dev v${2 * n - 2} nodad`,
    `nexthop add id ${n} via 10.${n}.0.2 dev v${2 * n - 2}`,
    `nexthop add id ${10 + n} via fd00:${n}::2 dev v${2 * n - 2}`,
  ]),
  'nexthop add id 3 group 1/2,3',
  'nexthop add id 13 group 11/12',
  'nexthop add id 4 via fd00:1::2 dev v0',
  'nexthop add id 5 blackhole',
]

describe.each(['ipv4', 'ipv6'] as const)('routes of %s', (family) => {
  it('are what ip makes of them', { timeout: 600_000 * PATIENCE }, () =>
    expectTwins(
      {
        family: family === 'ipv4' ? '-4' : '-6',
        given: GIVEN,
        shown: ['route show table all', 'nexthop show'],
        isReady: ([routes]) =>
          family === 'ipv4' || routes!.filter(({ dst }) => /^fd00:.::1$/.test(dst)).length === 2,
        // Made when there is a carrier, in no order.
        ignored: ({ dst }) => dst === 'ff00::/8',
      },
      stepsOf(family),
      15,
    ),
  )
})
