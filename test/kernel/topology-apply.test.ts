/** What is there as a value, what would have to change, and the change: with as few steps as it takes. */

import { afterEach, describe, expect, it } from 'vitest'
import { leafSpine, line, normalizeTopology, pair, ring, star, type Topology } from '../../src/topology.js'
import { execFileSync } from './programs.js'
import { execIn, ip, ipJson } from './support.js'
import { cleanAll, linkNames, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

const MANY: Topology = {
  name: 'many',
  namespaces: {
    red: {
      loopback: false,
      sysctls: { 'net.ipv4.conf.eth0.forwarding': 1, 'net.ipv4.ip_local_port_range': '2000 3000' },
      links: {
        eth0: {
          addresses: [
            '10.1.0.1/24',
            { address: '10.1.0.2/24', label: 'eth0:x' },
            { address: '10.3.0.1/32', peer: '10.3.0.2' },
            'FD00::1/64',
          ],
          mtu: 1400,
          mac: '02:00:00:00:00:AA',
          arp: false,
          txQueueLength: 77,
          addrGenMode: 'none',
        },
        mv: { kind: 'macvlan', link: 'eth0', mode: 'bridge', up: false },
        lower: { kind: 'macvlan', link: ':outer', mode: 'private' },
        cable: { peer: 'blue:cable' },
      },
      routes: [
        { to: 'default', via: '10.1.0.254', metric: 7 },
        { to: '10.4.0.0/16', dev: 'eth0', src: '10.1.0.2', metrics: { mtu: 1300 } },
        { to: '10.5.0.0/16', type: 'blackhole', table: 100 },
        { to: 'fd01::/64', via: 'fd00::2' },
        { to: '10.6.0.0/16', nexthops: [{ via: '10.1.0.3', weight: 2 }, { via: '10.1.0.4' }] },
      ],
      rules: [
        { from: '10.9.0.0/16', table: 100, priority: 500 },
        { family: 'ipv6', iif: 'eth0', table: 101, priority: 501 },
        { family: 'ipv4', dport: 80, ipProtocol: 'tcp', table: 100, priority: 502 },
      ],
      neighbours: [
        { to: '10.1.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' },
        { to: '10.1.0.10', proxy: true, dev: 'eth0' },
      ],
    },
    blue: { links: { eth0: { addresses: ['10.1.0.5/24'] } } },
  },
  bridges: {
    br0: {
      ports: ['red:eth0', 'blue:eth0', 'tap7'],
      stp: true,
      forwardDelay: 4,
      addresses: ['10.1.0.254/24'],
    },
  },
  links: {
    outer: { peer: 'inner', addresses: ['10.8.0.1/30'] },
    inner: { mtu: 1200 },
    tap7: { peer: 'tap8' },
  },
}

const SHAPES: [string, Topology][] = [
  ['everything', MANY],
  ['a pair', pair()],
  ['a star', star(4)],
  ['a line', line(4)],
  ['a ring', ring(4)],
  ['leaves and spines', leafSpine({ spines: 2, leaves: 2 })],
  // One end of the pair between them is named by the other alone.
  [
    'two bridges of a namespace, joined',
    {
      namespaces: {
        sw: { bridges: { b1: { ports: ['u'] }, b2: { ports: ['d'] } }, links: { u: { peer: 'd' } } },
      },
    },
  ],
]

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it.each(SHAPES)('%s: what was made is read as it was written, and its plan is empty', async (_, value) => {
    await tp.createTopology(value)
    expect(await tp.readTopology(value)).toEqual(normalizeTopology(value))
    expect((await tp.planTopology(value)).explain()).toEqual([])
    await tp.deleteTopology(value)
  })

  it.each(SHAPES.slice(1))('%s: all that there is, as a value, makes the same again', async (_, value) => {
    await tp.createTopology(value)
    const everything = { name: 'copy', ...(await tp.readTopology()) }
    await tp.deleteTopology(value)
    await tp.createTopology(everything)
    expect({ name: 'copy', ...(await tp.readTopology()) }).toEqual(everything)
    await tp.deleteTopology('copy')
    expect(linkNames()).toEqual(['lo'])
  })

  it.each(SHAPES)('%s: the commands that explain() tells make the same', async (_, value) => {
    const commands = (await tp.planTopology(value)).explain()
    execFileSync('sh', ['-e'], { input: commands.join('\n') })
    expect(await tp.readTopology(value)).toEqual(normalizeTopology(value))
    expect((await tp.planTopology(value)).explain()).toEqual([])
  })

  it('of two ends in one network the first of the value is the first way to it, also where a person types it', async () => {
    const value: Topology = {
      links: { l1: { peer: 'l2', addresses: ['10.1.0.1/24'] }, l2: { addresses: ['10.1.0.2/24'] } },
    }
    const ways = () => ipJson('route show 10.1.0.0/24').map(({ dev }) => dev)
    const commands = (await tp.planTopology(value)).explain()
    await tp.createTopology(value)
    expect(ways()).toEqual(['l1', 'l2'])
    await tp.deleteTopology(value)
    execFileSync('sh', ['-e'], { input: commands.join('\n') })
    expect(ways()).toEqual(['l1', 'l2'])
  })

  it('a second apply does nothing', async () => {
    expect((await tp.applyTopology(MANY)).steps).toHaveLength(19)
    const state = await tp.readTopology()
    expect((await tp.applyTopology(MANY)).explain()).toEqual([])
    expect(await tp.readTopology()).toEqual(state)
    await tp.deleteTopology('many')
  })

  const LAB = star(2, { name: 's', network: '10.0.0.0/24' })
  it.each<[string, (lab: Topology) => void, string[]]>([
    [
      'an MTU',
      (lab) => {
        lab.namespaces!['s-1']!.links!['eth0']!.mtu = 1300
      },
      ['ip link set dev veth-s-1-eth0 mtu 1300', 'ip -n s-1 link set dev eth0 mtu 1300'],
    ],
    [
      'a link set down',
      (lab) => {
        lab.bridges!['s-br']!.up = false
      },
      ['ip link set dev s-br down'],
    ],
    [
      'another address',
      (lab) => {
        lab.namespaces!['s-2']!.links!['eth0']!.addresses = ['10.0.0.77/24']
      },
      [
        'ip -n s-2 address delete 10.0.0.3/24 dev eth0',
        'ip -n s-2 address add 10.0.0.77/24 dev eth0',
        'ip -n s-2 route add default via 10.0.0.1',
      ],
    ],
    [
      'flags of an address',
      (lab) => {
        lab.namespaces!['s-2']!.links!['eth0']!.addresses = [
          { address: '10.0.0.3/24', flags: ['noprefixroute'] },
        ]
        lab.namespaces!['s-2']!.routes!.unshift({ to: '10.0.0.0/24', dev: 'eth0' })
      },
      [
        'ip -n s-2 address delete 10.0.0.3/24 dev eth0',
        'ip -n s-2 address add 10.0.0.3/24 noprefixroute dev eth0',
        'ip -n s-2 route add 10.0.0.0/24 dev eth0',
        'ip -n s-2 route add default via 10.0.0.1',
      ],
    ],
    [
      'a route more',
      (lab) => {
        lab.namespaces!['s-1']!.routes!.push({ to: '10.9.0.0/16', via: '10.0.0.3' })
      },
      ['ip -n s-1 route add 10.9.0.0/16 via 10.0.0.3'],
    ],
    [
      'a route less',
      (lab) => {
        delete lab.namespaces!['s-1']!.routes
      },
      ['ip -n s-1 route delete default via 10.0.0.1'],
    ],
    [
      'a parameter',
      (lab) => {
        lab.namespaces!['s-1']!.sysctls = { 'net.ipv4.ip_forward': 1 }
      },
      ['ip netns exec s-1 sysctl -w net.ipv4.ip_forward=1'],
    ],
    [
      'a rule',
      (lab) => {
        lab.namespaces!['s-1']!.rules = [{ from: '10.0.0.0/24', table: 9, priority: 9 }]
      },
      ['ip -n s-1 rule add priority 9 from 10.0.0.0/24 lookup 9'],
    ],
    [
      'a namespace more',
      (lab) => {
        lab.namespaces!['s-3'] = { links: { eth0: { addresses: ['10.0.0.9/24'] } } }
        lab.bridges!['s-br']!.ports!.push('s-3:eth0')
      },
      [
        'ip netns add s-3',
        'ip -n s-3 link set dev lo up',
        'ip link add name veth-s-3-eth0 type veth peer name eth0 netns s-3',
        'ip link set dev veth-s-3-eth0 master s-br',
        'ip link set dev veth-s-3-eth0 up',
        'ip -n s-3 link set dev eth0 up',
        'ip -n s-3 address add 10.0.0.9/24 dev eth0',
      ],
    ],
    [
      'a namespace less',
      (lab) => {
        delete lab.namespaces!['s-2']
        lab.bridges!['s-br']!.ports = ['s-1:eth0']
      },
      ['ip link delete dev veth-s-2-eth0', 'ip netns delete s-2'],
    ],
    [
      'a bridge option',
      (lab) => {
        lab.bridges!['s-br']!.stp = true
      },
      ['ip link set dev s-br type bridge stp_state 1'],
    ],
    [
      'a port that is none any more',
      (lab) => {
        lab.bridges!['s-br']!.ports = ['s-1:eth0']
        lab.links = { 'veth-s-2-eth0': { peer: 's-2:eth0' } }
      },
      ['ip link set dev veth-s-2-eth0 nomaster'],
    ],
  ])('%s: what changes, and nothing else', async (_, change, expected) => {
    await tp.createTopology(LAB)
    const lab = structuredClone(LAB)
    change(lab)
    const before = await tp.readTopology()
    expect((await tp.planTopology(lab)).explain()).toEqual(expected)
    expect(await tp.readTopology()).toEqual(before)
    expect((await tp.applyTopology(lab)).explain()).toEqual(expected)
    expect(await tp.readTopology(lab)).toEqual(normalizeTopology(lab))
    expect((await tp.planTopology(lab)).explain()).toEqual([])
    // And back again.
    await tp.applyTopology(LAB)
    expect(await tp.readTopology(LAB)).toEqual(normalizeTopology(LAB))
    await tp.deleteTopology('s')
    expect(linkNames()).toEqual(['lo'])
  })

  it('what others took away is made again, what they added stays', async () => {
    await tp.createTopology(LAB)
    ip('netns delete s-1')
    ip('-n s-2 route delete default')
    ip('-n s-2 address add 172.16.0.1/24 dev eth0')
    ip('-n s-2 link add mine type bridge')
    ip('link add other type bridge')
    ip('address add 172.17.0.1/24 dev s-br')
    await tp.applyTopology(LAB)
    expect((await tp.planTopology(LAB)).explain()).toEqual([])
    expect(ipJson('address show dev eth0', 's-2')[0]!['addr_info']).toEqual(
      expect.arrayContaining([expect.objectContaining({ local: '172.16.0.1' })]),
    )
    expect(linkNames('s-2')).toContain('mine')
    expect(linkNames()).toContain('other')
    const now = await tp.readTopology(LAB)
    expect(now.namespaces!['s-2']).toMatchObject({
      bridges: { mine: {} },
      links: { eth0: { addresses: ['10.0.0.3/24', '172.16.0.1/24'] } },
    })
    await tp.deleteTopology('s')
    expect(linkNames()).toEqual(['lo', 'other'])
  })

  it('a neighbour takes the place of what the kernel has learned, and of nobody else’s', async () => {
    await tp.createTopology(LAB)
    execIn('s-1', 'ping', '-c1', '-W2', '10.0.0.3')
    expect(ipJson('neighbour show to 10.0.0.3', 's-1')).toHaveLength(1)
    const lab = structuredClone(LAB)
    lab.namespaces!['s-1']!.neighbours = [{ to: '10.0.0.3', mac: '02:00:00:00:00:03', dev: 'eth0' }]
    await tp.applyTopology(lab)
    expect(ipJson('neighbour show to 10.0.0.3', 's-1')).toMatchObject([
      { lladdr: '02:00:00:00:00:03', state: ['PERMANENT'] },
    ])
    await tp.applyTopology(LAB)
    expect(ipJson('neighbour show to 10.0.0.3', 's-1')).toEqual([])
    ip('-n s-1 neighbour add 10.0.0.3 lladdr 02:00:00:00:00:77 dev eth0')
    await expect((async () => tp.applyTopology(lab))()).rejects.toMatchObject({
      code: 'EEXIST',
      path: 'namespaces.s-1.neighbours[0]',
    })
    expect(ipJson('neighbour show to 10.0.0.3', 's-1')).toMatchObject([{ lladdr: '02:00:00:00:00:77' }])
    await tp.deleteTopology('s')
  })

  it('a change that fails is taken back', async () => {
    await tp.createTopology(LAB)
    const before = await tp.readTopology()
    const lab = structuredClone(LAB)
    lab.namespaces!['s-1']!.links!['eth0']!.mtu = 1300
    lab.bridges!['new'] = {}
    delete lab.namespaces!['s-1']!.routes
    lab.namespaces!['s-9'] = { links: { v: { kind: 'macvlan', link: ':nowhere' } } }
    await expect((async () => tp.applyTopology(lab))()).rejects.toMatchObject({
      path: 'namespaces.s-9.links.v',
      left: [],
    })
    expect(await tp.readTopology()).toEqual(before)
    expect((await tp.planTopology(LAB)).explain()).toEqual([])
  })
})
