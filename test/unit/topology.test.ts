/** A topology's checks, the steps that make it and the shapes: all without a kernel. */

import { describe, expect, it } from 'vitest'
import { build } from '../../src/topology/build.js'
import { explainCall } from '../../src/topology/explain.js'
import { parseTopology } from '../../src/topology/parse.js'
import { leafSpine, line, pair, ring, star } from '../../src/topology/shapes.js'
import type { Topology } from '../../src/topology/value.js'

const commands = (topology: Topology) =>
  build(parseTopology(topology)).flatMap(({ call }) => explainCall(call))

const LAB: Topology = {
  namespaces: {
    red: {
      sysctls: { 'net.ipv4.conf.eth0.forwarding': 1, 'net.ipv6.conf.default.accept_dad': 0 },
      links: { eth0: { addresses: ['192.168.15.1/24'], mtu: 1400 } },
      routes: [{ to: 'default', via: '192.168.15.5' }],
      neighbours: [{ to: '192.168.15.9', mac: '02:00:00:00:00:09', dev: 'eth0' }],
    },
    blue: {
      loopback: false,
      links: {
        eth0: { addresses: ['192.168.15.2/24'] },
        'eth0.5': { kind: 'vlan', link: 'eth0', id: 5, up: false },
      },
      rules: [{ from: '10.0.0.0/8', table: 100 }],
    },
  },
  bridges: { 'v-net-0': { addresses: ['192.168.15.5/24'], ports: ['red:eth0', 'blue:eth0'] } },
}

describe('the steps of a topology', () => {
  it('are in an order in which each finds what it needs, with routes and ports in the request of their link', () => {
    expect(commands(LAB)).toEqual([
      'ip link add name v-net-0 type bridge',
      'ip link set dev v-net-0 up',
      'ip address add 192.168.15.5/24 dev v-net-0',
      'ip netns add red',
      'ip -n red link set dev lo up',
      'ip netns exec red sysctl -w net.ipv6.conf.default.accept_dad=0',
      'ip link add name veth-red-eth0 mtu 1400 type veth peer name eth0 mtu 1400 netns red',
      'ip link set dev veth-red-eth0 master v-net-0',
      'ip link set dev veth-red-eth0 up',
      'ip -n red link set dev eth0 up',
      'ip -n red address add 192.168.15.1/24 dev eth0',
      'ip -n red route add default via 192.168.15.5 dev eth0',
      'ip netns exec red sysctl -w net.ipv4.conf.eth0.forwarding=1',
      'ip -n red neighbour replace 192.168.15.9 lladdr 02:00:00:00:00:09 dev eth0',
      'ip netns add blue',
      'ip link add name veth-blue-eth0 type veth peer name eth0 netns blue',
      'ip link set dev veth-blue-eth0 master v-net-0',
      'ip link set dev veth-blue-eth0 up',
      'ip -n blue link set dev eth0 up',
      'ip -n blue address add 192.168.15.2/24 dev eth0',
      'ip -n blue link add link eth0 name eth0.5 type vlan id 5',
      'ip -n blue rule add from 10.0.0.0/8 lookup 100',
    ])
  })

  it('name by number what ip has numbers for', () => {
    const bridges = { br0: { mcastRouter: 'permanent', mcastSnooping: false } } as const
    expect(commands({ bridges })).toContain(
      'ip link add name br0 type bridge mcast_router 2 mcast_snooping 0',
    )
  })

  it('of a star are a bridge and two for each namespace: the sequence of an attach', () => {
    const steps = build(parseTopology(star(100)))
    expect(steps).toHaveLength(201)
    const [, netns, veth] = steps
    expect(netns!.call).toMatchObject({ call: 'createNetns', netns: 'star-1', loopback: true })
    expect(veth!.call).toMatchObject({
      call: 'createVethPair',
      near: { netns: '', master: 'star-br', options: { up: true } },
      far: {
        netns: 'star-1',
        addresses: [{ address: '10.0.0.2/16' }],
        routes: [{ to: 'default', via: '10.0.0.1' }],
      },
    })
  })

  it('are taken back by their opposites, in namespaces of their own by the end of the namespace', () => {
    const undone = build(parseTopology(LAB)).map(({ path, undo }) => [path, undo?.call ?? null])
    expect(undone).toEqual([
      ['bridges.v-net-0', 'deleteLink'],
      ['namespaces.red', 'deleteNetns'],
      ['namespaces.red.sysctls.net.ipv6.conf.default.accept_dad', null],
      ['namespaces.red.links.eth0', 'deleteLink'],
      ['namespaces.red.sysctls.net.ipv4.conf.eth0.forwarding', null],
      ['namespaces.red.neighbours[0]', null],
      ['namespaces.blue', 'deleteNetns'],
      ['namespaces.blue.links.eth0', 'deleteLink'],
      ['namespaces.blue.links.eth0.5', null],
      ['namespaces.blue.rules[0]', null],
    ])
  })

  it('make a pair where its near end lives, and what a link stands on before it', () => {
    const value: Topology = {
      namespaces: {
        a: {
          links: {
            bond0: { kind: 'bond' },
            'x.7': { kind: 'vlan', link: 'x', id: 7 },
            x: { kind: 'dummy', master: 'bond0' },
          },
        },
        b: { links: { up: { peer: ':down' }, mv: { kind: 'macvlan', link: ':eth7' } } },
      },
    }
    expect(commands(value).filter((command) => command.includes(' link add '))).toEqual([
      'ip link add name down type veth peer name up netns b',
      'ip -n a link add name bond0 type bond',
      'ip -n a link add name x type dummy',
      'ip -n a link add link x name x.7 type vlan id 7',
      'ip link add link eth7 name mv netns b type macvlan',
    ])
  })
})

describe('shapes', () => {
  it.each<[string, Topology, number]>([
    ['pair', pair(), 3],
    ['star', star(3), 7],
    ['line', line(4, { name: 'l' }), 4 * 2 + 3],
    ['ring', ring(5), 5 * 2 + 5],
    ['leafSpine', leafSpine({ spines: 2, leaves: 3, hosts: 2 }), 2 * 2 + 3 * 4 + 6 + 6 + 6],
  ])('%s is a topology that stands its own check', (_, topology, steps) => {
    const made = build(parseTopology(topology))
    expect(made.filter(({ call }) => call.call !== 'addRoute')).toHaveLength(steps)
  })

  it('a star has all addresses of its network but that for broadcasts', () => {
    const { links } = star(253, { network: '10.1.0.0/24' }).namespaces!['star-253']!
    expect(links!['eth0']!.addresses).toEqual(['10.1.0.254/24'])
  })

  it('a ring takes the shorter way', () => {
    const { routes } = ring(5).namespaces!['ring-1']!
    expect(routes).toEqual([
      { to: '10.0.0.4/30', via: '10.0.0.2' },
      { to: '10.0.0.8/30', via: '10.0.0.2' },
      { to: '10.0.0.12/30', via: '10.0.0.17' },
    ])
  })

  it.each([
    [() => star(0), 'count: 0 is not a number from 1'],
    [() => star(6, { network: '10.0.0.0/29' }), "network: '10.0.0.0/29' has no room"],
    [() => star(254, { network: '10.1.0.0/24' }), "network: '10.1.0.0/24' has no room"],
    [() => star(9, { network: '10.0.0.1/24' }), 'has bits after'],
    [() => ring(2), 'count: 2 is not a number from 3'],
    [() => line(2, { nme: 'x' } as object), "line: unknown option 'nme'"],
    [() => pair({ network: 'fd00::/64' }), "'fd00::/64' is not an IPv4 network"],
  ])('%s: %s', (make, message) => expect(make).toThrow(message))
})

it('names of ports fit into 15 bytes and differ', () => {
  const namespaces = Object.fromEntries(['container-1', 'container-2'].map((name) => [name, {}]))
  const ports = Object.keys(namespaces).map((name) => `${name}:eth0`)
  const network = parseTopology({ namespaces, bridges: { br: { ports } } })
  const names = [...network.places.get('')!.links.keys()].slice(1)
  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(name).toMatch(/^veth-[0-9a-z]{10}$/)
})
