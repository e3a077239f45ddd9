/** Pairs of entries of a place, and whether the kernel has room for both, in this order. */

import type { TopologyAddress, TopologyNeighbour, TopologyRoute, TopologyRule } from '../../src/topology.js'

export type Row<T> = readonly [what: string, first: T, second: T, room: 'both' | 'one']

const V4: TopologyRoute = { to: 'default', via: '10.0.0.9' }
const V6: TopologyRoute = { to: 'default', via: 'fd00::9' }
const NET4: TopologyRoute = { to: '10.9.0.0/16', via: '10.0.0.9' }
const NET6: TopologyRoute = { to: 'fd09::/64', via: 'fd00::9' }

/** By d0, which has 10.0.0.1/24 and fd00::1/64, or d1, which has 10.0.1.1/24 and fd01::1/64. */
export const ROUTES: readonly Row<TopologyRoute>[] = [
  ['an IPv4 route and itself', V4, V4, 'one'],
  ['another gateway', V4, { to: 'default', via: '10.0.1.9' }, 'one'],
  ['another gateway of the same network', V4, { to: 'default', via: '10.0.0.8' }, 'one'],
  ['a gateway of IPv6', V4, { to: 'default', family: 'ipv4', via: 'fe80::9', dev: 'd0' }, 'one'],
  ['an interface', V4, { to: 'default', family: 'ipv4', dev: 'd1' }, 'one'],
  ['another scope', V4, { ...V4, scope: 'site' }, 'one'],
  ['another source', V4, { ...V4, src: '10.0.0.2' }, 'one'],
  ['another protocol', V4, { ...V4, protocol: 'static' }, 'one'],
  ['realms', V4, { ...V4, realms: { from: 1, to: 2 } }, 'one'],
  ['metrics', V4, { ...V4, metrics: { mtu: 1400 } }, 'one'],
  ['nowhere', V4, { to: 'default', family: 'ipv4', type: 'blackhole' }, 'one'],
  ['several nexthops', V4, { to: 'default', nexthops: [{ via: '10.0.0.9' }, { via: '10.0.1.9' }] }, 'one'],
  ['the metric that it has', V4, { ...V4, metric: 0 }, 'one'],
  ['the table that it has', V4, { ...V4, table: 254 }, 'one'],
  ['the type that it has', V4, { ...V4, type: 'unicast' }, 'one'],
  ['another metric', V4, { ...V4, metric: 5 }, 'both'],
  ['another table', V4, { ...V4, table: 100 }, 'both'],
  ['another type of service', V4, { ...V4, tos: 8 }, 'both'],
  ['two other types of service', { ...V4, tos: 8 }, { ...V4, tos: 16 }, 'both'],
  ['IPv6', V4, V6, 'both'],
  ['half of everything', V4, { to: '0.0.0.0/1', via: '10.0.0.9' }, 'both'],
  ['another network', V4, NET4, 'both'],
  ['a network and half of it', NET4, { ...NET4, to: '10.9.0.0/17' }, 'both'],
  ['a network and its first address', NET4, { ...NET4, to: '10.9.0.0' }, 'both'],
  ['an address', { ...NET4, to: '10.9.0.0' }, { to: '10.9.0.0/32', dev: 'd1' }, 'one'],
  ['a network and nowhere', NET4, { to: '10.9.0.0/16', type: 'throw' }, 'one'],
  ['a network and nowhere by a metric', NET4, { to: '10.9.0.0/16', type: 'throw', metric: 5 }, 'both'],
  ['a type of another table', NET4, { to: '10.9.0.0/16', type: 'local', dev: 'd0' }, 'both'],
  [
    'two types of that table',
    { to: '10.9.0.0/16', type: 'local', dev: 'd0' },
    { to: '10.9.0.0/16', type: 'broadcast', dev: 'd1' },
    'one',
  ],
  [
    'such a type in main',
    { to: '10.9.0.0/16', type: 'local', dev: 'd0', table: 254 },
    { to: '10.9.0.0/16', type: 'multicast', dev: 'd0' },
    'one',
  ],
  ['an IPv6 route and itself', V6, V6, 'one'],
  // It would be another nexthop, were it appended.
  ['another IPv6 gateway', V6, { to: 'default', via: 'fd01::9' }, 'one'],
  ['an interface of IPv6', V6, { to: 'default', family: 'ipv6', dev: 'd1' }, 'one'],
  [
    'two interfaces of IPv6',
    { to: 'default', family: 'ipv6', dev: 'd0' },
    { to: 'default', family: 'ipv6', dev: 'd1' },
    'one',
  ],
  ['another IPv6 source', V6, { ...V6, src: 'fd00::2' }, 'one'],
  ['another preference', V6, { ...V6, preference: 'high' }, 'one'],
  ['an end', V6, { ...V6, expires: 1000 }, 'one'],
  ['IPv6 nowhere', V6, { to: 'default', family: 'ipv6', type: 'blackhole' }, 'one'],
  [
    'several IPv6 nexthops',
    { to: 'default', nexthops: [{ via: 'fd00::9' }, { via: 'fd01::9' }] },
    { to: 'default', via: 'fd00::8' },
    'one',
  ],
  ['the IPv6 metric that it has', V6, { ...V6, metric: 1024 }, 'one'],
  ['no IPv6 metric, which is that', V6, { ...V6, metric: 0 }, 'one'],
  ['the IPv6 table that it has', V6, { ...V6, table: 254 }, 'one'],
  ['another IPv6 metric', V6, { ...V6, metric: 5 }, 'both'],
  ['another IPv6 table', V6, { ...V6, table: 100 }, 'both'],
  ['for packets from somewhere', V6, { ...V6, from: 'fd00::/64' }, 'both'],
  [
    'for packets from the same',
    { ...V6, from: 'fd00::/64' },
    { to: 'default', via: 'fd01::9', from: 'fd00::/64' },
    'one',
  ],
  ['from elsewhere', { ...V6, from: 'fd00::/64' }, { ...V6, from: 'fd00::/65' }, 'both'],
  ['an IPv6 network and half of it', NET6, { ...NET6, to: 'fd09::/65' }, 'both'],
  ['an IPv6 network and nowhere', NET6, { to: 'fd09::/64', type: 'prohibit' }, 'one'],
  ['an IPv6 type of another table', NET6, { to: 'fd09::/64', type: 'local', dev: 'd0' }, 'both'],
]

const RULE: TopologyRule = { priority: 50, family: 'ipv4', table: 100 }
const FROM: TopologyRule = { priority: 50, from: '10.0.0.0/8', table: 100 }
const RULE6: TopologyRule = { priority: 50, family: 'ipv6', table: 100 }
const FROM6: TopologyRule = { priority: 50, from: 'fd00::/64', table: 100 }

export const RULES: readonly Row<TopologyRule>[] = [
  ['a rule and itself', RULE, RULE, 'one'],
  ['the same in another order', FROM, { table: 100, from: '10.0.0.0/8', priority: 50 }, 'one'],
  ['another priority', RULE, { ...RULE, priority: 51 }, 'both'],
  ['another table', RULE, { ...RULE, table: 101 }, 'both'],
  ['another family', RULE, RULE6, 'both'],
  ['another action', RULE, { priority: 50, family: 'ipv4', action: 'blackhole' }, 'both'],
  ['no mark', RULE, { ...RULE, fwmark: 0 }, 'both'],
  ['any mark, said so', RULE, { ...RULE, fwmark: 0, fwmask: 0 }, 'one'],
  ['a mark, whole', { ...RULE, fwmark: 1 }, { ...RULE, fwmark: 1, fwmask: 0xffffffff }, 'one'],
  ['a mark, in part', { ...RULE, fwmark: 1 }, { ...RULE, fwmark: 1, fwmask: 255 }, 'both'],
  ['interfaces', { ...RULE, iif: 'lo' }, { ...RULE, oif: 'lo' }, 'both'],
  ['protocols', { ...RULE, ipProtocol: 'tcp' }, { ...RULE, ipProtocol: 'udp' }, 'both'],
  ['makers', RULE, { ...RULE, protocol: 'static' }, 'both'],
  ['no maker, said so', RULE, { ...RULE, protocol: 'unspec' }, 'one'],
  ['ports', { ...RULE, sport: 5 }, { ...RULE, sport: { start: 5, end: 6 } }, 'both'],
  ['a port as a range', { ...RULE, dport: 5 }, { ...RULE, dport: { start: 5, end: 5 } }, 'one'],
  ['sports and dports', { ...RULE, sport: 5 }, { ...RULE, dport: 5 }, 'both'],
  ['users', RULE, { ...RULE, uidRange: { start: 1, end: 2 } }, 'both'],
  ['tunnels', { ...RULE, tunId: 5 }, { ...RULE, tunId: 6 }, 'both'],
  ['what is suppressed', RULE, { ...RULE, suppressPrefixLength: 0 }, 'both'],
  ['a group that is suppressed', RULE, { ...RULE, suppressIfgroup: 0 }, 'both'],
  [
    'two that go on elsewhere',
    { priority: 50, family: 'ipv4', goto: 98 },
    { priority: 50, family: 'ipv4', goto: 99 },
    'one',
  ],
  ['all but', RULE, { ...RULE, invert: true }, 'one'],
  ['the less behind the more', FROM, RULE, 'one'],
  ['the more behind the less', RULE, FROM, 'both'],
  ['all but the less behind the more', FROM, { ...RULE, invert: true }, 'one'],
  ['other packets', FROM, { priority: 50, to: '10.0.0.0/8', table: 100 }, 'both'],
  ['a part of them', FROM, { ...FROM, from: '10.0.0.0/9' }, 'both'],
  [
    'from and to, then to',
    { ...FROM, to: '10.1.0.0/16' },
    { priority: 50, to: '10.1.0.0/16', table: 100 },
    'one',
  ],
  ['a type of service', { ...RULE, tos: 8 }, RULE, 'one'],
  ['a type of service behind none', RULE, { ...RULE, tos: 8 }, 'both'],
  ['a type of service and a source', { ...FROM, tos: 8 }, { ...RULE, tos: 8 }, 'one'],
  ['realms', { ...RULE, realms: { from: 1, to: 2 } }, RULE, 'one'],
  ['realms behind none', RULE, { ...RULE, realms: { from: 1, to: 2 } }, 'both'],
  ['realms that are none', RULE, { ...RULE, realms: { from: 0, to: 0 } }, 'one'],
  ['a code point', { ...RULE, dscp: 2 }, RULE, 'one'],
  ['a code point of 0 behind none', RULE, { ...RULE, dscp: 0 }, 'both'],
  ['a code point, whole', { ...RULE, dscp: 2 }, { ...RULE, dscp: 2, dscpMask: 63 }, 'one'],
  ['a code point, in part', { ...RULE, dscp: 2 }, { ...RULE, dscp: 2, dscpMask: 62 }, 'both'],
  ['a code point, whole behind in part', { ...RULE, dscp: 2, dscpMask: 62 }, { ...RULE, dscp: 2 }, 'one'],
  ['ports by a mask', { ...RULE, dport: 5 }, { ...RULE, dport: 5, dportMask: 0xffff }, 'one'],
  ['ports by another mask', { ...RULE, dport: 4 }, { ...RULE, dport: 4, dportMask: 0xfffe }, 'both'],
  ['the less of IPv6 behind the more', FROM6, RULE6, 'one'],
  ['the more of IPv6 behind the less', RULE6, FROM6, 'both'],
  ['a label', { ...RULE6, flowlabel: 5 }, RULE6, 'one'],
  ['a label in part', { ...RULE6, flowlabel: 5 }, { ...RULE6, flowlabel: 5, flowlabelMask: 255 }, 'both'],
  ['another label', { ...RULE6, flowlabel: 5 }, { ...RULE6, flowlabel: 6 }, 'both'],
]

const MAC = '02:00:00:00:00:09'
const NEIGHBOUR: TopologyNeighbour = { to: '10.0.0.9', dev: 'd0', mac: MAC }

export const NEIGHBOURS: readonly Row<TopologyNeighbour>[] = [
  ['a neighbour and itself', NEIGHBOUR, NEIGHBOUR, 'one'],
  ['another MAC address', NEIGHBOUR, { ...NEIGHBOUR, mac: '02:00:00:00:00:08' }, 'one'],
  ['another state', NEIGHBOUR, { ...NEIGHBOUR, state: 'noarp' }, 'one'],
  ['another maker', NEIGHBOUR, { ...NEIGHBOUR, protocol: 'static' }, 'one'],
  ['another interface', NEIGHBOUR, { ...NEIGHBOUR, dev: 'd1' }, 'both'],
  ['another address', NEIGHBOUR, { ...NEIGHBOUR, to: '10.0.0.8' }, 'both'],
  ['a proxy', NEIGHBOUR, { to: '10.0.0.9', dev: 'd0', proxy: true }, 'both'],
  [
    'two proxies',
    { to: '10.0.0.9', dev: 'd0', proxy: true },
    { to: '10.0.0.9', dev: 'd0', proxy: true, protocol: 99 },
    'one',
  ],
  ['IPv6', { ...NEIGHBOUR, to: 'fd00::9' }, { ...NEIGHBOUR, to: 'fd00:0::9', state: 'noarp' }, 'one'],
]

const ADDRESS: TopologyAddress = { address: '10.7.0.1/24' }
const ADDRESS6: TopologyAddress = { address: 'fd07::1/64', flags: ['nodad'] }

export const ADDRESSES: readonly Row<TopologyAddress>[] = [
  ['an address and itself', ADDRESS, ADDRESS, 'one'],
  ['another of its network', ADDRESS, { address: '10.7.0.2/24' }, 'both'],
  ['the same in another network', ADDRESS, { address: '10.7.0.1/25' }, 'both'],
  ['a label', ADDRESS, { ...ADDRESS, label: 'd0:x' }, 'one'],
  ['a metric', ADDRESS, { ...ADDRESS, metric: 7 }, 'one'],
  ['a peer of its network', ADDRESS, { address: '10.7.0.1/24', peer: '10.7.0.9' }, 'one'],
  ['a peer elsewhere', ADDRESS, { address: '10.7.0.1/24', peer: '10.8.0.9' }, 'both'],
  [
    'two peers',
    { address: '10.7.0.1/32', peer: '10.7.0.8' },
    { address: '10.7.0.1/32', peer: '10.7.0.9' },
    'both',
  ],
  [
    'two peers of a network',
    { address: '10.7.0.1/24', peer: '10.8.0.8' },
    { address: '10.7.0.1/24', peer: '10.8.0.9' },
    'one',
  ],
  [
    'two with one peer',
    { address: '10.7.0.1/32', peer: '10.7.0.8' },
    { address: '10.7.0.2/32', peer: '10.7.0.8' },
    'both',
  ],
  ['itself as its peer', { address: '10.7.0.1/32' }, { address: '10.7.0.1/32', peer: '10.7.0.1' }, 'one'],
  ['another scope', ADDRESS, { ...ADDRESS, scope: 'link' }, 'one'],
  ['another scope of its network', ADDRESS, { address: '10.7.0.2/24', scope: 'link' }, 'one'],
  ['another scope of half of it', ADDRESS, { address: '10.7.0.2/25', scope: 'link' }, 'both'],
  ['the scope of its network', { ...ADDRESS, scope: 'link' }, { address: '10.7.0.2/24', scope: 253 }, 'both'],
  [
    'another scope of the peer’s network',
    ADDRESS,
    { address: '10.8.0.1/24', peer: '10.7.0.9', scope: 'link' },
    'one',
  ],
  ['a loopback address', { address: '127.0.0.1/8' }, { address: '127.0.0.2/8', scope: 'global' }, 'one'],
  ['two loopback addresses', { address: '127.0.0.1/8' }, { address: '127.0.0.2/8' }, 'both'],
  ['everything as its network', { address: '10.7.0.1/0' }, { address: '10.8.0.1/0' }, 'both'],
  ['an IPv6 address and itself', ADDRESS6, ADDRESS6, 'one'],
  ['the same in another IPv6 network', ADDRESS6, { ...ADDRESS6, address: 'fd07::1/48' }, 'one'],
  ['another of its IPv6 network', ADDRESS6, { ...ADDRESS6, address: 'fd07::2/64' }, 'both'],
  ['an IPv6 peer', ADDRESS6, { ...ADDRESS6, peer: 'fd07::9' }, 'one'],
  [
    'two IPv6 addresses with one peer',
    { ...ADDRESS6, peer: 'fd07::9' },
    { ...ADDRESS6, address: 'fd07::2/64', peer: 'fd07::9' },
    'both',
  ],
]
