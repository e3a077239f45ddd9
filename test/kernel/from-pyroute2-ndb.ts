/** Rows of docs/from-pyroute2.md about its database of objects, and about later versions than the one that runs here. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import type { Row } from './document-rows.js'
import { BRIDGE, GATEWAY, noIpv6, PORTS, ROUTE, VETH } from './document-worlds.js'
import { leaves } from './from-pyroute2-links.js'

const PAIR = [noIpv6, VETH]
const LINKS = 'link show'
const RED = 'link show dev veth-red'
const ROUTES = '-4 route show'

/** In any order: the database has its own. */
const same = (ours: string[], theirs: string[]) => {
  expect(ours).toHaveLength(2)
  expect(ours.sort()).toEqual(theirs.sort())
}

export const NDB_ROWS: Record<string, Row> = {
  '[record.ifname for record in ndb.interfaces.dump()]': { given: [noIpv6, BRIDGE], check: same },
  "[record.address for record in ndb.addresses.summary().filter(ifname='v-net-0')]": {
    given: [noIpv6, ...GATEWAY, 'addr add 10.0.0.1/24 dev v-net-0'],
    check: (ours: string[], theirs: string[]) =>
      same(
        ours,
        theirs.map((address) => `${address}/24`),
      ),
  },
  "ndb.interfaces.create(ifname='br0', kind='bridge', state='up').add_ip('10.0.0.1/24').commit()": leaves(
    '-4 addr show',
    [noIpv6],
  ),
  "ndb.interfaces['veth-red'].set(mtu=1400).commit()": leaves(RED, PAIR),
  "ndb.interfaces['v-net-0'].add_port('veth-red').commit()": leaves(RED, [...PAIR, BRIDGE]),
  "ndb.interfaces['v-net-0'].del_port('veth-red-br').commit()": leaves('link show dev veth-red-br', PORTS),
  "ndb.interfaces['v-net-0'].del_ip('192.168.15.1/24').commit()": leaves('-4 addr show', GATEWAY),
  "ndb.interfaces['veth-red'].remove().commit()": leaves(LINKS, PAIR),
  "ndb.routes.create(dst='192.168.1.0/24', gateway='192.168.15.5').commit()": leaves(ROUTES, GATEWAY),
  "ndb.routes['192.168.1.0/24'].set('gateway', '192.168.15.6').commit()": leaves(ROUTES, [...GATEWAY, ROUTE]),
  "ndb.routes['192.168.1.0/24'].remove().commit()": leaves(ROUTES, [...GATEWAY, ROUTE]),
  "ndb.neighbours.create(ifindex=v_net_0, dst='192.168.15.9', lladdr='02:00:00:00:00:09').commit()": leaves(
    '-4 neigh show dev v-net-0',
    GATEWAY,
  ),
  "ndb.sources.add(netns='red'); ndb.interfaces.create(target='red', ifname='br0', kind='bridge').commit()":
    leaves('-n red link show', [noIpv6, 'netns add red']),
  "ndb.interfaces.wait(ifname='later0')": {
    meanwhile: 'link add later0 type bridge',
    check: (link: netlink.Link, { ifname }: { ifname: string }) =>
      expect([link.name, ifname]).toEqual(['later0', 'later0']),
  },
  "ndb.begin().push(*(ndb.interfaces.create(ifname=name, kind='bridge', state='up') for name in ('br1', 'br2'))).commit()":
    leaves(LINKS, [noIpv6]),
}

/** What is done beside these calls is done by ip. */
export const LATER_ROWS: Record<string, Row> = {
  "await AsyncIPRoute(netns='red').link('set', ifname='lo', state='up')": {
    ...leaves('-n red link show', ['netns add red']),
    command: 'ip -n red link set lo up',
  },
  "async for link in await ipr.link('dump')": {
    check: (link: netlink.Link) => expect(link.name).toBe('lo'),
  },
  "ipr.ensure(ipr.link, ifname='br0', kind='bridge', state='up')": {
    ...leaves(LINKS, [noIpv6]),
    command: 'ip link add br0 up type bridge',
  },
  "ipr.ensure(ipr.addr, index=veth_red, address='192.168.15.1/24')": {
    ...leaves('-4 addr show', PAIR),
    command: 'ip addr replace 192.168.15.1/24 dev veth-red',
  },
  "ipr.probe('add', kind='ping', dst='127.0.0.1')": {
    given: ['netns add red', '-n red link set lo up'],
    check: async (child: ChildProcess) => expect(await once(child, 'exit')).toEqual([0, null]),
  },
}
