/** What a value says in other words than the kernel is known again: nothing is made twice, and nothing else is made. */

import { afterEach, describe, expect, it } from 'vitest'
import { normalizeTopology, type Topology, type TopologyPlace } from '../../src/topology.js'
import { execFileSync } from './programs.js'
import { ipJson, type Printed } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

const withRed = (place: TopologyPlace): Topology => ({
  name: 'words',
  namespaces: {
    red: {
      ...place,
      links: {
        eth0: { addresses: ['10.1.0.1/24', { address: '2001:db8::1/64', flags: ['nodad'] }] },
        ...place.links,
      },
    },
    Red: {},
  },
  bridges: { br: { ports: ['red:eth0'] } },
})

const LL = 'fe80::9'

const WORDS: [string, TopologyPlace, string, Printed[]][] = [
  [
    'an IPv4 default route as a prefix, by an IPv6 gateway',
    { routes: [{ to: '0.0.0.0/0', via: LL, dev: 'eth0' }] },
    'route show default',
    [{ dst: 'default', via: { family: 'inet6', host: LL }, dev: 'eth0' }],
  ],
  [
    'an IPv4 default route as a prefix, of an interface',
    { routes: [{ to: '0.0.0.0/0', dev: 'eth0' }] },
    'route show default',
    [{ dst: 'default', dev: 'eth0', scope: 'link' }],
  ],
  [
    'an IPv6 default route as a prefix',
    { routes: [{ to: '0::/0', dev: 'eth0', metric: 5 }] },
    '-6 route show default',
    [{ dst: 'default', dev: 'eth0', metric: 5 }],
  ],
  [
    'an IPv4 default route of several gateways, one of them IPv6',
    { routes: [{ to: '0.0.0.0/0', nexthops: [{ via: 'FE80::9', dev: 'eth0' }, { via: '10.1.0.9' }] }] },
    'route show default',
    [{ dst: 'default', nexthops: [{ via: { family: 'inet6', host: LL } }, { gateway: '10.1.0.9' }] }],
  ],
  [
    'the metric that the kernel gives to IPv6 routes, and a scope',
    { routes: [{ to: 'fd01::/64', via: '2001:0DB8::9', metric: 0, scope: 'global' }] },
    '-6 route show fd01::/64',
    [{ dst: 'fd01::/64', gateway: '2001:db8::9', metric: 1024 }],
  ],
  [
    'gateways of one IPv6 route',
    {
      routes: [{ to: 'fd01::/64', nexthops: [{ via: '2001:0db8::9' }, { via: 'FE80:0::9', dev: 'eth0' }] }],
    },
    '-6 route show fd01::/64',
    [{ dst: 'fd01::/64', nexthops: [{ gateway: '2001:db8::9' }, { gateway: LL }] }],
  ],
  [
    'no bits of a mark that count, and no realms',
    {
      rules: [
        { from: '10.9.0.0/16', table: 7, priority: 70, fwmark: 0, fwmask: 0 },
        { from: '10.9.0.0/16', table: 7, priority: 71, realms: { from: 0, to: 0 } },
      ],
    },
    'rule show table 7',
    [
      { priority: 70, src: '10.9.0.0', srclen: 16, table: '7' },
      { priority: 71, src: '10.9.0.0', srclen: 16, table: '7' },
    ],
  ],
  [
    'rules for all packets of a family',
    {
      rules: [
        { from: '0.0.0.0/0', table: 7, priority: 70 },
        { from: '0.0.0.0/0', to: '10.9.0.0/16', table: 7, priority: 71 },
      ],
    },
    'rule show table 7',
    [
      { priority: 70, src: 'all', table: '7' },
      { priority: 71, src: 'all', dst: '10.9.0.0', dstlen: 16 },
    ],
  ],
  [
    'an IPv6 rule for all packets',
    { rules: [{ to: '::/0', table: 7, priority: 70 }] },
    '-6 rule show table 7',
    [{ priority: 70, src: 'all' }],
  ],
  [
    'a neighbour',
    { neighbours: [{ to: '2001:DB8:0::7', mac: '02-00-00-00-00-0A', dev: 'eth0' }] },
    'neighbour show nud permanent',
    [{ dst: '2001:db8::7', lladdr: '02:00:00:00:00:0a' }],
  ],
  [
    'the address of an interface',
    { bridges: { d: { mac: '02-00-00-00-00-0A' } } },
    'link show dev d',
    [{ address: '02:00:00:00:00:0a' }],
  ],
]

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it.each(WORDS)('%s', async (_, place, show, expected) => {
    const value = withRed(place)
    await tp.createTopology(withRed({}))
    await tp.applyTopology(value)
    expect(ipJson(show, 'red')).toMatchObject(expected)
    expect((await tp.planTopology(value)).explain()).toEqual([])
    expect(await tp.readTopology(value)).toEqual(normalizeTopology(value))
    // In the kernel's words it is the same, and made of them, or of the commands, too.
    const { namespaces, bridges } = await tp.readTopology()
    const live = { name: 'words', namespaces: namespaces!, bridges: bridges! }
    expect((await tp.planTopology(live)).explain()).toEqual([])
    await tp.deleteTopology('words')
    await tp.createTopology(live)
    expect(ipJson(show, 'red')).toMatchObject(expected)
    await tp.deleteTopology('words')
    const commands = (await tp.planTopology(value)).explain()
    execFileSync('sh', ['-e'], { input: commands.join('\n') })
    expect(ipJson(show, 'red')).toMatchObject(expected)
    expect((await tp.planTopology(value)).explain()).toEqual([])
  })

  it.each<[string, TopologyPlace, TopologyPlace, string, Printed[]]>([
    [
      'a label',
      { bridges: { d: { addresses: [{ address: '10.2.0.1/24', label: 'd:x' }] } } },
      { bridges: { d: { addresses: [{ address: '10.2.0.1/24', label: 'd:X' }] } } },
      'address show dev d',
      [{ addr_info: expect.arrayContaining([expect.objectContaining({ label: 'd:X' })]) }],
    ],
    [
      'the interface of a route',
      { bridges: { d: {}, D: {} }, routes: [{ to: '10.3.0.0/24', dev: 'd' }] },
      { bridges: { d: {}, D: {} }, routes: [{ to: '10.3.0.0/24', dev: 'D' }] },
      'route show 10.3.0.0/24',
      [{ dev: 'D' }],
    ],
    [
      'what an interface stands on',
      { bridges: { d: {}, D: {} }, links: { mv: { kind: 'macvlan', link: 'd' } } },
      { bridges: { d: {}, D: {} }, links: { mv: { kind: 'macvlan', link: 'D' } } },
      'link show dev mv',
      [{ link: 'D' }],
    ],
    [
      'a link-layer broadcast address',
      { bridges: { d: {} } },
      { bridges: { d: { broadcast: '0A-00-00-00-00-01' } } },
      'link show dev d',
      [{ broadcast: '0a:00:00:00:00:01' }],
    ],
  ])('%s: changed, and known again', async (_, from, to, show, expected) => {
    await tp.createTopology(withRed(from))
    await tp.applyTopology(withRed(to))
    expect(ipJson(show, 'red')).toMatchObject(expected)
    expect((await tp.planTopology(withRed(to))).explain()).toEqual([])
  })
})
