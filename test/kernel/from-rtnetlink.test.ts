/**
 * Every row of docs/from-rtnetlink.md: its call is taken out of the document, run, and its effect checked with the real tools. Rust itself is
 * not compiled.
 */

import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import { describeRows, type Row } from './document-rows.js'
import {
  BRIDGE,
  ENTRY,
  FILTERING,
  GATEWAY,
  HOP,
  HOP2,
  kindRow,
  noIpv6,
  PORTS,
  ROUTE,
  RULES,
  SHOW_FDB,
  SHOW_VLANS,
  STALE,
  VETH,
  VLANS_ROW,
} from './document-worlds.js'
import { ip, ipJson } from './support.js'

const PAIR = [noIpv6, VETH]
const LINKS = ['link show']
const RED = ['link show dev veth-red']
const ROUTES = ['-4 route show table all']
const PORT = ['link show dev veth-red-br']

/** What `ip` does beside the call. */
const does = (command: string, like: readonly string[], given: Row['given'] & object): Row => ({
  command,
  like,
  given,
})
const made = (words: string, kind: string, given: readonly string[] = []): Row => ({
  ...does(`ip link add ${words}`, LINKS, [noIpv6, ...given]),
  lacking: kindRow(kind),
})
const set = (words: string, like = RED): Row => does(`ip link set veth-red ${words}`, like, PAIR)
const names = () => ipJson('link show').map(({ ifname }) => ifname as string)

const checks: Record<string, Row> = {
  'handle.link().get()': {
    given: PAIR,
    check: (links: netlink.Link[]) => expect(links.map(({ name }) => name)).toEqual(names()),
  },
  'handle.link().get().match_name("veth-red".into())': {
    given: PAIR,
    check: (link: netlink.Link) =>
      expect(ipJson('link show dev veth-red')).toMatchObject([{ ifindex: link.ifindex, address: link.mac }]),
  },
  'handle.link().add(LinkVeth::new("veth-red", "veth-blue").build())': made(
    'veth-red type veth peer name veth-blue',
    'veth',
  ),
  'handle.link().add(LinkDummy::new("d0").mtu(1400).up().build())': made(
    'd0 mtu 1400 up type dummy',
    'dummy',
  ),
  'handle.link().add(LinkBridge::new("br0").up().build())': made('br0 up type bridge', 'bridge'),
  'handle.link().add(LinkVlan::new("vlan100", veth_red, 100).build())': made(
    'link veth-red vlan100 type vlan id 100',
    'vlan',
    [VETH],
  ),
  'handle.link().add(LinkVxlan::new("vx0", 42).remote(Ipv4Addr::new(10, 0, 0, 2)).port(4789).build())': made(
    'vx0 type vxlan id 42 remote 10.0.0.2 dstport 4789',
    'vxlan',
  ),
  'handle.link().add(LinkBond::new("bond0").mode(BondMode::ActiveBackup).build())': made(
    'bond0 type bond mode active-backup',
    'bond',
  ),
  'handle.link().add(LinkMacVlan::new("mac0", veth_red, MacVlanMode::Bridge).build())': made(
    'link veth-red mac0 type macvlan mode bridge',
    'macvlan',
    [VETH],
  ),
  'handle.link().add(LinkVrf::new("vrf0", 100).build())': made('vrf0 type vrf table 100', 'vrf'),
  'handle.link().add(LinkIpIp::new("ipip1").local(local).remote(remote).ttl(16).build())': made(
    'ipip1 type ipip local 10.0.0.1 remote 10.0.0.2 ttl 16',
    'ipip',
  ),
  'handle.link().add(LinkXfrm::new("xfrm1", veth_red, 7).build())': made(
    'xfrm1 type xfrm dev veth-red if_id 7',
    'xfrm',
    [VETH],
  ),
  'handle.link().set(LinkUnspec::new_with_index(veth_red).up().build())': set('up'),
  'handle.link().set(LinkUnspec::new_with_index(veth_red).mtu(9000).promiscuous(true).arp(false).build())':
    set('mtu 9000 promisc on arp off'),
  'handle.link().set(LinkUnspec::new_with_index(veth_red).name("eth0".into()).build())': set(
    'name eth0',
    LINKS,
  ),
  'handle.link().set(LinkUnspec::new_with_name("veth-red").controller(v_net_0).build())': does(
    'ip link set veth-red master v-net-0',
    RED,
    [...PAIR, BRIDGE],
  ),
  'handle.link().set(LinkUnspec::new_with_name("veth-red-br").nocontroller().build())': does(
    'ip link set veth-red-br nomaster',
    PORT,
    PORTS,
  ),
  'handle.link().set(LinkUnspec::new_with_index(veth_red).setns_by_fd(red.as_raw_fd()).build())': does(
    'ip link set veth-red netns red',
    [...LINKS, '-n red link show'],
    [...PAIR, 'netns add red'],
  ),
  'handle.link().set_port(LinkBridgePort::new(veth_red_br).cost(7).isolated(true).build())': does(
    'bridge link set dev veth-red-br cost 7 isolated on',
    PORT,
    PORTS,
  ),
  'handle.link().set(LinkBridgeVlan::new(veth_red_br).vlan(100, BridgeVlanInfoFlags::Pvid).build())': {
    ...does('bridge vlan add dev veth-red-br vid 100 pvid', SHOW_VLANS, FILTERING),
    lacking: VLANS_ROW,
  },
  'handle.link().property_add(veth_red).alt_ifname(&["to-blue"])': does(
    'ip link property add dev veth-red altname to-blue',
    RED,
    PAIR,
  ),
  'handle.link().property_del(veth_red).alt_ifname(&["to-blue"])': does(
    'ip link property del dev veth-red altname to-blue',
    RED,
    [...PAIR, 'link property add dev veth-red altname to-blue'],
  ),
  'handle.link().get_netns_id("red")': {
    given: ['netns add red', 'netns set red 10'],
    check: (nsid) => expect(nsid).toBe(10),
  },
  'handle.link().del(veth_red)': does('ip link del veth-red', LINKS, PAIR),
  'handle.address().get().set_link_index_filter(v_net_0)': {
    given: [noIpv6, ...GATEWAY],
    check: (addresses: netlink.Address[]) =>
      expect(addresses.map(({ address }) => address)).toEqual(['192.168.15.1/24']),
  },
  'handle.address().add(veth_red, "192.168.15.1".parse()?, 24)': does(
    'ip addr add 192.168.15.1/24 broadcast + dev veth-red',
    ['addr show dev veth-red'],
    PAIR,
  ),
  'handle.address().add(v_net_0, "192.168.15.1".parse()?, 24).replace()': does(
    'ip addr replace 192.168.15.1/24 broadcast + dev v-net-0',
    ['-4 addr show dev v-net-0'],
    [BRIDGE],
  ),
  'handle.address().del(message)': does(
    'ip addr del 192.168.15.1/24 dev v-net-0',
    ['-4 addr show dev v-net-0'],
    GATEWAY,
  ),
  'handle.route().get(RouteMessageBuilder::<Ipv4Addr>::new().table_id(254).build())': {
    given: [...GATEWAY, ROUTE],
    check: (routes: netlink.Route[]) =>
      expect(routes.map(({ to }) => to)).toEqual(ipJson('-4 route show').map(({ dst }) => dst)),
  },
  'handle.route().get(RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(host, 32).build())': {
    given: GATEWAY,
    check: ({ dev, src }: netlink.Route) =>
      expect(ipJson('route get 192.168.15.2')).toMatchObject([{ dev, prefsrc: src }]),
  },
  'handle.route().add(RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(net, 24).gateway(via).table_id(100).priority(50).build())':
    does('ip route add 192.168.1.0/24 via 192.168.15.5 table 100 metric 50 proto static', ROUTES, GATEWAY),
  'handle.route().add(RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(net, 24).output_interface(v_net_0).pref_source(own).build())':
    does(
      'ip route add 192.168.1.0/24 dev v-net-0 src 192.168.15.1 scope global proto static',
      ROUTES,
      GATEWAY,
    ),
  'handle.route().add(RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(net, 24).kind(RouteType::BlackHole).build())':
    {
      ...does('ip route add blackhole 192.168.1.0/24 proto static', ROUTES, GATEWAY),
      undo: ['route del blackhole 192.168.1.0/24'],
    },
  'handle.route().add(RouteMessageBuilder::<Ipv4Addr>::new().destination_prefix(net, 24).multipath(vec![first, second]).build())':
    does(
      'ip route add 192.168.1.0/24 proto static nexthop via 192.168.15.5 nexthop via 192.168.15.6 weight 2',
      ROUTES,
      GATEWAY,
    ),
  'handle.route().add(route).replace()': does(
    'ip route replace 192.168.1.0/24 via 192.168.15.6 proto static',
    ROUTES,
    [...GATEWAY, ROUTE],
  ),
  'handle.route().del(route)': does('ip route del 192.168.1.0/24', ROUTES, [...GATEWAY, ROUTE]),
  'handle.rule().get(IpVersion::V4)': {
    check: (rules: netlink.Rule[]) =>
      expect(rules.map(({ priority }) => priority)).toEqual(
        ipJson('-4 rule show').map(({ priority }) => priority),
      ),
  },
  'handle.rule().add().v4().source_prefix(net, 24).table_id(100).priority(1000).action(RuleAction::ToTable)':
    {
      ...does('ip rule add from 192.168.15.0/24 lookup 100 priority 1000', RULES, []),
      undo: ['rule del priority 1000'],
    },
  'handle.rule().del(rule)': does('ip rule del priority 1000', RULES, ['rule add lookup 100 priority 1000']),
  'handle.neighbours().get()': {
    given: [noIpv6, ...GATEWAY, STALE],
    // The kernel's own entries for multicast come at any moment, and ip shows none of them.
    check: (neighbours: netlink.Neighbour[]) =>
      expect(neighbours.filter(({ state }) => state !== 'noarp').map(({ to }) => to)).toEqual(
        ipJson('neigh show').map(({ dst }) => dst),
      ),
  },
  'handle.neighbours().add(v_net_0, "192.168.15.9".parse()?).link_local_address(&mac)': does(
    'ip neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0',
    ['-4 neigh show dev v-net-0'],
    GATEWAY,
  ),
  'handle.neighbours().add_bridge(veth_red_br, &mac).flags(NeighbourFlags::Controller)': does(
    ENTRY.replace(' static', ''),
    SHOW_FDB,
    PORTS,
  ),
  'handle.neighbours().del(entry)': does(
    'ip neigh del 192.168.15.9 dev v-net-0',
    ['-4 neigh show dev v-net-0'],
    [...GATEWAY, STALE],
  ),
  'handle.nexthop().add(NexthopMessageBuilder::<Ipv4Addr>::new().id(1).gateway(via).oif(v_net_0).build())':
    does(`ip ${HOP} proto static`, ['nexthop show'], GATEWAY),
  'handle.nexthop().get()': {
    given: [...GATEWAY, HOP, HOP2],
    check: (hops: netlink.Nexthop[]) => expect(hops.map(({ id }) => id)).toEqual([1, 2]),
  },
  'handle.nexthop().del(1)': does('ip nexthop del id 1', ['nexthop show'], [...GATEWAY, HOP, HOP2]),
  'AddrLabelHandle::new(handle).add().address("2001:db8::".parse()?).prefix_len(32).label(77)': {
    ...does('ip addrlabel add prefix 2001:db8::/32 label 77', ['addrlabel list'], []),
    undo: ['addrlabel del prefix 2001:db8::/32 label 77'],
  },
  'NetworkNamespace::add("red".into()).await?': does('ip netns add red', ['netns list'], []),
  'NetworkNamespace::del("red".into()).await?': does(
    'ip netns delete red',
    ['netns list'],
    ['netns add red', 'netns add blue'],
  ),
  'connection.socket_mut().socket_mut().bind(&SocketAddr::new(0, RTMGRP_LINK))?; messages.next().await': {
    meanwhile: 'link add later0 type bridge',
    check: (event) => expect(event).toMatchObject({ type: 'link', link: { name: 'later0' } }),
  },
  'namespace::connection_for("red")?': {
    given: ['netns add red'],
    check: async (red: netlink.Netns) => {
      await red.setLink('lo', { up: true })
      red.close()
      expect(ip('link show lo', 'red')).toContain('UP')
    },
  },
  'conn.set_link_up("veth-red").await?': set('up'),
  'conn.set_link_mtu("veth-red", 9000).await?': set('mtu 9000'),
  'conn.add_link(GreLink::new("gre1").local(local).remote(remote).ttl(64)).await?': made(
    'gre1 type gre local 10.0.0.1 remote 10.0.0.2 ttl 64',
    'gre',
  ),
  'NamespaceWatcher::new().await?.recv().await?': {
    meanwhile: 'netns add later',
    check: (event) => expect(event).toMatchObject({ type: 'name', name: 'later' }),
  },
  'NetworkConfig::new().link("br0", bridge_up).address("br0", "10.0.0.1/24")?.apply(&conn).await?': does(
    'ip link add br0 up type bridge && ip addr add 10.0.0.1/24 dev br0',
    ['-4 addr show'],
    [noIpv6],
  ),
}

describeRows('from-rtnetlink.md', checks)
