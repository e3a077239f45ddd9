/** What a later value leaves out is as if it had never been said; what somebody added that no value spoke of stays. */

import { afterEach, describe, expect, it } from 'vitest'
import {
  normalizeTopology,
  type Topology,
  type TopologyAddress,
  type TopologyNamespace,
} from '../../src/topology.js'
import { ip, ipJson } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'
import { entriesOf } from './topology-thinned.js'

afterEach(cleanAll)

const lab = (more: TopologyNamespace, addresses: (string | TopologyAddress)[] = []): Topology => ({
  name: 'lab',
  namespaces: {
    red: {
      ...more,
      links: {
        x: {
          peer: 'y',
          addresses: ['10.1.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }, ...addresses],
        },
      },
    },
  },
})
const failing = (value: Topology): Topology => ({
  ...value,
  namespaces: { ...value.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
})

const to = '10.9.0.0/16'
const via = '10.1.0.9'
const rule = { priority: 3, from: '10.0.0.0/8' }
const neighbour = { to: via, dev: 'x' }
const hops = [{ via: '10.1.0.8' }, { via }]

/** What it is, the value, what is left of it, and the steps. */
const CASES: [string, Topology, Topology, string[]][] = [
  [
    'all metrics of a route',
    lab({ routes: [{ to, via, metrics: { mtu: 1300 } }] }),
    lab({ routes: [{ to, via }] }),
    [`ip -n red route delete ${to} via ${via}`, `ip -n red route add ${to} via ${via}`],
  ],
  [
    'one of its metrics',
    lab({ routes: [{ to, via, metrics: { mtu: 1300, advmss: 1200, lock: ['mtu'] } }] }),
    lab({ routes: [{ to, via, metrics: { mtu: 1300 } }] }),
    [`ip -n red route delete ${to} via ${via}`, `ip -n red route add ${to} via ${via} mtu 1300`],
  ],
  [
    'realms, source and protocol of a route',
    lab({ routes: [{ to, via, realms: { from: 1, to: 2 }, src: '10.1.0.1', protocol: 'static' }] }),
    lab({ routes: [{ to, via }] }),
    [
      `ip -n red route delete ${to} via ${via} realms 1/2 src 10.1.0.1 proto static`,
      `ip -n red route add ${to} via ${via}`,
    ],
  ],
  [
    'weight and realms of a nexthop',
    lab({ routes: [{ to, nexthops: [hops[0]!, { ...hops[1]!, weight: 3, realms: { from: 1, to: 2 } }] }] }),
    lab({ routes: [{ to, nexthops: hops }] }),
    [
      `ip -n red route delete ${to} nexthop via 10.1.0.8 nexthop via ${via} weight 3 realms 1/2`,
      `ip -n red route add ${to} nexthop via 10.1.0.8 nexthop via ${via}`,
    ],
  ],
  [
    'that a gateway is on the link',
    lab({ routes: [{ to, via, dev: 'x', onlink: true }] }),
    lab({ routes: [{ to, via, dev: 'x' }] }),
    [`ip -n red route delete ${to} via ${via} dev x onlink`, `ip -n red route add ${to} via ${via} dev x`],
  ],
  [
    'the scope of a route',
    lab({ routes: [{ to, dev: 'x', scope: 'global' }] }),
    lab({ routes: [{ to, dev: 'x' }] }),
    [`ip -n red route delete ${to} dev x scope global`, `ip -n red route add ${to} dev x`],
  ],
  [
    'the preference of a route',
    lab({ routes: [{ to: 'fd01::/64', via: 'fd00::9', preference: 'high' }] }),
    lab({ routes: [{ to: 'fd01::/64', via: 'fd00::9' }] }),
    [
      'ip -n red route delete fd01::/64 via fd00::9 metric 1024 pref high',
      'ip -n red route add fd01::/64 via fd00::9',
    ],
  ],
  [
    'that a route ends',
    lab({ routes: [{ to: 'fd01::/64', via: 'fd00::9', expires: 900 }] }),
    lab({ routes: [{ to: 'fd01::/64', via: 'fd00::9' }] }),
    [
      'ip -n red route delete fd01::/64 via fd00::9 metric 1024 expires 900',
      'ip -n red route add fd01::/64 via fd00::9',
    ],
  ],
  [
    'protocol and realms of a rule',
    lab({ rules: [{ ...rule, table: 4, protocol: 'static', realms: { from: 1, to: 2 } }] }),
    lab({ rules: [{ ...rule, table: 4 }] }),
    [
      'ip -n red rule delete priority 3 from 10.0.0.0/8 lookup 4 protocol static realms 1/2',
      'ip -n red rule add priority 3 from 10.0.0.0/8 lookup 4',
    ],
  ],
  [
    'what a rule does',
    lab({ rules: [{ ...rule, table: 4, action: 'blackhole' }] }),
    lab({ rules: [{ ...rule, table: 4 }] }),
    [
      'ip -n red rule delete priority 3 from 10.0.0.0/8 lookup 4 blackhole',
      'ip -n red rule add priority 3 from 10.0.0.0/8 lookup 4',
    ],
  ],
  [
    'the protocol of a neighbour',
    lab({ neighbours: [{ ...neighbour, mac: '02:00:00:00:00:09', protocol: 'static' }] }),
    lab({ neighbours: [{ ...neighbour, mac: '02:00:00:00:00:09' }] }),
    [
      `ip -n red neighbour delete ${via} dev x`,
      `ip -n red neighbour replace ${via} lladdr 02:00:00:00:00:09 dev x`,
    ],
  ],
  [
    'label, broadcast and metric of an address',
    lab({}, [{ address: '10.3.0.1/24', label: 'x:1', broadcast: true, metric: 7 }]),
    lab({}, ['10.3.0.1/24']),
    ['ip -n red address delete 10.3.0.1/24 dev x', 'ip -n red address add 10.3.0.1/24 dev x'],
  ],
  [
    'scope and flags of an address',
    lab({}, [{ address: '10.3.0.1/24', scope: 'link', flags: ['noprefixroute'] }]),
    lab({}, ['10.3.0.1/24']),
    ['ip -n red address delete 10.3.0.1/24 dev x', 'ip -n red address add 10.3.0.1/24 dev x'],
  ],
  [
    'that an address ends',
    lab({}, [{ address: '10.3.0.1/24', validLifetime: 900, preferredLifetime: 800 }]),
    lab({}, ['10.3.0.1/24']),
    ['ip -n red address delete 10.3.0.1/24 dev x', 'ip -n red address add 10.3.0.1/24 dev x'],
  ],
  [
    'that it is deprecated sooner',
    lab({}, [{ address: '10.3.0.1/24', validLifetime: 900, preferredLifetime: 800 }]),
    lab({}, [{ address: '10.3.0.1/24', validLifetime: 900 }]),
    [
      'ip -n red address delete 10.3.0.1/24 dev x',
      'ip -n red address add 10.3.0.1/24 valid_lft 900 preferred_lft 900 dev x',
    ],
  ],
]

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  it.for(CASES)('%s', async ([, full, less, commands]) => {
    await tp.createTopology(less)
    const asNew = entriesOf('red')
    await tp.deleteTopology('lab')
    await tp.createTopology(full)
    const whole = entriesOf('red')
    expect(whole).not.toEqual(asNew)
    expect((await tp.planTopology(less)).explain()).toEqual(commands)
    await expect((async () => tp.applyTopology(failing(less)))()).rejects.toMatchObject({ left: [] })
    expect(entriesOf('red')).toEqual(whole)
    expect((await tp.planTopology(full)).explain()).toEqual([])
    expect((await tp.applyTopology(less)).explain()).toEqual(commands)
    expect(entriesOf('red')).toEqual(asNew)
    expect(await tp.readTopology(less)).toEqual(normalizeTopology(less))
    expect((await tp.applyTopology(less)).explain()).toEqual([])
    await tp.deleteTopology('lab')
  })

  it('what somebody said of an entry of which the values say nothing stays', async () => {
    const value = lab({ routes: [{ to, via, protocol: 'static' }] }, ['10.3.0.1/24'])
    await tp.createTopology(value)
    ip(`-n red route change ${to} via ${via} protocol static mtu 1300`)
    ip('-n red address change 10.3.0.1/24 dev x metric 7')
    expect((await tp.applyTopology(value)).explain()).toEqual([])
    expect((await tp.applyTopology({ ...value, rules: [] })).explain()).toEqual([])
    expect(ipJson(`route show ${to}`, 'red')).toMatchObject([{ metrics: [{ mtu: 1300 }] }])
    expect(JSON.stringify(ipJson('address show dev x', 'red'))).toContain('"metric":7')
    await tp.deleteTopology('lab')
  })

  it('what a value has left out that is as the kernel has it is no change', async () => {
    const protocol = 'boot' as const
    const full = lab({ routes: [{ to, via, protocol, metrics: {}, onlink: false }] }, [
      { address: '10.3.0.1/24', scope: 'global', label: 'x', metric: null, validLifetime: 'forever' },
    ])
    await tp.createTopology(full)
    const less = lab({ routes: [{ to, via }] }, ['10.3.0.1/24'])
    expect((await tp.planTopology(less)).explain()).toEqual([])
    await tp.deleteTopology('lab')
  })
})
