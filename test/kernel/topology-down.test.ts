/** What the kernel takes besides what a change of a topology deletes, or takes down for a moment: it is there again afterwards. */

import { afterEach, describe, expect, it } from 'vitest'
import type { Topology, TopologyAddress, TopologyNamespace, TopologyVeth } from '../../src/topology.js'
import { hasKind, ip, ipJson, type Printed, sysctl } from './support.js'
import { type Change, itChanges, shown } from './topology-changes.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

/** A namespace with one interface, a VLAN on it where the kernel has such, and a VRF. */
function lab(settings: TopologyVeth, vrf?: { table: number; port: boolean; loose?: boolean }): Topology {
  const table = vrf?.port ? { table: vrf.table } : {}
  const vlan = hasKind('vlan') && settings.up !== false
  return {
    name: 'fall',
    namespaces: {
      red: {
        links: {
          eth0: {
            mac: '02:00:00:00:00:01',
            ...settings,
            ...(vrf?.port ? { master: 'blue' } : {}),
            addresses: ['10.1.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }, 'fd00:5::1/64'],
          },
          ...(vlan
            ? {
                vlan5: {
                  kind: 'vlan',
                  link: 'eth0',
                  id: 5,
                  addresses: ['fd00:1::1/64'],
                  ...(vrf?.loose ? { flags: { loose_binding: true } } : {}),
                },
              }
            : {}),
          ...(vrf ? { blue: { kind: 'vrf', table: vrf.table } } : {}),
        },
        neighbours: [
          { to: '10.1.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' },
          { to: 'fd00::9', mac: '02:00:00:00:00:09', dev: 'eth0' },
          { to: '10.1.0.10', proxy: true, dev: 'eth0' },
          ...(vlan ? [{ to: 'fd00:1::9', mac: '02:00:00:00:00:09', dev: 'vlan5' }] : []),
        ],
        ...(settings.up === false
          ? {}
          : {
              routes: [
                { to: '10.5.0.0/24', via: '10.1.0.7', ...table },
                { to: '10.6.0.0/24', dev: 'eth0', table: 9 },
                {
                  to: '10.7.0.0/24',
                  nexthops: ['10.1.0.7', '10.1.0.8'].map((via) => ({ via, dev: 'eth0' })),
                  ...table,
                },
                { to: 'fd05::/64', via: 'fd00::7', dev: 'eth0', ...table },
                ...(vlan ? [{ to: 'fd06::/64', via: 'fd00:1::7', dev: 'vlan5' }] : []),
              ],
            }),
      },
    },
    links: { far: { peer: 'red:eth0' } },
  }
}

const SOURCE: TopologyAddress = { address: 'fd00::1/64', flags: ['nodad'] }

/** A namespace with several addresses of one network, and routes that need them. */
function addressed(...addresses: (string | TopologyAddress)[]): Topology {
  const routes = [
    { to: '10.5.0.0/24', via: '10.1.0.7', src: '10.1.0.2' },
    { to: '10.6.0.0/24', dev: 'eth0' },
    { to: '10.7.0.0/24', nexthops: ['10.1.0.7', '10.1.0.8'].map((via) => ({ via })) },
    { to: 'fd05::/64', dev: 'eth0' },
    ...(addresses.some((one) => typeof one === 'object' && one.address === SOURCE.address)
      ? [{ to: 'fd06::/64', dev: 'eth0', src: 'fd00::1' }]
      : []),
  ]
  const neighbours = [
    { to: '10.1.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' },
    { to: '10.1.0.10', proxy: true, dev: 'eth0' },
    { to: 'fd00::9', mac: '02:00:00:00:00:09', dev: 'eth0' },
  ]
  return {
    name: 'fall',
    namespaces: { red: { links: { eth0: { addresses } }, routes, neighbours } },
    links: { far: { peer: 'red:eth0' } },
  }
}

/** Two links with addresses, and a route over the second that may send from one of the first. */
function sent(near: TopologyAddress[], own: string[], table?: number): Topology {
  const links = {
    eth0: { peer: ':far', addresses: near },
    eth1: { peer: ':other', addresses: own },
  }
  const routes = [{ to: '10.8.0.0/24', dev: 'eth1', src: '10.1.0.1', table }]
  return { name: 'fall', namespaces: { red: { links, routes } } }
}

/** A namespace with routes over two links, of which the second is of a kind. */
function shared(kind: 'veth' | 'macvlan'): Topology {
  const addresses = ['10.2.0.1/24', { address: 'fd02::1/64', flags: ['nodad'] }]
  return {
    name: 'fall',
    namespaces: {
      red: {
        links: {
          eth0: { addresses: ['10.1.0.1/24', { address: 'fd01::1/64', flags: ['nodad'] }] },
          eth1: kind === 'veth' ? { peer: ':near', addresses } : { kind, link: 'eth0', addresses },
        },
        routes: [
          { to: '10.7.0.0/24', nexthops: ['10.1.0.7', '10.2.0.7'].map((via) => ({ via })) },
          { to: 'fd07::/64', nexthops: ['fd01::7', 'fd02::7'].map((via) => ({ via })) },
          { to: '10.8.0.0/24', dev: 'eth0', src: '10.2.0.1' },
          { to: 'fd08::/64', dev: 'eth0', src: 'fd02::1' },
        ],
      },
    },
    links: { far: { peer: 'red:eth0' } },
  }
}

/** What ip shows of addresses of eth0; times, which count down, in whole minutes. */
function shownAddresses(...addresses: string[]): unknown {
  const [link] = ipJson('address show dev eth0', 'red')
  return (link!['addr_info'] as Printed[])
    .filter(({ local }) => addresses.includes(local as string))
    .map((one) => ({
      ...one,
      valid_life_time: Math.ceil((one['valid_life_time'] as number) / 60),
      preferred_life_time: Math.ceil((one['preferred_life_time'] as number) / 60),
    }))
}

/** A link with an address, in a bond, a team, or in none. */
function joined(kind: 'bond' | 'team', port: boolean): Topology {
  return {
    name: 'fall',
    namespaces: {
      red: {
        links: {
          over: { kind },
          eth0: { addresses: ['10.1.0.1/24'], ...(port ? { master: 'over' } : {}) },
        },
        routes: [{ to: '10.6.0.0/24', dev: 'eth0' }],
        neighbours: [{ to: '10.1.0.9', mac: '02:00:00:00:00:09', dev: 'over' }],
      },
    },
    links: { far: { peer: 'red:eth0' } },
  }
}

const needsVrf = { needs: 'vrf' } as const
const LABEL = { address: '10.1.0.1/24', label: 'eth0:x' }
const CHANGES: Change[] = [
  ['another MAC address', lab({}), lab({ mac: '02:00:00:00:00:02' })],
  [
    'without an address that another link has, too',
    sent([{ address: '10.1.0.1/32' }], ['10.1.0.1/32']),
    sent([], ['10.1.0.1/32']),
  ],
  [
    'another address, from which a route of another table sends',
    sent([{ address: '10.1.0.1/24', metric: 5 }], [], 100),
    sent([{ address: '10.1.0.1/24', metric: 6 }], [], 100),
  ],
  ['down', lab({}), lab({ up: false })],
  ['up', lab({ up: false }), lab({})],
  ['into a VRF', lab({}, { table: 10, port: false }), lab({}, { table: 10, port: true }), needsVrf],
  ['out of a VRF', lab({}, { table: 10, port: true }), lab({}, { table: 10, port: false }), needsVrf],
  ['out of a VRF that goes', lab({}, { table: 10, port: true }), lab({}), needsVrf],
  [
    'into a VRF, with a VLAN that stays up',
    lab({}, { table: 10, port: false, loose: true }),
    lab({}, { table: 10, port: true, loose: true }),
    needsVrf,
  ],
  ['with another table', lab({}, { table: 10, port: true }), lab({}, { table: 11, port: true }), needsVrf],
  [
    'without the first address of a network',
    addressed('10.1.0.1/24', '10.1.0.2/24', '10.2.0.1/24', '10.1.0.3/24'),
    addressed('10.1.0.2/24', '10.1.0.3/24', '10.2.0.1/24'),
  ],
  [
    'without the first address of the only network',
    addressed('10.1.0.1/24', '10.1.0.2/24'),
    addressed('10.1.0.2/24'),
  ],
  [
    'the first address of a network with a label',
    addressed('10.1.0.1/24', '10.1.0.2/24'),
    addressed('10.1.0.2/24', LABEL),
  ],
  [
    'the address that an IPv6 route sends from with a metric',
    addressed('10.1.0.1/24', '10.1.0.2/24', SOURCE),
    addressed('10.1.0.1/24', '10.1.0.2/24', { ...SOURCE, metric: 7 }),
  ],
  ['without a later address of a network', addressed('10.1.0.2/24', '10.1.0.1/24'), addressed('10.1.0.2/24')],
  ...(['bond', 'team'] as const).flatMap((kind): Change[] => [
    [`into a ${kind}`, joined(kind, false), joined(kind, true), { needs: kind }],
    [`out of a ${kind}`, joined(kind, true), joined(kind, false), { needs: kind }],
  ]),
  ['another kind of one of two links', shared('macvlan'), shared('veth')],
]

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  itChanges(tp, CHANGES)

  it("another's address goes with none of the topology's", async () => {
    const [first, second] = ['10.1.0.1/24', '10.1.0.2/24'].map((address) => ({
      address,
      scope: 'site' as const,
    }))
    await tp.createTopology(addressed(first!, second!))
    ip('-n red address add 10.1.0.3/24 dev eth0 broadcast 10.1.0.99 label eth0:x scope site metric 7')
    ip('-n red address add 10.1.0.4/24 dev eth0 valid_lft 900 preferred_lft 500 scope site noprefixroute')
    ip('-n red address add 10.1.0.5/24 dev eth0 preferred_lft 0 scope site')
    const others = shownAddresses('10.1.0.3', '10.1.0.4', '10.1.0.5')
    await tp.applyTopology(addressed(second!))
    expect(shownAddresses('10.1.0.3', '10.1.0.4', '10.1.0.5')).toEqual(others)
    expect(shownAddresses('10.1.0.2')).toMatchObject([{ scope: 'site' }])
    expect((await tp.planTopology(addressed(second!))).explain()).toEqual([])
    await tp.deleteTopology('fall')
  })

  it('an address that is valid for a time keeps the routes', async () => {
    const value = (...addresses: string[]): Topology => ({
      name: 'fall',
      namespaces: { red: { links: { eth0: { addresses } }, routes: [{ to: '10.6.0.0/24', dev: 'eth0' }] } },
      links: { far: { peer: 'red:eth0' } },
    })
    await tp.createTopology(value('10.1.0.1/24'))
    ip('-n red address add 10.9.0.1/24 dev eth0 valid_lft 900 preferred_lft 900')
    const plan = await tp.applyTopology(value())
    expect(plan.explain()).toEqual(['ip -n red address delete 10.1.0.1/24 dev eth0'])
    expect(shown()).toMatchObject({
      addresses: ['eth0 10.9.0.1'],
      routes: [[expect.stringContaining('10.6.0.0/24')], []],
    })
    await tp.deleteTopology('fall')
  })

  it('an address with another end has a route to that once its link comes up', async () => {
    const value = (up: boolean): Topology => {
      const end: TopologyAddress = { address: 'fd03::1/128', peer: 'fd03::2', flags: ['nodad'] }
      return {
        name: 'fall',
        namespaces: { red: { links: { eth0: { peer: ':far', up, addresses: [end] } } } },
      }
    }
    const route = () => ipJson('-6 route show fd03::2', 'red').map(({ dst, dev }) => [dst, dev])
    await tp.createTopology(value(true))
    expect(route()).toEqual([['fd03::2', 'eth0']])
    for (const up of [false, true]) await tp.applyTopology(value(up))
    expect(route()).toEqual([['fd03::2', 'eth0']])
    await tp.deleteTopology('fall')
    await tp.createTopology(value(false))
    await tp.applyTopology(value(true))
    expect(route()).toEqual([['fd03::2', 'eth0']])
    expect((await tp.planTopology(value(true))).explain()).toEqual([])
    await tp.deleteTopology('fall')
  })

  it('what promotes its addresses loses none', async () => {
    await tp.createTopology(addressed('10.1.0.1/24', '10.1.0.2/24'))
    sysctl('red', 'net.ipv4.conf.eth0.promote_secondaries=1')
    const plan = await tp.applyTopology(addressed('10.1.0.2/24'))
    expect(plan.steps.map(({ call: { call } }) => call)).toEqual(['deleteAddress'])
    expect(shown()).toMatchObject({ addresses: ['eth0 10.1.0.2'] })
    expect((await tp.planTopology(addressed('10.1.0.2/24'))).explain()).toEqual([])
    await tp.deleteTopology('fall')
  })

  it.for(['bond', 'team'] as const)(
    'a port of a new %s that is to be down is down',
    async (kind, context) => {
      context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
      const value = joined(kind, true)
      delete value.namespaces!['red']!.routes
      Object.assign(value.namespaces!['red']!.links!['eth0']!, { up: false })
      await tp.createTopology(value)
      expect(ipJson('link show dev eth0', 'red')[0]!['flags']).not.toContain('UP')
      expect((await tp.planTopology(value)).explain()).toEqual([])
      await tp.deleteTopology('fall')
    },
  )

  it('a change that fails gives back the addresses that it deleted', async () => {
    await tp.createTopology(addressed('10.1.0.1/24', '10.1.0.2/24', '10.2.0.1/24'))
    const { namespaces, ...rest } = addressed('10.1.0.2/24', '10.2.0.1/24')
    const { red } = namespaces as Record<'red', TopologyNamespace>
    ip('-n red neighbour add 10.1.0.8 lladdr 02:00:00:00:00:07 dev eth0')
    red.neighbours!.push({ to: '10.1.0.8', mac: '02:00:00:00:00:09', dev: 'eth0' })
    const before = shown()
    await expect(async () => tp.applyTopology({ ...rest, namespaces: { red } })).rejects.toMatchObject({
      code: 'EEXIST',
      path: 'namespaces.red.neighbours[3]',
    })
    expect(shown()).toEqual(before)
    await tp.deleteTopology('fall')
  })
})
