/** Rows of docs/from-pyroute2.md that change addresses, routes, rules, neighbours and bridges: what both columns leave is the same. */

import type { Row } from './document-rows.js'
import {
  FILTERING,
  GATEWAY,
  labels,
  MPLS,
  MPLS_ROW,
  noIpv6,
  PORTS,
  ROUTE,
  RULES,
  SHOW_FDB,
  SHOW_VLANS,
  VETH,
  VLANS_ROW,
} from './document-worlds.js'
import { leaves } from './from-pyroute2-links.js'
import { hasKind } from './support.js'

const PAIR = [noIpv6, VETH]
const RED = '-4 addr show dev veth-red'
const NET = '-4 addr show dev v-net-0'
const LABELLED = [...GATEWAY, 'addr add 10.0.0.1/24 dev v-net-0 label v-net-0:1']
const ROUTES = '-4 route show table all'
const NEIGHBOURS = '-4 neigh show dev v-net-0'
const ENTRY = 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'
const FDB_ENTRY = 'bridge fdb add 02:00:00:00:00:09 dev veth-red-br master static'
const [RULES4] = RULES as [string]
const RULES6 = '-6 rule show'

const route = (given: Row['given'] & object = []): Row => leaves(ROUTES, [...GATEWAY, ...given])
const rule = (given: Row['given'] & object = [], like = RULES4): Row =>
  leaves(like, given, { undo: [`${like.slice(0, 2)} rule del priority 1000`] })

export const TABLE_ROWS: Record<string, Row> = {
  "ipr.addr('add', index=veth_red, address='192.168.15.1', prefixlen=24)": leaves(RED, PAIR),
  "ipr.addr('add', index=veth_red, address='2001:db8::1/64', flags=IFA_F_NODAD)": leaves(
    '-6 addr show dev veth-red',
    [VETH],
  ),
  "ipr.addr('add', index=veth_red, address='192.168.15.1/24', broadcast=True, label='veth-red:1')": leaves(
    RED,
    PAIR,
  ),
  "ipr.addr('add', index=veth_red, local='192.168.15.1', address='192.168.15.2', prefixlen=32)": leaves(
    RED,
    PAIR,
  ),
  "ipr.addr('add', index=veth_red, address='192.168.15.1/24', scope=rt_scope['link'])": leaves(RED, PAIR),
  "ipr.addr('replace', index=v_net_0, address='192.168.15.1/24', cacheinfo={'valid': 600, 'preferred': 300})":
    leaves(NET, GATEWAY),
  "ipr.addr('del', index=v_net_0, address='192.168.15.1', prefixlen=24)": leaves(NET, GATEWAY),
  'ipr.flush_addr(index=v_net_0)': leaves(NET, [noIpv6, ...LABELLED]),
  "ipr.flush_addr(label='v-net-0:1')": leaves(NET, LABELLED),
  "ipr.route('add', dst='default', gateway='192.168.15.5')": route(),
  "ipr.route('add', dst='192.168.1.0/24', gateway='192.168.15.5', table=100, priority=50)": route(),
  "ipr.route('add', dst='192.168.1.0/24', oif=v_net_0, prefsrc='192.168.15.1', scope='link', proto='boot')":
    route(),
  "ipr.route('add', dst='192.168.1.0/24', gateway='10.9.9.9', oif=v_net_0, flags='onlink')": route(),
  "ipr.route('add', dst='192.168.1.0/24', gateway='192.168.15.5', metrics={'mtu': 1400, 'hoplimit': 16})":
    route(),
  "ipr.route('add', dst='192.168.1.0/24', multipath=[{'gateway': '192.168.15.5', 'hops': 1}, {'gateway': '192.168.15.6'}])":
    route(),
  "ipr.route('add', dst='192.168.1.0/24', type='blackhole')": {
    ...route(),
    undo: ['route del 192.168.1.0/24'],
  },
  "ipr.route('add', dst='192.168.1.0/24', via={'family': AF_INET6, 'addr': 'fe80::9'}, oif=v_net_0)": route(),
  "ipr.route('replace', dst='192.168.1.0/24', gateway='192.168.15.6')": route([ROUTE]),
  "ipr.route('change', dst='192.168.1.0/24', gateway='192.168.15.6')": route([ROUTE]),
  "ipr.route('append', dst='192.168.1.0/24', gateway='192.168.15.6')": route([ROUTE]),
  "ipr.route('del', dst='192.168.1.0/24')": route([ROUTE]),
  'ipr.flush_routes(table=100)': route([`${ROUTE} table 100`, `${ROUTE} table 101`]),
  "ipr.route('add', family=AF_MPLS, dst=100, via={'family': AF_INET, 'addr': '192.168.15.6'}, newdst=[200, 300])":
    { like: MPLS, given: [labels, ...GATEWAY], lacking: MPLS_ROW },
  "ipr.route('del', family=AF_MPLS, dst=100)": {
    like: MPLS,
    given: [labels, ...GATEWAY, '-f mpls route add 100 via inet 192.168.15.6'],
    lacking: MPLS_ROW,
  },
  "ipr.rule('add', table=100, priority=1000, src='192.168.15.0/24')": rule(),
  "ipr.rule('add', table=100, priority=1000, fwmark=16, fwmask=255, iifname='v-net-0', tos=16)": rule(),
  "ipr.rule('add', priority=1000, dst='192.168.1.0', dst_len=24, action='unreachable')": rule(),
  "ipr.rule('add', table=100, priority=1000, ip_proto=6, dport_range='80:90', uid_range='0:0')": rule(),
  "ipr.rule('add', priority=1000, action='goto', goto=32766)": rule(),
  "ipr.rule('add', family=AF_INET6, table=254, priority=1000, suppress_prefixlen=0)": rule([], RULES6),
  "ipr.rule('del', table=100, priority=1000)": leaves(RULES4, ['rule add table 100 priority 1000']),
  'ipr.flush_rules(family=AF_INET, priority=lambda priority: 100 < priority < 32000)': leaves(
    RULES4,
    ['rule add table 100 priority 1000', 'rule add table 100 priority 50'],
    { undo: ['rule del priority 50'] },
  ),
  "ipr.neigh('add', dst='192.168.15.9', lladdr='02:00:00:00:00:09', ifindex=v_net_0)": leaves(
    NEIGHBOURS,
    GATEWAY,
  ),
  "ipr.neigh('replace', dst='192.168.15.9', lladdr='02:00:00:00:00:0a', ifindex=v_net_0, state='stale')":
    leaves(NEIGHBOURS, [...GATEWAY, ENTRY]),
  "ipr.neigh('change', dst='192.168.15.9', lladdr='02:00:00:00:00:0a', ifindex=v_net_0)": leaves(NEIGHBOURS, [
    ...GATEWAY,
    `${ENTRY} nud stale`,
  ]),
  "ipr.neigh('add', dst='192.168.15.8', ifindex=v_net_0, flags=NTF_PROXY)": leaves(
    '-4 neigh show proxy',
    GATEWAY,
  ),
  "ipr.neigh('del', dst='192.168.15.9', ifindex=v_net_0)": leaves(NEIGHBOURS, [...GATEWAY, ENTRY]),
  "ipr.brport('set', index=veth_red_br, cost=7, isolated=1, unicast_flood=0)": leaves(
    'bridge link show dev veth-red-br',
    PORTS,
  ),
  "ipr.vlan_filter('add', index=veth_red_br, vlan_info={'vid': 100, 'flags': ['pvid', 'untagged']})": {
    like: SHOW_VLANS,
    given: FILTERING,
    lacking: VLANS_ROW,
  },
  "ipr.vlan_filter('add', index=v_net_0, vlan_flags=BRIDGE_FLAGS_SELF, vlan_info={'vid': 200})": {
    like: SHOW_VLANS,
    given: FILTERING,
    lacking: VLANS_ROW,
  },
  "ipr.vlan_filter('del', index=veth_red_br, vlan_info={'vid': 1})": {
    like: SHOW_VLANS,
    given: FILTERING,
    lacking: { ...VLANS_ROW, refused: undefined },
  },
  "ipr.fdb('add', ifindex=veth_red_br, lladdr='02:00:00:00:00:09', flags=NTF_MASTER)": {
    like: SHOW_FDB,
    given: PORTS,
  },
  "ipr.fdb('add', ifindex=veth_red_br, lladdr='02:00:00:00:00:09', flags=NTF_MASTER, state=NUD_REACHABLE)": {
    like: SHOW_FDB,
    given: PORTS,
  },
  "ipr.fdb('append', ifindex=vx0, lladdr='00:00:00:00:00:00', dst='10.0.0.3', vni=43, port=4790)": {
    like: ['bridge fdb show dev vx0'],
    given: [noIpv6, 'link add vx0 type vxlan id 42 remote 10.0.0.2 dstport 4789'],
    lacking: { is: () => !hasKind('vxlan'), refused: { code: 'ENODEV', advice: 'no such interface' } },
  },
  "ipr.fdb('del', ifindex=veth_red_br, lladdr='02:00:00:00:00:09', flags=NTF_MASTER)": {
    like: SHOW_FDB,
    given: [...PORTS, FDB_ENTRY],
  },
  "ipb = IPBatch(); ipb.link('set', index=veth_red, state='up'); ipb.addr('add', index=veth_red, address='192.168.15.1/24'); ipr.sendto(ipb.batch, (0, 0))":
    leaves('addr show dev veth-red', PAIR),
}
