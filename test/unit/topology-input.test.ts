/** Topologies that cannot be are refused with the path of what is wrong. */

import { describe, expect, it } from 'vitest'
import { parseTopology } from '../../src/topology/parse.js'
import { normalizeTopology } from '../../src/topology/plan.js'
import { star } from '../../src/topology/shapes.js'
import type { Topology } from '../../src/topology/value.js'

const inRed = (red: object, more: object = {}): Topology => ({ namespaces: { red }, ...more }) as Topology
const eth0 = (link: object, more: object = {}) => inRed({ links: { eth0: { peer: ':x', ...link } }, ...more })

describe('what cannot be is refused with its path', () => {
  it.each<[unknown, string]>([
    [null, 'topology: null is not an object'],
    [{}, 'topology: it is empty: there is no namespace, bridge or link in it'],
    [{ name: 'a/b' }, "name: 'a/b' is not the name of a namespace"],
    [{ name: 'é'.repeat(91), bridges: { br0: {} } }, ' has more than 180 bytes'],
    [
      { name: '_lab', bridges: { b0: {} }, nat: { masquerade: [{ source: '10.5.0.0/24' }] } },
      "nat.masquerade[0].name: '_lab-10.5.0.0/24' is not a name of",
    ],
    [
      { name: 'n'.repeat(99), bridges: { b0: {} }, nat: { publish: [{ hostPort: 80, to: '10.5.0.2' }] } },
      'nat.publish[0].name: ',
    ],
    [{ namespaces: { red: {} }, bridge: {} }, "topology: unknown option 'bridge'"],
    [inRed({ links: { t: { kind: 'tun' } } }), 'namespaces.red.links.t.kind: TUN and TAP devices are made'],
    [{ namespaces: { 'a/b': {} } }, 'is not the name of a namespace'],
    [inRed({ loopback: 1 }), 'namespaces.red.loopback: 1 is not true or false'],
    [
      inRed({ sysctls: { 'kernel.hostname': 'x' } }),
      'namespaces.red.sysctls.kernel.hostname: only parameters of net belong to a network namespace',
    ],
    [
      inRed({ sysctls: { 'net/ipv4/ip_forward': 1, 'net.ipv4.ip_forward': 0 } }),
      'namespaces.red.sysctls.net.ipv4.ip_forward: it is there twice',
    ],
    [
      inRed({ sysctls: { 'net.ipv4.conf.all.forwarding': 1, 'net.ipv4.ip_forward': 0 } }),
      'namespaces.red.sysctls.net.ipv4.ip_forward: it is there twice',
    ],
    [eth0({ mac: '00:00:00:00:00:00' }), "namespaces.red.links.eth0.mac: '00:00:00:00:00:00' is all zeros"],
    [
      eth0({ addresses: ['fd00::1/64', '10.0.0.1/8', '10.0.0.1/9', 'FD00:0::1/48'] }),
      "namespaces.red.links.eth0.addresses[3]: 'fd00::1/48' is there already as 'fd00::1/64'",
    ],
    [
      inRed({ links: { d: { kind: 'dummy' }, e: { kind: 'dummy', master: 'd' } } }),
      "namespaces.red.links.e.master: 'd' is of kind dummy, which has no ports: those of bridge, bond, team, vrf do",
    ],
    [
      inRed({
        nat: {
          publish: [
            { name: 'a', hostPort: 80, to: '10.0.0.1:80' },
            { name: 'b', hostPort: 80, to: '10.0.0.2:80' },
          ],
        },
      }),
      'namespaces.red.nat.publish[1].hostPort: 80 is published by namespaces.red.nat.publish[0] already',
    ],
    [
      inRed({
        nat: {
          publish: [
            { hostPort: '8000-8010', to: '10.0.0.1' },
            { hostPort: 8005, protocol: 'udp', to: '10.0.0.1' },
            { hostPort: 8005, hostAddress: '192.0.2.1', to: '10.0.0.1' },
            { hostPort: 8005, to: '[fd00::1]:80' },
            { hostPort: 8011, to: '10.0.0.1' },
            { hostPort: '8010-8010', to: '10.0.0.1' },
          ],
        },
      }),
      'namespaces.red.nat.publish[5].hostPort: ',
    ],
    [eth0({ mtu: 'x' }), "namespaces.red.links.eth0.mtu: 'x' is not an MTU"],
    [eth0({ mac: '01:00:00:00:00:01' }), "namespaces.red.links.eth0.mac: '01:00:00:00:00:01' is a multicast"],
    [eth0({ colour: 1 }), "namespaces.red.links.eth0: unknown option 'colour'"],
    [
      eth0({ addresses: ['1.2.3/24'] }),
      "namespaces.red.links.eth0.addresses[0]: '1.2.3/24' is not an address",
    ],
    [
      eth0({ addresses: ['1.2.3.4/24', '1.2.3.4/24'] }),
      'namespaces.red.links.eth0.addresses[1]: 1.2.3.4/24 is there twice',
    ],
    [
      inRed({ links: { aVeryLongInterfaceName: {} } }),
      "namespaces.red.links.aVeryLongInterfaceName: 'aVeryLongInterfaceName' has 22 bytes",
    ],
    [star(1024), 'bridges.star-br: it has 1024 ports, of which a bridge takes 1023'],
    [inRed({ links: { eth0: {} } }), 'namespaces.red.links.eth0: a veth pair has two ends'],
    [inRed({ links: { lo: { kind: 'dummy' } } }), 'namespaces.red.links.lo: every namespace has'],
    [
      eth0({ peer: 'blue:eth0' }),
      "namespaces.red.links.eth0.peer: there is no namespace 'blue' in the topology",
    ],
    [eth0({ peer: 'eth0' }), 'namespaces.red.links.eth0.peer: an interface is not its own other end'],
    [eth0({ peer: 7 }), 'namespaces.red.links.eth0.peer: 7 is not an interface'],
    [
      inRed({ links: { a: { peer: 'b' }, c: { peer: 'b' } } }),
      "namespaces.red.links.c.peer: 'b' has another end already, 'red:a'",
    ],
    [
      inRed({ links: { a: { kind: 'dummy' }, b: { peer: 'a' } } }),
      'namespaces.red.links.b.peer: that is a dummy',
    ],
    [inRed({ links: { v: { kind: 'vlan', link: 'eth0' } } }), 'namespaces.red.links.v.id: a link of kind'],
    [
      inRed({ links: { v: { kind: 'vlan', link: 'eth0', id: 5000 } } }),
      'namespaces.red.links.v.id: 5000 is not a VLAN id',
    ],
    [
      inRed({ links: { v: { kind: 'vlan', id: 5 } } }),
      "namespaces.red.links.v.link: a link of kind 'vlan' stands on",
    ],
    [
      inRed({ links: { v: { kind: 'vlan', link: 'eth0', id: 5 } } }),
      "namespaces.red.links.v.link: there is no link 'eth0'",
    ],
    [
      inRed({ links: { v: { kind: 'vxlan', id: 5, colour: 1 } } }),
      "namespaces.red.links.v: unknown option 'colour'",
    ],
    [inRed({ links: { v: { kind: 'vxlan', id: -5 } } }), 'namespaces.red.links.v.id: -5 is not'],
    [inRed({ links: { v: { kind: 'nonsense' } } }), "namespaces.red.links.v.kind: 'nonsense' is not a kind"],
    [
      inRed({ links: { v: { kind: 'bridge' } } }),
      'namespaces.red.links.v.kind: a bridge stands among the bridges',
    ],
    [
      inRed({ links: { i: { kind: 'ipvlan', link: ':eth0', mac: '02:00:00:00:00:01' } } }),
      "namespaces.red.links.i.mac: '02:00:00:00:00:01' cannot be given: ipvlan has the MAC address",
    ],
    [
      inRed({ links: { d: { kind: 'dummy', master: 'br' } } }),
      "namespaces.red.links.d.master: there is no link 'br'",
    ],
    [
      inRed({ links: { d: { kind: 'dummy' } }, bridges: { d: {} } }),
      'namespaces.red.links.d: there is a bridge of this name',
    ],
    [
      inRed({ links: { a: { kind: 'vlan', id: 1, link: 'b' }, b: { kind: 'vlan', id: 2, link: 'a' } } }),
      'namespaces.red.links.a: it stands on itself',
    ],
    [
      inRed({}, { bridges: { br: { ports: ['green:eth0'] } } }),
      "bridges.br.ports[0]: there is no namespace 'green'",
    ],
    [
      inRed({}, { bridges: { br: { ports: ['eth0'] } } }),
      "bridges.br.ports[0]: there is no link 'eth0' beside this bridge",
    ],
    [
      inRed({}, { bridges: { br: { ports: ['red:e', 'red:e'] } } }),
      "bridges.br.ports[1]: 'red:e' has another end already",
    ],
    [eth0({ mtu: 1400, queues: [] }), 'namespaces.red.links.eth0.queues: [] is not an integer'],
    [
      inRed({ routes: [{ to: 'default', via: 5 }] }),
      'namespaces.red.routes[0].via: 5 is not an IPv4 or IPv6 address',
    ],
    [inRed({}, { bridges: { br: { stp: 'yes' } } }), "bridges.br.stp: 'yes' is not"],
    [eth0({}, { routes: [{ to: '10.0.0.1/8' }] }), 'namespaces.red.routes[0].to: '],
    [
      eth0({}, { routes: [{ to: '10.0.0.0/8', dev: 'eth1' }] }),
      "namespaces.red.routes[0].dev: there is no link 'eth1'",
    ],
    [
      eth0({}, { routes: [{ to: '10.0.0.0/8', dev: 7 }] }),
      'namespaces.red.routes[0].dev: a topology has names',
    ],
    [
      eth0({ up: false }, { routes: [{ to: '10.0.0.0/8', dev: 'eth0' }] }),
      "namespaces.red.routes[0].dev: 'eth0' is down",
    ],
    [
      eth0({}, { routes: [{ to: 'default', via: '10.0.0.1' }] }),
      'namespaces.red.routes[0].via: 10.0.0.1 is in the network of no address',
    ],
    [
      eth0(
        {},
        {
          routes: [
            { to: '10.0.0.0/8', dev: 'eth0' },
            { to: '10.0.0.0/8', dev: 'eth0' },
          ],
        },
      ),
      'namespaces.red.routes[1]: namespaces.red.routes[0] excludes it: the kernel has one route of a destination, table, metric and type of service; another metric keeps both',
    ],
    [
      inRed({
        rules: [
          { from: '10.0.0.0/8', table: 7 },
          { table: 7, from: '10.0.0.0/8' },
        ],
      }),
      'namespaces.red.rules[1]: it is there twice',
    ],
    [
      inRed({
        rules: [
          { from: '10.0.0.0/8', table: 7, priority: 5 },
          { family: 'ipv4', table: 7, priority: 5 },
        ],
      }),
      'namespaces.red.rules[1]: namespaces.red.rules[0] excludes it: the kernel compares the two by what this one says, without invert and goto; another priority keeps both',
    ],
    [
      eth0(
        {},
        {
          neighbours: [
            { to: '10.0.0.1', dev: 'eth0', mac: '02:00:00:00:00:01' },
            { to: '10.0.0.1', dev: 'eth0', proxy: true },
            { to: '10.0.0.1', dev: 'eth0', mac: '02:00:00:00:00:02' },
          ],
        },
      ),
      'namespaces.red.neighbours[2]: namespaces.red.neighbours[0] excludes it: the kernel has one neighbour of an address and interface, and one proxy',
    ],
    [
      eth0({ addresses: ['10.0.0.1/24', { address: '10.0.0.1/24', peer: '10.0.0.2' }] }),
      "namespaces.red.links.eth0.addresses[1]: '10.0.0.1/24 peer 10.0.0.2' is there already as '10.0.0.1/24'",
    ],
    [
      eth0({ addresses: [{ address: '10.0.0.1/24', scope: 'link' }, '10.0.0.2/24'] }),
      "namespaces.red.links.eth0.addresses[1].scope: 'global' is not 'link', that of '10.0.0.1/24' in the same network",
    ],
    [
      inRed({ routes: [{ to: '10.0.0.0/8', onlink: true, nexthops: [{ via: '10.0.0.1', dev: 'e' }] }] }),
      'namespaces.red.routes[0].onlink: of several nexthops each says it',
    ],
    [
      inRed({
        routes: [
          {
            to: '10.0.0.0/8',
            realms: { from: 1, to: 2 },
            nexthops: [{ via: '10.0.0.1', realms: { from: 0, to: 0 } }],
          },
        ],
      }),
      'namespaces.red.routes[0].nexthops[0].realms: 0/0 is not 1/2, the realms of the route',
    ],
    [inRed({ rules: [{ from: '10.0.0.0/8' }] }), 'namespaces.red.rules[0].table: a rule that looks up'],
    [
      inRed({ routes: [{ to: '10.0.0.0/8', via: '10.9.0.1', onlink: true }] }),
      'namespaces.red.routes[0].onlink: it goes with dev',
    ],
    [
      inRed({ links: { mv: { kind: 'macvlan', link: ':x', mode: 'passthru', mac: '02:00:00:00:00:01' } } }),
      "namespaces.red.links.mv.mac: '02:00:00:00:00:01' cannot be given: in mode 'passthru' macvlan has the MAC",
    ],
    [inRed({ rules: [{ table: 7 }] }), 'namespaces.red.rules[0].family: a rule without'],
    [
      inRed({ rules: [{ from: '10.0.0.0/8', table: 7, tunId: 0 }] }),
      'namespaces.red.rules[0].tunId: 0 is not',
    ],
    [inRed({ rules: {} }), 'namespaces.red.rules: {} is not an array'],
    [
      eth0({}, { neighbours: [{ to: '10.0.0.1', dev: 'eth0' }] }),
      'namespaces.red.neighbours[0].mac: a neighbour needs one',
    ],
    [
      eth0({}, { neighbours: [{ to: '10.0.0.1', dev: 'eth1', mac: '02:00:00:00:00:01' }] }),
      "namespaces.red.neighbours[0].dev: there is no link 'eth1'",
    ],
    [inRed({ sysctls: { '../x': 1 } }), "namespaces.red.sysctls.key: '../x' is not"],
    [
      inRed({ sysctls: { 'net.ipv4.ip_forward': true } }),
      'namespaces.red.sysctls.net.ipv4.ip_forward: true is neither',
    ],
  ])('%j: %s', (topology, message) => {
    let caught: unknown
    try {
      parseTopology(topology as Topology)
    } catch (error) {
      caught = error
    }
    expect(caught).toSatisfy((error) => error instanceof RangeError || error instanceof TypeError)
    expect((caught as Error).message).toContain(message)
  })

  it('a gateway behind a route of the interface is reached', () => {
    const routes = [
      { to: '169.254.1.1', dev: 'eth0' },
      { to: 'default', via: '169.254.1.1', dev: 'eth0' },
    ]
    expect(() => parseTopology(eth0({}, { routes }))).not.toThrow()
  })
  it('a gateway of its family is reached where everything is on the link', () => {
    const everything = (family: string) => ({ to: 'default', family, dev: 'eth0' })
    const behind = { to: '10.9.0.0/16', via: '10.77.0.1', dev: 'eth0' }
    const behindV6 = { to: '2001:db8:9::/48', via: '2001:db8::1', dev: 'eth0' }
    const parsed = (...routes: object[]) => parseTopology(eth0({}, { routes }) as Topology)
    expect(() => parsed(everything('ipv4'), behind)).not.toThrow()
    expect(() => parsed(everything('ipv6'), behindV6)).not.toThrow()
    expect(() => parsed(everything('ipv6'), behind)).toThrow('10.77.0.1 is in the network of no address')
    expect(() => parsed(everything('ipv4'), behindV6)).toThrow('2001:db8::1 is in the network of no address')
    const nowhere = { to: 'default', family: 'ipv4', type: 'unreachable' }
    expect(() => parsed(nowhere, behind)).toThrow('10.77.0.1 is in the network of no address')
  })
})

it('a number that JSON has not is refused', () => {
  const lab = inRed({ rules: [{ from: '10.0.0.0/8', table: 7, tunId: 5n }] })
  expect(() => parseTopology(lab)).toThrow(
    'namespaces.red.rules[0].tunId: 5n is a bigint, which JSON has not',
  )
})

it('names that an object gives another meaning are names', () => {
  const red = { bridges: { ['__proto__']: {} }, links: { e: {} } }
  const links = { ['__proto__']: { peer: '__proto__:e' } }
  const text = JSON.stringify({ name: 't', namespaces: { ['__proto__']: red }, links })
  const value = JSON.parse(text) as Topology
  expect(JSON.stringify(normalizeTopology(value))).toBe(text)
})
