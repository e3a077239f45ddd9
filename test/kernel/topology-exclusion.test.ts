/** Entries that exclude one another are refused beforehand, and none that do not: the kernel is asked about each pair. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runSync } from '../../src/socket/sync-driver.js'
import {
  createVethPair,
  deleteNeighbour,
  deleteRoute,
  flushAddresses,
  flushRules,
  listAddresses,
  listNeighbours,
  listRoutes,
  listRules,
} from '../../src/sync.js'
import type { Call } from '../../src/topology/call.js'
import { codeOf } from '../../src/topology/error.js'
import { HOST, type Place } from '../../src/topology/network.js'
import { parseTopology, parseValue } from '../../src/topology/parse.js'
import { Places, perform } from '../../src/topology/perform.js'
import type { Topology } from '../../src/topology.js'
import { ADDRESSES, NEIGHBOURS, ROUTES, type Row, RULES } from './topology-exclusion-rows.js'
import { deleteLinks } from './topology-support.js'

const nodad = (address: string) => ({ address, flags: ['nodad'] as const })
const LINKS = {
  d0: { peer: 'd1', addresses: ['10.0.0.1/24', '10.0.0.2/24', nodad('fd00::1/64'), nodad('fd00::2/64')] },
  d1: { addresses: ['10.0.1.1/24', nodad('fd01::1/64')] },
}

/** Entries of one kind, how they stand in a value, and the steps that make them. */
interface Kind {
  readonly kind: string
  readonly rows: readonly Row<object>[]
  readonly value: (entries: readonly object[]) => object
  readonly calls: (place: Place) => Call[]
  /** Those that are there, and nothing of the kernel's own. */
  readonly list: () => readonly object[]
  readonly clean: () => void
}

const netns = HOST
const TARGETS = [...new Set(ROUTES.flatMap(([, one, other]) => [one.to, other.to.replace('/32', '')]))]
const PRIORITIES = [50, 51]
const NETWORKS = ['10.7.0.0/16', '10.8.0.0/16', '127.0.0.0/8', 'fd07::/64']
const routes = () => listRoutes({ table: 'all' }).filter(({ to }) => TARGETS.includes(to))
const neighbours = () =>
  [false, true].flatMap((proxy) =>
    ['10.0.0.0/24', 'fd00::/64'].flatMap((within) => listNeighbours({ within, proxy })),
  )

const KINDS: readonly Kind[] = [
  {
    kind: 'routes',
    rows: ROUTES,
    value: (entries) => ({ links: LINKS, routes: entries }),
    calls: (place) => place.routes.map(({ value: route }) => ({ call: 'addRoute', netns, route })),
    list: routes,
    clean() {
      for (const one of routes()) deleteRoute(one)
    },
  },
  {
    kind: 'rules',
    rows: RULES,
    value: (rules) => ({ links: LINKS, rules }),
    calls: ({ rules }) => rules.map(({ value: rule }) => ({ call: 'addRule', netns, rule })),
    list: () => PRIORITIES.flatMap((priority) => listRules({ priority })),
    clean() {
      for (const priority of PRIORITIES) flushRules({ priority })
    },
  },
  {
    kind: 'neighbours',
    rows: NEIGHBOURS,
    value: (entries) => ({ links: LINKS, neighbours: entries }),
    calls: (place) =>
      place.neighbours.map(({ value: neighbour }) => ({ call: 'addNeighbour', netns, neighbour })),
    list: neighbours,
    clean() {
      for (const one of neighbours()) deleteNeighbour(one)
    },
  },
  {
    kind: 'addresses',
    rows: ADDRESSES,
    value: (addresses) => ({ links: { d0: { peer: 'd1', addresses }, d1: {} } }),
    calls: ({ links }) =>
      links.get('d0')!.addresses.map((address) => ({ call: 'addAddress', netns, dev: 'd0', address })),
    list: () => NETWORKS.flatMap((within) => listAddresses({ dev: 'd0', within })),
    clean() {
      for (const within of NETWORKS) flushAddresses({ dev: 'd0', within })
    },
  },
]

beforeAll(() => {
  createVethPair(
    { name: 'd0', up: true, addresses: LINKS.d0.addresses },
    { name: 'd1', up: true, ...LINKS.d1 },
  )
})
afterAll(deleteLinks)

/** What is said of two entries before anything is made. */
function said({ value }: Kind, entries: readonly object[]): 'both' | 'one' {
  try {
    parseTopology(value(entries) as Topology)
    return 'both'
  } catch (error) {
    expect((error as Error).message).toMatch(
      / excludes it: | is there already as | in the same network| is there twice/,
    )
    return 'one'
  }
}

/** What the kernel makes of them, step by step; null where it does not take one by itself. Nothing is left of them. */
function done({ value, calls, list, clean }: Kind, entries: readonly object[]): 'both' | 'one' | null {
  const places = new Places([])
  try {
    for (const [index, entry] of entries.entries()) {
      const [call] = calls(parseValue(value([entry]) as Topology).places.get(HOST)!)
      const code = codeAt(call!, places)
      if (code === null) continue
      if (index === 0) return null
      // Addresses of one network have one scope.
      expect(code).toBeOneOf(['EEXIST', 'EINVAL'])
      return 'one'
    }
    return list().length === entries.length ? 'both' : 'one'
  } finally {
    clean()
    expect(list()).toEqual([])
  }
}

function codeAt(call: Call, places: Places): string | null {
  try {
    runSync(perform(call, places))
    return null
  } catch (error) {
    const code = codeOf(error)
    if (code === null) throw error
    return code
  }
}

describe.each(KINDS)('$kind', (kind) => {
  it.each(kind.rows)('%s', (_, first, second, room) => {
    expect(said(kind, [first, second])).toBe(room)
    // An older kernel may lack what one of them is about.
    if (done(kind, [first]) !== null && done(kind, [second]) !== null)
      expect(done(kind, [first, second])).toBe(room)
  })
})

it.each(KINDS)('$kind of all rows, each beside each', (kind) => {
  const all = kind.rows.flatMap(([, first, second]) => [first, second])
  const entries = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
  const taken = entries.filter((one) => done(kind, [one]) !== null)
  expect(taken.length).toBeGreaterThan(0.6 * entries.length)
  for (const first of taken)
    for (const second of taken)
      expect([first, second, said(kind, [first, second])]).toEqual([
        first,
        second,
        done(kind, [first, second]),
      ])
})
