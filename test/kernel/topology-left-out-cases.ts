/** Links that stand on each other, or are ports of each other, and leave something out. */

import { expect } from 'vitest'
import type { Topology, TopologyBridge, TopologyLink, TopologyNamespace } from '../../src/topology.js'

type Links = { [name: string]: TopologyLink }

export function lab(
  links: Links,
  bridges: { [name: string]: TopologyBridge } = {},
  more: Partial<TopologyNamespace> = {},
): Topology {
  return { name: 'red', namespaces: { red: { ...more, links: { x: { peer: 'y' }, ...links }, bridges } } }
}

/** What it is, the value, what is left of it, of which setting each link has what, and the kinds that it needs. */
export const CASES: [string, Topology, Topology, string, Record<string, unknown>, string?][] = [
  [
    'the mtu of links on each other',
    lab({
      x: { peer: 'y', mtu: 9000 },
      m: { kind: 'macvlan', link: 'x', mtu: 8000 },
      v: { kind: 'vxlan', id: 5, link: 'x', dstport: 4789, mtu: 7000 },
      w: { kind: 'vxlan', id: 6, link: 'x', dstport: 4789, local: 'fd00::1', mtu: 7000 },
      s: { kind: 'macvlan', link: 'x', mtu: 6000 },
    }),
    lab({
      x: { peer: 'y', mtu: 1600 },
      m: { kind: 'macvlan', link: 'x' },
      v: { kind: 'vxlan', id: 5, link: 'x', dstport: 4789 },
      w: { kind: 'vxlan', id: 6, link: 'x', dstport: 4789, local: 'fd00::1' },
      s: { kind: 'macvlan', link: 'x', mtu: 1400 },
    }),
    'mtu',
    { x: 1600, m: 1600, v: 1550, w: 1530, s: 1400 },
  ],
  [
    'the mtu of all of them',
    lab({ x: { peer: 'y', mtu: 1400 }, m: { kind: 'macvlan', link: 'x', mtu: 1300 } }),
    lab({ m: { kind: 'macvlan', link: 'x' } }),
    'mtu',
    { x: 1500, m: 1500 },
  ],
  [
    'the mtu of a link on one that says none, which falls with that of the link underneath',
    lab({
      x: { peer: 'y', mtu: 9000 },
      m: { kind: 'macvlan', link: 'x' },
      v: { kind: 'vxlan', id: 5, link: 'm', dstport: 4789, mtu: 7000 },
    }),
    lab({
      x: { peer: 'y', mtu: 1600 },
      m: { kind: 'macvlan', link: 'x' },
      v: { kind: 'vxlan', id: 5, link: 'm', dstport: 4789 },
    }),
    'mtu',
    { x: 1600, m: 1600, v: 1550 },
  ],
  [
    'the mtu of a link on a bridge, which falls with that of its port',
    lab(
      { x: { peer: 'y', mtu: 9000 }, m: { kind: 'macvlan', link: 'br', mtu: 8000 } },
      { br: { ports: ['x'] } },
    ),
    lab({ m: { kind: 'macvlan', link: 'br' } }, { br: { ports: ['x'] } }),
    'mtu',
    { x: 1500, br: 1500, m: 1500 },
  ],
  [
    'the mtu of a link on the port of a bond, which falls with that of the bond',
    lab({
      b: { kind: 'bond', mtu: 9000 },
      x: { peer: 'y', master: 'b' },
      v: { kind: 'vlan', link: 'x', id: 5, mtu: 8000 },
    }),
    lab({ b: { kind: 'bond' }, x: { peer: 'y', master: 'b' }, v: { kind: 'vlan', link: 'x', id: 5 } }),
    'mtu',
    { b: 1500, x: 1500, v: 1500 },
    'bond',
  ],
  [
    'the mtu of a bridge and of one of its ports',
    lab({ x: { peer: 'y', mtu: 9000 }, y: { mtu: 1700 } }, { br: { mtu: 1800, ports: ['x', 'y'] } }),
    lab({ y: { mtu: 1450 } }, { br: { ports: ['x', 'y'] } }),
    'mtu',
    { x: 1500, y: 1450, br: 1450 },
  ],
  [
    'the mtu of a bridge that has no ports any more',
    lab({ y: { mtu: 1450 } }, { br: { mtu: 1800, ports: ['y'] } }),
    lab({ y: { mtu: 1450 } }, { br: {} }),
    'mtu',
    { br: 1500 },
  ],
  [
    'the mtu of a bridge whose smallest port goes',
    lab({ z: { peer: 'q', mtu: 1300 } }, { br: { mtu: 1800, ports: ['x', 'z'] } }),
    lab({}, { br: { ports: ['x'] } }),
    'mtu',
    { br: 1500 },
  ],
  [
    'the address of a VLAN, where that of the link underneath changes',
    lab({
      x: { peer: 'y', mac: '02:00:00:00:00:01' },
      v: { kind: 'vlan', link: 'x', id: 5, mac: '02:00:00:00:00:05' },
    }),
    lab({ x: { peer: 'y', mac: '02:00:00:00:00:02' }, v: { kind: 'vlan', link: 'x', id: 5 } }),
    'address',
    { v: '02:00:00:00:00:02' },
    'vlan',
  ],
  [
    'the address of a VLAN on another one, which has that of the link underneath',
    lab({
      x: { peer: 'y', mac: '02:00:00:00:00:01' },
      v: { kind: 'vlan', link: 'x', id: 5 },
      w: { kind: 'vlan', link: 'v', id: 6, mac: '02:00:00:00:00:05' },
    }),
    lab({
      x: { peer: 'y', mac: '02:00:00:00:00:02' },
      v: { kind: 'vlan', link: 'x', id: 5 },
      w: { kind: 'vlan', link: 'v', id: 6 },
    }),
    'address',
    { v: '02:00:00:00:00:02', w: '02:00:00:00:00:02' },
    'vlan',
  ],
  [
    'flags of a VLAN, which it has from the link underneath when it is made',
    lab({
      x: { peer: 'y', trailers: false, dynamic: true },
      v: { kind: 'vlan', link: 'x', id: 5, trailers: true, dynamic: false },
    }),
    lab({ x: { peer: 'y', trailers: false, dynamic: true }, v: { kind: 'vlan', link: 'x', id: 5 } }),
    'flags',
    { v: expect.arrayContaining(['NOTRAILERS', 'DYNAMIC']) },
    'vlan',
  ],
  [
    'the address of a macvlan, and of an end of a pair: that stays',
    lab({
      x: { peer: 'y', mac: '02:00:00:00:00:01' },
      m: { kind: 'macvlan', link: 'x', mac: '02:00:00:00:00:05' },
    }),
    lab({ m: { kind: 'macvlan', link: 'x' } }),
    'address',
    { x: '02:00:00:00:00:01', m: '02:00:00:00:00:05' },
  ],
  [
    'what a port of a bond has of that',
    lab({
      x: { peer: 'y', master: 'b', mtu: 1400, mac: '02:00:00:00:00:01' },
      b: { kind: 'bond', mtu: 1400 },
    }),
    lab({ x: { peer: 'y', master: 'b' }, b: { kind: 'bond', mtu: 1400 } }),
    'mtu',
    { x: 1400, b: 1400 },
    'bond',
  ],
  [
    'what a port has that leaves a bond',
    lab({ x: { peer: 'y', master: 'b', mtu: 1400 }, b: { kind: 'bond', mtu: 1400 } }),
    lab({ b: { kind: 'bond' } }),
    'mtu',
    { x: 1500, b: 1500 },
    'bond',
  ],
  [
    'the flags of a VXLAN that carries no Ethernet',
    lab({
      v: { kind: 'vxlan', collectMetadata: true, learning: false, gpe: true, dstport: 4790, arp: true },
    }),
    lab({ v: { kind: 'vxlan', collectMetadata: true, learning: false, gpe: true, dstport: 4790 } }),
    'flags',
    { v: ['POINTOPOINT', 'MULTICAST', 'NOARP', 'UP', 'LOWER_UP'] },
  ],
]
