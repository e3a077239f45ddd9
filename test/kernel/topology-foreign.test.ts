/** What is somebody else's: a topology neither takes it for its own, nor away with it, nor changes it for good. */

import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  planTopology,
  recoverTopologies,
  type Topology,
  type TopologyPlace,
} from '../../src/topology.js'
import { PATIENCE } from './patience.js'
import { restoreHost } from './restore.js'
import { execIn, ip, ipJson, type Printed, withoutDadHere } from './support.js'
import { cleanAll, linkNames, settled, stateOfAll } from './topology-support.js'

beforeEach(withoutDadHere)
afterEach(() => {
  cleanAll()
  restoreHost()
  for (const { table, priority } of ipJson('rule')) if (table === '77') ip(`rule delete priority ${priority}`)
})

/** A topology that has a record; `red` gets what follows, and the process's own namespace too. */
const lab = (red: TopologyPlace = {}, host: TopologyPlace = {}): Topology => ({
  name: 'lab',
  ...host,
  namespaces: {
    red: {
      bridges: { eth0: { addresses: ['10.0.0.1/24', '10.0.0.7/24', 'fd00::1/64'] } },
      ...red,
      // What is there is compared once no address is tentative, which takes some two seconds otherwise.
      sysctls: { 'net.ipv6.conf.default.accept_dad': 0, ...red.sysctls },
    },
  },
  bridges: { br0: { addresses: ['10.70.0.1/24'] }, ...host.bridges },
})

/** The same with a last step that fails. */
const failing = (value: Topology): Topology => ({
  ...value,
  namespaces: { ...value.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
})

const addresses = (dev: string, netns?: string) =>
  ipJson(`address show dev ${dev}`, netns)
    .flatMap(({ addr_info }) => addr_info as Printed[])
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen, label }) => `${local}/${prefixlen} ${label ?? ''}`.trim())

describe('a name that is taken is refused, and nothing is changed:', () => {
  it.each<[string, string[], Topology, string]>([
    [
      'a namespace',
      ['netns add green', '-n green link add precious type bridge'],
      { ...lab(), namespaces: { ...lab().namespaces, green: {} } },
      'namespaces.green',
    ],
    [
      'an interface',
      ['link add br1 type bridge', 'address add 10.77.0.1/24 dev br1'],
      lab({}, { bridges: { br1: {} } }),
      'bridges.br1',
    ],
    [
      'an interface of another kind',
      ['link add x0 type vxlan id 7 dstport 4789'],
      lab({}, { bridges: { x0: {} } }),
      'bridges.x0',
    ],
    [
      'an interface of another kind in a namespace of the topology',
      ['-n red link add x0 type vxlan id 7 dstport 4789'],
      lab({ bridges: { ...lab().namespaces!['red']!.bridges, x0: {} } }),
      'namespaces.red.bridges.x0',
    ],
    [
      'a route',
      ['route add 10.9.0.0/24 via 10.70.0.2'],
      lab({}, { routes: [{ to: '10.9.0.0/24', via: '10.70.0.2' }] }),
      'routes[0]',
    ],
    [
      'a rule',
      ['rule add from 10.9.0.0/24 lookup 77'],
      lab({}, { rules: [{ from: '10.9.0.0/24', table: 77 }] }),
      'rules[0]',
    ],
    [
      'a neighbour',
      ['neighbour add 10.70.0.9 lladdr 02:00:00:00:00:09 dev br0'],
      lab({}, { neighbours: [{ to: '10.70.0.9', mac: '02:00:00:00:00:09', dev: 'br0' }] }),
      'neighbours[0]',
    ],
  ])('%s', async (_, commands, value, path) => {
    await createTopology(lab())
    for (const command of commands) ip(command)
    await settled()
    const before = stateOfAll()
    await expect(applyTopology(value)).rejects.toMatchObject({ code: 'EEXIST', path, left: [] })
    expect(stateOfAll()).toEqual(before)
    expect((await planTopology(lab())).explain()).toEqual([])
    // Without a record, too.
    const { namespaces: _red, ...rest } = value
    if (path.includes('red')) return
    const other = { ...rest, name: 'other', ...(path.includes('green') ? { namespaces: { green: {} } } : {}) }
    delete (other.bridges as Record<string, unknown>)['br0']
    await expect(applyTopology(other)).rejects.toMatchObject({ code: 'EEXIST', path, left: [] })
    expect(stateOfAll()).toEqual(before)
  })
})

it('what somebody made in the place of what was the topology’s stays', async () => {
  const whole = lab({}, { bridges: { br1: {} } })
  Object.assign(whole.namespaces!, { green: {} })
  await createTopology(whole)
  await applyTopology(lab())
  await applyTopology(whole)
  for (const command of [
    ...['netns delete green', 'netns add green', '-n green link add precious type bridge'],
    ...['link delete br1', 'link add br1 type bridge'],
  ])
    ip(command)
  await settled()
  const before = stateOfAll()
  const one = lab({}, { bridges: { br1: {} } })
  await expect(applyTopology(whole)).rejects.toMatchObject({ code: 'EEXIST', path: 'namespaces.green' })
  await expect(applyTopology(one)).rejects.toMatchObject({ code: 'EEXIST', path: 'bridges.br1' })
  expect((await applyTopology(lab())).explain()).toEqual([])
  expect(stateOfAll()).toEqual(before)
  await deleteTopology('lab')
  expect([linkNames(), linkNames('green')]).toEqual([
    ['lo', 'br1'],
    ['lo', 'precious'],
  ])
})

/** What `applyTopology(value)` does where its last step fails: nothing. */
async function failsWhole(value: Topology): Promise<void> {
  await settled()
  const before = stateOfAll()
  await expect(applyTopology(failing(value))).rejects.toMatchObject({
    path: 'namespaces.zz.links.v',
    left: [],
  })
  expect(stateOfAll()).toEqual(before)
}

describe('a change that fails takes back its own alone:', () => {
  it('what others added and the new value has, too, stays', async () => {
    await createTopology(lab())
    ip('address add 10.71.0.1/24 dev br0')
    ip('-n red link add mine type bridge')
    ip('-n red route add 10.9.0.0/24 via 10.0.0.2')
    ip('-n red rule add from 10.1.0.0/16 lookup 100')
    ip('-n red neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0')
    const red: TopologyPlace = {
      bridges: { ...lab().namespaces!['red']!.bridges, mine: { up: false, addresses: ['10.72.0.1/24'] } },
      routes: [
        { to: '10.9.0.0/24', via: '10.0.0.2' },
        { to: '10.10.0.0/24', via: '10.0.0.2' },
      ],
      rules: [
        { from: '10.1.0.0/16', table: 100 },
        { from: '10.2.0.0/16', table: 100 },
      ],
      neighbours: [
        { to: '10.0.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' },
        { to: '10.0.0.10', mac: '02:00:00:00:00:10', dev: 'eth0' },
      ],
    }
    const next = lab(red, {
      bridges: { br0: { addresses: ['10.70.0.1/24', '10.71.0.1/24', '10.73.0.1/24'] } },
    })
    await failsWhole(next)
    // And where it succeeds, it goes with what it is in.
    await applyTopology(next)
    expect((await planTopology(next)).explain()).toEqual([])
    await deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
  })

  it('an address of somebody that was replaced is back as it was', async () => {
    await createTopology(lab())
    ip('address add 10.71.0.1/24 dev br0 label br0:them')
    await failsWhole(
      lab(
        {},
        { bridges: { br0: { addresses: ['10.70.0.1/24', { address: '10.71.0.1/24', label: 'br0:us' }] } } },
      ),
    )
    expect(addresses('br0')).toContain('10.71.0.1/24 br0:them')
  })

  it('by a recovery, too: nothing goes that no line tells of', async () => {
    await createTopology(lab())
    ip('netns add green')
    ip('link add br1 type bridge')
    for (const number of [1, 2]) ip(`address add 10.71.0.${number}/24 dev br0`)
    const change = lab({}, { bridges: { br0: { addresses: ['10.71.0.1/24', '10.71.0.2/24'] }, br1: {} } })
    Object.assign(change.namespaces!, { green: {} })
    const undo = { call: 'deleteAddress', netns: '', dev: 'br0', address: { address: '10.71.0.2/24' } }
    const lines = [{ make: change }, { step: 'bridges.br0', undo }].map((line) => JSON.stringify(line))
    appendFileSync('/run/netlink-ts/lab.json', `${lines.join('\n')}\n`)
    expect(await recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(addresses('br0')).toEqual(['10.70.0.1/24 br0', '10.71.0.1/24 br0'])
    expect([linkNames(), readdirSync('/run/netns').sort()]).toEqual([
      ['lo', 'br0', 'br1'],
      ['green', 'red'],
    ])
  })
})

it('a change that fails for what others took away before it leaves nothing half-made: another value can be applied', async () => {
  const value = lab({
    routes: [{ to: '10.9.0.0/24', via: '10.0.0.2' }],
    neighbours: [{ to: '10.0.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' }],
  })
  await createTopology(value)
  // With those that the kernel has made, without which the gateway cannot be reached.
  ip('-n red route flush table main')
  ip('-n red neighbour delete 10.0.0.9 dev eth0')
  await settled()
  const before = stateOfAll()
  const refused = { code: 'ENETUNREACH', path: 'namespaces.red.routes[0]', left: [] }
  await expect(applyTopology(value)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('or the route of that network is gone'),
  })
  expect(stateOfAll()).toEqual(before)
  expect(await recoverTopologies()).toEqual([])
  await applyTopology(lab())
  expect((await planTopology(lab())).explain()).toEqual([])
  await deleteTopology('lab')
  expect(linkNames()).toEqual(['lo'])
})

it('an IPv6 route of somebody to the same destination, of a lower metric, stays', async () => {
  const route = { to: 'fd09::/64', type: 'blackhole' } as const
  ip('-6 route add blackhole fd09::/64 metric 100')
  try {
    const left = () => ipJson('-6 route show fd09::/64').map(({ metric }) => metric)
    await createTopology(lab({}, { routes: [route] }))
    expect(left()).toEqual([100, 1024])
    await applyTopology(lab())
    expect(left()).toEqual([100])
    await failsWhole(lab({}, { routes: [route] }))
    await applyTopology(lab({}, { routes: [route] }))
    await deleteTopology('lab')
    expect(left()).toEqual([100])
  } finally {
    ip('-6 route flush root fd09::/64')
  }
})

describe('going back leaves alone what is somebody else’s by now:', () => {
  const old = lab(
    {},
    {
      bridges: { br1: { addresses: ['10.71.0.1/24'], ports: ['green:eth0'] }, br2: {} },
      links: { m1: { kind: 'macvlan', link: 'br1' } },
      routes: [{ to: '10.99.0.0/24', via: '10.71.0.2' }],
      sysctls: { 'net.ipv4.conf.br1.rp_filter': 2 },
    },
  )
  Object.assign(old.namespaces!, { green: {} })

  async function takenOver(): Promise<void> {
    await createTopology(old)
    for (const command of [
      ...['link delete br1', 'link add br1 type vxlan id 7 dstport 4789', 'link set br1 up'],
      ...['netns delete green', 'netns add green', '-n green link add precious type bridge'],
    ])
      ip(command)
    await expect.poll(linkNames, { timeout: 10_000 * PATIENCE }).toEqual(['lo', 'br0', 'br2', 'br1'])
    await settled()
  }
  const theirs = () => [
    ipJson('-d link show dev br1'),
    ipJson('-d link', 'green'),
    ipJson('address show dev br1'),
    readFileSync('/proc/sys/net/ipv4/conf/br1/rp_filter', 'utf8'),
  ]

  it('a change that fails', async () => {
    await takenOver()
    await failsWhole(lab({}, { bridges: { br2: {} } }))
    const before = theirs()
    await expect(applyTopology(failing(lab()))).rejects.toMatchObject({ code: 'ENODEV', left: [] })
    expect(theirs()).toEqual(before)
    expect(linkNames()).toEqual(['lo', 'br0', 'br1', 'br2'])
    await deleteTopology('lab')
    expect([linkNames(), linkNames('green')]).toEqual([
      ['lo', 'br1'],
      ['lo', 'precious'],
    ])
  })

  it('a recovery', async () => {
    await takenOver()
    const before = theirs()
    const lines = [{ make: lab() }, { step: 'bridges.br2', undo: null }].map((line) => JSON.stringify(line))
    appendFileSync('/run/netlink-ts/lab.json', `${lines.join('\n')}\n`)
    ip('link delete br2')
    expect(await recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(theirs()).toEqual(before)
    expect(linkNames()).toEqual(['lo', 'br0', 'br1', 'br2'])
  })
})

it.each(['a deletion', 'a recovery'])(
  '%s writes no parameters of a namespace of somebody else',
  async (what) => {
    const ttl = (...value: string[]) =>
      execIn('red', 'sysctl', '-n', `net.ipv4.ip_default_ttl${value.join('')}`)
    await createTopology(lab())
    if (what === 'a deletion') await applyTopology(lab({ sysctls: { 'net.ipv4.ip_default_ttl': '70' } }))
    else {
      const undo = { call: 'setSysctl', netns: 'red', key: 'net.ipv4.ip_default_ttl', value: '64' }
      const lines = [{ make: lab() }, { step: 'red', undo }].map((line) => JSON.stringify(line))
      appendFileSync('/run/netlink-ts/lab.json', `${lines.join('\n')}\n`)
    }
    ip('netns delete red')
    ip('netns add red')
    ttl('=80')
    if (what === 'a deletion') await deleteTopology('lab')
    else expect(await recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect([ttl(), linkNames('red')]).toEqual(['80\n', ['lo']])
  },
)

describe('an entry that is said in other words', () => {
  it('stays what it is', async () => {
    await createTopology(
      lab({
        routes: [
          { to: '10.9.0.0/24', via: '10.0.0.2' },
          { to: 'fd09::/64', via: 'fd00::2' },
        ],
        rules: [{ from: '10.1.0.0/16', table: 100 }],
        neighbours: [{ to: '10.0.0.9', dev: 'eth0', mac: '02:00:00:00:00:09' }],
      }),
    )
    await settled()
    const before = stateOfAll()
    const [rule] = ipJson('rule', 'red').filter(({ table }) => table === '100')
    const next = lab({
      routes: [
        { to: '10.9.0.0/24', via: '10.0.0.2', dev: 'eth0' },
        { to: 'fd09::/64', via: 'fd00::2', metric: 1024 },
      ],
      rules: [{ from: '10.1.0.0/16', table: 100, priority: rule!['priority'] as number }],
      neighbours: [{ to: '10.0.0.9', dev: 'eth0', mac: '02:00:00:00:00:09', state: 'permanent' }],
    })
    expect((await applyTopology(next)).explain()).toEqual([])
    expect(stateOfAll()).toEqual(before)
    await applyTopology(lab())
    const left = [
      ...ipJson('route show 10.9.0.0/24', 'red'),
      ...ipJson('-6 route show fd09::/64', 'red'),
      ...ipJson('rule show table 100', 'red'),
      ...ipJson('neighbour show nud permanent', 'red'),
    ]
    expect(left).toEqual([])
  })

  const ROUTE = { to: '10.9.0.0/24', via: '10.0.0.2', src: '10.0.0.1', metrics: { mtu: 1300 } }
  it.each<[string, NonNullable<TopologyPlace['routes']>[number], Printed]>([
    ['src', { ...ROUTE, src: '10.0.0.7' }, { prefsrc: '10.0.0.7' }],
    ['metrics', { ...ROUTE, metrics: { mtu: 1400 } }, { metrics: [{ mtu: 1400 }] }],
    ['protocol', { ...ROUTE, protocol: 'static' }, { protocol: 'static' }],
    ['onlink', { ...ROUTE, dev: 'eth0', onlink: true }, { flags: expect.arrayContaining(['onlink']) }],
    ['scope', { to: '10.9.0.0/24', dev: 'eth0', scope: 'host' }, { scope: 'host' }],
    ['preference', { to: 'fd09::/64', via: 'fd00::2', preference: 'high' }, { pref: 'high' }],
  ])('of a route is another: %s', async (field, wanted, expected) => {
    const { [field as 'src']: _, ...rest } = wanted
    const old = field in ROUTE ? ROUTE : rest
    const first = lab({ routes: [old] })
    await createTopology(first)
    const shown = () =>
      ipJson(`${wanted.to.includes(':') ? '-6 ' : ''}route show ${wanted.to}`, 'red').map((route) => ({
        ...route,
        flags: (route['flags'] as string[]).filter((flag) => flag !== 'linkdown'),
      }))
    const before = shown()
    expect(before).toHaveLength(1)
    await failsWhole(lab({ routes: [wanted] }))
    const next = lab({ routes: [wanted] })
    await applyTopology(next)
    expect(shown()).toMatchObject([expected])
    expect(shown()).not.toEqual(before)
    expect((await planTopology(next)).explain()).toEqual([])
  })
})
