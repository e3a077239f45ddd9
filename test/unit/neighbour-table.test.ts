import { describe, expect, it } from 'vitest'
import { encodeBody, Writer } from '../../src/codec/index.js'
import { readNeighbourTable } from '../../src/rtnetlink/neighbour-table/neighbour-table.js'
import {
  listNeighbourTables,
  type SetNeighbourTableOptions,
  setNeighbourTable,
} from '../../src/rtnetlink/neighbour-table/operations.js'
import { newNeighbourTable } from '../../src/rtnetlink/neighbour-table/table.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { sentBy } from './sent-by.js'

function set(name: string, options: SetNeighbourTableOptions, table = 'arp_cache'): GoldenCase {
  return { name: `ntable-${name}`, operation: () => setNeighbourTable(table, options) }
}

const ETH0 = { dev: 'eth0' }
const changes: GoldenCase[] = [
  set('base-reachable', { ...ETH0, baseReachableTime: 20_000 }),
  set('retrans', { ...ETH0, retransTime: 500 }),
  set('gc-stale', { ...ETH0, gcStaletime: 30_000 }),
  set('delay-probe', { ...ETH0, delayProbeTime: 2000 }),
  set('queue', { ...ETH0, queueLen: 10 }),
  set('app-probes', { ...ETH0, appProbes: 1 }),
  set('ucast-probes', { ...ETH0, ucastProbes: 5 }),
  set('mcast-probes', { ...ETH0, mcastProbes: 6 }),
  set('anycast-delay', { ...ETH0, anycastDelay: 2000 }),
  set('proxy-delay', { ...ETH0, proxyDelay: 1000 }),
  set('proxy-queue', { ...ETH0, proxyQlen: 32 }),
  set('locktime', { ...ETH0, locktime: 0 }),
  set('v6', { ...ETH0, ucastProbes: 5, retransTime: 500 }, 'ndisc_cache'),
  set('thresholds', { thresh1: 100, thresh2: 200, thresh3: 300, gcInterval: 30_000 }),
  set('default', { retransTime: 500 }),
  {
    ...set('family', { ...ETH0, retransTime: 500 }, 'ndisc_cache'),
    differs: {
      why: 'no two tables have one name, so that ours leaves the family open',
      lines: ['- body    0a000000', '+ body    00000000'],
    },
  },
]

const dumps: GoldenCase[] = [
  { name: 'ntable-show', operation: () => listNeighbourTables() },
  { name: 'ntable-show-v4', operation: () => listNeighbourTables({ family: 'ipv4' }) },
  { name: 'ntable-show-v6', operation: () => listNeighbourTables({ family: 'ipv6' }) },
  { name: 'ntable-show-dev', operation: () => listNeighbourTables({ dev: 'eth0' }) },
  { name: 'ntable-show-name', operation: () => listNeighbourTables({ name: 'arp_cache' }) },
]

describe('requests about neighbour tables', () => {
  it.each([...changes, ...dumps])('$name', (it) => {
    expectGolden('more-tables', it)
  })

  it('take the parameters that a list shows, without those that cannot be set', () => {
    const listed = readNeighbourTable(
      ...message({ parms: { refcnt: 2, reachableTime: 1234, retransTime: 500 } }),
    )!
    expect(sentBy(setNeighbourTable('arp_cache', { ...ETH0, ...listed.parameters }))).toEqual(
      sentBy(setNeighbourTable('arp_cache', { ...ETH0, retransTime: 500 })),
    )
  })

  it.each<[unknown, object, RegExp]>([
    [7, { retransTime: 1 }, /table: 7 is not the name of a table/],
    ['', { retransTime: 1 }, /table: '' is not/],
    ['arp_cache', {}, /nothing to change/],
    ['arp_cache', { dev: 'eth0' }, /nothing to change/],
    ['arp_cache', { retrans: 1 }, /unknown option 'retrans'/],
    ['arp_cache', { retransTime: -1 }, /retransTime: -1 is not an integer/],
    ['arp_cache', { retransTime: 0.5 }, /retransTime: 0.5 is not an integer/],
    ['arp_cache', { ucastProbes: '5' }, /ucastProbes: '5' is not an integer/],
    ['arp_cache', { thresh3: 2 ** 31 }, /thresh3: 2147483648 is not an integer/],
    ['arp_cache', { dev: 'eth0', queueLen: 50, thresh1: 5 }, /thresh1: not with dev/],
    ['arp_cache', { dev: 'eth0', gcInterval: 5 }, /gcInterval: not with dev/],
    ['arp_cache', { dev: '', retransTime: 1 }, /dev: an interface name cannot be empty/],
  ])('refuse %j %j', (table, options, message) => {
    expect(() => sentBy(setNeighbourTable(table as string, options))).toThrow(message)
  })

  it.each<[object, RegExp]>([
    [{ family: 'inet' }, /family: 'inet'/],
    [{ name: 5 }, /name: 5 is not a string/],
    [{ dev: 0 }, /dev: 0/],
    [{ table: 'arp_cache' }, /unknown option 'table'/],
  ])('refuse to list %j', (options, message) => {
    expect(() => sentBy(listNeighbourTables(options))).toThrow(message)
  })
})

type Attributes = Parameters<typeof encodeBody<typeof newNeighbourTable>>[2]['attributes']

function message(attributes: Attributes, family = 2): [Uint8Array, number, number, () => null] {
  const out = new Writer()
  encodeBody(newNeighbourTable, out, { header: { family }, attributes: { name: 'arp_cache', ...attributes } })
  const bytes = out.take()
  return [bytes, 0, bytes.length, () => null]
}

describe('a neighbour table', () => {
  it('has null where the kernel says nothing', () => {
    const table = readNeighbourTable(...message({ parms: { ifindex: 7 } }))!
    expect(table).toMatchObject({ family: 'ipv4', name: 'arp_cache', ifindex: 7, dev: null })
    const { name, family, ifindex, parameters, ...rest } = table
    expect(new Set([...Object.values(rest), ...Object.values(parameters)])).toEqual(new Set([null]))
  })

  it('has its counters as numbers', () => {
    const stats = { allocs: 5n, lookups: 2n ** 40n }
    expect(readNeighbourTable(...message({ stats: stats as never }))!.stats).toMatchObject({
      allocs: 5,
      lookups: 2 ** 40,
      hits: 0,
    })
  })

  it('of another family than IP is none', () => {
    expect(readNeighbourTable(...message({}, 12))).toBeNull()
  })
})
