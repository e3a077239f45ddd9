/** As `ip route save` and `restore`: what a list returns, written as JSON, makes the same in another namespace. */

import { describe, expect, it } from 'vitest'
import type { Batch, BatchResult, RuleInput } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { ADDRESSES, NEIGHBOURS, NETWORK, NEXTHOPS, PROXIES, ROUTES, RULES4, RULES6 } from './made-by-ip.js'
import { since } from './needs.js'
import { PATIENCE } from './patience.js'
import { coarseTime } from './read-back.js'
import { FACES, type Face, ip, ipJson, type Printed, withNetns, withoutDad, withVeth } from './support.js'

/** Two namespaces with eth0 and eth1 in each, whose ifindexes differ, without addresses of their own. */
function withTwo<T>(work: (from: string, to: string) => Promise<T>): Promise<T> {
  return withVeth((from) =>
    withNetns((to) => {
      withoutDad(to)
      ip('link add eth1 index 20 type veth peer name eth0 index 31', to)
      // One after the other: of one request, the kernel does `up` first.
      for (const netns of [from, to])
        ipBatch(
          ['eth0', 'eth1'].flatMap((name) => [`link set ${name} addrgenmode none`, `link set ${name} up`]),
          netns,
        )
      ip('address flush scope link', from)
      return work(from, to)
    }),
  )
}

const saved = <T>(list: T): T => JSON.parse(JSON.stringify(list, bigintAsNumber))

function bigintAsNumber(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

/** The kernel has made some of it there already. */
function expectAllThere(results: readonly BatchResult[]): void {
  const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(refused.filter((reason) => (reason as { code?: string }).code !== 'EEXIST')).toEqual([])
}

/** Of `ip -j -d`: without what tells interfaces by number, and in the order of the text. */
function shown(commands: readonly string[], netns: string): string[] {
  return commands
    .flatMap((command) => ipJson(command, netns))
    .flatMap(({ addr_info, ifname, ...rest }) =>
      addr_info === undefined ? [rest] : (addr_info as Printed[]).map((one) => ({ ifname, ...one })),
    )
    .map((one) => JSON.stringify(withoutTimes(one)))
    .sort()
}

/** Whether a duplicate is looked for is up to a work queue; clocks run; the search for a managed neighbour fails and begins again. */
function withoutTimes(one: Printed): Printed {
  const { tentative, expires, valid_life_time, preferred_life_time, ...rest } = one
  for (const lifetime of ['expires', 'valid_life_time', 'preferred_life_time'])
    if (one[lifetime] !== undefined) rest[lifetime] = coarseTime(one[lifetime])
  if (rest['nh_info'] !== undefined) delete rest['nh_info']
  if (rest['managed'] !== undefined && `${rest['state']}` === 'FAILED') rest['state'] = ['INCOMPLETE']
  return rest
}

interface Table {
  what: string
  /** Made by ip in both namespaces before. */
  ground?: readonly string[]
  make: (nl: Face, netns: string) => Promise<void> | void
  carry: (nl: Face, from: string, to: string) => Promise<void>
  show: readonly string[]
  /** What ip does not show and is the same afterwards. */
  besides?: (nl: Face, netns: string) => Promise<unknown>
  /** So many lines at least, so that the comparison is about something. */
  least: number
}

/** Saves all there is, and writes it where it is to be restored. */
function carry<T>(
  list: (nl: Face, netns: string) => Promise<readonly T[]>,
  add: (b: Batch, one: T) => void,
): Table['carry'] {
  return async (nl, from, to) => {
    const all = saved(await list(nl, from))
    expectAllThere(
      await nl.batch(
        (b) => {
          for (const one of all) add(b, one)
        },
        { netns: to },
      ),
    )
  }
}

/** Those of the kernel come with the addresses. Its local IPv6 ones have metric 0, which it takes from nobody. */
const ownRoutes = async (nl: Face, netns: string) =>
  (await nl.listRoutes({ netns })).filter(({ protocol }) => protocol !== 'kernel')

/** Those that something leads to come before those that lead to it; else the order is kept. */
const after = <T>(list: readonly T[], isLater: (one: T) => boolean) =>
  [...list].sort((a, b) => Number(isLater(a)) - Number(isLater(b)))

// What this ip has no words for.
const OTHER_RULES: readonly RuleInput[] = [
  { priority: 2004, tunId: 2 ** 40 },
  ...(since(6, 15)
    ? ([
        { priority: 2000, dscp: 3, dscpMask: 0x33 },
        { priority: 2001, ipProtocol: 'udp', sport: 0x1000, sportMask: 0xf000 },
        { priority: 2002, ipProtocol: 'udp', dport: 0x1000, dportMask: 0xf000 },
        { priority: 2003, family: 'ipv6', flowlabel: 0x300, flowlabelMask: 0xf00 },
      ] as const)
    : []),
]

const TABLES: readonly Table[] = [
  {
    what: 'addresses',
    make: (_, netns) => ipBatch(ADDRESSES, netns),
    carry: carry(
      async (nl, netns) => nl.listAddresses({ netns }),
      (b, one) => b.addAddress(one.dev!, one),
    ),
    show: ['address show'],
    least: ADDRESSES.length + 2,
  },
  {
    what: 'routes',
    ground: NETWORK,
    make: (_, netns) =>
      ipBatch(
        [
          ...ROUTES,
          'route append 10.1.0.0/16 via 192.0.2.253 metric 50 tos 0x10',
          'route add 10.8.0.0/16 via 192.0.2.9 onlink dev eth0 initcwnd 20 rto_min 200ms hoplimit 32 features ecn',
          'route add 10.0.9.0/24 nexthop via 10.9.0.1 nexthop via 10.9.0.2',
          'route add 2001:db8:9::/64 via 2001:db8::fe expires 600',
          'route add 2001:db8:a::/64 nexthop via fe80::1 dev eth0 weight 7 nexthop via fe80::2 dev eth1 onlink',
        ],
        netns,
      ),
    carry: carry(
      async (nl, netns) =>
        after(await ownRoutes(nl, netns), ({ via, nexthops }) => (via ?? nexthops) !== null),
      (b, one) => b.appendRoute(one),
    ),
    show: ['-4 route show table all', '-6 route show table all'],
    // The JSON of ip does not tell which metrics are locked.
    besides: async (nl, netns) => (await ownRoutes(nl, netns)).map((route) => [route.to, route.metrics]),
    least: ROUTES.length + 11,
  },
  {
    what: 'rules',
    make: async (nl, netns) => {
      ipBatch(RULES4, netns)
      ipBatch(RULES6, netns, '-6')
      for (const rule of OTHER_RULES) await nl.addRule({ family: 'ipv4', ...rule, table: 100, netns })
    },
    carry: carry(
      async (nl, netns) => nl.listRules({ netns }),
      (b, one) => b.addRule(one),
    ),
    show: ['-4 rule show', '-6 rule show'],
    besides: async (nl, netns) => nl.listRules({ netns }),
    least: RULES4.length + RULES6.length + OTHER_RULES.length + 5,
  },
  {
    what: 'neighbours and proxies',
    make: (_, netns) => {
      ipBatch([...NEIGHBOURS, ...PROXIES], netns)
      ip('neighbour add 192.0.2.6 dev eth1 managed', netns)
    },
    carry: carry(
      async (nl, netns) => [
        ...(await nl.listNeighbours({ netns })),
        ...(await nl.listNeighbours({ proxy: true, netns })),
      ],
      (b, one) => b.addNeighbour(one),
    ),
    show: ['-4 neighbour show nud all', '-6 neighbour show to 2001:db8::/32 nud all', 'neighbour show proxy'],
    least: NEIGHBOURS.length + PROXIES.length + 1,
  },
  {
    what: 'nexthops',
    ground: ['address add 192.0.2.1/24 dev eth0', 'address add 2001:db8::1/64 dev eth0 nodad'],
    make: (_, netns) =>
      ipBatch(
        [...NEXTHOPS, 'nexthop add id 20 via 192.0.2.253 dev eth0', 'nexthop add id 9 group 1/20'],
        netns,
      ),
    carry: carry(
      async (nl, netns) => after(await nl.listNexthops({ netns }), ({ group }) => group !== null),
      (b, one) => b.addNexthop(one),
    ),
    show: ['nexthop show'],
    least: NEXTHOPS.length + 2,
  },
]

describe.each(FACES)('$face', ({ nl }) => {
  it.each(TABLES)('restores saved $what', ({ ground = [], make, carry, show, besides, least }) =>
    withTwo(async (from, to) => {
      for (const netns of [from, to]) {
        ipBatch(ground, netns)
        // Only then an address can be the source of a route: a work queue sees to it.
        const tentative = () =>
          ipJson('-6 address show tentative', netns).flatMap(({ addr_info = [] }) => addr_info)
        await expect.poll(tentative, { timeout: 10_000 * PATIENCE, interval: 5 }).toEqual([])
      }
      const empty = shown(show, to)
      await make(nl, from)
      const wanted = shown(show, from)
      expect(wanted.length).toBeGreaterThanOrEqual(least)
      expect(empty).not.toEqual(wanted)
      await carry(nl, from, to)
      expect(shown(show, to)).toEqual(wanted)
      expect(shown(show, from)).toEqual(wanted)
      expect(await besides?.(nl, to)).toEqual(await besides?.(nl, from))
    }),
  )
})
