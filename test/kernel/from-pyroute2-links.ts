/** Rows of docs/from-pyroute2.md that change links and namespaces: what both columns leave is the same. */

import type { Row } from './document-rows.js'
import { BRIDGE, kindRow, noIpv6, PORTS, TUN_ROW, VETH } from './document-worlds.js'

export const leaves = (
  like: string,
  given: Row['given'] & object,
  rest: Pick<Row, 'lacking' | 'undo'> = {},
): Row => ({ like: [like], given, ...rest })

const PAIR = [noIpv6, VETH]
const NETNS = ['netns add red']
const NAMES = 'netns list'
const RED = 'link show dev veth-red'
const ALL = 'link show'
/** Such as an alternative name is; or the link is gone. */
const made = (kind: string, given: Row['given'] & object = []): Row =>
  leaves(ALL, [noIpv6, ...given], { lacking: kindRow(kind) })
const PORT = [...PORTS.slice(0, 3), 'link set veth-red-br master v-net-0']

export const LINK_ROWS: Record<string, Row> = {
  "netns.create('red')": leaves(NAMES, []),
  "netns.remove('red')": leaves(NAMES, [...NETNS, 'netns add blue']),
  "netns.attach('here', os.getpid())": leaves(NAMES, NETNS),
  "NetNS('red').link('set', index=1, state='up')": leaves('-n red link show', NETNS),
  "ipr.link('add', ifname='veth-red', kind='veth', peer='veth-blue')": leaves(ALL, [noIpv6]),
  "ipr.link('add', ifname='veth-red', kind='veth', peer={'ifname': 'eth0', 'net_ns_fd': 'red'})": {
    like: [ALL, '-n red link show'],
    given: [noIpv6, ...NETNS],
  },
  "ipr.link('set', index=veth_red, state='up')": leaves(RED, PAIR),
  "ipr.link('set', index=veth_red, state='down')": leaves(RED, [...PAIR, 'link set veth-red up']),
  "ipr.link('set', index=veth_red, mtu=9000, txqlen=100)": leaves(RED, PAIR),
  "ipr.link('set', index=veth_red, address='02:00:00:00:00:07')": leaves('bridge fdb show br v-net-0', [
    ...PAIR,
    'link add v-net-0 address 02:00:00:00:01:00 type bridge',
    'link set veth-red address 02:00:00:00:00:06 master v-net-0',
  ]),
  "ipr.link('set', index=veth_red, ifname='eth0')": leaves(ALL, PAIR),
  "ipr.link('set', index=veth_red, ifalias='uplink')": leaves(RED, PAIR),
  "ipr.link('set', index=veth_red, arp=False)": leaves(RED, PAIR),
  "ipr.link('set', index=veth_red, flags=IFF_PROMISC, change=IFF_PROMISC)": leaves(RED, PAIR),
  "ipr.link('set', index=veth_red, IFLA_AF_SPEC={'attrs': [('AF_INET6', {'attrs': [('IFLA_INET6_ADDR_GEN_MODE', 1)]})]})":
    leaves(RED, [VETH]),
  "ipr.link('property_add', index=veth_red, altname='to-blue')": leaves(RED, PAIR),
  "ipr.link('property_del', index=veth_red, altname='to-blue')": leaves(RED, [
    ...PAIR,
    'link property add dev veth-red altname to-blue',
  ]),
  "ipr.link('set', index=veth_red, master=v_net_0)": leaves(RED, [...PAIR, BRIDGE]),
  "ipr.link('set', index=veth_red_br, master=0)": leaves('link show dev veth-red-br', PORT),
  "ipr.link('set', index=veth_red, net_ns_fd='red')": {
    like: [ALL, '-n red link show'],
    given: [...PAIR, ...NETNS],
  },
  "NetNS('red').link('set', index=9, net_ns_pid=os.getpid())": {
    like: [ALL, '-n red link show'],
    given: [noIpv6, ...NETNS, '-n red link add veth-red index 9 type veth peer name veth-blue'],
  },
  "ipr.link('set', index=v_net_0, kind='bridge', br_forward_delay=400)": leaves('link show dev v-net-0', [
    noIpv6,
    BRIDGE,
  ]),
  "ipr.link('del', index=veth_red)": leaves(ALL, PAIR),
  "ipr.link('del', group=7)": leaves(ALL, [...PAIR, BRIDGE, 'link set v-net-0 group 7']),
  "ipr.link('add', ifname='d0', kind='dummy', index=50, address='02:00:00:00:00:07', mtu=1400, group=7)":
    made('dummy'),
  "ipr.link('add', ifname='br0', kind='bridge', br_stp_state=1, br_ageing_time=6000, br_hello_time=100)":
    made('bridge'),
  "ipr.link('add', ifname='bond0', kind='bond', bond_mode=1, bond_miimon=100)": made('bond'),
  "ipr.link('add', ifname='vlan100', kind='vlan', link=veth_red, vlan_id=100, vlan_flags=['gvrp'])": made(
    'vlan',
    [VETH],
  ),
  "ipr.link('add', ifname='vlan200', kind='vlan', link=veth_red, vlan_id=200, vlan_protocol=0x88a8)": made(
    'vlan',
    [VETH],
  ),
  "ipr.link('add', ifname='vx0', kind='vxlan', vxlan_id=42, vxlan_group='10.0.0.2', vxlan_port=4789, vxlan_learning=0)":
    made('vxlan'),
  "ipr.link('add', ifname='vx0', kind='vxlan', vxlan_id=42, vxlan_group='239.1.1.1', vxlan_link=veth_red, vxlan_ttl=16)":
    made('vxlan', [VETH]),
  "ipr.link('add', ifname='gen0', kind='geneve', geneve_id=42, geneve_remote='10.0.0.2')": made('geneve'),
  "ipr.link('add', ifname='gre1', kind='gre', gre_local='10.0.0.1', gre_remote='10.0.0.2', gre_ikey=10, gre_okey=10, gre_iflags=0x2000, gre_oflags=0x2000)":
    made('gre'),
  "ipr.link('add', ifname='gre6', kind='ip6gre', ip6gre_local='2001:db8::1', ip6gre_remote='2001:db8::2', ip6gre_ttl=16, ip6gre_encap_limit=4)":
    made('ip6gre'),
  "ipr.link('add', ifname='ipip1', kind='ipip', ipip_local='10.0.0.1', ipip_remote='10.0.0.2', ipip_ttl=16, ipip_proto=4)":
    made('ipip'),
  "ipr.link('add', ifname='sit1', kind='sit', sit_local='10.0.0.1', sit_remote='10.0.0.2', sit_ttl=64)":
    made('sit'),
  "ipr.link('add', ifname='tnl6', kind='ip6tnl', ip6tnl_local='2001:db8::1', ip6tnl_remote='2001:db8::2', ip6tnl_ttl=64, ip6tnl_encap_limit=4)":
    made('ip6tnl'),
  "ipr.link('add', ifname='vti1', kind='vti', vti_local='10.0.0.1', vti_remote='10.0.0.2', vti_ikey=5, vti_okey=5)":
    made('vti'),
  "ipr.link('add', ifname='xfrm1', kind='xfrm', xfrm_link=veth_red, xfrm_if_id=7)": made('xfrm', [VETH]),
  "ipr.link('add', ifname='mac0', kind='macvlan', link=veth_red, macvlan_mode='bridge')": made('macvlan', [
    VETH,
  ]),
  "ipr.link('add', ifname='mac0', kind='macvtap', link=veth_red, macvtap_mode='vepa')": made('macvtap', [
    VETH,
  ]),
  "ipr.link('add', ifname='ipv0', kind='ipvlan', link=veth_red, ipvlan_mode=1)": made('ipvlan', [VETH]),
  "ipr.link('add', ifname='vrf0', kind='vrf', vrf_table=100)": made('vrf'),
  "ipr.link('add', ifname='wg0', kind='wireguard')": made('wireguard'),
  "ipr.link('add', ifname='tap0', kind='tuntap', mode='tap', uid=1000)": leaves(ALL, [noIpv6], {
    lacking: TUN_ROW,
  }),
}
