import { describe, expect, it } from 'vitest'
import { getNexthopBucket, listNexthopBuckets } from '../../src/rtnetlink/nexthop/bucket.js'
import {
  addNexthop,
  deleteNexthop,
  flushNexthops,
  getNexthop,
  listNexthops,
  replaceNexthop,
} from '../../src/rtnetlink/nexthop/operations.js'
import type { NexthopObjectInput } from '../../src/rtnetlink/nexthop/request.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

function add(name: string, nexthop: NexthopObjectInput): GoldenCase {
  return { name, operation: () => addNexthop(nexthop) }
}

const ONE = { id: 1, via: '192.0.2.254', dev: 'eth0' }
const cases: GoldenCase[] = [
  add('nexthop-via', ONE),
  add('nexthop-via-v6', { ...ONE, via: '2001:db8::fe' }),
  add('nexthop-dev', { id: 1, dev: 'eth0', family: 'ipv4' }),
  add('nexthop-dev-v6', { id: 1, dev: 'eth0', family: 'ipv6' }),
  {
    ...add('nexthop-without-id', { via: '192.0.2.254', dev: 'eth0' }),
    differs: {
      why: 'NLM_F_ECHO: ours asks which id the kernel chose',
      lines: [
        '- header  length 40, type 104, flags 0x605, portid 0',
        '+ header  length 40, type 104, flags 0x60d, portid 0',
      ],
    },
  },
  add('nexthop-onlink', { ...ONE, via: '203.0.113.1', onlink: true }),
  add('nexthop-blackhole', { id: 1, family: 'ipv4', blackhole: true }),
  add('nexthop-fdb', { id: 1, via: '192.0.2.254', fdb: true }),
  add('nexthop-protocol', { ...ONE, protocol: 'static' }),
  add('nexthop-group', { id: 10, group: [{ id: 1 }, { id: 2 }] }),
  add('nexthop-group-weights', {
    id: 10,
    group: [
      { id: 1, weight: 10 },
      { id: 2, weight: 255 },
    ],
  }),
  add('nexthop-group-mpath', { id: 10, group: [{ id: 1 }, { id: 2 }], groupType: 'mpath' }),
  add('nexthop-group-resilient', {
    id: 10,
    group: [{ id: 1 }, { id: 2 }],
    resilient: { buckets: 32, idleTimer: 60, unbalancedTimer: 300 },
  }),
  { name: 'nexthop-replace', operation: () => replaceNexthop({ ...ONE, via: '192.0.2.252' }) },
  { name: 'nexthop-delete', operation: () => deleteNexthop({ id: 1 }) },
  { name: 'nexthop-get', operation: () => getNexthop(1), answers: [[{ ifindex: null }]] },
  { name: 'nexthop-show', operation: () => listNexthops() },
  { name: 'nexthop-show-dev', operation: () => listNexthops({ dev: 'eth0' }) },
  { name: 'nexthop-show-groups', operation: () => listNexthops({ groups: true }) },
  { name: 'nexthop-show-v6', operation: () => listNexthops({ family: 'ipv6' }) },
  { name: 'nexthop-show-master', operation: () => listNexthops({ master: 'br0' }) },
  { name: 'nexthop-bucket-show', operation: () => listNexthopBuckets() },
  { name: 'nexthop-bucket-show-id', operation: () => listNexthopBuckets({ id: 10 }) },
  { name: 'nexthop-bucket-show-nhid', operation: () => listNexthopBuckets({ id: 10, nhid: 2 }) },
  { name: 'nexthop-bucket-show-dev', operation: () => listNexthopBuckets({ dev: 'eth0' }) },
  { name: 'nexthop-bucket-get', operation: () => getNexthopBucket(10, 3), answers: [[{}]] },
]

const wrong: readonly [object, new () => Error, string][] = [
  [{}, TypeError, "family: a nexthop without via needs it ('ipv4' or 'ipv6')"],
  [{ dev: 'eth0' }, TypeError, 'family: a nexthop without via needs it'],
  [{ id: 0, via: '192.0.2.1' }, RangeError, 'id: 0 is not'],
  [{ via: '192.0.2.1/24' }, RangeError, "via: '192.0.2.1/24' is not"],
  [{ via: '192.0.2.1', family: 'ipv6' }, RangeError, "via: '192.0.2.1' is not IPv6"],
  [{ via: '192.0.2.1', dev: '' }, RangeError, 'dev: an interface name cannot be empty'],
  [{ via: '192.0.2.1', ifindex: -1 }, RangeError, 'ifindex: -1 is not'],
  [{ via: '192.0.2.1', onlink: 1 }, TypeError, 'onlink: 1 is not true or false'],
  [{ via: '192.0.2.1', gw: 1 }, TypeError, "addNexthop: unknown option 'gw'"],
  [{ via: '192.0.2.1', protocol: 'zebro' }, RangeError, "protocol: 'zebro' is not one of"],
  [{ via: '192.0.2.1', groupType: 'mpath' }, TypeError, "groupType: 'mpath' is for groups alone"],
  [{ via: '192.0.2.1', resilient: { buckets: 8 } }, TypeError, 'resilient: { buckets } is for groups alone'],
  [{ group: [{ id: 1 }], onlink: true }, TypeError, 'onlink: a group has no gateway'],
  [{ group: [] }, TypeError, 'group: [] is not an array of members'],
  [{ group: [1, 2] }, TypeError, 'group[0]: 1 is not an options object'],
  [{ group: [{ id: 1 }, { weight: 5 }] }, TypeError, 'group[1].id: undefined is not'],
  [{ group: [{ id: 1, weight: 65_536 }] }, RangeError, 'group[0].weight: 65536 is not'],
  [{ group: [{ id: 1 }], groupType: 'hash' }, RangeError, "groupType: 'hash' is not one of mpath, resilient"],
  [{ group: [{ id: 1 }], resilient: { buckets: 0 } }, RangeError, 'resilient.buckets: 0 is not'],
  [{ group: [{ id: 1 }], resilient: { idleTimer: -1 } }, RangeError, 'resilient.idleTimer: -1 is not'],
  [{ via: '192.0.2.1', encap: { type: 'ip', opts: {} } }, TypeError, 'encap.opts: options of tunnels'],
]

describe('nexthop requests', () => {
  it.each(cases)('$name is that of iproute2', (golden) => expectGolden('nexthop', golden))

  it('every recorded command has its call', () => {
    const recorded = loadGolden('nexthop').map(({ name }) => name)
    expect(recorded).toEqual(cases.map(({ name }) => name))
  })

  it.each(wrong)('addNexthop refuses %j', (nexthop, type, message) => {
    const call = () => addNexthop(nexthop as never).next()
    expect(call).toThrow(type)
    expect(call).toThrow(message)
  })

  it.each([
    [() => getNexthop(0), RangeError, 'id: 0 is not'],
    [() => getNexthop(1, { statistic: true } as never), TypeError, "getNexthop: unknown option 'statistic'"],
    [
      () => getNexthop(1, { statistics: 1 as never }),
      TypeError,
      "statistics: 1 is not true, false or 'hardware'",
    ],
    [() => listNexthops({ statistics: 'hw' as never }), TypeError, "statistics: 'hw' is not true, false or"],
    [() => listNexthops({ protocol: 'bgp4' as never }), RangeError, "protocol: 'bgp4' is not one of"],
    [() => flushNexthops({ id: 1 } as never), TypeError, "flushNexthops: unknown option 'id'"],
    [() => flushNexthops({ fdb: 1 as never }), TypeError, 'fdb: 1 is not true or false'],
    [
      () => addNexthop({ via: 3221225985 as never, dev: 'eth0' }),
      RangeError,
      'via: 3221225985 is not an IPv4 or',
    ],
    [
      () => addNexthop({ via: '192.0.2.1', fdb: true, dstPort: 0 }),
      RangeError,
      'dstPort: 0 is not a UDP port',
    ],
    [() => addNexthop({ via: '192.0.2.1', hwStats: true }), TypeError, 'hwStats: true is for groups alone'],
    [() => addNexthop({ group: [{ id: 1 }], hwStats: 1 as never }), TypeError, 'hwStats: 1 is not true or'],
    [() => flushNexthops({ netns: 'red' }), TypeError, 'which nexthop objects? Give at least one of family'],
    [() => flushNexthops({ groups: false, fdb: false }), TypeError, 'which nexthop objects?'],
    [() => flushNexthops({ all: true, fdb: false }), TypeError, 'not those by fdb:'],
    [() => flushNexthops({ all: true, dev: 'eth0' }), TypeError, 'not those by dev:'],
    [() => flushNexthops({ all: false as never }), TypeError, 'all: false is not true'],
    [() => flushNexthops(undefined as never), TypeError, 'flushNexthops: undefined is not an options object'],
    [() => getNexthopBucket(0, 0), RangeError, 'id: 0 is not'],
    [() => getNexthopBucket(1, 65536), RangeError, 'index: 65536 is not'],
    [() => listNexthopBuckets({ nhid: 0 }), RangeError, 'nhid: 0 is not'],
    [() => listNexthopBuckets({ id: '1' as never }), TypeError, "id: '1' is not"],
    [() => listNexthopBuckets({ master: '' }), RangeError, 'master: an interface name cannot be empty'],
    [
      () => listNexthopBuckets({ group: 1 } as never),
      TypeError,
      "listNexthopBuckets: unknown option 'group'",
    ],
  ] as const)('refuses what cannot be read: %s', (call, type, message) => {
    expect(() => call().next()).toThrow(type)
    expect(() => call().next()).toThrow(message)
  })

  it('deleteNexthop needs an id', () => {
    expect(() => deleteNexthop({ via: '192.0.2.1' }).next()).toThrow('id: undefined is not')
  })
})
